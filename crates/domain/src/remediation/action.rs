//! The requested action for findings, before its AWS calls are determined.

use crate::ids::Region;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The action to take. In values that name a resource of the account, `{account}` and `{region}` stand for the
/// secret's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum RemediationAction {
    /// Set these tags; other tags are kept.
    SetTags { tags: BTreeMap<String, String> },
    /// Enable rotation, or change its schedule.
    EnableRotation {
        /// `AutomaticallyAfterDays`, 1 to 1,000; or a schedule.
        days: Option<u16>,
        /// `rate(…)` or `cron(…)`, in UTC.
        schedule: Option<String>,
        /// The window, such as `3h`.
        duration: Option<String>,
        /// The rotation function's ARN; if absent, the secret's current function.
        lambda: Option<String>,
        /// Of a managed external secret: the ARN of the role that Secrets Manager assumes; if absent, the secret's current one.
        role: Option<String>,
        /// Of a managed external secret: what its partner wants to know.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        metadata: BTreeMap<String, String>,
        /// Whether the value is rotated immediately, and not only at the next scheduled date.
        rotate_immediately: bool,
    },
    /// Rotate immediately, with the current configuration.
    RotateNow {},
    /// Encrypt under this key: id, ARN or alias.
    ChangeKey { key: String },
    /// Remove the resource policy's statements for which the check fails.
    RemoveStatements {},
    /// Replace the resource policy.
    ReplacePolicy { document: String },
    /// Schedule the deletion, with a recovery window of 7 to 30 days.
    ScheduleDeletion { window_days: u8 },
    /// Cancel a scheduled deletion.
    Restore {},
    /// Add a replica in this Region.
    Replicate {
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        region: Region,
        key: Option<String>,
    },
    /// Remove the replica in this Region, immediately and permanently.
    RemoveReplica {
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        region: Region,
    },
    /// Make an earlier version the current one, without reading a value.
    #[cfg_attr(feature = "schema", schemars(skip))]
    RollBack {
        /// The version's id; if absent, the one with AWSPREVIOUS.
        version: Option<String>,
    },
    /// Remove AWSPENDING from the version that a rotation left it on.
    ClearPending {},
    /// Turn rotation off.
    CancelRotation {},
    /// Replace the description.
    SetDescription { description: String },
    /// Remove the tags with these keys; other tags are kept.
    #[cfg_attr(feature = "schema", schemars(skip))]
    RemoveTags { keys: BTreeSet<String> },
}

/// Why a requested action is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct InvalidAction {
    pub field: &'static str,
    pub reason: String,
}

impl InvalidAction {
    pub fn new(field: &'static str, reason: impl Into<String>) -> Self {
        Self { field, reason: reason.into() }
    }
}

impl RemediationAction {
    /// Its name in policies and URLs.
    pub fn word(&self) -> &'static str {
        self.into()
    }

    /// Whether only a person plans it: no policy does so by itself.
    pub fn is_for_people_alone(&self) -> bool {
        matches!(self, Self::RollBack { .. } | Self::RemoveTags { .. })
    }

    /// For people: what it would do.
    pub fn says(&self) -> String {
        match self {
            Self::SetTags { tags } => {
                let all: Vec<String> =
                    tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
                format!("Set the tags {}", all.join(", "))
            }
            Self::EnableRotation { days, schedule, .. } => {
                let every = days.map(|days| format!("every {days} days"));
                format!(
                    "Configure rotation, {}",
                    every.or_else(|| schedule.clone()).unwrap_or_default()
                )
            }
            Self::RotateNow {} => "Rotate now".into(),
            Self::ChangeKey { key } => format!("Encrypt with {key}"),
            Self::RemoveStatements {} => "Remove the statements that fail the check".into(),
            Self::ReplacePolicy { .. } => "Replace the resource policy".into(),
            Self::ScheduleDeletion { window_days } => format!("Delete after {window_days} days"),
            Self::Restore {} => "Cancel deletion".into(),
            Self::Replicate { region, .. } => format!("Replicate to {region}"),
            Self::RemoveReplica { region } => format!("Remove the replica in {region}"),
            Self::RollBack { version: None } => "Roll back to the previous version".into(),
            Self::RollBack { version: Some(id) } => format!("Roll back to version {id}"),
            Self::ClearPending {} => "Clear AWSPENDING".into(),
            Self::CancelRotation {} => "Cancel rotation".into(),
            Self::SetDescription { .. } => "Change the description".into(),
            Self::RemoveTags { keys } => {
                let all: Vec<&str> = keys.iter().map(String::as_str).collect();
                format!("Remove the tags {}", all.join(", "))
            }
        }
    }
}
