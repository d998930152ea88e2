//! Text to take elsewhere: documents and commands.

use super::{Icon, Shape};
use leptos::prelude::*;

/// The page's module copies, and says so. Without scripts there is no button: the text itself is on the page.
#[component]
pub(crate) fn Copy(text: String, label: &'static str) -> impl IntoView {
    view! {
        <button type="button" class="button needs-script" data-copy=text>
            <Icon shape=Shape::Copy />
            <span aria-live="polite">{label}</span>
        </button>
    }
}

/// A document as it is, which scrolls by keyboard.
#[component]
pub(crate) fn Source(#[prop(into)] label: String, text: String) -> impl IntoView {
    view! { <pre class="mono source" tabindex="0" role="region" aria-label=label>{text}</pre> }
}
