//! A scan of the whole Organization, which consists of one Region scan for each account and Region.

use crate::choice::InvalidChoice;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Why a Region scan could not be completed.
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
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum RegionScanFault {
    /// The account is suspended or closed: nobody can access it.
    AccountNotActive,
    /// AWS denied `AssumeRole`: the role is missing, or does not trust Claviger.
    RoleNotAssumable,
    /// The role was assumed, but a call was denied.
    Denied,
    /// AWS kept throttling.
    Throttled,
    /// Claviger has no usable AWS credentials.
    NoCredentials,
    /// The endpoint was unreachable, or its response was invalid.
    Unreachable,
    /// Any other reason; the log has the details.
    Other,
}

impl RegionScanFault {
    /// What happened and what to do, for the accounts page.
    pub fn explain(self) -> (&'static str, &'static str) {
        match self {
            Self::AccountNotActive => (
                "The account is suspended or closed, so no one can access it.",
                "Reopen it in AWS Organizations, or remove it from the Organization.",
            ),
            Self::RoleNotAssumable => (
                "The role claviger-inventory is missing, or its trust policy doesn't allow Claviger.",
                "Deploy the roles to this account and check the external id.",
            ),
            Self::Denied => (
                "The role claviger-inventory lacks a permission, or a service control policy denies the call.",
                "Compare the role's policy with the one in the documentation.",
            ),
            Self::Throttled => (
                "AWS kept throttling the calls.",
                "The next scan tries again; lower quota_percent if it persists.",
            ),
            Self::NoCredentials => (
                "Claviger has no working AWS credentials.",
                "Give the server a role or keys, then scan again.",
            ),
            Self::Unreachable => (
                "The AWS endpoint could not be reached or returned an invalid response.",
                "Check the network and the endpoint, then scan again.",
            ),
            Self::Other => {
                ("The scan failed for another reason.", "The server's log names the fault.")
            }
        }
    }
}

/// The state of a Region scan.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum RegionScanStatus {
    Queued,
    Running,
    Complete,
    Failed,
}

/// A list that a Region scan reads. Each has its own outcome: a denied list does not hide the others.
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
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum RegionScanList {
    /// `ListSecrets`.
    Secrets,
    /// `DescribeParameters`.
    Parameters,
    /// `GetResources`, which lists the tags of parameters.
    ParameterTags,
}

impl RegionScanList {
    /// Its name on pages.
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
    pub fault: RegionScanFault,
    /// AWS's error code, such as `AccessDeniedException`.
    pub code: Option<String>,
    /// The API call that failed, such as `DescribeParameters`.
    pub operation: Option<String>,
}

/// What started a scan.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum ScanTrigger {
    Start,
    Schedule,
    Person,
}

/// The progress of the last scan, for the visible accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanProgress {
    /// Whether a scan is in progress.
    pub running: bool,
    pub started_at: Option<OffsetDateTime>,
    /// When the last scan finished.
    pub finished_at: Option<OffsetDateTime>,
    pub scans: u32,
    pub scans_done: u32,
    pub accounts: u32,
    /// Accounts for which the last scan read every Region.
    pub accounts_reached: u32,
    pub accounts_failed: u32,
    /// Why the Organization itself could not be read.
    pub fault: Option<RegionScanFault>,
    /// The server's time of this data.
    pub as_of: Option<OffsetDateTime>,
}
