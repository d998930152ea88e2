//! The inbox, and deliveries that failed.

mod deliveries_page;
mod inbox_page;

pub(crate) use deliveries_page::DeliveriesPage;
pub(crate) use inbox_page::InboxPage;
