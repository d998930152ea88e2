//! Policies as files: YAML, one policy per document, parsed completely or rejected with a position.

use super::{PolicyScope, custom::Custom, rules};
use crate::remediation::{actions_for, check};
use claviger_domain::{
    compliance::{Category, Mode, Severity},
    remediation::RemediationAction,
};
use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The maximum size of a policy file, in bytes.
pub const FILE_LIMIT: usize = 256 * 1024;
const POLICIES_LIMIT: usize = 200;

/// A policy: a requirement, its scope and its severity.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Policy {
    /// Lower-case letters, digits and dashes; it never changes.
    pub id: String,
    /// The title that people read.
    pub title: String,
    /// `critical`, `high`, `medium` or `low`.
    #[schemars(with = "String")]
    pub severity: Severity,
    /// `observe`, `notify` or `enforce`.
    #[serde(default = "observe")]
    #[schemars(with = "String")]
    pub mode: Mode,
    /// Days within which a failure has to be fixed; the default depends on the severity: 3, 14, 30 or 90.
    pub due_days: Option<u32>,
    #[serde(default)]
    pub scope: PolicyScope,
    pub rule: PolicyRule,
    /// How to fix a failure. With `enforce` the fix is planned automatically.
    pub fix: Option<Fix>,
    /// The document's text, for the database.
    #[serde(skip)]
    pub source: String,
    /// The rule's pattern, compiled once.
    #[serde(skip)]
    #[schemars(skip)]
    pub(crate) pattern: Option<Regex>,
    /// The rule's expression, checked once.
    #[serde(skip)]
    #[schemars(skip)]
    pub(crate) custom: Option<Custom>,
}

/// How failures of a policy are fixed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fix {
    /// The action.
    #[serde(rename = "do")]
    pub action: RemediationAction,
    /// Whether someone else has to approve it.
    #[serde(default)]
    pub approval: Approval,
}

/// Whether a plan needs approval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Approval {
    #[default]
    Required,
    /// The policy itself approves exactly this fix.
    None,
}

fn observe() -> Mode {
    Mode::Observe
}

/// The built-in rules.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum PolicyRule {
    /// Rotation is enabled.
    RotationEnabled {},
    /// Rotation is enabled, with at most this many days between two runs.
    RotationInterval { max_days: u32 },
    /// No scheduled rotation was missed; secrets without rotation are not applicable.
    RotatedAsScheduled {},
    /// The AWSCURRENT version is at most this many days old.
    ValueAge { max_days: u32 },
    /// AWSPENDING does not stay on a version that is not AWSCURRENT.
    RotationStuck {
        #[serde(default)]
        grace_hours: u32,
    },
    /// `NextRotationDate` is not in the past.
    RotationFailing {},
    /// It was accessed within this many days in any Region; new resources have a grace period.
    Unused { days: u32, grace_days: Option<u32> },
    /// Its key is customer managed.
    CustomerManagedKey {},
    /// It has these tags; an empty list means any value that is not blank.
    RequiredTags { tags: BTreeMap<String, Vec<String>> },
    /// It has at least one tag that is not an AWS tag.
    Tagged {},
    /// Its tags comply with the effective tag policies of its account.
    TagPolicy {},
    /// Its name matches this regular expression.
    Naming { pattern: String },
    /// No resource policy allows public access.
    PublicPolicy {},
    /// No resource policy allows access from outside the Organization.
    SharedOutside {},
    /// No resource policy allows another account, except these.
    SharedWithAccount {
        #[serde(default)]
        #[schemars(with = "Vec<String>")]
        allowed: BTreeSet<claviger_domain::ids::AccountId>,
    },
    /// No resource policy allows another account as a whole, or more actions than needed.
    WideGrant {},
    /// No principal that is denied a parameter can read it by listing a path above it.
    ReadByPath {},
    /// A tag names its owner.
    Owner {},
    /// A secret pending deletion was not accessed in the days before.
    DeletionInUse { days: u32 },
    /// Every replica is in sync.
    ReplicaHealth {},
    /// Parameters with matching names are `SecureString`.
    SecureStringRequired { pattern: String },
    /// No plain parameter has the name of a credential.
    PlainCredential {},
    /// Advanced parameters with matching names expire.
    AdvancedExpiration { pattern: Option<String> },
    /// A custom rule: an expression in CEL over the documented facts that is true if the check passes.
    Cel {
        expression: String,
        /// The message of a failure.
        says: Option<String>,
    },
}

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
    policy
        .check()
        .map_err(|(field, reason)| fault(format!("policy {}, {field}", policy.id), reason))?;
    if let PolicyRule::Cel { expression, .. } = &policy.rule {
        let custom = Custom::read(expression).map_err(|reason| {
            fault(format!("policy {}, rule.cel.expression", policy.id), reason)
        })?;
        policy.custom = Some(custom);
    }
    policy.pattern = policy.rule.pattern().and_then(|pattern| rules::pattern(pattern).ok());
    Ok(policy)
}

impl Policy {
    fn check(&self) -> Result<(), (&'static str, String)> {
        let id_is_fine = !self.id.is_empty()
            && self.id.len() <= 64
            && self.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !id_is_fine {
            return Err(("id", "use 1 to 64 small letters, digits and dashes".into()));
        }
        if self.title.trim().is_empty() || self.title.chars().count() > 120 {
            return Err(("title", "use 1 to 120 characters".into()));
        }
        if self.due_days.is_some_and(|days| days == 0 || days > 3650) {
            return Err(("due-days", "use 1 to 3,650 days".into()));
        }
        // An empty exclusion would exclude everything, or nothing: neither is intended.
        if self.scope.except.iter().any(super::ScopePart::is_empty) {
            return Err(("scope.except", "an exclusion has to say what it leaves out".into()));
        }
        self.rule.check().map_err(|reason| ("rule", reason))?;
        match (&self.fix, self.mode) {
            (None, Mode::Enforce) => {
                Err(("fix", "to enforce it, set how a failure is fixed".into()))
            }
            (None, _) => Ok(()),
            (Some(fix), _) => fix.check(&self.rule).map_err(|reason| ("fix.do", reason)),
        }
    }
}

impl Fix {
    fn check(&self, rule: &PolicyRule) -> Result<(), String> {
        let fitting: Vec<&str> = actions_for(rule).iter().map(RemediationAction::word).collect();
        if !fitting.contains(&self.action.word()) {
            return Err(match fitting.as_slice() {
                [] => "no AWS action can fix this rule".into(),
                words => format!("this rule is fixed by {}", words.join(" or ")),
            });
        }
        check(&self.action).map_err(|invalid| invalid.to_string())
    }
}

impl PolicyRule {
    fn check(&self) -> Result<(), String> {
        let days = |days: u32, most: u32| {
            if (1..=most).contains(&days) { Ok(()) } else { Err(format!("use 1 to {most} days")) }
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
                Err("use at most 720 hours".into())
            }
            Self::Cel { says: Some(says), .. } if says.chars().count() > 300 => {
                Err("says: use at most 300 characters".into())
            }
            Self::RequiredTags { tags } if tags.is_empty() => Err("name at least one tag".into()),
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

fn is_regex(pattern: &str) -> Result<(), String> {
    rules::pattern(pattern)
        .map(|_: Regex| ())
        .map_err(|error| format!("the pattern is no regular expression: {error}"))
}

/// The JSON schema of one policy document.
pub fn json_schema() -> String {
    let schema = schemars::schema_for!(Policy);
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}
