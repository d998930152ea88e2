//! The page of the audit log, and what is said of its actions.

mod actions;
mod api;
mod audit_page;
mod entry;
mod filter_panel;
mod links;
mod words;

pub(crate) use actions::audit_action_label;
pub(crate) use audit_page::AuditPage;
