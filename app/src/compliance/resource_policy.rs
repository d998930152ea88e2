//! The resource policy of a secret: each principal that it allows, and the document.

use super::labels::location_label;
use crate::ui::{Chip, Panel};
use claviger_domain::compliance::view::{Reader, Readers};
use leptos::prelude::*;

/// A document as people read it; as it is if it is no JSON.
fn indented(text: &str) -> String {
    let parsed = serde_json::from_str::<serde_json::Value>(text);
    parsed
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| text.to_owned())
}

#[component]
pub(crate) fn ResourcePolicy(readers: Readers) -> impl IntoView {
    let table = (!readers.rows.is_empty()).then(|| {
        let rows = readers.rows.iter().cloned().map(|row| view! { <ReaderRow row /> }).collect_view();
        view! {
            <div class="scrolls" tabindex="0" role="region" aria-label="Who it allows">
                <table class="plain readers">
                    <thead><tr><th scope="col">"Principal"</th><th scope="col">"Where"</th><th scope="col">"Actions"</th><th scope="col">"Conditions"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    let sentences =
        readers.rows.iter().map(|row| view! { <li>{row.sentence.clone()}</li> }).collect_view();
    let notes = readers.notes.into_iter().map(|note| view! { <li>{note}</li> }).collect_view();
    let document = readers.document.map(|text| {
        let text = indented(&text);
        view! { <Panel title="Resource policy (JSON)"><pre class="mono source" tabindex="0">{text}</pre></Panel> }
    });
    view! {
        <Panel title="Who it allows">
            <p>{readers.summary}</p>
            <ul class="sentences">{sentences}</ul>
            {table}
            <ul class="evidence faint">{notes}</ul>
        </Panel>
        {document}
    }
}

#[component]
fn ReaderRow(row: Reader) -> impl IntoView {
    let (tone, place) = location_label(row.location);
    let conditions =
        if row.conditions.is_empty() { "none".to_owned() } else { row.conditions.join("; ") };
    view! {
        <tr>
            <td class="mono wrap">{row.principal}</td>
            <td><Chip tone text=place /></td>
            <td class="mono wrap">{row.actions.join(", ")}</td>
            <td class="wrap">{conditions}</td>
        </tr>
    }
}
