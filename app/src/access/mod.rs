//! Just-in-time access: one's own, the request form, a grant whole, approvals, reviews, the inbox, the trail.

mod api;
mod approvals_page;
mod audit_page;
mod decision;
mod deliveries_page;
mod grant_page;
mod inbox_page;
mod lists;
mod mine_page;
mod offers;
mod request_page;
mod shown;
mod terminal;
mod timeline;
mod value;
mod words;
mod write;

pub(crate) use approvals_page::{ApprovalPage, ApprovalsPage};
pub(crate) use audit_page::AuditPage;
pub(crate) use deliveries_page::DeliveriesPage;
pub(crate) use grant_page::GrantPage;
pub(crate) use inbox_page::InboxPage;
pub(crate) use lists::{LivePage, ReviewsPage};
pub(crate) use mine_page::MyAccessPage;
pub(crate) use request_page::RequestPage;
