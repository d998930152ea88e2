//! The command palette: Ctrl+K or ⌘K, some letters, Enter. It lists the pages and commands; the page's module filters them
//! and adds accounts, views and secrets (`browser/module/palette.js`).

use claviger_domain::inventory::view::Me;
use leptos::prelude::*;

/// The pages, by what people call them.
const PAGES: [(&str, &str, &str); 18] = [
    ("Queue", "/queue", "what needs your decision"),
    ("Overview", "/overview", "posture of the Organization"),
    ("Teams", "/teams", "posture by team"),
    ("Inventory", "/inventory", "every secret and parameter"),
    ("Parameters by path", "/inventory?kind=parameter&path=%2F", "down the hierarchy"),
    ("Changes", "/changes", "what changed between scans"),
    ("Findings", "/findings", "failing checks"),
    ("Policies", "/policies", "required settings"),
    ("Remediation", "/remediation", "remediation plans"),
    ("New secret", "/secrets/new", "create parameter"),
    ("New secrets", "/creations", "requests for new secrets"),
    ("Exceptions", "/exceptions", "accepted risks"),
    ("My access", "/access", "requests and grants"),
    ("Approvals", "/queue?kind=access", "access requests that need your decision"),
    ("Accounts", "/accounts", "scan status"),
    ("Inbox", "/inbox", "your notifications"),
    ("Rules", "/rules", "the rule catalog"),
    ("Help", "/help", "what is where"),
];

/// What a person may do and open beside the pages for everybody: label, address or server function, hint.
fn commands(me: &Me) -> Vec<(&'static str, Target, &'static str)> {
    let mut found = Vec::new();
    let mut add = |may: bool, label, target, hint| {
        if may {
            found.push((label, target, hint));
        }
    };
    add(me.can_scan, "Start a scan", Target::Call("sweep/start"), "reads every account");
    add(
        me.may_request,
        "Request access",
        Target::Page("/inventory?state=live"),
        "select secrets in the inventory",
    );
    add(me.may_review, "Break-glass reviews", Target::Page("/reviews"), "emergency access");
    add(me.may_read_access, "Active sessions", Target::Page("/access/live"), "who has access now");
    add(me.may_read_deliveries, "Notifications", Target::Page("/notifications"), "deliveries");
    add(me.may_audit, "Audit log", Target::Page("/audit"), "every action");
    let settings = me.may_read_settings;
    add(settings, "Roles and scopes", Target::Page("/settings"), "settings");
    add(settings, "Access rules", Target::Page("/settings/access-rules"), "settings");
    add(settings, "Owner rules", Target::Page("/settings/owners"), "settings");
    add(settings, "Channels", Target::Page("/settings/channels"), "settings");
    add(settings, "Schedule", Target::Page("/settings/schedule"), "settings");
    add(settings, "Jobs", Target::Page("/settings/jobs"), "settings");
    add(settings, "System health", Target::Page("/settings/system"), "settings");
    add(settings, "Setup", Target::Page("/settings/setup"), "settings");
    found
}

/// What an option does.
#[derive(Debug, Clone, Copy)]
enum Target {
    Page(&'static str),
    /// A server function without arguments, which the page's module calls.
    Call(&'static str),
}

#[component]
pub(crate) fn Palette(me: Me) -> impl IntoView {
    let pages = PAGES.iter().map(|(label, href, hint)| (*label, Target::Page(href), *hint));
    let options = pages.chain(commands(&me)).enumerate().map(|(at, (label, target, hint))| {
        let (href, call) = match target {
            Target::Page(href) => (Some(href), None),
            Target::Call(name) => (None, Some(name)),
        };
        view! {
            <li id=format!("jump-{at}") role="option" data-href=href data-call=call aria-selected=(at == 0).to_string()>
                <span>{label}</span>
                <span class="faint">{hint}</span>
            </li>
        }
    });
    let options = options.collect_view();
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
            <ul id="jumps" role="listbox" aria-label="Pages">{options}</ul>
            <p class="faint empty" hidden>"No results"</p>
        </dialog>
    }
}
