//! The keyboard, as the help dialog lists it. The page's module acts on it (`browser/module/keys.js`).

use leptos::prelude::*;

/// The keys and what they do.
pub(super) const KEYS: [(&str, &str); 16] = [
    ("/", "Search"),
    ("Ctrl K", "Open command palette"),
    ("g q", "Go to the queue"),
    ("g i", "Go to Inventory"),
    ("g o", "Go to the overview"),
    ("g f", "Go to the findings"),
    ("g a", "Go to the accounts"),
    ("g m", "Go to my access"),
    ("j k", "Next or previous item of a list"),
    ("↑ ↓", "Next or previous item of a list"),
    ("Enter", "Open the focused item"),
    ("x", "Select the focused row"),
    ("a", "Approve the open item: Enter confirms"),
    ("d", "Deny the open item: give a reason, then confirm"),
    ("Esc", "Cancel the approval or denial"),
    ("?", "Show shortcuts"),
];

#[component]
pub(crate) fn KeyHelp() -> impl IntoView {
    let rows =
        KEYS.map(|(key, does)| view! { <div><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div> });
    view! {
        <dialog id="keys" class="panel" aria-label="Keyboard shortcuts">
            <h2>"Keyboard shortcuts"</h2>
            <dl class="keys">{rows.into_iter().collect_view()}</dl>
            <p class="note">"Single-key shortcuts can be turned off in the menu under your name."</p>
            <form method="dialog"><button class="button">"Close"</button></form>
        </dialog>
    }
}
