//! A policy: what it requires, where, and how a failure is fixed.

use super::{PolicyScope, custom::Custom};
use claviger_domain::{
    compliance::{Mode, Severity},
    remediation::RemediationAction,
};
use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

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
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema, strum::IntoStaticStr)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", rename_all_fields = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
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
