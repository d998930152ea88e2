//! The command palette: Ctrl+K or ⌘K, some letters, Enter. It lists the pages and commands; the page's module filters them
//! and adds accounts, views and secrets (`browser/module/palette.js`).

use claviger_domain::inventory::view::Me;
use leptos::prelude::*;

/// The pages for everybody, by what people call them.
const PAGES: [(&str, &str, &str); 24] = [
    ("Queue", "/queue", "what needs your decision"),
    ("Overview", "/overview", "posture of the Organization"),
    ("Teams", "/teams", "posture by team"),
    ("Inventory", "/inventory", "every secret and parameter"),
    ("Parameters by path", "/inventory?kind=parameter&path=%2F", "down the hierarchy"),
    ("Changes", "/changes", "what changed between scans"),
    ("Rotations", "/rotations", "the rotation calendar"),
    ("Findings", "/findings", "failing checks"),
    ("Plaintext variables", "/variables", "credentials in variables of workloads"),
    ("Alarms", "/alarms", "alarm rules and canaries"),
    ("Policies", "/policies", "required settings"),
    ("Remediation", "/remediation", "remediation plans"),
    ("New secrets", "/creations", "requests for new secrets and parameters"),
    ("Exceptions", "/exceptions", "accepted risks"),
    ("Evidence", "/evidence", "controls of compliance frameworks"),
    ("My access", "/access", "requests and grants"),
    ("Approvals", "/queue?kind=access", "access requests that need your decision"),
    ("Accounts", "/accounts", "scan status"),
    ("Roles and users", "/principals", "what roles and users of AWS can read"),
    ("Pipelines", "/pipelines", "CI pipelines and the roles that they assume"),
    ("Inbox", "/inbox", "your notifications"),
    ("Rules", "/rules", "the rule catalog"),
    ("Help", "/help", "what is where"),
    ("User guide", "/help/guide", "the documentation"),
];

/// What opens without a role.
const OWN_PAGES: [&str; 2] = ["/access", "/inbox"];

/// The pages that open for this person.
fn pages(me: &Me) -> impl Iterator<Item = (&'static str, Target, &'static str)> + use<> {
    let has_role = me.has_role();
    PAGES
        .into_iter()
        .filter(move |(_, href, _)| has_role || OWN_PAGES.contains(href))
        .map(|(label, href, hint)| (label, Target::Page(href), hint))
}

/// What only some people may do and open: who, label, target, hint.
type Command = (fn(&Me) -> bool, &'static str, Target, &'static str);

const COMMANDS: [Command; 17] = [
    (|me| me.can_scan, "Start a scan", Target::Call("sweep/start"), "reads every account"),
    (
        |me| me.may_request,
        "New secret",
        Target::Page("/secrets/new"),
        "create a secret or a parameter",
    ),
    (
        |me| me.may_request,
        "Request access",
        Target::Page("/inventory?state=live"),
        "select secrets in the inventory",
    ),
    (|me| me.may_review, "Break-glass reviews", Target::Page("/reviews"), "emergency access"),
    (
        |me| me.may_read_access,
        "Active sessions",
        Target::Page("/access/live"),
        "who has access now",
    ),
    (|me| me.may_read_access, "Leaks", Target::Page("/leaks"), "reports of leaked secrets"),
    (|me| me.may_read_deliveries, "Notifications", Target::Page("/notifications"), "deliveries"),
    (|me| me.may_audit, "Audit log", Target::Page("/audit"), "every action"),
    (|me| me.may_read_settings, "Roles and scopes", Target::Page("/settings"), "settings"),
    (|me| me.may_read_settings, "Access rules", Target::Page("/settings/access-rules"), "settings"),
    (|me| me.may_read_settings, "Owner rules", Target::Page("/settings/owners"), "settings"),
    (|me| me.may_read_settings, "Channels", Target::Page("/settings/channels"), "settings"),
    (|me| me.may_read_settings, "Schedule", Target::Page("/settings/schedule"), "settings"),
    (|me| me.may_read_settings, "Jobs", Target::Page("/settings/jobs"), "settings"),
    (|me| me.may_read_settings, "Events", Target::Page("/settings/events"), "settings"),
    (|me| me.may_read_settings, "System health", Target::Page("/settings/system"), "settings"),
    (|me| me.may_read_settings, "Setup", Target::Page("/settings/setup"), "settings"),
];

/// What an option does.
#[derive(Debug, Clone, Copy)]
enum Target {
    Page(&'static str),
    /// A server function without arguments, which the page's module calls.
    Call(&'static str),
}

#[component]
pub(crate) fn Palette(me: Me) -> impl IntoView {
    let commands = COMMANDS.iter().filter(|(may, ..)| may(&me));
    let commands = commands.map(|(_, label, target, hint)| (*label, *target, *hint));
    let options = pages(&me).chain(commands).enumerate().map(|(at, (label, target, hint))| {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands between two texts, wherever they are in a source.
    fn between<'a>(source: &'a str, start: &str, end: &str) -> Vec<&'a str> {
        source.split(start).skip(1).filter_map(|rest| rest.split(end).next()).collect()
    }

    #[test]
    fn it_has_every_page_of_the_navigation_and_of_the_help() {
        let commands = COMMANDS.iter().filter_map(|(_, _, target, _)| match target {
            Target::Page(href) => Some(*href),
            Target::Call(_) => None,
        });
        let known: Vec<&str> = PAGES.iter().map(|(_, href, _)| *href).chain(commands).collect();
        let navigation = between(include_str!("nav.rs"), "SectionLink href=\"", "\"");
        let topics = between(include_str!("help_page.rs"), "        id: \"", "\"");
        let settings = between(include_str!("../app.rs"), "path!(\"/settings", "\"");
        assert!(navigation.len() > 15 && topics.len() > 15 && settings.len() > 5);
        let topics = topics.into_iter().map(|id| format!("/{id}"));
        let settings = settings.into_iter().map(|rest| format!("/settings{rest}"));
        let pages = navigation.into_iter().map(str::to_owned).chain(topics).chain(settings);
        let missing: Vec<String> = pages.filter(|page| !known.contains(&page.as_str())).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
