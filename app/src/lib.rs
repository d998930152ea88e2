//! The console's pages. The server renders all of them. HTML pages end there; the others, until they are converted
//! (ADR 37), are hydrated in the browser as one app.
//!
//! Features: `ssr` for the server, `hydrate` for the browser. Never both in one build.

#![recursion_limit = "256"]

mod accounts;
mod app;
mod audit;
mod changes;
mod compliance;
mod exceptions;
mod grants;
#[cfg(feature = "ssr")]
mod html_pages;
mod inventory;
mod notifications;
mod remediation;
mod shell;
mod ui;
mod wire;

#[cfg(feature = "ssr")]
pub mod public;

pub use app::{App, document};

#[cfg(feature = "ssr")]
pub use html_pages::{HtmlPages, html_document};

/// The scan's progress as the page says it, for its stream of events.
#[cfg(feature = "ssr")]
pub use shell::scan_event;

/// Everything a view may need of the server's side, provided per request by the server.
#[cfg(feature = "ssr")]
pub use wire::server::{Theme, provide_call};

/// Brings the page that the server sent to life.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    leptos::mount::hydrate_body(App);
}
