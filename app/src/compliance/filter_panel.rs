//! The facets of the findings, and the line of tokens.

use crate::ui::{ActiveFilter, ActiveFilters, FacetGroup, FilterPanel, Hidden, facet_label};
use claviger_domain::{
    compliance::{FindingQuery, view::FindingFacets},
    inventory::view::FacetValue,
};
use leptos::prelude::*;

/// The fields that have a control of their own in the form.
const PANEL_FACETS: [&str; 9] =
    ["q", "severity", "category", "verdict", "state", "policy", "ou", "team", "account"];

#[component]
pub(crate) fn FindingFilterPanel(query: FindingQuery, facets: FindingFacets) -> impl IntoView {
    let filters = query.filters();
    let narrowed = filters.len();
    // What the rail has no control for stays as it is.
    let kept = query
        .fields()
        .into_iter()
        .filter(|(field, _)| !PANEL_FACETS.contains(field))
        .map(|(name, value)| view! { <Hidden name value /> })
        .collect_view();
    let facet = move |field: &'static str, title: &'static str, values: Vec<FacetValue>| {
        view! { <FacetGroup field title values filters=filters.clone() /> }
    };
    view! {
        <FilterPanel action="/findings" narrowed>
                {kept}
                {facet("severity", "Severity", facets.severities)}
                {facet("category", "Category", facets.categories)}
                {facet("verdict", "Result", facets.verdicts)}
                {facet("state", "State", facets.states)}
                {facet("policy", "Policy", facets.policies)}
                {facet("ou", "OU", facets.ous)}
                {facet("team", "Team", facets.teams)}
                {facet("account", "Account", facets.accounts)}
        </FilterPanel>
    }
}

#[component]
pub(crate) fn FindingActiveFilters(query: FindingQuery, facets: FindingFacets) -> impl IntoView {
    let filters = query.filters();
    let clear = (!filters.is_empty()).then(|| "/findings".to_owned());
    let filters = filters
        .into_iter()
        .filter(|(field, _)| *field != "q")
        .map(|(field, value)| ActiveFilter {
            field,
            label: label_of(&facets, field, &value),
            without: format!("/findings?{}", query.without(field, &value).to_url_query()),
        })
        .collect();
    view! {
        <ActiveFilters filters clear>
            <input form="filters" type="text" name="q" maxlength="200" value=query.text.clone()
                placeholder="Search names, descriptions, tags and ARNs" aria-label="Search names, descriptions, tags and ARNs"
                autocomplete="off" spellcheck="false" />
        </ActiveFilters>
    }
}

fn label_of(facets: &FindingFacets, field: &str, value: &str) -> String {
    let values: &[FacetValue] = match field {
        "severity" => &facets.severities,
        "category" => &facets.categories,
        "verdict" => &facets.verdicts,
        "state" => &facets.states,
        "policy" => &facets.policies,
        "ou" => &facets.ous,
        "team" => &facets.teams,
        "account" => &facets.accounts,
        _ => &[],
    };
    facet_label(values, value)
}
