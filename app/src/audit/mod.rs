//! The page of the audit log.

mod api;
mod audit_page;
mod entry;
mod filter_panel;
mod links;
mod words;

pub(crate) use audit_page::AuditPage;
