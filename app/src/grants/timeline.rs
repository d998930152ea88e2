//! What happened to a grant, newest first.

use super::grant_words::happened;
use crate::ui::{
    Panel,
    format::{absolute, machine, relative},
};
use claviger_domain::{
    audit::{AuditAction, Phase},
    grants::view::{GrantDetail, TimelineEvent, TimelineEventKind, TrailState},
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
        (0, _) => "No session issued; no CloudTrail events.".to_owned(),
        (_, TrailState::NotRead) => {
            "CloudTrail not read yet; its events can be delayed by several minutes.".into()
        }
        (_, TrailState::Read { at }) => {
            format!("CloudTrail read {}; more events may follow.", relative(at, as_of))
        }
        (_, TrailState::Unreadable { .. }) => {
            "No data from CloudTrail: access denied in the account.".into()
        }
    };
    view! {
        <Panel title="Activity">
            <ol class="timeline">{events}</ol>
            <p class="note">{trail}</p>
        </Panel>
    }
}

/// An action that was begun is shown while it has no end.
fn is_worth_showing(event: &TimelineEvent, all: &[TimelineEvent]) -> bool {
    let TimelineEventKind::AuditAction { audit_action, phase: Phase::Started, .. } = &event.what
    else {
        return true;
    };
    let ended = |other: &&TimelineEvent| {
        matches!(&other.what, TimelineEventKind::AuditAction { audit_action: of, phase: Phase::Completed, .. } if of == audit_action)
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
        TimelineEventKind::CloudTrail { .. } => told("from"),
        TimelineEventKind::AuditAction { audit_action: AuditAction::IssueSession, .. } => {
            told("access-key").or_else(|| told("fault"))
        }
        TimelineEventKind::AuditAction { audit_action: AuditAction::Request, .. } => told("ticket"),
        TimelineEventKind::AuditAction { audit_action: AuditAction::ConfirmDenial, .. } => {
            told("seconds").map(|seconds| format!("{seconds} s after it was asked for"))
        }
        TimelineEventKind::AuditAction { audit_action: AuditAction::Approve, .. } => {
            told("by").or_else(|| told("reason"))
        }
        TimelineEventKind::AuditAction { .. } => {
            told("fault").or_else(|| told("reason")).or_else(|| told("note"))
        }
    };
    shown.map(|shown| format!(", {shown}")).unwrap_or_default()
}
