//! The command palette: Ctrl+K or ⌘K, some letters, Enter. It goes to pages, accounts, views and secrets.

use super::api::load_jumps;
use crate::ui::RequestSequence;
use claviger_domain::inventory::view::Jump;
use leptos::{ev, html::Input, prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// The pages, by what people call them.
const PAGES: [(&str, &str, &str); 12] = [
    ("Overview", "/overview", "posture of the Organization"),
    ("Inventory", "/inventory", "every secret and parameter"),
    ("Parameters by path", "/inventory?kind=parameter&path=%2F", "down the hierarchy"),
    ("Changes", "/changes", "what changed between scans"),
    ("Findings", "/findings", "failing checks"),
    ("Policies", "/policies", "required settings"),
    ("Remediation", "/remediation", "remediation plans"),
    ("Exceptions", "/exceptions", "accepted risks"),
    ("My access", "/access", "requests and grants"),
    ("Approvals", "/approvals", "requests pending your decision"),
    ("Accounts", "/accounts", "scan status"),
    ("Inbox", "/inbox", "your notifications"),
];

fn pages(text: &str) -> Vec<Jump> {
    let text = text.trim().to_lowercase();
    PAGES
        .iter()
        .filter(|(name, _, about)| name.to_lowercase().contains(&text) || about.contains(&text))
        .map(|(name, href, about)| Jump {
            label: (*name).to_owned(),
            href: (*href).to_owned(),
            hint: (*about).to_owned(),
        })
        .collect()
}

#[component]
pub(crate) fn Palette() -> impl IntoView {
    let input = NodeRef::<Input>::new();
    let offered = RwSignal::new(pages(""));
    let active = RwSignal::new(0_usize);
    let requests = RequestSequence::new();
    let navigate = StoredValue::new(use_navigate());
    let ask = move || {
        let Some(text) = input.get_untracked().map(|input| input.value()) else { return };
        offered.set(pages(&text));
        active.set(0);
        let ticket = requests.next();
        if text.trim().is_empty() {
            return;
        }
        spawn_local(async move {
            let found = load_jumps(text).await.unwrap_or_default();
            if requests.is_newest(ticket) {
                offered.update(|offered| offered.extend(found));
            }
        });
    };
    let go = move |at: usize| {
        let Some(jump) = offered.with_untracked(|offered| offered.get(at).cloned()) else { return };
        if let Some(input) = input.get_untracked() {
            input.set_value("");
        }
        offered.set(pages(""));
        super::keys::close_dialog("palette");
        navigate.with_value(|navigate| navigate(&jump.href, NavigateOptions::default()));
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let count = offered.with_untracked(Vec::len).max(1);
        match event.key().as_str() {
            "ArrowDown" => active.update(|at| *at = (*at + 1) % count),
            "ArrowUp" => active.update(|at| *at = (*at + count - 1) % count),
            "Enter" => go(active.get_untracked()),
            _ => return,
        }
        event.prevent_default();
    };
    let options = move || {
        let option = |(at, jump): (usize, Jump)| {
            view! {
                <li
                    id=format!("jump-{at}")
                    role="option"
                    data-href=jump.href
                    aria-selected=move || (active.get() == at).to_string()
                    on:click=move |_| go(at)
                >
                    <span>{jump.label}</span>
                    <span class="faint">{jump.hint}</span>
                </li>
            }
        };
        offered.get().into_iter().enumerate().map(option).collect_view()
    };
    view! {
        <dialog id="palette" class="panel palette" aria-label="Go to">
            <input
                node_ref=input
                type="text"
                placeholder="Search pages, accounts, views and secrets"
                aria-label="Search pages, accounts, views and secrets"
                autocomplete="off"
                spellcheck="false"
                role="combobox"
                aria-autocomplete="list"
                aria-controls="jumps"
                aria-expanded="true"
                aria-activedescendant=move || format!("jump-{}", active.get())
                on:input=move |_| ask()
                on:keydown=on_key
            />
            <ul id="jumps" role="listbox" aria-label="Pages">{options}</ul>
            <p class="faint empty" hidden=move || !offered.with(Vec::is_empty)>"No results"</p>
        </dialog>
    }
}
