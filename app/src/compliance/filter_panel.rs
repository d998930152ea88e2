//! The facets of the findings, and the line of tokens.

use crate::{
    inventory::FacetGroup,
    ui::{Icon, Shape},
};
use claviger_domain::{
    compliance::{FindingQuery, view::FindingFacets},
    inventory::view::FacetValue,
};
use leptos::prelude::*;
use leptos_router::components::{A, Form};

#[component]
pub(crate) fn FindingFilterPanel(query: FindingQuery, facets: FindingFacets) -> impl IntoView {
    let chosen = query.filters();
    let narrowed = chosen.len();
    let days =
        query.days.map(|days| view! { <input type="hidden" name="days" value=days.to_string() /> });
    let group = move |field: &'static str, title: &'static str, values: Vec<FacetValue>| {
        let chosen = chosen.iter().filter(|(f, _)| *f == field).map(|(_, v)| v.clone()).collect();
        view! { <FacetGroup field title values chosen /> }
    };
    view! {
        <details class="filter-panel">
            <summary>"Filters"{(narrowed > 0).then(|| format!(" ({narrowed})"))}</summary>
            <Form method="GET" action="/findings" attr:id="filters" attr:aria-label="Filters">
                {days}
                {group("severity", "Severity", facets.severities)}
                {group("category", "Category", facets.categories)}
                {group("verdict", "Result", facets.verdicts)}
                {group("state", "State", facets.states)}
                {group("policy", "Policy", facets.policies)}
                {group("ou", "OU", facets.ous)}
                {group("team", "Team", facets.teams)}
                {group("account", "Account", facets.accounts)}
                <noscript><button class="button wide">"Apply the filters"</button></noscript>
            </Form>
        </details>
    }
}

#[component]
pub(crate) fn FindingActiveFilters(query: FindingQuery, facets: FindingFacets) -> impl IntoView {
    let filters = query.filters();
    let is_filtered = !filters.is_empty();
    let tokens = filters
        .into_iter()
        .filter(|(field, _)| *field != "q")
        .map(|(field, value)| {
            let label = label_of(&facets, field, &value);
            let href = format!("/findings?{}", query.without(field, &value).to_url_query());
            let out = format!("Remove filter {field}: {label}");
            view! {
                <span class="active-filter">
                    <span class="faint">{field}":"</span>{label}
                    <A href=href attr:aria-label=out><Icon shape=Shape::Close /></A>
                </span>
            }
        })
        .collect_view();
    let clear = is_filtered.then(|| view! { <A href="/findings" attr:class="clear">"Clear"</A> });
    view! {
        <div class="active-filters">
            {tokens}
            <input form="filters" type="text" name="q" maxlength="200" value=query.text.clone() prop:value=query.text.clone()
                placeholder="Search names, descriptions, tags and ARNs" aria-label="Search names, descriptions, tags and ARNs"
                autocomplete="off" spellcheck="false" />
            <button class="button small" form="filters">"Search"</button>
            {clear}
        </div>
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
    values.iter().find(|v| v.value == value).map_or_else(|| value.to_owned(), |v| v.label.clone())
}
