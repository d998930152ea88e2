//! The way from hydrated pages to HTML pages.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use std::time::Duration;

/// Time between two looks at the address, and their number.
const PAUSE: Duration = Duration::from_millis(5);
const MAX_LOOKS: u32 = 40;

/// The view of an HTML page's route: the browser loads the page, no matter if a link, a form or a redirect led here.
#[component]
pub(crate) fn FullLoad() -> impl IntoView {
    let path = use_location().pathname;
    Effect::new(move || load(path.get_untracked(), MAX_LOOKS));
    view! { <p class="loading" role="status">"Loading…"</p> }
}

/// The router adds its entry to the history after it has shown the view. The page then replaces that entry, so that
/// Back returns to the page before.
fn load(path: String, looks: u32) {
    let location = window().location();
    if location.pathname().is_ok_and(|at| at == path) || looks == 0 {
        // If the browser refuses, the notice stays.
        let _ = location.href().and_then(|href| location.replace(&href));
    } else {
        set_timeout(move || load(path, looks - 1), PAUSE);
    }
}
