//! What a row of a list waits for.

use claviger_domain::waits::Waits;
use leptos::prelude::*;

/// Who can act on it, by name; nothing where it does not wait.
#[component]
pub(crate) fn WaitsNote(waits: Option<Waits>) -> impl IntoView {
    waits.map(|waits| view! { <small class="waits">{waits.to_string()}</small> })
}
