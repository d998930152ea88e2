//! Remediation: the plans, one of them, and making one.

mod api;
mod labels;
mod new_page;
mod plan_page;
mod plans_page;
mod steps;

pub(crate) use api::load_fix_groups;
pub(crate) use labels::plan_href;
pub(crate) use new_page::NewPlanPage;
pub(crate) use plan_page::PlanPage;
pub(crate) use plans_page::PlansPage;
