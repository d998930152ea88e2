//! Parts of a page with a frame around them.

use leptos::prelude::*;

/// A section with its heading. `class` adds to `panel`, such as `flush` for a section that a table fills.
#[component]
pub(crate) fn Panel(
    #[prop(into)] title: String,
    #[prop(optional)] class: &'static str,
    children: Children,
) -> impl IntoView {
    let class = joined("panel", class);
    view! { <section class=class><h2>{title}</h2>{children()}</section> }
}

/// Instead of an empty list: why it is empty, and what to do.
#[component]
pub(crate) fn EmptyState(title: &'static str, children: Children) -> impl IntoView {
    view! { <div class="empty panel"><h2>{title}</h2>{children()}</div> }
}

/// A button that opens what it contains, without scripts too. `class` adds to `drop`: `right` aligns it at the right,
/// `menu` makes it a list.
#[component]
pub(crate) fn Menu(
    label: &'static str,
    #[prop(optional)] class: &'static str,
    #[prop(default = "button")] button: &'static str,
    children: Children,
) -> impl IntoView {
    let class = joined("drop", class);
    view! { <details class=class><summary class=button>{label}</summary>{children()}</details> }
}

fn joined(class: &'static str, more: &'static str) -> String {
    if more.is_empty() { class.to_owned() } else { format!("{class} {more}") }
}
