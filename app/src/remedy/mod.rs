//! Mending: the plans, one of them, and making one.

mod api;
mod new_page;
mod plan_page;
mod plans_page;
mod steps;
mod words;

pub(crate) use new_page::NewPlanPage;
pub(crate) use plan_page::PlanPage;
pub(crate) use plans_page::PlansPage;
pub(crate) use words::plan_href;
