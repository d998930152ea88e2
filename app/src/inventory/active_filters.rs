//! The line of filter tokens: what narrows the list, each with a way out. It is the URL in words.

use super::{filter_input::FilterInput, labels};
use crate::ui::{ActiveFilter, ActiveFilters, facet_label};
use claviger_domain::inventory::{
    InventoryQuery,
    view::{FacetValue, Facets},
};
use leptos::prelude::*;

#[component]
pub(crate) fn InventoryActiveFilters(query: InventoryQuery, facets: Facets) -> impl IntoView {
    let filters = query
        .filters()
        .into_iter()
        .filter(|(field, _)| *field != "q")
        .map(|(field, value)| ActiveFilter {
            field,
            label: label_of(&facets, field, &value),
            without: labels::href(&query.without(field, &value)),
        })
        .collect();
    let clear = query.is_filtered().then(|| {
        labels::href(&InventoryQuery {
            sort: query.sort,
            direction: query.direction,
            columns: query.columns.clone(),
            ..InventoryQuery::default()
        })
    });
    view! {
        <ActiveFilters filters clear>
            <FilterInput
                id="words"
                form="filters"
                value=query.text.clone()
                placeholder="Search or filter, e.g. tag:owner=payments"
                label="Search names, descriptions, tags and ARNs, or filter"
            />
        </ActiveFilters>
    }
}

fn label_of(facets: &Facets, field: &str, value: &str) -> String {
    let values: &[FacetValue] = match field {
        "kind" => &facets.kinds,
        "ou" => &facets.ous,
        "account" => &facets.accounts,
        "rotation" => &facets.rotation,
        "severity" => &facets.severities,
        "key" => &facets.keys,
        "owner" => &facets.owners,
        "team" => &facets.teams,
        "state" => &facets.states,
        _ => &[],
    };
    facet_label(values, value)
}
