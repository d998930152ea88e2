//! The parts of a record.

use super::{
    key::{Key, key_warning},
    labels::{last_read, rotation_rule},
};
use crate::ui::{Chip, Panel, Timestamp, Tone, format::day};
use claviger_domain::{
    facts::{Detail, Kind, ParameterFacts, Rotation, SecretFacts},
    inventory::view::{Replica, ResourceDetail},
};
use leptos::prelude::*;
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// What matters now beside its checks: red is broken, amber is soon, grey is what we do not know.
#[component]
pub(crate) fn Notices(shown: ResourceDetail) -> impl IntoView {
    let now = shown.as_of;
    let mut notices: Vec<(Tone, String, String)> = Vec::new();
    if let Some(gone) = shown.gone_at {
        let text = format!(
            "Not found in the last complete scan ({}). Showing last known data.",
            when(gone, now)
        );
        notices.push((Tone::Unknown, "Deleted from AWS".into(), text));
    }
    if let Some(fault) = &shown.fault {
        let (what, hint) = fault.fault.explain();
        let list = match &shown.facts.detail {
            Detail::Secret(_) => "Secrets",
            Detail::Parameter(_) => "Parameters",
        };
        let title = format!("{list} of {} could not be read in the last scan", shown.account_name);
        let call: Vec<&str> =
            [fault.operation.as_deref(), fault.code.as_deref()].into_iter().flatten().collect();
        let call = if call.is_empty() { String::new() } else { format!(" ({})", call.join(": ")) };
        notices.push((
            Tone::Soon,
            title,
            format!("{what}{call} {hint} The data shown may be out of date."),
        ));
    } else if let (None, Some(at)) = (shown.gone_at, shown.last_seen_at)
        && shown.is_unconfirmed
    {
        let text = format!(
            "Missing from the last scan, and AWS denied describing it. It may be deleted. Last seen {}.",
            when(at, now)
        );
        notices.push((Tone::Unknown, "May be deleted".into(), text));
    }
    if let Some((title, text)) = key_warning(shown.kms.as_ref(), now) {
        notices.push((Tone::Bad, title, text));
    }
    if let Detail::Secret(SecretFacts { deleted_at: Some(at), .. }) = &shown.facts.detail {
        let text = format!(
            "Marked for deletion {}. It can be restored until its recovery window of 7 to 30 days ends.",
            when(*at, now)
        );
        notices.push((Tone::Soon, "Pending deletion".into(), text));
    }
    notices
        .into_iter()
        .map(|(tone, title, text)| {
            view! {
                <section class=format!("panel notice {}", tone.class())>
                    <h2>{title}</h2>
                    <p>{text}</p>
                </section>
            }
        })
        .collect_view()
}

fn when(at: OffsetDateTime, now: OffsetDateTime) -> String {
    crate::ui::format::relative(at, now)
}

#[component]
pub(crate) fn Facts(shown: ResourceDetail) -> impl IntoView {
    let now = shown.as_of;
    let facts = shown.facts;
    let key = view! { <Key facts=facts.clone() key=shown.key kms=shown.kms now /> };
    let own = match facts.detail {
        Detail::Secret(secret) => view! { <SecretRows secret now /> }.into_any(),
        Detail::Parameter(parameter) => view! { <ParameterRows parameter /> }.into_any(),
    };
    let unit = if shown.ou_path.is_empty() { "the root".to_owned() } else { shown.ou_path };
    view! {
        <Panel title="Details">
            <dl class="facts">
                <dt>"ARN"</dt><dd class="mono wrap">{facts.arn.to_string()}</dd>
                <dt>"Description"</dt><dd>{or_none(facts.description)}</dd>
                <dt>"Account"</dt>
                <dd>{shown.account_name}" "<span class="faint mono">{shown.account_id.to_string()}</span>" in "{unit}</dd>
                <dt>"Key"</dt><dd>{key}</dd>
                {facts.created_at.map(|at| view! { <dt>"Created"</dt><dd><Timestamp at now /></dd> })}
                <dt>"Last changed"</dt>
                <dd>{facts.changed_at.map_or_else(|| no_data().into_any(), |at| view! { <Timestamp at now /> }.into_any())}</dd>
                {own}
            </dl>
        </Panel>
    }
}

#[component]
fn SecretRows(secret: SecretFacts, now: OffsetDateTime) -> impl IntoView {
    let read = match secret.accessed_on {
        Some(date) => format!("{}, {}", last_read(Kind::Secret, Some(date), now), day(date)),
        None => "Never in this Region".to_owned(),
    };
    view! {
        <dt>"Last accessed"</dt><dd>{read}</dd>
        <dt>"Rotation"</dt><dd>{rotation_state(&secret.rotation)}</dd>
        {secret.secret_type.map(|partner| {
            view! { <dt>"Type"</dt><dd>{partner}", a managed external secret: its partner rotates it"</dd> }
        })}
        {secret.owning_service.map(|service| {
            view! { <dt>"Managed by"</dt><dd>{service}", which rotates and deletes it"</dd> }
        })}
    }
}

/// Whether rotation is on, with its rule.
pub(crate) fn rotation_state(rotation: &Rotation) -> String {
    let state = match rotation.enabled {
        Some(true) => "On",
        Some(false) => "Off",
        None => "Never configured",
    };
    match rotation_rule(rotation) {
        Some(rule) => format!("{state}. {rule}"),
        None => state.to_owned(),
    }
}

#[component]
fn ParameterRows(parameter: ParameterFacts) -> impl IntoView {
    let policies = (!parameter.policies.is_empty()).then(
        || view! { <dt>"Policies"</dt><dd class="mono wrap">{parameter.policies.join("\n")}</dd> },
    );
    view! {
        <dt>"Type"</dt><dd>{parameter.parameter_type.to_string()}</dd>
        <dt>"Tier"</dt><dd>{or_none(parameter.tier)}</dd>
        <dt>"Version"</dt><dd>{or_none(parameter.version.map(|version| version.to_string()))}</dd>
        <dt>"Data type"</dt><dd>{or_none(parameter.data_type)}</dd>
        {parameter.allowed_pattern.map(|pattern| view! { <dt>"Allowed pattern"</dt><dd class="mono wrap">{pattern}</dd> })}
        <dt>"Changed by"</dt><dd class="mono wrap">{or_none(parameter.last_modified_user)}</dd>
        {policies}
    }
}

fn no_data() -> impl IntoView {
    view! { <span class="faint">"Not tracked"</span> }
}

fn or_none(text: Option<String>) -> AnyView {
    match text {
        Some(text) => text.into_any(),
        None => view! { <span class="faint">"none"</span> }.into_any(),
    }
}

#[component]
pub(crate) fn Replicas(replicas: Vec<Replica>, now: OffsetDateTime) -> impl IntoView {
    let rows = replicas
        .into_iter()
        .map(|replica| {
            let role = if replica.is_primary { "primary" } else { "replica" };
            let state = match (&replica.status, replica.is_primary) {
                (_, true) => None,
                (None, false) => Some((Tone::Unknown, "Not read yet".to_owned())),
                (Some(status), false) => Some(match status.status.as_str() {
                    "InSync" => (Tone::Good, "In sync".to_owned()),
                    "InProgress" => (Tone::Soon, "In progress".to_owned()),
                    "Failed" => {
                        let why = status.message.as_deref().unwrap_or("AWS gives no reason");
                        (Tone::Bad, format!("Failed: {why}"))
                    }
                    other => (Tone::Unknown, other.to_owned()),
                }),
            };
            let state = state.map(|(tone, text)| view! { " " <Chip tone text /> });
            let gone = replica.gone_at.map(|_| view! { " " <Chip tone=Tone::Unknown text="Gone" /> });
            view! {
                <tr>
                    <td><a href=format!("/inventory/{}", replica.id) class="mono">{replica.region.to_string()}</a></td>
                    <td>{role}{state}{gone}</td>
                    <td class="faint">"read "{last_read(Kind::Secret, replica.accessed_on, now)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Panel title="Regions" class="flush">
            <table class="plain">
                <thead class="sr"><tr><th scope="col">"Region"</th><th scope="col">"Role"</th><th scope="col">"Last accessed"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="note">"Found by the scan. The replication status comes from the primary, read after each change and once a day."</p>
        </Panel>
    }
}

/// The tags, and below them those that a policy requires.
#[component]
pub(crate) fn Tags(
    tags: Option<BTreeMap<String, String>>,
    /// Each with the title of the policy.
    missing: Vec<(String, String)>,
) -> impl IntoView {
    let missing_rows = missing
        .iter()
        .cloned()
        .map(|(key, policy)| {
            let text = format!("Missing, required by {policy}");
            view! { <dt class="wrap">{key}</dt><dd><Chip tone=Tone::Bad text /></dd> }
        })
        .collect_view();
    let content = match tags {
        None => view! { <p><Chip tone=Tone::Unknown text="Unknown" />" Access denied reading tags."</p> }.into_any(),
        Some(tags) if tags.is_empty() && missing.is_empty() => view! { <p class="faint">"No tags."</p> }.into_any(),
        Some(tags) => {
            let rows =
                tags.into_iter().map(|(key, value)| view! { <dt class="wrap">{key}</dt><dd class="wrap">{value}</dd> }).collect_view();
            view! { <dl class="facts narrow">{rows}{missing_rows}</dl> }.into_any()
        }
    };
    view! { <Panel title="Tags">{content}</Panel> }
}

#[component]
pub(crate) fn Sightings(shown: ResourceDetail) -> impl IntoView {
    let now = shown.as_of;
    view! {
        <Panel title="Scan history">
            <dl class="facts narrow">
                <dt>"First seen"</dt><dd><Timestamp at=shown.first_seen_at now /></dd>
                <dt>"Last seen"</dt>
                <dd>{shown.last_seen_at.map_or_else(|| no_data().into_any(), |at| view! { <Timestamp at now /> }.into_any())}</dd>
                {shown.tags_read_at.map(|at| view! { <dt>"Tags read"</dt><dd><Timestamp at now /></dd> })}
                {shown.gone_at.map(|at| view! { <dt>"Deleted"</dt><dd><Timestamp at now /></dd> })}
            </dl>
        </Panel>
    }
}
