//! The facets: a plain form whose fields are the URL's. With JavaScript a tick narrows at once.

use crate::ui::{FacetGroup, FilterPanel, Hidden, format::grouped};
use claviger_domain::inventory::{
    InventoryQuery,
    view::{FacetValue, Facets},
};
use leptos::prelude::*;

/// The fields that have a control of their own in the form.
const PANEL_FACETS: [&str; 11] = [
    "q", "kind", "ou", "severity", "rotation", "region", "account", "team", "key", "owner", "state",
];

#[component]
pub(crate) fn InventoryFilterPanel(query: InventoryQuery, facets: Facets) -> impl IntoView {
    let filters = query.filters();
    let narrowed = filters.len();
    let group = move |field: &'static str, title: &'static str, values: Vec<FacetValue>| {
        view! { <FacetGroup field title values filters=filters.clone() /> }
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
        .map(|(name, value)| view! { <Hidden name value /> })
        .collect_view();
    view! {
        <FilterPanel action="/inventory" narrowed>
                {kept}
                {group("kind", "Kind", facets.kinds)}
                {group("ou", "OU", facets.ous)}
                {group("severity", "Worst finding", facets.severities)}
                {group("rotation", "Rotation", facets.rotation)}
                {group("region", "Region", facets.regions)}
                {group("account", "Account", facets.accounts)}
                {more(facets.more_accounts, "account")}
                {group("team", "Team", facets.teams)}
                {more(facets.more_teams, "team")}
                {group("key", "Key", facets.keys)}
                {group("owner", "Owner", facets.owners)}
                {group("state", "State", facets.states)}
        </FilterPanel>
    }
}
