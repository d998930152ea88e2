//! What has to be in place in an account before its secrets can be governed, and what AWS Config says of them.

use crate::{facts::string_enum, ids::Region};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Something that is asked of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadinessItem {
    /// The role that sweeps can be assumed.
    InventoryRole,
    /// The role of just-in-time sessions can be assumed.
    AccessRole,
    /// The role that fixes can be assumed.
    RemediationRole,
    /// A CloudTrail trail logs the management events of every Region.
    Trail,
    /// AWS tells which Regions are enabled, where the sweeps go by that.
    Regions,
    /// AWS Config records, Region by Region.
    ConfigRecorder,
    /// What its managed rules say can be read, Region by Region. Stands only where AWS does not tell.
    ConfigRules,
    /// The Organization's tag policies are turned on.
    TagPolicies,
}

string_enum!(
    ReadinessItem, "inventory-role, access-role, remediation-role, trail, regions, config-recorder, config-rules or tag-policies",
    "inventory-role" => ReadinessItem::InventoryRole,
    "access-role" => ReadinessItem::AccessRole,
    "remediation-role" => ReadinessItem::RemediationRole,
    "trail" => ReadinessItem::Trail,
    "regions" => ReadinessItem::Regions,
    "config-recorder" => ReadinessItem::ConfigRecorder,
    "config-rules" => ReadinessItem::ConfigRules,
    "tag-policies" => ReadinessItem::TagPolicies
);

/// Whether it is in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReadinessState {
    Ready,
    Missing,
    /// It could not be found out. Never good.
    Unknown,
}

string_enum!(
    ReadinessState, "ready, missing or unknown",
    "ready" => ReadinessState::Ready,
    "missing" => ReadinessState::Missing,
    "unknown" => ReadinessState::Unknown
);

/// One of them, looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    pub item: ReadinessItem,
    /// Where it is asked of each Region.
    pub region: Option<Region>,
    pub state: ReadinessState,
    /// One sentence.
    pub says: String,
}

/// `ComplianceType` of AWS Config.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Compliance {
    Compliant,
    NonCompliant,
    NotApplicable,
    InsufficientData,
}

string_enum!(
    Compliance, "a compliance type",
    "COMPLIANT" => Compliance::Compliant,
    "NON_COMPLIANT" => Compliance::NonCompliant,
    "NOT_APPLICABLE" => Compliance::NotApplicable,
    "INSUFFICIENT_DATA" => Compliance::InsufficientData
);

/// A managed rule of AWS Config as it stands in a Region, with what it says of one secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigResult {
    /// As it is named there.
    pub rule: String,
    /// `SourceIdentifier`, such as `SECRETSMANAGER_ROTATION_ENABLED_CHECK`.
    pub identifier: String,
    /// `InputParameters`: a JSON text.
    pub parameters: Option<String>,
    /// `ResourceId`: the secret's ARN.
    pub resource: String,
    pub compliance: Compliance,
    pub recorded_at: Option<OffsetDateTime>,
    pub annotation: Option<String>,
}

/// A call to which AWS gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadFailure {
    /// The API's name, such as `DescribeConfigRules`.
    pub operation: String,
    /// AWS's code, or our word for what went wrong.
    pub code: String,
}

impl ReadFailure {
    /// Whether AWS denied the call; otherwise it failed.
    pub fn is_denied(&self) -> bool {
        self.code.contains("Denied") || self.code == "UnauthorizedOperation"
    }
}

impl std::fmt::Display for ReadFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { operation, code } = self;
        if self.is_denied() {
            write!(f, "AWS denied {operation} ({code})")
        } else {
            write!(f, "{operation} failed ({code})")
        }
    }
}

/// What was read of AWS Config in one Region. Each call has its own outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigReading {
    /// Whether a recorder records; `None` where there is none. From `DescribeConfigurationRecorderStatus`.
    pub is_recording: Result<Option<bool>, ReadFailure>,
    /// The managed rules about secrets, from `DescribeConfigRules`.
    pub rules: Result<ConfigRules, ReadFailure>,
}

impl Default for ConfigReading {
    /// There is no recorder, and no rule.
    fn default() -> Self {
        Self { is_recording: Ok(None), rules: Ok(ConfigRules::default()) }
    }
}

/// What the managed rules about secrets say, from `GetComplianceDetailsByConfigRule`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigRules {
    pub results: Vec<ConfigResult>,
    /// Rules, by name, of which AWS did not tell what they say.
    pub read_failures: Vec<(String, ReadFailure)>,
}

/// A trail of CloudTrail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    pub name: String,
    pub is_multi_region: bool,
    pub is_organization: bool,
    /// As `GetTrailStatus` says.
    pub is_logging: Result<bool, ReadFailure>,
}

/// What AWS Config says of what a check asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigOpinion {
    pub rule: String,
    pub compliance: Compliance,
    pub recorded_at: Option<OffsetDateTime>,
    /// Why it may say otherwise than the check, where it does.
    pub differs: Option<String>,
}

/// What the Organization's tag policies come to in an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagPolicyView {
    /// Where it comes from, or why nothing is known.
    pub says: String,
    pub keys: Vec<TagKeyView>,
}

/// What is asked of one tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagKeyView {
    pub tag_key: String,
    /// `None` where it may say anything; empty where no value is allowed.
    pub values: Option<Vec<String>>,
    /// Where it has to be there.
    pub required_for: Vec<String>,
    /// Where AWS refuses what does not comply.
    pub enforced_for: Vec<String>,
    pub is_disputed: bool,
}
