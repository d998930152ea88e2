//! Remediation: the plans, one of them, and making one.

pub(crate) mod api;
pub(crate) mod labels;
mod new_page;
mod plan_page;
mod plans_page;
mod steps;

pub(crate) use api::load_fix_groups;
pub(crate) use labels::{plan_href, state_label as plan_label, target_href};
pub(crate) use new_page::NewPlanPage;
pub(crate) use plan_page::{PlanFacts, PlanPage, Transitions as PlanTransitions};
pub(crate) use plans_page::{PausedNote, PlansPage};
pub(crate) use steps::Steps;
