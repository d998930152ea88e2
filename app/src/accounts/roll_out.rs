//! How far the roles are rolled out: the states with their counts, which filter the list, and what deploys the rest.

use crate::ui::{
    Chip, Panel, Tone,
    format::{counted, grouped},
};
use claviger_domain::accounts::roles::{AccountRoles, RollOut, Snippet};
use leptos::{either::Either, prelude::*};

/// The tone of an account's roles.
pub(super) fn roles_tone(roles: AccountRoles) -> Tone {
    match roles {
        AccountRoles::Ready => Tone::Good,
        AccountRoles::Old => Tone::Soon,
        AccountRoles::Missing | AccountRoles::WrongExternalId | AccountRoles::NotTrusted => {
            Tone::Bad
        }
        AccountRoles::Unknown | AccountRoles::NotChecked => Tone::Unknown,
    }
}

/// "12 of 14 accounts ready", each state as a link that filters the list, and the commands for accounts that are not ready.
#[component]
pub(super) fn RollOutPanel(roll_out: RollOut, chosen: Option<AccountRoles>) -> impl IntoView {
    let total = roll_out.total();
    let title = format!(
        "Roles: {} of {} ready",
        grouped(roll_out.ready()),
        counted(total, "account", "accounts")
    );
    let states = roll_out.counts.iter().map(|(state, count)| {
        let (state, count) = (*state, grouped(*count));
        let current = (chosen == Some(state)).then_some("page");
        view! {
            <li>
                <a href=format!("/accounts?roles={state}") aria-current=current>
                    <Chip tone=roles_tone(state) text=state.label() />" "{count}
                </a>
            </li>
        }
    });
    let states = states.collect_view();
    let all = chosen.map(|_| view! { <li><a href="/accounts">"Show all accounts"</a></li> });
    let version = format!("This release needs template version {}.", roll_out.template_version);
    (total > 0).then(|| {
        view! {
            <Panel title class="roll-out">
                <ul class="states" aria-label="Filter accounts by the state of their roles">{states}{all}</ul>
                <p class="faint">{version}</p>
                <Snippets snippets=roll_out.snippets />
            </Panel>
        }
    })
}

/// What deploys the roles, each to copy: one click selects all of it.
#[component]
pub(crate) fn Snippets(snippets: Vec<Snippet>) -> impl IntoView {
    snippets
        .into_iter()
        .map(|snippet| {
            let label = snippet.title.clone();
            view! {
                <details class="snippet">
                    <summary>{snippet.title}</summary>
                    <p class="faint">{snippet.says}</p>
                    <pre tabindex="0" role="region" aria-label=label>{snippet.text}</pre>
                </details>
            }
        })
        .collect_view()
}

/// The state of an account's roles.
pub(super) fn roles_chip(roles: AccountRoles) -> impl IntoView {
    match roles {
        AccountRoles::NotChecked => {
            Either::Left(view! { <span class="faint">{AccountRoles::NotChecked.label()}</span> })
        }
        roles => Either::Right(view! { <Chip tone=roles_tone(roles) text=roles.label() /> }),
    }
}
