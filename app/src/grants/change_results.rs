//! What was found about a value: its keys, the difference of two versions, what a change would do. Never a value.

use crate::ui::{Chip, Tone};
use claviger_domain::{
    changes::Change,
    json_shape::{KeyDifference, ShapeComparison, ValueShape},
    value_change::{ParameterPreview, ShownKeys},
};
use leptos::prelude::*;

#[component]
pub(super) fn KeysFound(shown: ShownKeys, list: String) -> impl IntoView {
    let ShownKeys { version, shape } = shown;
    let keys = match shape {
        ValueShape::Object(keys) => keys,
        other => {
            return view! {
                <p class="notice unknown">{format!("The current value is {}, so it has no keys to change.", article(other.label()))}</p>
            }
            .into_any();
        }
    };
    let names: Vec<String> = keys.iter().map(|key| key.key.clone()).collect();
    let options =
        names.into_iter().map(|name| view! { <option value=name></option> }).collect_view();
    let rows = keys
        .into_iter()
        .map(|key| {
            let repeated = key.repeated.then(|| view! { " " <Chip tone=Tone::Bad text="repeated" /> });
            view! { <tr><th scope="row" class="mono wrap">{key.key}</th><td>{key.json_type.to_string()}{repeated}</td></tr> }
        })
        .collect_view();
    view! {
        <datalist id=list>{options}</datalist>
        <table class="plain">
            <caption class="faint">"Keys of version "<span class="mono wrap">{version}</span>". Values are not shown."</caption>
            <thead><tr><th scope="col">"Key"</th><th scope="col">"Type"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn article(label: &str) -> String {
    match label {
        "binary" => label.to_owned(),
        label => format!("a {label}"),
    }
}

#[component]
pub(super) fn ComparisonFound(shown: ShapeComparison) -> impl IntoView {
    let (from, to) = (shown.from.label(), shown.to.label());
    let said = match (&shown.from, &shown.to) {
        (ValueShape::Object(_), ValueShape::Object(_)) if is_same(&shown) => {
            "Both versions have the same keys, with the same types.".to_owned()
        }
        _ if from == to && shown.rows.is_empty() => format!("Both versions are {}.", article(from)),
        _ if from != to => format!("One version is {}, the other {}.", article(from), article(to)),
        _ => "The versions have different keys or types.".to_owned(),
    };
    let rows = shown
        .rows
        .into_iter()
        .map(|row| {
            let (tone, word, types) = match row.difference {
                KeyDifference::Added { json_type } => (Tone::Good, "added", json_type.to_string()),
                KeyDifference::Removed { json_type } => (Tone::Bad, "removed", json_type.to_string()),
                KeyDifference::Same { json_type } => (Tone::Unknown, "same", json_type.to_string()),
                KeyDifference::TypeChanged { from, to } => {
                    (Tone::Soon, "type changed", format!("{from} → {to}"))
                }
            };
            view! { <tr><th scope="row" class="mono wrap">{row.key}</th><td><Chip tone text=word /></td><td>{types}</td></tr> }
        })
        .collect_view();
    view! {
        <p>{said}</p>
        <table class="plain">
            <caption class="faint">
                "From version "<span class="mono wrap">{shown.from_version}</span>" to "<span class="mono wrap">{shown.to_version}</span>
                ". Whether values differ is not shown."
            </caption>
            <thead><tr><th scope="col">"Key"</th><th scope="col">"Difference"</th><th scope="col">"Type"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

fn is_same(shown: &ShapeComparison) -> bool {
    shown.rows.iter().all(|row| matches!(row.difference, KeyDifference::Same { .. }))
}

#[component]
pub(super) fn PreviewFound(shown: ParameterPreview, keeps_value: bool) -> impl IntoView {
    let faults = shown
        .faults
        .into_iter()
        .map(|fault| view! { <p class="fault">{format!("{}: {}", field_label(&fault.field), fault.reason)}</p> })
        .collect_view();
    let pattern = shown.unchecked_pattern.map(|pattern| {
        view! { <p class="notice unknown">"Only AWS can check the value against the allowed pattern "<span class="mono wrap">{pattern}</span>". If it doesn't match, AWS refuses the call."</p> }
    });
    let rows =
        shown.changes.into_iter().map(|change| view! { <ChangeRow change /> }).collect_view();
    let value = if keeps_value { "sent again, unchanged" } else { "a new value" };
    let version = shown.version.map_or_else(|| "(unknown)".to_owned(), |number| number.to_string());
    view! {
        {faults}
        {pattern}
        <table class="plain">
            <caption class="faint">{format!("PutParameter, over version {version}. Description, type and tags stay.")}</caption>
            <thead><tr><th scope="col">"Setting"</th><th scope="col">"Before"</th><th scope="col">"After"</th></tr></thead>
            <tbody>
                {rows}
                <tr><th scope="row">"Value"</th><td>"hidden"</td><td>{value}</td></tr>
            </tbody>
        </table>
    }
}

#[component]
fn ChangeRow(change: Change) -> impl IntoView {
    let said = |value: Option<String>| value.unwrap_or_else(|| "(none)".to_owned());
    let (before, after) = (said(change.before), said(change.after));
    view! { <tr><th scope="row">{change.field}</th><td class="mono wrap">{before}</td><td class="mono wrap">{after}</td></tr> }
}

fn field_label(field: &str) -> &str {
    match field {
        "tier" => "Tier",
        "key" => "KMS key",
        "allowed_pattern" => "Allowed pattern",
        "expires" => "Expires",
        "notify_days" => "Notify before expiration",
        "no_change_days" => "Notify without a change",
        "value" => "Value",
        other => other,
    }
}
