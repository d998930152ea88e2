//! The frame around every page: navigation, search, what the sweep is doing, who I am.

mod api;
mod keys;
mod live;
mod nav;
mod palette;
mod paused;
mod scan_pill;
mod search;
mod shell_view;
mod theme;

pub(crate) use api::StartScan;
pub(crate) use live::use_live;
#[cfg(feature = "ssr")]
pub use scan_pill::scan_event;
pub(crate) use shell_view::Shell;
