//! How far the roles are rolled out: the states with their counts, which filter the list, and what deploys the rest.

use crate::ui::{
    Chip, Panel, Tone,
    format::{counted, grouped},
};
use claviger_domain::accounts::roles::{
    AccountRoles, OptInCount, OptInRole, RoleCheck, RoleState, RollOut, Snippet,
};
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

/// The tone of an opt-in role; `None` where it is not installed or does not trust Claviger, which is neither good nor bad.
fn opt_in_tone(state: RoleState) -> Option<Tone> {
    match state {
        RoleState::Ready => Some(Tone::Good),
        RoleState::Old => Some(Tone::Soon),
        RoleState::VersionUnknown | RoleState::Unknown => Some(Tone::Unknown),
        RoleState::Missing
        | RoleState::WrongExternalId
        | RoleState::NotTrusted
        | RoleState::NotAssumable => None,
    }
}

/// The state of an opt-in role.
pub(super) fn opt_in_chip(state: RoleState) -> impl IntoView {
    let text = state.opt_in_label();
    match opt_in_tone(state) {
        Some(tone) => Either::Left(view! { <Chip tone text /> }),
        None => Either::Right(view! { <span class="faint">{text}</span> }),
    }
}

/// The opt-in roles that an account has, such as "Opt-in: consumers, iam (old version)"; nothing without any.
pub(super) fn opt_in_note(roles: &[(OptInRole, RoleCheck)]) -> impl IntoView + use<> {
    let each = roles.iter().filter_map(|(role, check)| match opt_in_tone(check.state)? {
        Tone::Good => Some(role.to_string()),
        _ => Some(format!("{role} ({})", check.state.opt_in_label().to_lowercase())),
    });
    let text = each.collect::<Vec<_>>().join(", ");
    (!text.is_empty()).then(|| view! { <small>"Opt-in: "{text}</small> })
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
                <OptInCounts counts=roll_out.opt_in />
                <Snippets snippets=roll_out.snippets />
            </Panel>
        }
    })
}

/// In how many accounts each opt-in role is. They do not count as ready or not ready.
#[component]
fn OptInCounts(counts: Vec<OptInCount>) -> impl IntoView {
    let rows = counts
        .into_iter()
        .map(|count| {
            let old = (count.old > 0).then(|| {
                let text = RoleState::Old.opt_in_label();
                view! { " "<Chip tone=Tone::Soon text /> }
            });
            view! {
                <dt>{count.role.label()}" (opt-in)"</dt>
                <dd>{count.says()}{old}</dd>
            }
        })
        .collect_view();
    view! { <dl class="facts narrow">{rows}</dl> }
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
