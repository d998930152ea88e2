//! A sweep: one reading of the whole Organization, made of one scan per account and Region.

use crate::facts::words;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Why a scan could not be completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScanFault {
    /// The account is suspended or closed: AWS lets nobody in.
    AccountNotActive,
    /// `AssumeRole` was refused: the role is missing, or does not trust this console.
    RoleNotAssumable,
    /// The role was assumed, but a call was denied.
    Denied,
    /// AWS kept throttling.
    Throttled,
    /// No usable AWS credentials of our own.
    NoCredentials,
    /// The endpoint could not be reached, or gave no sensible answer.
    Unreachable,
    /// Anything else; the log has the details.
    Other,
}

words!(
    ScanFault, "a scan fault",
    "account-not-active" => ScanFault::AccountNotActive,
    "role-not-assumable" => ScanFault::RoleNotAssumable,
    "denied" => ScanFault::Denied,
    "throttled" => ScanFault::Throttled,
    "no-credentials" => ScanFault::NoCredentials,
    "unreachable" => ScanFault::Unreachable,
    "other" => ScanFault::Other
);

impl ScanFault {
    /// What happened and what to do, for the accounts page.
    pub fn explain(self) -> (&'static str, &'static str) {
        match self {
            Self::AccountNotActive => (
                "The account is suspended or closed, so AWS lets nobody in.",
                "Reopen it in AWS Organizations, or remove it from the Organization.",
            ),
            Self::RoleNotAssumable => (
                "The role claviger-inventory is missing, or does not trust this console.",
                "Deploy the roles to this account and check the external id.",
            ),
            Self::Denied => (
                "The role claviger-inventory lacks a permission, or a service control policy denies the call.",
                "Compare the role's policy with the one in the documentation.",
            ),
            Self::Throttled => (
                "AWS kept throttling the calls.",
                "The next sweep tries again; lower the share of the quota if it stays.",
            ),
            Self::NoCredentials => (
                "The console has no AWS credentials that work.",
                "Give the server a role or keys, then sweep again.",
            ),
            Self::Unreachable => (
                "The AWS endpoint could not be reached or gave no sensible answer.",
                "Check the network and the endpoint, then sweep again.",
            ),
            Self::Other => {
                ("The scan failed for another reason.", "The server's log names the fault.")
            }
        }
    }
}

/// Where a scan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScanStatus {
    Queued,
    Running,
    Complete,
    Failed,
}

words!(
    ScanStatus, "queued, running, complete or failed",
    "queued" => ScanStatus::Queued,
    "running" => ScanStatus::Running,
    "complete" => ScanStatus::Complete,
    "failed" => ScanStatus::Failed
);

/// A list that a region scan reads. Each has its own outcome: one that AWS denies does not hide the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScanList {
    /// `ListSecrets`.
    Secrets,
    /// `DescribeParameters`.
    Parameters,
    /// `GetResources`, which lists the tags of parameters.
    ParameterTags,
}

words!(
    ScanList, "secrets, parameters or parameter-tags",
    "secrets" => ScanList::Secrets,
    "parameters" => ScanList::Parameters,
    "parameter-tags" => ScanList::ParameterTags
);

impl ScanList {
    /// As a page names it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Secrets => "Secrets",
            Self::Parameters => "Parameters",
            Self::ParameterTags => "Parameter tags",
        }
    }
}

/// Why a list could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListFault {
    pub fault: ScanFault,
    /// AWS's error code, such as `AccessDeniedException`.
    pub code: Option<String>,
    /// The API call that failed, such as `DescribeParameters`.
    pub operation: Option<String>,
}

/// What set a sweep off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SweepTrigger {
    Start,
    Schedule,
    Person,
}

words!(
    SweepTrigger, "start, schedule or person",
    "start" => SweepTrigger::Start,
    "schedule" => SweepTrigger::Schedule,
    "person" => SweepTrigger::Person
);

/// How the newest sweep goes, counted over the accounts that one may see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepProgress {
    /// Whether a sweep is under way.
    pub running: bool,
    pub started_at: Option<OffsetDateTime>,
    /// When a sweep last came to its end.
    pub finished_at: Option<OffsetDateTime>,
    pub scans: u32,
    pub scans_done: u32,
    pub accounts: u32,
    /// Accounts whose every Region was read in the newest sweep.
    pub accounts_reached: u32,
    pub accounts_failed: u32,
    /// Why the Organization itself could not be read.
    pub fault: Option<ScanFault>,
    /// The server's time when this was counted.
    pub as_of: Option<OffsetDateTime>,
}
