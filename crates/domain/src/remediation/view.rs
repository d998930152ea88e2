//! What the remediation pages show.

use super::{AwsCall, Change, PlanId, PlanState, PlanTransition, RemediationForm, StepState};
use crate::{
    authz::Person,
    compliance::Severity,
    facts::Kind,
    ids::{AccountId, Region, ResourceId},
    rotations::schedule::NextWindows,
    waits::Waits,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A call before and after it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRow {
    /// From 1.
    pub position: u32,
    pub resource: ResourceId,
    pub name: String,
    pub kind: Kind,
    pub account: AccountId,
    pub account_name: String,
    pub region: Region,
    /// `None` if somebody chose the resource.
    pub policy: Option<String>,
    pub call: AwsCall,
    pub changes: Vec<Change>,
    /// What an approver should know before the call.
    pub warnings: Vec<String>,
    pub state: StepState,
    /// The outcome, or why it failed.
    pub says: Option<String>,
    pub ended_at: Option<OffsetDateTime>,
    pub attempts: u32,
}

/// The failures of one policy in one account, which one plan can fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixGroup {
    /// As the URL query of their list.
    pub of: String,
    pub policy: String,
    pub policy_title: String,
    pub severity: Severity,
    pub account: AccountId,
    pub account_name: String,
    pub findings: u64,
    /// The action that the policy suggests, and for how many of them it has a value. `None` where it suggests none, where
    /// there are too many to say, and where the caller may not plan a fix.
    pub proposed: Option<(String, u64)>,
}

/// The groups of a list of findings, the most severe and largest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixGroups {
    pub rows: Vec<FixGroup>,
    /// How many more groups there are.
    pub more: u64,
    /// Whether the caller may plan a fix.
    pub can_remediate: bool,
}

/// A secret or parameter to which the requested action does not apply, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    pub resource: ResourceId,
    pub name: String,
    pub why: String,
}

/// What a plan in preparation is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlanSubject {
    /// So many findings of a list.
    Findings(u64),
    /// One chosen secret or parameter.
    Resource { id: ResourceId, name: String },
    /// So many chosen secrets and parameters.
    Resources(u64),
}

/// A plan in preparation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanDraft {
    /// Its findings, as the URL query of their list; or the chosen resources, as one.
    pub of: String,
    pub subject: PlanSubject,
    /// The form as filled in, or as the policy suggests.
    pub form: RemediationForm,
    /// Actions that can be taken, the fitting ones first, each with its description.
    pub choices: Vec<(String, String)>,
    pub steps: Vec<StepRow>,
    pub left_out: Vec<LeftOut>,
    /// Why there are no calls yet: what the form lacks.
    pub fault: Option<String>,
    /// Whether someone else has to approve it.
    pub needs_approval: bool,
    /// Names of those who can approve it, among people who have signed in recently.
    pub approvers: Vec<String>,
    /// The reason as typed, or a suggested one.
    pub reason: String,
    /// The hash of this preview; a plan is submitted with it.
    pub preview: String,
    /// The source of the suggested values, if any.
    pub proposed: Option<String>,
    /// Whether a submission was rejected because the values had changed since the preview.
    pub is_stale: bool,
    /// When it would rotate, where the action is a schedule.
    pub windows: Option<NextWindows>,
}

/// The number of calls in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepCounts {
    pub pending: u32,
    pub running: u32,
    pub done: u32,
    pub failed: u32,
}

impl StepCounts {
    pub fn all(&self) -> u32 {
        self.pending + self.running + self.done + self.failed
    }
}

/// What is about to change one secret or parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceChanges {
    /// Whether the caller may plan a change of it, and no other plan is about to change it: also none that they may not see.
    pub can_plan: bool,
    /// Plans with calls for it that are still to come, the oldest first, as far as the caller may see them.
    pub plans: Vec<ResourcePlan>,
}

/// A plan with calls for one secret or parameter that are still to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourcePlan {
    pub row: PlanRow,
    /// Whether one of those changes it. A call about a consumer's role does not.
    pub is_changing: bool,
}

/// A decision on a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanDecision {
    pub by: Person,
    pub approved: bool,
    pub note: Option<String>,
    pub at: OffsetDateTime,
}

/// A plan in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRow {
    pub id: PlanId,
    pub title: String,
    pub reason: String,
    /// `None` if a policy created it.
    pub author: Option<Person>,
    pub state: PlanState,
    pub needs_approval: bool,
    pub decision: Option<PlanDecision>,
    pub created_at: OffsetDateTime,
    pub counts: StepCounts,
    /// In lists: who can decide it, while it awaits approval.
    pub waits: Option<Waits>,
}

/// The global pause, if it is active.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    pub by: String,
    pub reason: String,
    pub at: OffsetDateTime,
}

/// The plans page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlansView {
    pub rows: Vec<PlanRow>,
    pub pause: Option<Pause>,
    pub can_pause: bool,
    /// The maximum number of calls per hour, in total and in one account.
    pub limits: (u32, u32),
    /// Calls started in the last hour.
    pub begun: u32,
    pub as_of: OffsetDateTime,
}

/// The positions of failed calls that were not made, because one before them failed: calls about a role follow each other.
pub fn skipped(steps: &[StepRow]) -> Vec<u32> {
    let is_failed =
        |step: &&StepRow| step.state == StepState::Failed && step.call.of_consumer().is_some();
    let mut failed: Vec<u32> = steps.iter().filter(is_failed).map(|step| step.position).collect();
    failed.sort_unstable();
    failed.into_iter().skip(1).collect()
}

/// One plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanView {
    pub row: PlanRow,
    pub hash: String,
    pub steps: Vec<StepRow>,
    /// What the caller may do now.
    pub transitions: Vec<PlanTransition>,
    pub pause: Option<Pause>,
    /// Why a running plan makes no progress.
    pub waits: Option<String>,
    /// Names of those who can approve it while it awaits approval, among people who have signed in recently.
    pub approvers: Vec<String>,
    pub as_of: OffsetDateTime,
}
