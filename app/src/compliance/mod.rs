//! Governance: the overview, findings, policies, and what is said of one secret.

mod api;
mod chart;
mod checks;
mod dry_run;
mod filter_panel;
mod findings_page;
mod fix_times;
mod heat_map;
mod labels;
mod layout;
mod overview_page;
mod overview_tables;
mod policies_page;
mod policy_page;
mod team_page;
mod teams_page;
mod treemap;

pub(crate) use checks::Checks;
pub(crate) use findings_page::FindingsPage;
pub(crate) use overview_page::OverviewPage;
pub(crate) use policies_page::{NewPolicyPage, PoliciesPage};
pub(crate) use policy_page::PolicyPage;
pub(crate) use team_page::TeamPage;
pub(crate) use teams_page::TeamsPage;
