//! Governance: the overview, findings, policies, and what is said of one secret.

mod api;
mod chart;
mod checks;
mod dry_run;
mod evidence_api;
mod evidence_controls;
mod evidence_list_page;
mod evidence_page;
mod filter_panel;
mod findings_page;
mod labels;
mod overview_page;
mod policies_page;
mod policy_page;

pub(crate) use checks::Checks;
pub(crate) use evidence_list_page::EvidenceListPage;
pub(crate) use evidence_page::EvidencePage;
pub(crate) use findings_page::FindingsPage;
pub(crate) use overview_page::OverviewPage;
pub(crate) use policies_page::{NewPolicyPage, PoliciesPage};
pub(crate) use policy_page::PolicyPage;
