//! What the pages of remediation show.

use super::{AwsCall, Change, PlanId, PlanState, PlanTransition, RemediationForm, StepState};
use crate::{
    authz::Person,
    facts::Kind,
    ids::{AccountId, Region, ResourceId},
    waits::Waits,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A call as it is shown before and after it is made.
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
    pub policy: String,
    pub call: AwsCall,
    pub changes: Vec<Change>,
    pub state: StepState,
    /// What came of it, or why it failed.
    pub says: Option<String>,
    pub ended_at: Option<OffsetDateTime>,
    pub attempts: u32,
}

/// A finding for which the requested action means nothing, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    pub resource: ResourceId,
    pub name: String,
    pub why: String,
}

/// A plan before it is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanDraft {
    /// The findings it is about, as their list's URL query.
    pub of: String,
    /// Findings that match.
    pub findings: u64,
    /// The form as it is filled in, or as the policy suggests.
    pub form: RemediationForm,
    /// Actions that can fix what was found, each with its words.
    pub choices: Vec<(String, String)>,
    pub steps: Vec<StepRow>,
    pub left_out: Vec<LeftOut>,
    /// Why there are no calls yet: what the form lacks.
    pub fault: Option<String>,
    /// Whether somebody else has to approve it.
    pub needs_approval: bool,
    /// Who can approve it, by name, of those who have signed in lately.
    pub approvers: Vec<String>,
    /// The reason as typed, or one to begin with.
    pub reason: String,
    /// The hash of what is shown here; a plan is submitted with it.
    pub preview: String,
    /// Where the proposed values come from, where any are proposed.
    pub proposed: Option<String>,
    /// Whether a submission was refused because the values had changed since the preview.
    pub is_stale: bool,
}

/// How many calls stand where.
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

/// What was decided about a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanDecision {
    pub by: Person,
    pub approved: bool,
    pub note: Option<String>,
    pub at: OffsetDateTime,
}

/// A plan as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRow {
    pub id: PlanId,
    pub title: String,
    pub reason: String,
    /// `None` where a policy made it.
    pub author: Option<Person>,
    pub state: PlanState,
    pub needs_approval: bool,
    pub decision: Option<PlanDecision>,
    pub created_at: OffsetDateTime,
    pub counts: StepCounts,
    /// In lists: who can decide about it, while it waits for that.
    pub waits: Option<Waits>,
}

/// The pause, where somebody has pulled it.
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
    /// Calls an hour, over everything and in one account.
    pub limits: (u32, u32),
    /// Calls begun in the last hour.
    pub begun: u32,
    pub as_of: OffsetDateTime,
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
    /// Why nothing goes on although it runs.
    pub waits: Option<String>,
    /// Who can approve it while it waits, by name, of those who have signed in lately.
    pub approvers: Vec<String>,
    pub as_of: OffsetDateTime,
}
