//! An entry of the audit log: a sentence, what it says beside, and the entry itself.

use super::{
    links::{about, by, of_target, parts},
    words::{label, middle, outcome, outcome_label, target},
};
use crate::ui::{Ago, Chip};
use claviger_domain::audit::{Outcome, view::AuditRow};
use leptos::prelude::*;
use time::OffsetDateTime;

/// Details that are of use to programs only.
const SILENT: [&str; 2] = ["hash", "role"];

#[component]
pub(super) fn Entry(row: AuditRow, now: OffsetDateTime) -> impl IntoView {
    let key = format!("entry-{}", row.seq);
    let ended = outcome(&row);
    let (tone, ended_text) = outcome_label(ended);
    let ended = match ended {
        Outcome::Succeeded => ended_text.into_any(),
        _ => view! { <Chip tone text=ended_text /> }.into_any(),
    };
    let details = row
        .detail
        .iter()
        .filter(|(key, _)| !SILENT.contains(&key.as_str()))
        .map(|(key, value)| view! { <Detail name=key.clone() value=value.clone() /> })
        .collect_view();
    view! {
        <tr data-key=key>
            <td class="number" data-label="Entry">{row.seq}</td>
            <td data-label="When"><Ago at=row.at now /></td>
            <td class="name wrap">
                <p><Sentence row=row.clone() /></p>
                <ul class="evidence">{details}</ul>
                <Raw row=row.clone() />
            </td>
            <td data-label="Outcome">{ended}</td>
        </tr>
    }
}

#[component]
fn Sentence(row: AuditRow) -> impl IntoView {
    let who = match row.who.clone() {
        Some((subject, name)) => view! { <a href=by(&subject)>{name}</a> }.into_any(),
        None => "Claviger".into_any(),
    };
    let on = target(&row.subject);
    let on = match of_target(row.audit_action, &row.subject) {
        Some(href) => view! { <a href=href>{on}</a> }.into_any(),
        None => on.into_any(),
    };
    view! { {who}" "{middle(&row)}" "{on}"." }
}

/// A detail; ids in it are links.
#[component]
fn Detail(name: String, value: String) -> impl IntoView {
    let value = parts(&name, &value)
        .into_iter()
        .map(|(text, href)| match href {
            Some(href) => view! { <a href=href>{text}</a> }.into_any(),
            None => text.into_any(),
        })
        .collect_view();
    view! { <li><span class="faint">{label(&name)}": "</span>{value}</li> }
}

/// The entry as it was hashed.
#[component]
fn Raw(row: AuditRow) -> impl IntoView {
    let began = row.started.map(|seq| {
        let href = format!("/audit?before={}", seq + 1);
        view! { <dt>"Began with"</dt><dd><a href=href>{format!("Entry {seq}")}</a></dd> }
    });
    view! {
        <details class="raw">
            <summary>"Raw entry"</summary>
            <dl class="facts">
                <dt>"Hash"</dt>
                <dd class="mono">{row.hash}</dd>
                <dt>"Hash of the entry before"</dt>
                <dd class="mono">{row.previous}</dd>
                {began}
            </dl>
            <pre class="mono">{row.body}</pre>
            <p><a href=about(&row.subject)>{format!("All entries about {}", target(&row.subject))}</a></p>
        </details>
    }
}
