//! What is wished for findings, before it is known what that means for each secret.

use crate::ids::Region;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is to be done. In texts that name something of the account, `{account}` and `{region}` stand for the
/// secret's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum RemediationAction {
    /// Set these tags; all others stay.
    SetTags { tags: BTreeMap<String, String> },
    /// Turn rotation on, or give it another schedule.
    EnableRotation {
        /// `AutomaticallyAfterDays`, 1 to 1,000; or a schedule.
        days: Option<u16>,
        /// `rate(…)` or `cron(…)`, in UTC.
        schedule: Option<String>,
        /// The window, such as `3h`.
        duration: Option<String>,
        /// The rotation function's ARN; without it the secret's own.
        lambda: Option<String>,
        /// Whether the value changes at once, and not at the next date alone.
        rotate_immediately: bool,
    },
    /// Rotate at once, as it is set up.
    RotateNow {},
    /// Encrypt under this key: id, ARN or alias.
    ChangeKey { key: String },
    /// Take those statements out of the resource policy for which the check fails.
    RemoveStatements {},
    /// Put this resource policy in the place of the one there is.
    ReplacePolicy { document: String },
    /// Have it deleted, with a window of 7 to 30 days in which it can be restored.
    ScheduleDeletion { window_days: u8 },
    /// Take a planned deletion back.
    Restore {},
    /// Keep a replica in this Region.
    Replicate {
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        region: Region,
        key: Option<String>,
    },
    /// Remove the replica in this Region, at once and for good.
    RemoveReplica {
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        region: Region,
    },
}

/// Why a requested action cannot be taken.
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
    /// The word for it, as policies and URLs have it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::SetTags { .. } => "set-tags",
            Self::EnableRotation { .. } => "enable-rotation",
            Self::RotateNow {} => "rotate-now",
            Self::ChangeKey { .. } => "change-key",
            Self::RemoveStatements {} => "remove-statements",
            Self::ReplacePolicy { .. } => "replace-policy",
            Self::ScheduleDeletion { .. } => "schedule-deletion",
            Self::Restore {} => "restore",
            Self::Replicate { .. } => "replicate",
            Self::RemoveReplica { .. } => "remove-replica",
        }
    }

    /// For people: what would be done.
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
        }
    }
}
