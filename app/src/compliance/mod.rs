//! Governance: the overview, findings, policies, and what is said of one secret.

mod api;
mod chart;
mod checks;
mod dry_run;
mod filter_panel;
mod findings_page;
mod fix_groups;
mod labels;
mod overview_page;
mod policies_page;
mod policy_page;
mod triage_api;
mod triage_page;
mod undo_toast;

pub(crate) use checks::Checks;
pub(crate) use findings_page::FindingsPage;
pub(crate) use labels::severity_tone;
pub(crate) use overview_page::OverviewPage;
pub(crate) use policies_page::{NewPolicyPage, PoliciesPage};
pub(crate) use policy_page::PolicyPage;
pub(crate) use triage_page::TriagePage;
pub(crate) use undo_toast::UndoToast;
