//! What forms of decisions have in common: the queue that goes on after one, and deciding by keyboard.

use crate::ui::Hidden;
use claviger_domain::queue::QueueQuery;
use leptos::prelude::*;

/// Says that the form is in the queue, and with which filter; nothing elsewhere. The server function opens the next item.
#[component]
pub(crate) fn QueueField(list: Option<QueueQuery>) -> impl IntoView {
    list.map(|list| {
        let kind = list.kind.map_or_else(|| "all".to_owned(), |kind| kind.to_string());
        view! { <Hidden name="queue" value=kind /> }
    })
}

/// Where the page's module says which key confirms (`data-arm` and `data-hint`, `browser/module/triage.js`).
#[component]
pub(crate) fn ArmedHint() -> impl IntoView {
    view! { <p class="armed" role="status" data-armed data-kept></p> }
}
