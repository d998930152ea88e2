//! The pre-flight of a rotation: each cause for which it would fail, with what was found, before `RotateSecret` is called.

use super::{RemediationAction, RemediationForm};
use crate::ids::{AccountId, ResourceId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;

/// The form of a pre-flight, field by field, as a browser sends it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PreflightForm {
    /// The ARN of the rotation function; empty for the secret's own.
    pub lambda: String,
    pub days: String,
    pub schedule: String,
    pub duration: String,
    /// `yes` if the value is to be rotated immediately.
    pub immediately: String,
    /// A [`RotationTemplate`]; empty is [`RotationTemplate::Own`].
    pub template: String,
    /// The ARN of the secret with the superuser's credentials.
    pub superuser: String,
    /// `yes` if the value's keys are to be read under the person's own read grant.
    pub value: String,
}

/// What is known of the value's JSON keys. Never a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueShape {
    /// Nobody asked for them.
    NotAsked,
    /// The person has no active grant to read it.
    NoGrant,
    /// Why they could not be read, as a sentence.
    NotRead(String),
    /// It is no JSON object.
    NotJson,
    Keys(BTreeSet<String>),
}

impl PreflightForm {
    /// The form of a plan that configures this rotation.
    pub fn remediation(&self) -> RemediationForm {
        let action = RemediationAction::EnableRotation {
            days: None,
            schedule: None,
            duration: None,
            lambda: None,
            role: None,
            metadata: BTreeMap::new(),
            rotate_immediately: self.immediately == "yes",
        };
        RemediationForm {
            days: self.days.clone(),
            schedule: self.schedule.clone(),
            duration: self.duration.clone(),
            lambda: self.lambda.clone(),
            ..RemediationForm::from(&action)
        }
    }

    pub fn template(&self) -> RotationTemplate {
        self.template.parse().unwrap_or(RotationTemplate::Own)
    }
}

/// What the function expects of the secret's value.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, strum::Display, strum::EnumString, strum::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum RotationTemplate {
    /// A function of one's own, which decides by itself.
    Own,
    /// AWS's templates for databases, where a user changes its own password.
    SingleUser,
    /// AWS's templates for databases, where a superuser changes the passwords of two users in turn.
    AlternatingUsers,
}

impl RotationTemplate {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Own => "A function of your own",
            Self::SingleUser => "AWS's template for a database, single user",
            Self::AlternatingUsers => "AWS's template for a database, alternating users",
        }
    }

    /// The JSON keys that the value must have.
    /// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html>
    pub const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Own => &[],
            Self::SingleUser => &["engine", "host", "username", "password"],
            Self::AlternatingUsers => &["engine", "host", "username", "password", "masterarn"],
        }
    }
}

/// A cause for which a rotation fails, in the order in which people read them.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum PreflightCause {
    ManagedByService,
    Replica,
    PendingDeletion,
    NoValue,
    StuckVersion,
    Schedule,
    FunctionArn,
    FunctionExists,
    FunctionActive,
    FunctionPolicy,
    ConfusedDeputy,
    RoleExists,
    RoleDescribes,
    RoleReads,
    RoleWrites,
    RoleMovesStages,
    RoleRandomPassword,
    RoleDecrypts,
    RoleGeneratesDataKey,
    NetworkPath,
    SecurityGroups,
    NetworkAcls,
    EndpointPolicy,
    SuperuserSecret,
    SuperuserReadable,
    ValueKeys,
    CallerRotates,
    CallerInvokes,
    Quota,
    HostReachable,
}

impl PreflightCause {
    /// What is checked, as a person asks it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ManagedByService => "No AWS service manages the secret",
            Self::Replica => "The secret is not a replica",
            Self::PendingDeletion => "The secret is not pending deletion",
            Self::NoValue => "The secret has a value",
            Self::StuckVersion => "No AWSPENDING is left from an earlier run",
            Self::Schedule => "AWS accepts the schedule",
            Self::FunctionArn => "The function can rotate secrets here",
            Self::FunctionExists => "The function exists",
            Self::FunctionActive => "The function is active",
            Self::FunctionPolicy => "The function admits Secrets Manager",
            Self::ConfusedDeputy => "The function admits this account only",
            Self::RoleExists => "The function's role exists",
            Self::RoleDescribes => "The role can describe the secret",
            Self::RoleReads => "The role can read the value",
            Self::RoleWrites => "The role can write a value",
            Self::RoleMovesStages => "The role can move the stages",
            Self::RoleRandomPassword => "The role can get a random password",
            Self::RoleDecrypts => "The role can decrypt with the key",
            Self::RoleGeneratesDataKey => "The role can encrypt with the key",
            Self::NetworkPath => "The VPC leads to Secrets Manager",
            Self::SecurityGroups => "Security groups let HTTPS through",
            Self::NetworkAcls => "Network ACLs let HTTPS through",
            Self::EndpointPolicy => "The VPC endpoint admits the role",
            Self::SuperuserSecret => "The superuser's secret exists",
            Self::SuperuserReadable => "The role can read the superuser's secret",
            Self::ValueKeys => "The value has the keys that the template needs",
            Self::CallerRotates => "Claviger can start the rotation",
            Self::CallerInvokes => "Claviger can invoke the function",
            Self::Quota => "The quota allows the call",
            Self::HostReachable => "The function reaches the database or API",
        }
    }
}

/// What was found about a cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PreflightResult {
    /// The rotation fails for this.
    Fails {
        text: String,
        /// What to do.
        fix: String,
    },
    /// The rotation does not fail for this, but it should be corrected.
    Warns { text: String, fix: String },
    /// Why it cannot be known. Never good.
    Unknown(String),
    /// What was seen.
    Passes(String),
    /// Why it is not asked here.
    NotApplicable(String),
}

impl PreflightResult {
    pub fn fails(text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Fails { text: text.into(), fix: fix.into() }
    }

    pub fn warns(text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Warns { text: text.into(), fix: fix.into() }
    }

    /// The order in which people read them: what fails first.
    const fn rank(&self) -> u8 {
        match self {
            Self::Fails { .. } => 0,
            Self::Warns { .. } => 1,
            Self::Unknown(_) => 2,
            Self::Passes(_) => 3,
            Self::NotApplicable(_) => 4,
        }
    }
}

/// A cause with its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreflightCheck {
    pub cause: PreflightCause,
    pub result: PreflightResult,
}

/// The result of a pre-flight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreflightView {
    pub resource: ResourceId,
    pub account: AccountId,
    pub name: String,
    pub form: PreflightForm,
    /// One for each cause; what fails first.
    pub checks: Vec<PreflightCheck>,
    pub as_of: OffsetDateTime,
}

impl PreflightView {
    /// Sorts the checks: what fails first, then by cause.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.checks.sort_by_key(|check| (check.result.rank(), check.cause));
        self
    }

    /// How many fail, warn, are unknown and pass.
    pub fn counts(&self) -> PreflightCounts {
        let mut counts = PreflightCounts::default();
        for check in &self.checks {
            match check.result {
                PreflightResult::Fails { .. } => counts.failing += 1,
                PreflightResult::Warns { .. } => counts.warning += 1,
                PreflightResult::Unknown(_) => counts.unknown += 1,
                PreflightResult::Passes(_) => counts.passing += 1,
                PreflightResult::NotApplicable(_) => {}
            }
        }
        counts
    }
}

/// How many checks have which result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PreflightCounts {
    pub failing: u32,
    pub warning: u32,
    pub unknown: u32,
    pub passing: u32,
}
