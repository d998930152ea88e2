//! The prerequisites of an account, and what AWS Config reports about its secrets.

use crate::{accounts::roles::RoleCheck, choice::InvalidChoice, ids::Region};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A prerequisite of an account.
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
pub enum ReadinessItem {
    /// The inventory role can be assumed.
    InventoryRole,
    /// The access role can be assumed.
    AccessRole,
    /// The remediation role can be assumed.
    RemediationRole,
    /// A CloudTrail trail logs the management events of every Region.
    Trail,
    /// AWS returns which Regions are enabled, if scans depend on it.
    Regions,
    /// AWS Config is recording, in each Region.
    ConfigRecorder,
    /// Results of its managed rules can be read, in each Region. Present only if AWS does not return them.
    ConfigRules,
    /// The Organization's tag policies are enabled.
    TagPolicies,
    /// The rules bring the events that raise alarms, in each Region. Present only if Claviger reads events.
    Alarms,
}

/// Whether a prerequisite is met.
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
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum ReadinessState {
    Ready,
    Missing,
    /// A role of an older template.
    Old,
    /// It could not be determined. Never good.
    Unknown,
}

/// A prerequisite with its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    pub item: ReadinessItem,
    /// The Region, if it applies to each Region.
    pub region: Option<Region>,
    pub state: ReadinessState,
    /// Of a role: what was found in detail. `None` for everything else, and where the last release checked.
    pub role: Option<RoleCheck>,
    /// One sentence.
    pub says: String,
}

/// `ComplianceType` of AWS Config.
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
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum Compliance {
    Compliant,
    NonCompliant,
    NotApplicable,
    InsufficientData,
}

/// A managed rule of AWS Config in a Region, with its result for one secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigResult {
    /// Its name in AWS Config.
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

/// A call that AWS did not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadFailure {
    /// The API's name, such as `DescribeConfigRules`.
    pub operation: String,
    /// AWS's error code, or our own word for the failure.
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

/// The result of reading AWS Config in one Region. Each call has its own outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigReading {
    /// Whether a recorder is recording; `None` if there is none. From `DescribeConfigurationRecorderStatus`.
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

/// The results of the managed rules about secrets, from `GetComplianceDetailsByConfigRule`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigRules {
    pub results: Vec<ConfigResult>,
    /// Rules, by name, whose results AWS did not return.
    pub read_failures: Vec<(String, ReadFailure)>,
}

/// A trail of CloudTrail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    pub name: String,
    pub is_multi_region: bool,
    pub is_organization: bool,
    /// From `GetTrailStatus`.
    pub is_logging: Result<bool, ReadFailure>,
    /// Which management events it logs, from `GetEventSelectors`.
    pub management: Result<ManagementEvents, ReadFailure>,
}

/// The management events that a trail logs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ManagementEvents {
    pub reads: bool,
    pub writes: bool,
}

/// What AWS Config reports for the subject of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigOpinion {
    pub rule: String,
    pub compliance: Compliance,
    pub recorded_at: Option<OffsetDateTime>,
    /// Why its result may differ from the check's, if it does.
    pub differs: Option<String>,
}

/// The effective tag policy of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagPolicyView {
    /// Its origin, or why it is unknown.
    pub says: String,
    pub keys: Vec<TagKeyView>,
}

/// The requirements for one tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagKeyView {
    pub tag_key: String,
    /// `None` if it may have any value; empty if no value is allowed.
    pub values: Option<Vec<String>>,
    /// The resource types that require it.
    pub required_for: Vec<String>,
    /// The resource types for which AWS rejects tags that do not comply.
    pub enforced_for: Vec<String>,
    pub is_disputed: bool,
}
