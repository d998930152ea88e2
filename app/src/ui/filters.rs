//! What narrows a list: the panel of facets, and the line of active filters. Both write the URL.

use crate::ui::{Icon, Shape, format::grouped};
use claviger_domain::inventory::view::FacetValue;
use leptos::prelude::*;

/// Choices shown before the rest is folded away.
const MAX_CHOICES: usize = 8;

/// The form of facets. `narrowed` is the number of active filters. A tick submits the form; without scripts a button does.
#[component]
pub(crate) fn FilterPanel(
    action: &'static str,
    narrowed: usize,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="filter-panel">
            <summary>"Filters"{(narrowed > 0).then(|| format!(" ({narrowed})"))}</summary>
            <form method="get" action=action id="filters" aria-label="Filters" data-submit="change">
                {children()}
                <noscript><button class="button wide">"Apply the filters"</button></noscript>
            </form>
        </details>
    }
}

/// One facet's choices, with how many rows each would leave, unless they are not `counted`. `filters` are all active ones.
#[component]
pub(crate) fn FacetGroup(
    field: &'static str,
    title: &'static str,
    values: Vec<FacetValue>,
    filters: Vec<(&'static str, String)>,
    #[prop(default = true)] counted: bool,
) -> impl IntoView {
    let is_chosen = move |value: &FacetValue| {
        filters.iter().any(|(one, chosen)| *one == field && *chosen == value.value)
    };
    let any_folded = values.iter().skip(MAX_CHOICES).any(&is_chosen);
    let row = |value: FacetValue| {
        let checked = is_chosen(&value);
        view! { <FacetChoice field value checked counted /> }
    };
    let mut values = values;
    let rest = values.split_off(values.len().min(MAX_CHOICES));
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
fn FacetChoice(
    field: &'static str,
    value: FacetValue,
    checked: bool,
    counted: bool,
) -> impl IntoView {
    let class = format!("choice depth-{}", value.depth.min(4));
    let key = value.value.clone();
    view! {
        <label class=class class:none=counted && value.count == 0 && !checked data-key=key>
            <input type="checkbox" name=field value=value.value checked=checked />
            <span class="label">{value.label}</span>
            {counted.then(|| view! { <span class="count">{grouped(value.count)}</span> })}
        </label>
    }
}

/// A filter in words, and the URL of the list without it.
pub(crate) struct ActiveFilter {
    pub(crate) field: &'static str,
    pub(crate) label: String,
    pub(crate) without: String,
}

/// The label of a chosen value; the value itself if the list no longer has it.
pub(crate) fn facet_label(values: &[FacetValue], value: &str) -> String {
    let found = values.iter().find(|one| one.value == value);
    found.map_or_else(|| value.to_owned(), |one| one.label.clone())
}

/// The line of active filters. `children` are the text field, which belongs to the form of facets; `clear` is the URL of
/// the list without filters.
#[component]
pub(crate) fn ActiveFilters(
    filters: Vec<ActiveFilter>,
    clear: Option<String>,
    children: Children,
) -> impl IntoView {
    let filters = filters
        .into_iter()
        .map(|ActiveFilter { field, label, without }| {
            let remove = format!("Remove filter {field}: {label}");
            view! {
                <span class="active-filter">
                    <span class="faint">{field}":"</span>{label}
                    <a href=without aria-label=remove><Icon shape=Shape::Close /></a>
                </span>
            }
        })
        .collect_view();
    view! {
        <div class="active-filters">
            {filters}
            {children()}
            <button class="button small" form="filters">"Search"</button>
            {clear.map(|href| view! { <a href=href class="clear">"Clear"</a> })}
        </div>
    }
}

/// A field of a form that nobody edits.
#[component]
pub(crate) fn Hidden(name: &'static str, #[prop(into)] value: String) -> impl IntoView {
    view! { <input type="hidden" name=name value=value /> }
}
