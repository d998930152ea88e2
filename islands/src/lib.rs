//! The parts of pages that hold state in the browser. The server renders them within the page; a page that contains one
//! loads this crate as WebAssembly, and no other page does.
//!
//! An island gets its props as JSON in the page: nothing secret. It uses no router and no server function: it calls the
//! server by `fetch`, and navigates by `location`.
//!
//! Features: `ssr` for the server, `hydrate` for the browser. Never both in one build.

mod api;
mod reveal;
mod shown;

pub use reveal::Reveal;

/// Prepares the browser for islands; the page's module then hydrates each.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
