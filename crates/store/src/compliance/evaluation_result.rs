//! What an evaluation comes to: what is written of it, and what that changed.

use crate::compliance::evaluation_input::{InputFingerprint, StoredResult};
use claviger_domain::{
    compliance::{Category, Outcome, Score, Severity, Tally},
    exceptions::ExceptionId,
    ids::ResourceId,
};
use std::collections::BTreeMap;
use time::OffsetDateTime;
use uuid::Uuid;

/// A check that did not pass.
#[derive(Debug, Clone)]
pub struct NewFinding {
    pub policy: String,
    pub category: Category,
    pub severity: Severity,
    pub due_days: u32,
    pub outcome: Outcome,
    /// The exception that covers it.
    pub exception: Option<ExceptionId>,
}

/// How the checks of one policy came out for one team of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamTally {
    /// Empty where no owner is named.
    pub team: String,
    pub policy: String,
    pub tally: Tally,
}

/// A team's share of the score.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TeamPoints {
    pub score: Score,
    pub fail: u64,
}

/// How many of the worst each account keeps for the overview, which shows no more of them.
pub const MAX_OFFENDERS: usize = 6;

/// What fails of one resource, together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewOffender {
    pub resource: ResourceId,
    pub weight: u32,
    pub fails: u32,
    pub worst: Severity,
}

/// A resource, evaluated.
#[derive(Debug, Clone)]
pub struct NewResult {
    pub result: StoredResult,
    pub input_fingerprint: InputFingerprint,
    pub findings: Vec<NewFinding>,
    /// Of everything that the findings say.
    pub digest: Vec<u8>,
    /// Whether the digest is another than before: whose is the same has its findings already.
    pub is_changed: bool,
    /// Whether nothing at all is to be written.
    pub is_same: bool,
    /// Whether it has no evaluation result yet.
    pub is_new: bool,
}

/// An account, evaluated.
#[derive(Debug, Clone, Default)]
pub struct NewEvaluation {
    /// As the evaluation input had it.
    pub round: i64,
    /// As the evaluation input was asked for.
    pub context: Vec<u8>,
    pub evaluated: Vec<NewResult>,
    /// How many there are, those that were carried over as well.
    pub resources: usize,
    pub posture: Vec<TeamTally>,
    /// The checks of the day by category, and its points by team (empty where no owner is named).
    pub by_category: BTreeMap<Category, Tally>,
    pub by_team: BTreeMap<String, TeamPoints>,
    /// The policies by which it was evaluated: what was found by others was not fixed.
    pub policies: Vec<String>,
    /// The worst, at most [`MAX_OFFENDERS`].
    pub offenders: Vec<NewOffender>,
    /// Why checks are unknown, and how many.
    pub gaps: BTreeMap<String, u32>,
    pub score: Score,
    /// When time alone will change a verdict.
    pub next_at: Option<OffsetDateTime>,
}

/// What an evaluation changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EvaluationChange {
    /// Findings that opened, came back or read differently now.
    pub written: u64,
    pub resolved: u64,
    /// Failures that are new, under policies that had evaluated the account before.
    pub opened: Vec<FindingSummary>,
    /// Failures whose day has passed since the account was evaluated before.
    pub overdue: Vec<FindingSummary>,
}

/// Failures of one policy and one team of which something is to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingSummary {
    pub policy: String,
    /// As the owner tag says.
    pub team: Option<String>,
    pub count: u64,
    /// At most three of them.
    pub names: Vec<String>,
}

/// Failures of one policy and team, before their names are read.
#[derive(Debug, Default)]
pub(crate) struct FindingSummaryRow {
    pub(crate) count: u64,
    /// The first of them.
    pub(crate) some: Vec<Uuid>,
}

/// By policy and team.
pub(crate) type FindingSummaryRows = BTreeMap<(String, Option<String>), FindingSummaryRow>;

/// As many names as [`FindingSummary`] has.
const MAX_NAMED_FINDINGS: usize = 3;

pub(crate) fn note(
    news: &mut FindingSummaryRows,
    policy: &str,
    team: Option<&str>,
    resource: ResourceId,
) {
    let row = news.entry((policy.to_owned(), team.map(str::to_owned))).or_default();
    row.count += 1;
    // The least ids, in whatever order they come.
    let at = row.some.partition_point(|known| *known < resource.0);
    row.some.insert(at, resource.0);
    row.some.truncate(MAX_NAMED_FINDINGS);
}
