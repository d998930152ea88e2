//! The page of the audit log.

mod audit_page;

pub(crate) use audit_page::AuditPage;
