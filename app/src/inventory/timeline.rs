//! The events of a secret's timeline, as sentences.

use crate::{
    audit::audit_action_label,
    changes::What,
    ui::{
        Tone,
        format::{absolute, machine, relative},
    },
    wire::{
        WireError,
        server::{call, wire},
    },
};
use claviger_domain::{
    alarms::AlarmKind,
    audit::AuditAction,
    aws_event::RotationStep,
    changes::{Change, ChangeKind},
    inventory::activity::{ActivityEvent, ActivityView, ActivityWhat, grouped},
    remediation::StepState,
};
use leptos::prelude::*;
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// A page of the timeline.
pub(crate) async fn load_activity(id: String, query: String) -> Result<ActivityView, WireError> {
    let (services, caller) = call()?;
    services.activity().activity_of(&caller, &id, &query).await.map_err(wire)
}

/// The newest events.
pub(crate) async fn load_newest(id: String, limit: u16) -> Result<ActivityView, WireError> {
    let (services, caller) = call()?;
    services.activity().newest_activity(&caller, &id, limit).await.map_err(wire)
}

/// Events, the newest first. What one scan found at the same moment is one.
#[component]
pub(crate) fn Events(rows: Vec<ActivityEvent>, now: OffsetDateTime) -> impl IntoView {
    let items = grouped(rows).into_iter().map(|group| view! { <Event group now /> }).collect_view();
    view! { <ol class="timeline">{items}</ol> }
}

#[component]
fn Event(group: Vec<ActivityEvent>, now: OffsetDateTime) -> impl IntoView {
    let Some(first) = group.first().cloned() else { return ().into_any() };
    let (at, key) = (first.cursor.at, first.cursor.to_string());
    let who = group.iter().find_map(|event| event.who.clone());
    let by = group.iter().find_map(|event| event.by.clone());
    // Of a session of a role, its role and name: the account is the page's.
    let who = who.map(|who| {
        format!(" by {}", who.rsplit_once(":assumed-role/").map_or(who.as_str(), |(_, name)| name))
    });
    let changes: Vec<(ChangeKind, Change)> = group
        .into_iter()
        .filter_map(|event| match event.what {
            ActivityWhat::Change { what, change } => Some((what, change)),
            _ => None,
        })
        .collect();
    let (tone, title, detail, link) = match first.what {
        ActivityWhat::Change { .. } => {
            let (tone, title) = found(&changes);
            let link = by.map(|plan| (format!("/remediation/{plan}"), plan));
            (tone, title, String::new(), link)
        }
        ActivityWhat::Audit { subject, action, phase, succeeded, detail } => {
            let (tone, title) = audit_action_label(action, phase, succeeded);
            let said = told(action, &detail);
            let href = match subject.split_once('-') {
                Some(("G", _)) => format!("/access/{subject}"),
                Some(("L", _)) => format!("/leaks/{subject}"),
                _ => format!("/exceptions/{subject}"),
            };
            (tone, title, said, Some((href, subject)))
        }
        ActivityWhat::Call { plan, operation, state, says, .. } => {
            let (tone, title) = called(&operation, state);
            let plan = plan.to_string();
            (tone, title, says.unwrap_or_default(), Some((format!("/remediation/{plan}"), plan)))
        }
        ActivityWhat::Reported { call, step, error, alarm, .. } => {
            let (tone, title) = match alarm {
                Some(AlarmKind::Finding) => (Tone::Bad, format!("GuardDuty: {call}")),
                Some(_) => (Tone::Bad, reported(&call, step).1),
                None => reported(&call, step),
            };
            let link = alarm
                .map(|kind| (format!("/alarms?kind={kind}"), format!("alarm: {}", kind.label())));
            (tone, title, error.unwrap_or_default(), link)
        }
    };
    let link = link.map(|(href, text)| view! { ", "<a href=href>{text}</a> });
    let detail = (!detail.is_empty()).then(|| view! { <p class="faint wrap">{detail}</p> });
    let is_said = matches!(changes.as_slice(), [(_, one)] if says_all(one));
    let changes = (!is_said).then(|| {
        let changed = changes.into_iter().filter(|(what, _)| *what == ChangeKind::Changed);
        changed.map(|(what, change)| view! { <What what change /> }).collect_view()
    });
    view! {
        <li class=tone.class() data-key=key>
            <p class="wrap">{title}{who}{link}</p>
            <p class="faint"><time datetime=machine(at) title=absolute(at)>{relative(at, now)}</time></p>
            {detail}
            <div class="past">{changes}</div>
        </li>
    }
    .into_any()
}

/// What CloudTrail recorded.
fn reported(call: &str, step: Option<RotationStep>) -> (Tone, String) {
    let at = step.map(|step| format!(" at {step}")).unwrap_or_default();
    match call {
        "RotationStarted" => (Tone::Unknown, "CloudTrail: rotation started".into()),
        "RotationSucceeded" => (Tone::Good, "CloudTrail: rotation succeeded".into()),
        "RotationFailed" => (Tone::Bad, format!("CloudTrail: rotation failed{at}")),
        "RotationAbandoned" => (Tone::Bad, "CloudTrail: rotation abandoned".into()),
        "TestRotationFailed" => {
            (Tone::Bad, format!("CloudTrail: the test of the rotation failed{at}"))
        }
        _ => (Tone::Unknown, format!("CloudTrail: {call}")),
    }
}

/// Whether the title says the change whole.
fn says_all(change: &Change) -> bool {
    change.field.starts_with("Tags.")
}

/// What a scan found at one moment.
fn found(changes: &[(ChangeKind, Change)]) -> (Tone, String) {
    let [(what, change), rest @ ..] = changes else { return (Tone::Unknown, String::new()) };
    match what {
        ChangeKind::FirstSeen => return (Tone::Good, "First seen".into()),
        ChangeKind::Gone => return (Tone::Bad, "Deleted from AWS".into()),
        ChangeKind::Back => return (Tone::Soon, "Restored".into()),
        ChangeKind::Changed => {}
    }
    let of = |field: &str| changes.iter().map(|(_, one)| one).find(|one| one.field == field);
    if of("LastRotatedDate").is_some() {
        return (Tone::Good, "Rotated".into());
    }
    if let Some(pending) = of("VersionStage.AWSPENDING") {
        let text = match &pending.after {
            Some(_) => "Rotation started: AWSPENDING was set",
            None => "AWSPENDING was removed",
        };
        return (Tone::Unknown, text.into());
    }
    if let Some(on) = of("RotationEnabled") {
        return match on.after.as_deref() {
            Some("true") => (Tone::Good, "Rotation turned on".into()),
            _ => (Tone::Soon, "Rotation turned off".into()),
        };
    }
    if of("VersionStage.AWSCURRENT").is_some() || of("VersionStage.Version").is_some() {
        return (Tone::Unknown, "New value stored".into());
    }
    if let Some(at) = of("DeletedDate") {
        return match at.after {
            Some(_) => (Tone::Soon, "Marked for deletion".into()),
            None => (Tone::Good, "Deletion canceled".into()),
        };
    }
    if !rest.is_empty() {
        return (Tone::Unknown, format!("{} fields changed", changes.len()));
    }
    (Tone::Unknown, one_change(change))
}

fn one_change(change: &Change) -> String {
    let Some(tag) = change.field.strip_prefix("Tags.") else {
        return format!("{} changed", change.field);
    };
    match (&change.before, &change.after) {
        (None, Some(after)) => format!("Tag {tag} added: {after}"),
        (Some(before), None) => format!("Tag {tag} removed, was {before}"),
        (Some(before), Some(after)) => format!("Tag {tag} changed from {before} to {after}"),
        (None, None) => format!("Tag {tag} changed"),
    }
}

fn called(operation: &str, state: StepState) -> (Tone, String) {
    match state {
        StepState::Pending => (Tone::Soon, format!("{operation} planned")),
        StepState::Running => (Tone::Soon, format!("{operation} running")),
        StepState::Done => (Tone::Good, format!("Fix applied: {operation}")),
        StepState::Failed => (Tone::Bad, format!("Fix failed: {operation}")),
    }
}

/// The detail of an entry that says something to a reader.
fn told(action: AuditAction, detail: &BTreeMap<String, String>) -> String {
    let keys: &[&str] = match action {
        AuditAction::IssueSession => &["fault", "reason", "for"],
        _ => &["fault", "reason", "note", "ticket"],
    };
    keys.iter().find_map(|key| detail.get(*key)).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(field: &str, before: Option<&str>, after: Option<&str>) -> (ChangeKind, Change) {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let change = Change { field: field.into(), before: text(before), after: text(after) };
        (ChangeKind::Changed, change)
    }

    #[test]
    fn what_a_scan_found_is_said_as_one_event() {
        let said = |changes: &[_]| found(changes).1;
        let rotated = [
            change("NextRotationDate", Some("a"), Some("b")),
            change("LastRotatedDate", Some("a"), Some("b")),
            change("VersionStage.AWSCURRENT", Some("v1"), Some("v2")),
        ];
        assert_eq!(said(&rotated), "Rotated");
        assert_eq!(said(&rotated[2..]), "New value stored");
        assert_eq!(
            said(&[change("Tags.tier", Some("2"), Some("1"))]),
            "Tag tier changed from 2 to 1"
        );
        assert_eq!(said(&[change("Tags.owner", None, Some("pay"))]), "Tag owner added: pay");
        assert_eq!(said(&[change("KmsKeyId", None, Some("k"))]), "KmsKeyId changed");
        let two = [change("KmsKeyId", None, Some("k")), change("Description", None, Some("d"))];
        assert_eq!(said(&two), "2 fields changed");
        assert_eq!(
            said(&[change("RotationEnabled", Some("true"), Some("false"))]),
            "Rotation turned off"
        );
    }
}
