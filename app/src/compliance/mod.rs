//! Governance: the overview, findings, policies, and what is said of one secret.

mod api;
mod chart;
mod checks;
mod comparison;
mod dry_run;
mod filter_panel;
mod findings_page;
mod labels;
mod overview_page;
mod policies_page;
mod policy_form;
mod policy_page;
mod policy_text;
mod rules_page;

pub(crate) use checks::Checks;
pub(crate) use findings_page::FindingsPage;
pub(crate) use overview_page::OverviewPage;
pub(crate) use policies_page::{NewPolicyPage, PoliciesPage};
pub(crate) use policy_page::PolicyPage;
pub(crate) use rules_page::RulesPage;
