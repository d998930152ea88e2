//! The versions of a secret, with their staging labels.

use crate::ui::{EmptyState, Panel};
use claviger_domain::{
    facts::{Detail, Version},
    inventory::view::ResourceDetail,
};
use leptos::prelude::*;

#[component]
pub(crate) fn VersionsTab(shown: ResourceDetail) -> impl IntoView {
    let versions = match shown.facts.detail {
        Detail::Secret(secret) => secret.versions,
        Detail::Parameter(_) => Vec::new(),
    };
    if versions.is_empty() {
        return view! {
            <EmptyState title="No versions with a staging label.">
                <p>"AWS lists no version of this secret with a staging label: it may have no value yet."</p>
            </EmptyState>
        }
        .into_any();
    }
    view! { <div class="stack"><Versions versions /></div> }.into_any()
}

#[component]
fn Versions(mut versions: Vec<Version>) -> impl IntoView {
    // What readers get first; what a rotation prepares next.
    let rank = |version: &Version| {
        ["AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"]
            .iter()
            .position(|stage| version.stages.iter().any(|s| s == stage))
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
            view! {
                <tr>
                    <td class="mono wrap">{version.id}</td>
                    <td class="mono">{version.stages.join(", ")}</td>
                    <td class="faint">{meanings.join(", ")}</td>
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
