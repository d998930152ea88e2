//! The console's pages, rendered on the server and hydrated in the browser.
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
mod inventory;
mod notifications;
mod remediation;
mod shell;
mod ui;
mod wire;

#[cfg(feature = "ssr")]
pub mod public;

pub use app::{App, document};

/// Everything a view may need of the server's side, provided per request by the server.
#[cfg(feature = "ssr")]
pub use wire::server::{Theme, provide_call};

/// Brings the page that the server sent to life.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(App);
}
