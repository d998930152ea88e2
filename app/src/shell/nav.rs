//! Navigation, and who I am.

use super::{
    shortcuts::{ShortcutSwitch, are_off},
    theme::{ThemeSwitch, ZoneSwitch},
};
use crate::ui::{Icon, SectionLink, Shape, format::grouped};
use claviger_domain::inventory::view::Me;
use leptos::{either::Either, prelude::*};

#[component]
pub(crate) fn Nav(me: Me) -> impl IntoView {
    let accounts = if me.accounts_failing > 0 {
        let said = format!("{} unreachable", me.accounts_failing);
        Either::Left(
            view! { <span class="count soon" title=said.clone()>{me.accounts_failing}<span class="sr">" unreachable"</span></span> },
        )
    } else {
        Either::Right(view! { <Total number=me.accounts why=me.incomplete_inventory.clone() /> })
    };
    let resources = view! { <Total number=me.resources why=me.incomplete_inventory.clone() /> };
    let failures = view! { <Total number=me.failures why=me.incomplete_findings.clone() /> };
    let (access, entry, has_role) = (me.access, me.as_of_entry.clone(), me.has_role());
    let shortcuts = are_off().then_some("off");
    view! {
        <aside class="side" aria-label="Console" data-entry=entry data-shortcuts=shortcuts>
            <a class="brand" href="/queue"><Icon shape=Shape::Key />"Claviger"</a>
            <input type="checkbox" id="nav-open" class="sr" aria-label="Open menu" />
            <label for="nav-open" class="nav-toggle" aria-hidden="true"><Icon shape=Shape::Menu /></label>
            <nav aria-label="Main">
                <div class="sections">
                    {(has_role || me.to_decide > 0).then(|| view! {
                        <ul>
                            <li><SectionLink href="/queue" also=&["/approvals"]>"Queue"<Count number=me.to_decide what="to decide" urgent=true /></SectionLink></li>
                            {has_role.then(|| view! {
                                <li><SectionLink href="/overview">"Overview"</SectionLink></li>
                                <li><SectionLink href="/inventory" also=&["/rotations", "/leaks"]>"Inventory"{resources}</SectionLink></li>
                                <li><SectionLink href="/changes">"Changes"</SectionLink></li>
                            })}
                        </ul>
                    })}
                    {has_role.then(|| view! {
                        <h2>"Governance"</h2>
                        <ul>
                            <li><SectionLink href="/findings">"Findings"{failures}</SectionLink></li>
                            <li><SectionLink href="/variables">"Plaintext variables"</SectionLink></li>
                            <li><SectionLink href="/alarms">"Alarms"</SectionLink></li>
                            <li><SectionLink href="/teams">"Teams"</SectionLink></li>
                            <li><SectionLink href="/policies" also=&["/rules"]>"Policies"</SectionLink></li>
                            <li><SectionLink href="/remediation">"Remediation"</SectionLink></li>
                            <li><SectionLink href="/creations" also=&["/secrets"]>"New secrets"</SectionLink></li>
                            <li><SectionLink href="/exceptions">"Exceptions"</SectionLink></li>
                            <li><SectionLink href="/evidence">"Evidence"</SectionLink></li>
                        </ul>
                    })}
                    <h2>"Access"</h2>
                    <ul>
                        <li><MyAccess live=access.live /></li>
                        {me.may_review.then(|| view! { <li><SectionLink href="/reviews">"Break-glass reviews"</SectionLink></li> })}
                        {me.may_read_access.then(|| view! { <li><SectionLink href="/access/live">"Active sessions"</SectionLink></li> })}
                    </ul>
                    {has_role.then(|| view! {
                        <h2>"Organization"</h2>
                        <ul>
                            <li><SectionLink href="/accounts">"Accounts"{accounts}</SectionLink></li>
                            <li><SectionLink href="/principals">"Roles and users"</SectionLink></li>
                            <li><SectionLink href="/pipelines">"Pipelines"</SectionLink></li>
                            {me.may_read_deliveries.then(|| view! { <li><SectionLink href="/notifications">"Notifications"</SectionLink></li> })}
                            {me.may_audit.then(|| view! { <li><SectionLink href="/audit">"Audit log"</SectionLink></li> })}
                            {me.may_read_settings.then(|| view! { <li><SectionLink href="/settings">"Settings"</SectionLink></li> })}
                        </ul>
                    })}
                </div>
                <Person me />
            </nav>
        </aside>
    }
}

/// One's own access, with the pages of grants and of requests.
#[component]
fn MyAccess(live: u32) -> impl IntoView {
    view! {
        <SectionLink href="/access" except=&["/access/live"]>
            "My access"<Count number=live what="active" />
        </SectionLink>
    }
}

/// A number of the navigation. As long as it is not whole, that is said instead: a part of it would be taken for all.
#[component]
fn Total(number: Option<u64>, why: Option<String>) -> impl IntoView {
    match (number, why) {
        (Some(number), _) => Either::Left(view! { <span class="count">{grouped(number)}</span> }),
        (None, why) => Either::Right(why.map(|why| {
            let title = why.clone();
            view! { <span class="count incomplete" title=title><span aria-hidden="true">"…"</span><span class="sr">" "{why}</span></span> }
        })),
    }
}

/// A number of the navigation; none where there is nothing.
#[component]
fn Count(number: u32, what: &'static str, #[prop(optional)] urgent: bool) -> impl IntoView {
    (number > 0).then(|| {
        view! { <span class="count" class:urgent=urgent>{number}<span class="sr">" "{what}</span></span> }
    })
}

/// The inbox, with what is unread in it.
#[component]
pub(crate) fn InboxLink(unread: u32) -> impl IntoView {
    view! {
        <a href="/inbox" class="pill inbox-link">
            <Icon shape=Shape::Bell />
            <span role="status">"Inbox"{(unread > 0).then(|| view! { " " <strong>{unread}</strong><span class="sr">" unread"</span> })}</span>
        </a>
    }
}

#[component]
fn Person(me: Me) -> impl IntoView {
    let initials: String = me
        .name
        .split_whitespace()
        .filter_map(|part| part.chars().next())
        .take(2)
        .collect::<String>()
        .to_uppercase();
    let role = me.roles.first().map_or("No role", |role| role.label());
    let roles: Vec<&str> = me.roles.iter().map(|role| role.label()).collect();
    let roles = roles.join(", ");
    view! {
        <details class="person">
            <summary>
                <span class="avatar" aria-hidden="true">{initials}</span>
                <span class="who"><span>{me.name}</span><small title=roles>{role}</small></span>
                <Icon shape=Shape::Up />
            </summary>
            <div class="menu">
                {me.email.map(|email| view! { <p class="faint">{email}</p> })}
                <ThemeSwitch />
                <ZoneSwitch />
                <ShortcutSwitch />
                <form method="post" action="/auth/logout">
                    <button class="button wide">"Sign out"</button>
                </form>
            </div>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_and_requests_belong_to_my_access() {
        for (path, expected) in [
            ("/access", true),
            ("/access/G-1", true),
            ("/access/request?id=1", true),
            ("/access/live", false),
            ("/accounts", false),
        ] {
            let request = http::Request::builder().uri(path).body(()).unwrap();
            let html = Owner::new().with(|| {
                provide_context(request.into_parts().0);
                view! { <MyAccess live=0 /> }.into_any().to_html()
            });
            assert_eq!(html.contains("aria-current=\"page\""), expected, "{path}: {html}");
        }
    }
}
