//! Navigation, and who I am.

use super::theme::ThemeSwitch;
use crate::ui::{Icon, Shape, format::grouped};
use claviger_domain::{access::Role, view::Me};
use leptos::{either::Either, prelude::*};
use leptos_router::components::A;

#[component]
pub(crate) fn Nav(me: Me) -> impl IntoView {
    let accounts = if me.accounts_failing > 0 {
        let said = format!("{} not reached", me.accounts_failing);
        Either::Left(
            view! { <span class="count soon" title=said.clone()>{me.accounts_failing}<span class="sr">" not reached"</span></span> },
        )
    } else {
        Either::Right(view! { <span class="count">{grouped(me.accounts)}</span> })
    };
    let resources = grouped(me.resources);
    view! {
        <aside class="side" aria-label="Console">
            <a class="brand" href="/inventory"><Icon shape=Shape::Key />"Claviger"</a>
            <input type="checkbox" id="nav-open" class="sr" aria-label="Show the navigation" />
            <label for="nav-open" class="nav-toggle" aria-hidden="true"><Icon shape=Shape::Menu /></label>
            <nav aria-label="Main">
                <ul>
                    <li><A href="/inventory">"Inventory"<span class="count">{resources}</span></A></li>
                </ul>
                <h2>"Organization"</h2>
                <ul>
                    <li><A href="/accounts">"Accounts"{accounts}</A></li>
                </ul>
                <Person me />
            </nav>
        </aside>
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
    let role = me.roles.first().map_or("No role", |role| role_name(*role));
    view! {
        <details class="person">
            <summary>
                <span class="avatar" aria-hidden="true">{initials}</span>
                <span class="who"><span>{me.name}</span><small>{role}</small></span>
                <Icon shape=Shape::Up />
            </summary>
            <div class="menu">
                {me.email.map(|email| view! { <p class="faint">{email}</p> })}
                <ThemeSwitch />
                <form method="post" action="/auth/logout">
                    <button class="button wide">"Sign out"</button>
                </form>
            </div>
        </details>
    }
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::SecurityAdmin => "Security admin",
        Role::Approver => "Approver",
        Role::Requester => "Requester",
        Role::Auditor => "Auditor",
        Role::Viewer => "Viewer",
    }
}
