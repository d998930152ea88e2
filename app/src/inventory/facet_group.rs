//! One facet's choices, with how many rows each would leave.

use crate::ui::format::grouped;
use claviger_domain::inventory::view::FacetValue;
use leptos::{ev::Event, prelude::*};

/// Choices shown before the rest is folded away.
const MAX_CHOICES: usize = 8;

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
    let any_folded = values.iter().skip(MAX_CHOICES).any(|value| chosen.contains(&value.value));
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
fn FacetChoice(field: &'static str, value: FacetValue, checked: bool) -> impl IntoView {
    let class = format!("choice depth-{}", value.depth.min(4));
    let key = value.value.clone();
    view! {
        <label class=class class:none=value.count == 0 && !checked data-key=key>
            <input type="checkbox" name=field value=value.value checked=checked prop:checked=checked on:change=submit />
            <span class="label">{value.label}</span>
            <span class="count">{grouped(value.count)}</span>
        </label>
    }
}

/// Sends the form that the control stands in.
fn submit(event: Event) {
    if let Some(form) = event_target::<leptos::web_sys::HtmlInputElement>(&event).form() {
        // A browser that refuses leaves the tick, and the button of the form sends it.
        let _ = form.request_submit();
    }
}
