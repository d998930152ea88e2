//! The line of filter tokens: what narrows the list, each with a way out. It is the URL in words.

use super::{filter_input::FilterInput, labels};
use crate::ui::{Icon, Shape};
use claviger_domain::inventory::{
    InventoryQuery,
    view::{FacetValue, Facets},
};
use leptos::prelude::*;
use leptos_router::components::A;

#[component]
pub(crate) fn ActiveFilters(query: InventoryQuery, facets: Facets) -> impl IntoView {
    let tokens = query
        .filters()
        .into_iter()
        .filter(|(field, _)| *field != "q")
        .map(|(field, value)| {
            let label = label_of(&facets, field, &value);
            let href = labels::href(&query.without(field, &value));
            let out = format!("Remove filter {field}: {label}");
            view! {
                <span class="active-filter">
                    <span class="faint">{field}":"</span>{label}
                    <A href=href attr:aria-label=out><Icon shape=Shape::Close /></A>
                </span>
            }
        })
        .collect_view();
    let unfiltered = labels::href(&InventoryQuery {
        sort: query.sort,
        direction: query.direction,
        columns: query.columns.clone(),
        ..InventoryQuery::default()
    });
    let clear =
        query.is_filtered().then(|| view! { <A href=unfiltered attr:class="clear">"Clear"</A> });
    view! {
        <div class="active-filters">
            {tokens}
            <FilterInput
                id="words"
                form="filters"
                value=query.text.clone()
                placeholder="Search or filter, e.g. tag:owner=payments"
                label="Search names, descriptions, tags and ARNs, or filter"
            />
            <button class="button small" form="filters">"Search"</button>
            {clear}
        </div>
    }
}

fn label_of(facets: &Facets, field: &str, value: &str) -> String {
    let values: &[FacetValue] = match field {
        "kind" => &facets.kinds,
        "ou" => &facets.ous,
        "account" => &facets.accounts,
        "rotation" => &facets.rotation,
        "key" => &facets.keys,
        "owner" => &facets.owners,
        "team" => &facets.teams,
        "state" => &facets.states,
        _ => &[],
    };
    values.iter().find(|v| v.value == value).map_or_else(|| value.to_owned(), |v| v.label.clone())
}
