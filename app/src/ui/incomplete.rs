//! Numbers that are not of everything yet say so where they stand.

use leptos::prelude::*;

/// `why` is a sentence of the server's.
#[component]
pub(crate) fn Incomplete(why: Option<String>) -> impl IntoView {
    why.map(|why| view! { <p class="notice panel soon incomplete" role="status">{why}</p> })
}
