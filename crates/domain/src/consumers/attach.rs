//! The plan that creates a consumer's role and attaches it, before it is made.

use super::view::RoleDraft;
use crate::{creation::ShapeFault, remediation::view::StepRow};
use serde::{Deserialize, Serialize};

/// What the page of a role shows: the role, and where it is asked for, its plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolePage {
    pub draft: RoleDraft,
    /// Whether the caller may plan changes in the account.
    pub can_apply: bool,
    pub plan: Option<RolePlan>,
}

/// A plan in preparation. AWS was asked what is there; nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolePlan {
    /// What was asked for, as a URL query: it is submitted with the preview.
    pub asked: String,
    /// Empty where there is a fault.
    pub steps: Vec<StepRow>,
    /// Why there is no plan, by field of the form; `apply` for what is no field.
    pub faults: Vec<ShapeFault>,
    /// What was noticed in the workload's configuration, each a sentence. Never a value.
    pub findings: Vec<String>,
    /// Names of those who can approve it, among people who have signed in recently.
    pub approvers: Vec<String>,
    /// The hash of this preview.
    pub preview: String,
}
