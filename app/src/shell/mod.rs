//! The frame around every page: navigation, search, what the scan is doing, who I am.

mod api;
mod document_page;
mod documents;
mod help_page;
mod keys;
mod nav;
mod palette;
mod paused;
mod scan_pill;
mod search;
mod shell_view;
mod shortcuts;
mod theme;

pub(crate) use api::{StartScan, load_progress};
pub(crate) use document_page::DocumentPage;
pub(crate) use help_page::HelpPage;
pub use scan_pill::scan_event;
pub(crate) use shell_view::Shell;
