//! Exceptions: all of them, one of them, and asking for one.

mod api;
mod list_page;
mod new_page;
mod waiver_page;
mod words;

pub(crate) use list_page::WaiversPage;
pub(crate) use new_page::NewWaiverPage;
pub(crate) use waiver_page::WaiverPage;
pub(crate) use words::{BorneChip, waive_href};
