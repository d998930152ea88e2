//! The facets: a plain form whose fields are the URL's. With JavaScript a tick narrows at once.

use super::facet_group::FacetGroup;
use crate::ui::format::grouped;
use claviger_domain::inventory::{
    InventoryQuery,
    view::{FacetValue, Facets},
};
use leptos::prelude::*;
use leptos_router::components::Form;

/// The fields that have a control of their own in the form.
const PANEL_FACETS: [&str; 10] =
    ["q", "kind", "ou", "rotation", "region", "account", "team", "key", "owner", "state"];

#[component]
pub(crate) fn FilterPanel(query: InventoryQuery, facets: Facets) -> impl IntoView {
    let chosen = query.filters();
    let narrowed = chosen.len();
    let group = move |field: &'static str, title: &'static str, values: Vec<FacetValue>| {
        let chosen = chosen.iter().filter(|(f, _)| *f == field).map(|(_, v)| v.clone()).collect();
        view! { <FacetGroup field title values chosen /> }
    };
    let more = |count: u64, word: &'static str| {
        (count > 0).then(|| {
            view! { <p class="faint more">{grouped(count)}" more: type "<code>{word}":"</code>" into the search"</p> }
        })
    };
    // What the rail has no control for stays as it is.
    let kept = query
        .fields()
        .into_iter()
        .filter(|(field, _)| !PANEL_FACETS.contains(field))
        .map(|(field, value)| hidden(field, value))
        .collect_view();
    view! {
        <details class="filter-panel">
            <summary>"Filters"{(narrowed > 0).then(|| format!(" ({narrowed})"))}</summary>
            <Form method="GET" action="/inventory" attr:id="filters" attr:aria-label="Filters" attr:data-submit="change">
                {kept}
                {group("kind", "Kind", facets.kinds)}
                {group("ou", "OU", facets.ous)}
                {group("rotation", "Rotation", facets.rotation)}
                {group("region", "Region", facets.regions)}
                {group("account", "Account", facets.accounts)}
                {more(facets.more_accounts, "account")}
                {group("team", "Team", facets.teams)}
                {more(facets.more_teams, "team")}
                {group("key", "Key", facets.keys)}
                {group("owner", "Owner", facets.owners)}
                {group("state", "State", facets.states)}
                <noscript><button class="button wide">"Apply the filters"</button></noscript>
            </Form>
        </details>
    }
}

/// What a form sends along.
pub(crate) fn hidden(name: &'static str, value: String) -> impl IntoView {
    view! { <input type="hidden" name=name value=value /> }
}
