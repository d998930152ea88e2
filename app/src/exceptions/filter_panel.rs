//! The facets of the exceptions, and the line of active filters.

use super::labels::href;
use crate::ui::{ActiveFilter, ActiveFilters, FacetGroup, FilterPanel, Hidden, facet_label};
use claviger_domain::{
    exceptions::{ExceptionQuery, view::ExceptionFacets},
    inventory::view::FacetValue,
};
use leptos::prelude::*;

#[component]
pub(super) fn ExceptionFilterPanel(
    query: ExceptionQuery,
    facets: ExceptionFacets,
) -> impl IntoView {
    let filters = query.filters();
    let narrowed = filters.len();
    // The order has no control in the form.
    let sort = query.sort.to_string();
    let facet = move |field: &'static str, title: &'static str, values: Vec<FacetValue>| {
        view! { <FacetGroup field title values filters=filters.clone() /> }
    };
    view! {
        <FilterPanel action="/exceptions" narrowed>
                <Hidden name="sort" value=sort />
                {facet("state", "State", facets.states)}
                {facet("due", "Due", facets.due)}
                {facet("policy", "Policy", facets.policies)}
                {facet("owner", "Owner", facets.owners)}
        </FilterPanel>
    }
}

#[component]
pub(super) fn ExceptionActiveFilters(
    query: ExceptionQuery,
    facets: ExceptionFacets,
) -> impl IntoView {
    let filters = query.filters();
    let clear = (!filters.is_empty()).then(|| "/exceptions".to_owned());
    let filters = filters
        .into_iter()
        .filter(|(field, _)| *field != "q")
        .map(|(field, value)| ActiveFilter {
            field,
            label: label_of(&facets, field, &value),
            without: href(&query.without(field, &value)),
        })
        .collect();
    view! {
        <ActiveFilters filters clear>
            <input form="filters" type="text" name="q" maxlength="200" value=query.text.clone()
                placeholder="Search reasons, policies, targets and owners" aria-label="Search reasons, policies, targets and owners"
                autocomplete="off" spellcheck="false" />
        </ActiveFilters>
    }
}

fn label_of(facets: &ExceptionFacets, field: &str, value: &str) -> String {
    let values: &[FacetValue] = match field {
        "state" => &facets.states,
        "due" => &facets.due,
        "policy" => &facets.policies,
        "owner" => &facets.owners,
        _ => &[],
    };
    facet_label(values, value)
}
