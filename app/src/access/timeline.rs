//! What happened to a grant, newest first.

use super::words::happened;
use crate::ui::format::{absolute, machine, relative};
use claviger_domain::{
    audit::{Deed, Phase},
    grant::view::{GrantDetail, Happening, TimelineEvent, TrailState},
};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(crate) fn Timeline(shown: GrantDetail) -> impl IntoView {
    let as_of = shown.as_of;
    let events = shown
        .timeline
        .iter()
        .filter(|event| is_worth_showing(event, &shown.timeline))
        .map(|event| view! { <Event event=event.clone() as_of /> })
        .collect_view();
    let trail = match (shown.sessions, shown.trail) {
        (0, _) => "No session was issued, so CloudTrail has nothing about it.".to_owned(),
        (_, TrailState::NotRead) => {
            "CloudTrail was not read yet; its events come minutes late.".into()
        }
        (_, TrailState::Read { at }) => {
            format!("CloudTrail read {}; late events join later.", relative(at, as_of))
        }
        (_, TrailState::Unreadable { .. }) => {
            "No data from CloudTrail: the account does not let the console read it.".into()
        }
    };
    view! {
        <section class="panel">
            <h2>"What happened"</h2>
            <ol class="timeline">{events}</ol>
            <p class="note">{trail}</p>
        </section>
    }
}

/// A deed that was begun is shown while it has no end.
fn is_worth_showing(event: &TimelineEvent, all: &[TimelineEvent]) -> bool {
    let Happening::Deed { deed, phase: Phase::Started, .. } = &event.what else { return true };
    let ended = |other: &&TimelineEvent| {
        matches!(&other.what, Happening::Deed { deed: of, phase: Phase::Completed, .. } if of == deed)
            && other.at >= event.at
    };
    !all.iter().any(|other| ended(&other))
}

#[component]
fn Event(event: TimelineEvent, as_of: OffsetDateTime) -> impl IntoView {
    let (tone, text) = happened(&event.what);
    let who = event.who.clone().map(|who| format!(" by {who}"));
    let detail = detail(&event);
    view! {
        <li class=tone.class()>
            <p>{text}{who}</p>
            <p class="faint">
                <time datetime=machine(event.at) title=absolute(event.at)>{relative(event.at, as_of)}</time>
                {detail}
            </p>
        </li>
    }
}

/// The few details that say something to a reader.
fn detail(event: &TimelineEvent) -> String {
    let told = |key: &str| event.detail.get(key).cloned();
    let shown = match &event.what {
        Happening::CloudTrail { .. } => told("from"),
        Happening::Deed { deed: Deed::IssueSession, .. } => {
            told("access-key").or_else(|| told("fault"))
        }
        Happening::Deed { deed: Deed::Request, .. } => told("ticket"),
        Happening::Deed { deed: Deed::ConfirmDenial, .. } => {
            told("seconds").map(|seconds| format!("{seconds} s after it was asked for"))
        }
        Happening::Deed { deed: Deed::Approve, .. } => told("by").or_else(|| told("reason")),
        Happening::Deed { .. } => told("fault").or_else(|| told("reason")).or_else(|| told("note")),
    };
    shown.map(|shown| format!(", {shown}")).unwrap_or_default()
}
