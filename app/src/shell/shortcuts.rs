//! Whether single keys are shortcuts (WCAG 2.1.4). A plain form; the page's module reads the choice from the page.

use super::api::{SHORTCUTS, SetShortcuts};
use leptos::prelude::*;

/// Whether this browser has turned them off.
pub(super) fn are_off() -> bool {
    crate::wire::server::cookie(SHORTCUTS).is_some_and(|choice| choice == "off")
}

#[component]
pub(crate) fn ShortcutSwitch() -> impl IntoView {
    let action = ServerAction::<SetShortcuts>::new();
    let are_off = are_off();
    let choice = |value: &'static str, label: &'static str, is_chosen: bool| {
        view! { <button name="shortcuts" value=value aria-pressed=is_chosen.to_string()>{label}</button> }
    };
    view! {
        <ActionForm action>
            <p class="faint" id="shortcuts-label">"Single-key shortcuts"</p>
            <div class="segments" role="group" aria-labelledby="shortcuts-label">
                {choice("on", "On", !are_off)}
                {choice("off", "Off", are_off)}
            </div>
        </ActionForm>
    }
}
