//! What has to be in place in an account, and the tag policies that hold there.

use super::roll_out::{Snippets, opt_in_chip};
use crate::ui::{Ago, Chip, Panel, Tone, format::grouped};
use claviger_domain::accounts::{
    readiness::{Readiness, ReadinessItem, ReadinessState, TagKeyView, TagPolicyView},
    roles::{OptInCheck, Snippet},
};
use leptos::{either::Either, prelude::*};
use time::OffsetDateTime;

fn item_label(item: ReadinessItem) -> &'static str {
    match item {
        ReadinessItem::InventoryRole => "Inventory role",
        ReadinessItem::AccessRole => "Access role",
        ReadinessItem::RemediationRole => "Remediation role",
        ReadinessItem::Trail => "CloudTrail",
        ReadinessItem::Regions => "Regions",
        ReadinessItem::ConfigRecorder => "AWS Config",
        ReadinessItem::ConfigRules => "AWS Config rules",
        ReadinessItem::TagPolicies => "Tag policies",
        ReadinessItem::Alarms => "Alarms",
    }
}

fn state_label(state: ReadinessState) -> (Tone, &'static str) {
    match state {
        ReadinessState::Ready => (Tone::Good, "Ready"),
        ReadinessState::Missing => (Tone::Bad, "Missing"),
        ReadinessState::Old => (Tone::Soon, "Old version"),
        ReadinessState::Unknown => (Tone::Unknown, "Unknown"),
    }
}

/// What is not in place, as a list shows it.
pub(crate) fn unready_chip(unready: Option<u64>) -> impl IntoView {
    match unready {
        None => Either::Left(view! { <span class="faint">"Not checked"</span> }),
        Some(0) => Either::Right(view! { <Chip tone=Tone::Good text="Ready".to_owned() /> }),
        Some(count) => {
            let text = format!("{} not ready", grouped(count));
            Either::Right(view! { <Chip tone=Tone::Soon text /> })
        }
    }
}

/// Each thing with its state; the Regions of one thing that stand alike are one row.
#[component]
pub(crate) fn InPlace(
    readiness: Vec<Readiness>,
    opt_in_roles: Vec<OptInCheck>,
    snippets: Vec<Snippet>,
    checked_at: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> impl IntoView {
    let mut rows: Vec<(Readiness, Vec<String>)> = Vec::new();
    for one in readiness {
        let region = one.region.as_ref().map(ToString::to_string);
        match rows.last_mut().filter(|(last, _)| alike(last, &one)) {
            Some((_, regions)) => regions.extend(region),
            None => rows.push((one, region.into_iter().collect())),
        }
    }
    let rows = rows
        .into_iter()
        .map(|(one, regions)| {
            let (tone, word) = state_label(one.state);
            let regions = (!regions.is_empty())
                .then(|| view! { <small class="mono">{regions.join(", ")}</small> });
            view! {
                <li>
                    <p><Chip tone text=word />" "<b>{item_label(one.item)}</b>" "{regions}</p>
                    <p>{one.says}</p>
                </li>
            }
        })
        .collect_view();
    let opt_in = checked_at.map(|_| view! { <OptInRoles checks=opt_in_roles /> });
    let when = checked_at.map_or_else(
        || Either::Left(view! { <p class="faint">"Account not checked yet."</p> }),
        |at| Either::Right(view! { <p class="faint">"Checked "<Ago at now /></p> }),
    );
    view! {
        <Panel title="Account prerequisites">
            <ul class="checks">{rows}</ul>
            {opt_in}
            <Snippets snippets />
            {when}
        </Panel>
    }
}

/// The roles that an account need not have. They are no prerequisites: what is not installed is neither good nor bad.
#[component]
fn OptInRoles(checks: Vec<OptInCheck>) -> impl IntoView {
    let is_checked = !checks.is_empty();
    let rows = checks
        .into_iter()
        .map(|one| {
            view! {
                <li>
                    <p>{opt_in_chip(one.check.state)}" "<b>{one.role.label()}</b>" (opt-in)"</p>
                    <p>{one.says}</p>
                </li>
            }
        })
        .collect_view();
    if is_checked {
        Either::Left(view! { <ul class="checks" aria-label="Opt-in roles">{rows}</ul> })
    } else {
        Either::Right(view! { <p class="faint">"Opt-in roles: not known."</p> })
    }
}

fn alike(one: &Readiness, other: &Readiness) -> bool {
    (one.item, one.state, &one.says) == (other.item, other.state, &other.says)
}

#[component]
pub(crate) fn TagPolicies(policy: TagPolicyView) -> impl IntoView {
    let says = if policy.keys.is_empty() && policy.says.is_empty() {
        "Not read yet.".to_owned()
    } else {
        policy.says
    };
    let table = if policy.keys.is_empty() {
        Either::Left(view! { <p class="faint">"No tag policy is in effect."</p> })
    } else {
        let rows = policy.keys.into_iter().map(|key| view! { <TagKey key /> }).collect_view();
        Either::Right(view! {
            <div class="scrolls" tabindex="0" role="region" aria-label="Tag policies in effect">
                <table class="plain">
                    <thead><tr><th scope="col">"Tag"</th><th scope="col">"Allowed values"</th><th scope="col">"Required on"</th><th scope="col">"Enforced for"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        })
    };
    view! {
        <Panel title="Tag policies in effect">
            <p class="faint">{says}</p>
            {table}
        </Panel>
    }
}

#[component]
fn TagKey(key: TagKeyView) -> impl IntoView {
    let listed = |texts: Vec<String>, none: &str| {
        if texts.is_empty() { none.to_owned() } else { texts.join(", ") }
    };
    let disputed =
        key.is_disputed.then(|| view! { " "<Chip tone=Tone::Unknown text="Disputed" /> });
    view! {
        <tr>
            <td class="mono name">{key.tag_key}{disputed}</td>
            <td class="mono wrap">{key.values.map_or_else(|| "any".to_owned(), |values| listed(values, "none: the key must not be used"))}</td>
            <td class="mono wrap">{listed(key.required_for, "–")}</td>
            <td class="mono wrap">{listed(key.enforced_for, "–")}</td>
        </tr>
    }
}
