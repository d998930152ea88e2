//! What the pages of new secrets and parameters show.

use super::{
    CreationForm, CreationId, CreationState, CreationTransition, NewResource, ShapeFault,
    ShapeWarning,
};
use crate::{
    authz::Person,
    compliance::Severity,
    ids::{AccountId, Region},
    remediation::PlanId,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A policy whose check the new resource would fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailingCheck {
    pub policy: String,
    pub title: String,
    pub severity: Severity,
    pub message: String,
}

/// A customer managed key that secrets of the account are under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownKey {
    /// As AWS names it.
    pub key: String,
    /// Secrets and parameters under it in this account and Region.
    pub resources: u64,
}

/// A tag that policies want.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedTag {
    pub key: String,
    /// What the owner rules know; empty if nothing.
    pub value: String,
    /// Values that the checks and the effective tag policy accept, each with at most one `*`; `None` if any.
    pub accepted: Option<Vec<String>>,
    /// Whether a check fails without it.
    pub is_required: bool,
}

/// Whether somebody else has to approve it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CreationApproval {
    NotNeeded,
    /// By one of these; empty if nobody is known who can.
    Needed(Vec<String>),
}

/// A new secret in preparation. Nothing is written, and AWS is not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreationDraft {
    pub form: CreationForm,
    /// Accounts in which the caller may create something, with the names.
    pub accounts: Vec<(AccountId, String)>,
    pub regions: Vec<Region>,
    /// Of the chosen account and Region, the most used first.
    pub keys: Vec<KnownKey>,
    /// Names beside the one that was typed.
    pub siblings: Vec<String>,
    /// An open request of the same account, Region, kind and name.
    pub open_request: Option<CreationId>,
    pub wanted_tags: Vec<WantedTag>,
    /// Why it cannot be created, by field.
    pub faults: Vec<ShapeFault>,
    pub warnings: Vec<ShapeWarning>,
    /// What follows, if there are no faults.
    pub preview: Option<CreationPreview>,
}

/// What would be created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreationPreview {
    pub shape: NewResource,
    /// What a submission is bound to.
    pub hash: String,
    pub account_name: String,
    pub calls: Vec<String>,
    pub failing: Vec<FailingCheck>,
    /// How many checks it would pass.
    pub passing: u32,
    /// Titles of the checks of which nobody knows before it is there.
    pub unknown: Vec<String>,
    pub approval: CreationApproval,
    /// How long the requester may enter the value after an approval, in minutes.
    pub value_minutes: u32,
}

/// A creation in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreationRow {
    pub id: CreationId,
    pub shape: NewResource,
    pub account_name: String,
    pub reason: String,
    pub requester: Person,
    pub state: CreationState,
    pub created_at: OffsetDateTime,
    /// Until when it can be decided, or the value entered.
    pub expires_at: OffsetDateTime,
    pub decision: Option<CreationDecision>,
    pub failing: Vec<FailingCheck>,
    /// Why it failed, or what is to be done.
    pub message: Option<String>,
    /// The secret or parameter, once it is in the inventory.
    pub resource: Option<String>,
    /// The plan of the calls that follow the creation.
    pub plan: Option<PlanId>,
}

/// The page of all creations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreationList {
    pub rows: Vec<CreationRow>,
    /// Whether the caller may request a new one.
    pub may_request: bool,
}

/// Who approved or denied it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreationDecision {
    pub by: Person,
    pub note: Option<String>,
    pub at: OffsetDateTime,
}

/// The page of one creation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreationView {
    pub row: CreationRow,
    pub hash: String,
    /// What the caller can do now.
    pub transitions: Vec<CreationTransition>,
    /// Whether the caller can enter the value now.
    pub can_enter_value: bool,
    pub calls: Vec<String>,
    /// Who can approve it while it waits.
    pub approvers: Vec<String>,
    pub as_of: OffsetDateTime,
}
