//! The facets: a plain form whose fields are the URL's. With JavaScript a tick narrows at once.

use crate::ui::format::grouped;
use claviger_domain::{
    query::{Direction, InventoryQuery, Sort},
    view::{FacetValue, Facets},
};
use leptos::{ev::Event, prelude::*};
use leptos_router::components::Form;

/// Choices shown before the rest is folded away.
const SHOWN: usize = 8;

#[component]
pub(crate) fn FacetRail(query: InventoryQuery, facets: Facets) -> impl IntoView {
    let chosen = query.filters();
    let narrowed = chosen.len();
    let group = move |field: &'static str, title: &'static str, values: Vec<FacetValue>| {
        let chosen = chosen.iter().filter(|(f, _)| *f == field).map(|(_, v)| v.clone()).collect();
        view! { <FacetGroup field title values chosen /> }
    };
    let order = (query.sort != Sort::default()).then(|| hidden("sort", query.sort.to_string()));
    let direction = (query.direction != Direction::default())
        .then(|| hidden("dir", query.direction.to_string()));
    view! {
        <details class="rail">
            <summary>"Filters"{(narrowed > 0).then(|| format!(" ({narrowed})"))}</summary>
            <Form method="GET" action="/inventory" attr:id="filters" attr:aria-label="Filters">
                {order}
                {direction}
                {group("kind", "Kind", facets.kinds)}
                {group("ou", "Organizational unit", facets.ous)}
                {group("rotation", "Rotation", facets.rotation)}
                {group("region", "Region", facets.regions)}
                {group("account", "Account", facets.accounts)}
                {group("key", "Key", facets.keys)}
                {group("owner", "Owner tag", facets.owners)}
                {group("state", "State", facets.states)}
                <noscript><button class="button wide">"Apply the filters"</button></noscript>
            </Form>
        </details>
    }
}

fn hidden(name: &'static str, value: String) -> impl IntoView {
    view! { <input type="hidden" name=name value=value /> }
}

#[component]
pub(crate) fn FacetGroup(
    field: &'static str,
    title: &'static str,
    values: Vec<FacetValue>,
    chosen: Vec<String>,
) -> impl IntoView {
    let row = |value: FacetValue| {
        let checked = chosen.contains(&value.value);
        view! { <FacetChoice field value checked /> }
    };
    let any_folded = values.iter().skip(SHOWN).any(|value| chosen.contains(&value.value));
    let mut values = values;
    let rest = values.split_off(values.len().min(SHOWN));
    let more = (!rest.is_empty()).then(|| {
        let count = rest.len();
        let rest = rest.into_iter().map(row).collect_view();
        view! {
            <details class="more" open=any_folded>
                <summary>{format!("{count} more")}</summary>
                {rest}
            </details>
        }
    });
    view! {
        <fieldset>
            <legend>{title}</legend>
            {values.into_iter().map(row).collect_view()}
            {more}
        </fieldset>
    }
}

#[component]
fn FacetChoice(field: &'static str, value: FacetValue, checked: bool) -> impl IntoView {
    let class = format!("choice depth-{}", value.depth.min(4));
    view! {
        <label class=class class:none=value.count == 0 && !checked>
            <input type="checkbox" name=field value=value.value checked=checked prop:checked=checked on:change=submit />
            <span class="label">{value.label}</span>
            <span class="count">{grouped(value.count)}</span>
        </label>
    }
}

/// Sends the form that the control stands in.
fn submit(event: Event) {
    if let Some(form) = event_target::<leptos::web_sys::HtmlInputElement>(&event).form() {
        // A browser that refuses leaves the tick, and the button of the search sends it.
        let _ = form.request_submit();
    }
}
