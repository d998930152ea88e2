//! Policies as files: YAML, one policy per document, parsed completely or rejected with a position.

use super::{
    custom::Custom,
    policy::{Fix, Policy, PolicyRule},
    rules,
};
use crate::remediation::{actions_for, check};
use claviger_domain::{
    compliance::{Category, Mode},
    remediation::{InvalidAction, RemediationAction},
};

/// The maximum size of a policy file, in bytes.
pub const FILE_LIMIT: usize = 256 * 1024;
const POLICIES_LIMIT: usize = 200;

/// Why a policy file is invalid, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{location}: {reason}")]
pub struct PolicyDocumentFault {
    pub location: String,
    pub reason: String,
}

fn fault(location: impl Into<String>, reason: impl Into<String>) -> PolicyDocumentFault {
    PolicyDocumentFault { location: location.into(), reason: reason.into() }
}

/// Parses every policy of a file; documents are separated by `---`.
pub fn read_policies(text: &str) -> Result<Vec<Policy>, PolicyDocumentFault> {
    if text.len() > FILE_LIMIT {
        return Err(fault("the file", format!("has more than {FILE_LIMIT} bytes")));
    }
    let mut policies: Vec<Policy> = Vec::new();
    let mut line = 1;
    for part in documents(text) {
        let lines = part.lines().count();
        let is_empty =
            part.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#'));
        if !is_empty {
            let policy = read_one(part, line)?;
            if policies.iter().any(|other| other.id == policy.id) {
                return Err(fault(format!("policy {}", policy.id), "stands there twice"));
            }
            policies.push(policy);
        }
        line += lines + 1;
        if policies.len() > POLICIES_LIMIT {
            return Err(fault("the file", format!("has more than {POLICIES_LIMIT} policies")));
        }
    }
    if policies.is_empty() { Err(fault("the file", "holds no policy")) } else { Ok(policies) }
}

/// The documents of a file, with their comments.
fn documents(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "---" {
            parts.push(&text[from..at]);
            from = at + line.len();
        }
        at += line.len();
    }
    parts.push(&text[from..]);
    parts
}

fn read_one(text: &str, first_line: usize) -> Result<Policy, PolicyDocumentFault> {
    let mut policy: Policy = serde_saphyr::from_str(text).map_err(|error| {
        let location = error.location().map_or_else(
            || format!("the document at line {first_line}"),
            |at| {
                format!(
                    "line {}, column {}",
                    at.line() + u64::try_from(first_line).unwrap_or(1) - 1,
                    at.column()
                )
            },
        );
        let whole = error.without_snippet().to_string();
        // The position is shown once.
        let reason = whole.split(" at line ").next().unwrap_or(&whole).to_owned();
        fault(location, reason)
    })?;
    text.trim().clone_into(&mut policy.source);
    policy.check().map_err(|(field, reason)| {
        fault(format!("policy {}, {field}", policy.id), reason.to_string())
    })?;
    if let PolicyRule::Cel { expression, .. } = &policy.rule {
        let custom = Custom::read(expression).map_err(|error| {
            fault(format!("policy {}, rule.cel.expression", policy.id), error.to_string())
        })?;
        policy.custom = Some(custom);
    }
    policy.pattern = policy.rule.pattern().and_then(|pattern| rules::pattern(pattern).ok());
    Ok(policy)
}

/// Why a part of a policy is invalid.
#[derive(Debug, thiserror::Error)]
enum InvalidPart {
    #[error("use 1 to 64 small letters, digits and dashes")]
    Id,
    #[error("use 1 to 120 characters")]
    Title,
    #[error("use 1 to 3,650 days")]
    DueDays,
    #[error("an exclusion has to say what it leaves out")]
    EmptyExclusion,
    #[error("use 1 to {0} days")]
    Days(u32),
    #[error("use at most 720 hours")]
    GraceHours,
    #[error("says: use at most 300 characters")]
    Message,
    #[error("name at least one tag")]
    NoTags,
    #[error("the pattern is not a regular expression: {0}")]
    Pattern(#[from] regex::Error),
    #[error("to enforce it, set how a failure is fixed")]
    NoFix,
    #[error("no AWS action can fix this rule")]
    CannotBeFixed,
    #[error("a policy never does {0}: a person plans it for chosen secrets and parameters")]
    ForPeopleAlone(&'static str),
    #[error("this rule is fixed by {0}")]
    OtherFix(String),
    #[error(transparent)]
    Action(#[from] InvalidAction),
}

impl Policy {
    fn check(&self) -> Result<(), (&'static str, InvalidPart)> {
        let id_is_fine = !self.id.is_empty()
            && self.id.len() <= 64
            && self.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !id_is_fine {
            return Err(("id", InvalidPart::Id));
        }
        if self.title.trim().is_empty() || self.title.chars().count() > 120 {
            return Err(("title", InvalidPart::Title));
        }
        if self.due_days.is_some_and(|days| days == 0 || days > 3650) {
            return Err(("due-days", InvalidPart::DueDays));
        }
        // An empty exclusion would exclude everything, or nothing: neither is intended.
        if self.scope.except.iter().any(super::ScopePart::is_empty) {
            return Err(("scope.except", InvalidPart::EmptyExclusion));
        }
        self.rule.check().map_err(|reason| ("rule", reason))?;
        match (&self.fix, self.mode) {
            (None, Mode::Enforce) => Err(("fix", InvalidPart::NoFix)),
            (None, _) => Ok(()),
            (Some(fix), _) => fix.check(&self.rule).map_err(|reason| ("fix.do", reason)),
        }
    }
}

impl Fix {
    fn check(&self, rule: &PolicyRule) -> Result<(), InvalidPart> {
        if self.action.is_for_people_alone() {
            return Err(InvalidPart::ForPeopleAlone(self.action.word()));
        }
        let fitting: Vec<&str> = actions_for(rule).iter().map(RemediationAction::word).collect();
        if !fitting.contains(&self.action.word()) {
            return Err(match fitting.as_slice() {
                [] => InvalidPart::CannotBeFixed,
                names => InvalidPart::OtherFix(names.join(" or ")),
            });
        }
        Ok(check(&self.action)?)
    }
}

impl PolicyRule {
    fn check(&self) -> Result<(), InvalidPart> {
        let days = |days: u32, most: u32| {
            if (1..=most).contains(&days) { Ok(()) } else { Err(InvalidPart::Days(most)) }
        };
        match self {
            // AWS's own limits.
            Self::RotationInterval { max_days } => days(*max_days, 1000),
            Self::ValueAge { max_days: n } | Self::DeletionInUse { days: n } => days(*n, 3650),
            Self::Unused { days: n, grace_days } => {
                days(*n, 3650)?;
                grace_days.map_or(Ok(()), |grace| days(grace, 3650))
            }
            Self::RotationStuck { grace_hours } if *grace_hours > 720 => {
                Err(InvalidPart::GraceHours)
            }
            Self::Cel { says: Some(says), .. } if says.chars().count() > 300 => {
                Err(InvalidPart::Message)
            }
            Self::RequiredTags { tags } if tags.is_empty() => Err(InvalidPart::NoTags),
            _ => self.pattern().map_or(Ok(()), is_regex),
        }
    }

    fn pattern(&self) -> Option<&str> {
        match self {
            Self::Naming { pattern } | Self::SecureStringRequired { pattern } => Some(pattern),
            Self::AdvancedExpiration { pattern } => pattern.as_deref(),
            _ => None,
        }
    }

    pub fn category(&self) -> Category {
        match self {
            Self::RotationEnabled {}
            | Self::RotationInterval { .. }
            | Self::RotatedAsScheduled {}
            | Self::ValueAge { .. }
            | Self::RotationStuck { .. }
            | Self::RotationFailing {} => Category::Rotation,
            Self::CustomerManagedKey {}
            | Self::SecureStringRequired { .. }
            | Self::PlainCredential {} => Category::Encryption,
            Self::RequiredTags { .. }
            | Self::Tagged {}
            | Self::TagPolicy {}
            | Self::Naming { .. }
            | Self::Owner {} => Category::Tags,
            Self::PublicPolicy {}
            | Self::SharedOutside {}
            | Self::SharedWithAccount { .. }
            | Self::WideGrant {}
            | Self::ReadByPath {} => Category::Exposure,
            Self::Unused { .. }
            | Self::DeletionInUse { .. }
            | Self::ReplicaHealth {}
            | Self::AdvancedExpiration { .. }
            // The expression itself determines its category.
            | Self::Cel { .. } => Category::Use,
        }
    }

    /// The requirement, in a sentence.
    pub fn asks(&self) -> String {
        match self {
            Self::RotationEnabled {} => "Rotation is on.".into(),
            Self::RotationInterval { max_days } => {
                format!("Rotation is on, and runs at least every {max_days} days.")
            }
            Self::RotatedAsScheduled {} => "Where rotation is on, no scheduled run was missed.".into(),
            Self::ValueAge { max_days } => {
                format!("The value is at most {max_days} days old, by the date of the AWSCURRENT version.")
            }
            Self::RotationStuck { grace_hours: 0 } => {
                "AWSPENDING stands on no version but AWSCURRENT.".into()
            }
            Self::RotationStuck { grace_hours } => {
                format!("AWSPENDING does not stand on another version than AWSCURRENT for more than {grace_hours} hours.")
            }
            Self::RotationFailing {} => "NextRotationDate does not lie in the past.".into(),
            Self::Unused { days, .. } => {
                format!("It was read within {days} days, in its own Region or a replica's. What is new has time.")
            }
            Self::CustomerManagedKey {} => "It is encrypted under a customer-managed key.".into(),
            Self::RequiredTags { tags } => {
                let all: Vec<String> = tags
                    .iter()
                    .map(|(key, values)| {
                        if values.is_empty() { key.clone() } else { format!("{key} ({})", values.join(", ")) }
                    })
                    .collect();
                format!("It has the tags {}.", all.join("; "))
            }
            Self::Tagged {} => "It has at least one tag that is not AWS's own.".into(),
            Self::TagPolicy {} => "Its tags comply with the Organization's tag policies.".into(),
            Self::Naming { pattern } => format!("Its name matches {pattern}"),
            Self::PublicPolicy {} => "Its resource policy does not let anyone at all in.".into(),
            Self::SharedOutside {} => "Its resource policy does not reach outside the Organization.".into(),
            Self::SharedWithAccount { allowed } if allowed.is_empty() => {
                "Its resource policy lets no other account in.".into()
            }
            Self::SharedWithAccount { allowed } => {
                let all: Vec<String> = allowed.iter().map(ToString::to_string).collect();
                format!("Its resource policy lets no other account in but {}.", all.join(", "))
            }
            Self::WideGrant {} => {
                "Its resource policy names principals rather than whole accounts, and no wildcard actions.".into()
            }
            Self::ReadByPath {} => {
                "Nobody to whom it is denied can read it with GetParametersByPath on a path above it.".into()
            }
            Self::Owner {} => "The tag owner names its owner.".into(),
            Self::DeletionInUse { days } => {
                format!("What is pending deletion was not read in the {days} days before.")
            }
            Self::ReplicaHealth {} => "Every replica is in sync.".into(),
            Self::SecureStringRequired { pattern } => {
                format!("A parameter whose name matches {pattern} is a SecureString.")
            }
            Self::PlainCredential {} => "No plain parameter has the name of a credential.".into(),
            Self::AdvancedExpiration { pattern: None } => "Every advanced parameter has an expiration.".into(),
            Self::AdvancedExpiration { pattern: Some(pattern) } => {
                format!("An advanced parameter whose name matches {pattern} has an expiration.")
            }
            Self::Cel { expression, .. } => format!("This holds: {}", expression.trim()),
        }
    }
}

fn is_regex(pattern: &str) -> Result<(), InvalidPart> {
    rules::pattern(pattern)?;
    Ok(())
}

/// The JSON schema of one policy document.
pub fn json_schema() -> String {
    let schema = schemars::schema_for!(Policy);
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}
