//! The command palette: Ctrl+K or ⌘K, some letters, Enter. It lists the pages; the page's module filters them and adds
//! accounts, views and secrets (`browser/module/palette.js`).

use leptos::prelude::*;

/// The pages, by what people call them.
const PAGES: [(&str, &str, &str); 13] = [
    ("Queue", "/queue", "what needs your decision"),
    ("Overview", "/overview", "posture of the Organization"),
    ("Inventory", "/inventory", "every secret and parameter"),
    ("Parameters by path", "/inventory?kind=parameter&path=%2F", "down the hierarchy"),
    ("Changes", "/changes", "what changed between scans"),
    ("Findings", "/findings", "failing checks"),
    ("Policies", "/policies", "required settings"),
    ("Remediation", "/remediation", "remediation plans"),
    ("Exceptions", "/exceptions", "accepted risks"),
    ("My access", "/access", "requests and grants"),
    ("Approvals", "/queue?kind=access", "access requests that need your decision"),
    ("Accounts", "/accounts", "scan status"),
    ("Inbox", "/inbox", "your notifications"),
];

#[component]
pub(crate) fn Palette() -> impl IntoView {
    let options = PAGES.iter().enumerate().map(|(at, (label, href, hint))| {
        view! {
            <li id=format!("jump-{at}") role="option" data-href=*href aria-selected=(at == 0).to_string()>
                <span>{*label}</span>
                <span class="faint">{*hint}</span>
            </li>
        }
    });
    view! {
        <dialog id="palette" class="panel palette" aria-label="Go to">
            <input
                type="text"
                placeholder="Search pages, accounts, views and secrets"
                aria-label="Search pages, accounts, views and secrets"
                autocomplete="off"
                spellcheck="false"
                role="combobox"
                aria-autocomplete="list"
                aria-controls="jumps"
                aria-expanded="true"
                aria-activedescendant="jump-0"
            />
            <ul id="jumps" role="listbox" aria-label="Pages">{options.collect_view()}</ul>
            <p class="faint empty" hidden>"No results"</p>
        </dialog>
    }
}
