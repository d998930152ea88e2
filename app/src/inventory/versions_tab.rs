//! The versions of a secret, with their staging labels.

use super::changes::is_changeable;
use crate::{
    grants::labels::request_href,
    remediation::target_href,
    ui::{EmptyState, Panel},
};
use claviger_domain::{
    facts::{Detail, Version},
    grants::Action,
    ids::ResourceId,
    inventory::view::ResourceDetail,
    remediation::RemediationForm,
};
use leptos::prelude::*;

#[component]
pub(crate) fn VersionsTab(shown: ResourceDetail, can_plan: bool) -> impl IntoView {
    let (versions, can_plan) = match &shown.facts.detail {
        Detail::Secret(secret) => (secret.versions.clone(), can_plan && is_changeable(secret)),
        Detail::Parameter(_) => (Vec::new(), false),
    };
    if versions.is_empty() {
        return view! {
            <EmptyState title="No versions with a staging label.">
                <p>"AWS lists no version of this secret with a staging label: it may have no value yet."</p>
            </EmptyState>
        }
        .into_any();
    }
    let can_compare = shown.may_request && versions.len() > 1;
    let compare = can_compare.then(|| view! { <Compare id=shown.id /> });
    view! { <div class="stack"><Versions id=shown.id versions can_plan />{compare}</div> }
        .into_any()
}

/// Versions are compared on the page of a grant: the values are read for it.
#[component]
fn Compare(id: ResourceId) -> impl IntoView {
    let request = request_href(Action::Read, None, [id].into_iter());
    view! {
        <Panel title="Compare versions">
            <p>"Under a grant to read, you can compare the keys of two versions: which were added, removed or changed their type. Values are not shown."</p>
            <p class="actions">
                <a class="button" href=request>"Request read access"</a>
                <a class="button" href="/access">"My access"</a>
            </p>
        </Panel>
    }
}

#[component]
fn Versions(id: ResourceId, mut versions: Vec<Version>, can_plan: bool) -> impl IntoView {
    // What readers get first; what a rotation prepares next.
    let rank = |version: &Version| {
        ["AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"]
            .iter()
            .position(|stage| version.has(stage))
            .unwrap_or(3)
    };
    versions.sort_by_key(rank);
    let meaning = |stage: &str| match stage {
        "AWSCURRENT" => "Current",
        "AWSPREVIOUS" => "Previous",
        "AWSPENDING" => "Pending rotation",
        _ => "Custom label",
    };
    let rows = versions
        .into_iter()
        .map(|version| {
            let meanings: Vec<&str> = version.stages.iter().map(|stage| meaning(stage)).collect();
            let change = change_of(&version).filter(|_| can_plan).map(|(label, form)| {
                let href = target_href(&[id], &form);
                view! { <a class="button small" href=href>{label}</a> }
            });
            view! {
                <tr>
                    <td class="mono wrap">{version.id}</td>
                    <td class="mono">{version.stages.join(", ")}</td>
                    <td><span class="faint">{meanings.join(", ")}</span>" "{change}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Panel title="Versions" class="flush">
            <table class="plain">
                <thead><tr><th scope="col">"Version"</th><th scope="col">"Stages"</th><th scope="col">"Meaning"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </Panel>
    }
}

/// What can be done with a version: the previous one is rolled back to, a pending one that is not current is cleared.
fn change_of(version: &Version) -> Option<(&'static str, RemediationForm)> {
    let is_pending = version.has("AWSPENDING");
    match (version.has("AWSCURRENT"), is_pending, version.has("AWSPREVIOUS")) {
        (false, true, _) => Some(("Clear AWSPENDING", RemediationForm::of_action("clear-pending"))),
        (false, false, true) => {
            let version = version.id.clone();
            Some((
                "Roll back",
                RemediationForm { version, ..RemediationForm::of_action("roll-back") },
            ))
        }
        _ => None,
    }
}
