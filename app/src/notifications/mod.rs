//! The inbox, and deliveries that failed.

mod deliveries_page;
mod inbox_page;

pub(crate) use deliveries_page::{DeliveriesPage, channel_name, health, moment};
pub(crate) use inbox_page::InboxPage;
