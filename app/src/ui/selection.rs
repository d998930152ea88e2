//! Rows that are selected for an action.

use leptos::prelude::*;

/// A list whose selected rows a button sends to `action`. Without a `button` nothing can be selected. The style sheet
/// shows the button when a row is selected.
#[component]
pub(crate) fn SelectionForm(
    action: &'static str,
    button: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    let bar = button.map(|button| {
        view! {
            <div class="selection">
                <span>"Selected on this page"</span>
                <button class="button primary">{button}</button>
            </div>
        }
    });
    view! { <form method="get" action=action class="panel flush" id="choose">{children()}{bar}</form> }
}

/// The checkbox of a row.
#[component]
pub(crate) fn SelectCell(
    name: &'static str,
    value: String,
    #[prop(into)] label: String,
) -> impl IntoView {
    view! { <td class="pick"><input type="checkbox" name=name value=value aria-label=label /></td> }
}
