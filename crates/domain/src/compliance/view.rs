//! What the governance pages show.

use super::{
    Category, CheckResult, Evidence, FindingQuery, Mode, Outcome, Score, Severity, Tally,
    diff::DiffLine, triage::Triage,
};
use crate::{
    accounts::readiness::ConfigOpinion,
    exceptions::ExceptionId,
    facts::Kind,
    ids::{AccountId, Arn, Region, ResourceId},
    inventory::view::FacetValue,
};
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

/// A policy in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRow {
    pub id: String,
    pub title: String,
    pub severity: Severity,
    pub mode: Mode,
    pub category: Category,
    pub version: i32,
    pub tally: Tally,
    /// Controls that auditors know, such as `SecretsManager.1`.
    pub controls: Vec<String>,
}

/// The policies page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoliciesView {
    pub rows: Vec<PolicyRow>,
    pub may_edit: bool,
    /// Why the numbers are incomplete, if they are.
    pub incomplete: Option<String>,
}

/// A version of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    pub version: i32,
    pub saved_by: String,
    pub saved_at: OffsetDateTime,
    /// Whether it disabled the policy.
    pub retired: bool,
}

/// The fields of a policy's form, as they were typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyForm {
    pub title: String,
    pub severity: String,
    pub mode: String,
    /// Empty for the severity's own.
    pub due_days: String,
}

/// What changed from one version to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyComparison {
    pub from: i32,
    pub to: i32,
    pub lines: Vec<DiffLine>,
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyView {
    pub row: PolicyRow,
    /// The name of its rule in the rule catalog.
    pub rule: String,
    /// What the rule requires, in a sentence.
    pub asks: String,
    /// Its scope, in a sentence.
    pub scope: String,
    pub due_days: u32,
    /// What follows from a failure, in a sentence or two.
    pub follows: String,
    /// As saved.
    pub document: String,
    pub versions: Vec<PolicyVersion>,
    pub by_account: Vec<Group>,
    pub may_edit: bool,
    /// Why the numbers are incomplete, if they are.
    pub incomplete: Option<String>,
    pub as_of: OffsetDateTime,
}

/// A built-in rule, as the rule catalog shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRow {
    /// Its name in policy files.
    pub name: String,
    /// What passes. Code is in backticks.
    pub checks: String,
    pub applies_to: String,
    pub parameters: Vec<RuleParameter>,
    /// When the result is unknown.
    pub unknown: String,
    /// The rule in a policy file, in YAML.
    pub example: String,
    /// AWS's documentation.
    pub source: Option<String>,
    /// Its severity in the baseline pack.
    pub baseline_severity: Option<String>,
    /// The actions by which a plan can fix a failure.
    pub fixes: Vec<String>,
    /// The enabled policies with this rule: id and title.
    pub policies: Vec<(String, String)>,
}

/// A parameter of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleParameter {
    pub name: String,
    pub value: String,
    /// `None` if it is required.
    pub default: Option<String>,
}

/// What a change of policies would change in the current inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRun {
    pub policies: Vec<DryRunRow>,
    /// Findings that would open, the first of them.
    pub opens: Vec<DryRunFinding>,
    /// Findings that would be resolved, the first of them.
    pub resolves: Vec<DryRunFinding>,
    pub opens_count: u64,
    pub resolves_count: u64,
    pub resources: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRunRow {
    pub id: String,
    pub is_new: bool,
    pub before: Tally,
    pub after: Tally,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRunFinding {
    pub policy: String,
    pub verdict: CheckResult,
    pub name: String,
    pub account: AccountId,
    pub region: Region,
    pub says: String,
}

/// A check of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub policy: String,
    pub title: String,
    pub severity: Severity,
    pub category: Category,
    pub outcome: Outcome,
    /// The finding's state, if it is one.
    pub opened_at: Option<OffsetDateTime>,
    pub due_at: Option<OffsetDateTime>,
    pub exception: Option<ExceptionRef>,
    pub triage: Triage,
    /// What AWS Config reports for the same.
    pub config: Vec<ConfigOpinion>,
}

/// Who may read a secret according to its resource policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readers {
    /// A summary: nobody beyond the account, or the widest access.
    pub summary: String,
    pub rows: Vec<Reader>,
    pub notes: Vec<String>,
    /// As AWS returns it; `None` if there is none, or it was not read.
    pub document: Option<String>,
}

/// A principal that the resource policy allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reader {
    pub principal: String,
    pub location: PrincipalLocation,
    pub actions: Vec<String>,
    /// Whether it allows reading a value.
    pub reads: bool,
    /// Each condition with its effect.
    pub conditions: Vec<String>,
    pub sentence: String,
}

/// Where a principal is, relative to the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalLocation {
    /// In the secret's own account.
    SameAccount,
    /// Another account of the Organization.
    InOrganization,
    /// An AWS service.
    Service,
    /// Cannot be determined from the policy alone.
    Undecided,
    /// Outside the Organization.
    Outside,
    /// Public.
    Everyone,
}

/// The checks of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceEvaluation {
    pub resource: ResourceId,
    /// Whether the caller may plan a fix.
    pub can_remediate: bool,
    /// Whether the caller may request an exception.
    pub can_request_exception: bool,
    /// Whether the caller may snooze and assign its findings.
    pub can_triage: bool,
    pub checks: Vec<Check>,
    /// Tags that it does not have, each with the title of a policy that requires it.
    pub missing_tags: Vec<(String, String)>,
    /// Why AWS Config has no results for it.
    pub config_gap: Option<String>,
    pub evaluated_at: Option<OffsetDateTime>,
    pub as_of: OffsetDateTime,
}

/// The resource policy of a secret, explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourcePolicyView {
    pub readers: Readers,
    pub as_of: OffsetDateTime,
}

/// A row of the findings list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingRow {
    pub resource: ResourceId,
    pub arn: Arn,
    pub name: String,
    pub kind: Kind,
    pub account_id: AccountId,
    pub account_name: String,
    pub region: Region,
    pub team: Option<String>,
    pub policy: String,
    pub policy_title: String,
    pub severity: Severity,
    pub verdict: CheckResult,
    pub says: String,
    pub evidence: Vec<Evidence>,
    pub opened_at: OffsetDateTime,
    pub due_at: OffsetDateTime,
    pub resolved_at: Option<OffsetDateTime>,
    /// How often it reopened.
    pub reopened: u32,
    /// The exception that covers it.
    pub exception: Option<ExceptionRef>,
    pub triage: Triage,
}

/// An exception in a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionRef {
    pub id: ExceptionId,
    pub until: OffsetDateTime,
}

/// What the caller may do about findings, at least in some account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingActions {
    /// Plan a fix.
    pub remediate: bool,
    pub request_exception: bool,
    /// Snooze and assign them.
    pub triage: bool,
}

/// The findings page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingsView {
    pub can: FindingActions,
    pub query: FindingQuery,
    pub rows: Vec<FindingRow>,
    /// How many findings stand before the first row.
    pub before: u64,
    /// Where the next page begins.
    pub next: Option<String>,
    pub matching: u64,
    pub facets: FindingFacets,
    /// Whether any evaluation has run.
    pub is_evaluated: bool,
    /// Why these numbers are incomplete, as a sentence.
    pub incomplete: Option<String>,
    pub as_of: OffsetDateTime,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingFacets {
    pub severities: Vec<FacetValue>,
    pub categories: Vec<FacetValue>,
    pub policies: Vec<FacetValue>,
    pub verdicts: Vec<FacetValue>,
    pub states: Vec<FacetValue>,
    pub ous: Vec<FacetValue>,
    pub teams: Vec<FacetValue>,
    pub accounts: Vec<FacetValue>,
}

/// What a form that snoozes or assigns findings shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriageForm {
    /// The findings, as the URL query of their list.
    pub of: String,
    pub findings: u64,
    /// What was decided about it so far, if it is one finding.
    pub triage: Triage,
    /// To whom they can be assigned: subject and name.
    pub people: Vec<(String, String)>,
    /// The caller's subject.
    pub me: String,
    /// The first and the last day on which they can come back.
    pub days: (Date, Date),
}

/// A part of the total, with its own numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// As in the URL of the findings.
    pub value: String,
    pub label: String,
    pub tally: Tally,
    pub score: Score,
    /// By category, in the order of `Category::VARIANTS`.
    pub by_category: Vec<Tally>,
}

/// One severity's share of the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScorePart {
    pub severity: Severity,
    pub tally: Tally,
}

/// A day's score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayScore {
    pub day: Date,
    pub score: Score,
    pub fail: u64,
}

/// Why something is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub why: String,
    pub count: u64,
    pub href: String,
}

/// A control of a framework with the checks behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlRow {
    pub framework: String,
    pub control: String,
    pub policies: Vec<String>,
    pub tally: Tally,
}

/// A secret with many failures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offender {
    pub resource: ResourceId,
    pub name: String,
    pub account_name: String,
    pub region: Region,
    pub fails: u64,
    pub worst: Severity,
}
