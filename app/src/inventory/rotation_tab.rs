//! How a secret rotates: its state, its schedule, and what its rotations did.

use super::{
    cells::RotationCell,
    changes::{ChangeButtons, is_changeable},
    detail::rotation_state,
    hosted_page::hosted_href,
    labels::{rotation_failed, rotation_warning},
    preflight::{RotationPreflight, load_last},
    tabs::Tab,
    timeline::{Events, load_activity},
};
use crate::{
    rotations::WindowList,
    ui::{Ago, Panel, Timestamp, Tone, loaded, once_read},
};
use claviger_domain::{
    facts::{Detail, Rotation, SecretFacts},
    inventory::{
        activity::{ActivityView, RotationFailure},
        view::ResourceDetail,
    },
    remediation::RemediationForm,
    rotations::schedule::{Schedule, Since},
};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(crate) fn RotationTab(
    shown: ResourceDetail,
    failure: Option<RotationFailure>,
    can_plan: bool,
    can_check: bool,
) -> impl IntoView {
    let forms = if can_plan { changes_of(&shown) } else { Vec::new() };
    let buttons = view! { <ChangeButtons shown=shown.clone() forms /> };
    let now = shown.as_of;
    let id = shown.id.to_string();
    let events =
        ArcResource::new(|| (), move |()| load_activity(id.clone(), "kind=rotation".into()));
    let warning = rotation_warning(&shown.rotation, now).map(|(title, text)| {
        view! {
            <section class=format!("panel notice {}", Tone::Bad.class())>
                <h2>{title}</h2>
                <p>{text}</p>
            </section>
        }
    });
    let failed = failure.map(|failure| {
        let title = rotation_failed(&failure);
        let step = match failure.step {
            Some(step) => format!(". The {step} step failed."),
            None => ". AWS's message names no step.".to_owned(),
        };
        let message = failure.message.map(|message| view! { <p class="mono wrap">{message}</p> });
        view! {
            <section class=format!("panel notice {}", Tone::Bad.class())>
                <h2>{title}</h2>
                <p>"Reported by AWS "<Ago at=failure.at now />{step}</p>
                {message}
            </section>
        }
    });
    let all = format!("{}?kind=rotation", Tab::Activity.href(shown.id));
    let resource = shown.id;
    let has_template = has_template(&shown);
    let rotation = match shown.facts.detail {
        Detail::Secret(secret) => secret.rotation,
        Detail::Parameter(_) => Rotation::default(),
    };
    let next = rotation.clone();
    let hosted = has_template.then(|| {
        view! {
            <p class="note">"For a database, AWS has functions ready: "<a href=hosted_href(resource)>"Deploy a rotation template of AWS"</a></p>
        }
    });
    let preflight = can_check.then(|| {
        let rotation = rotation.clone();
        let last = ArcResource::new(|| (), move |()| load_last(resource));
        once_read(last, move |read| {
            let (rotation, last) = (rotation.clone(), read.ok().flatten());
            view! { <RotationPreflight id=resource rotation last /> }.into_any()
        })
    });
    view! {
        <div class="columns">
            <div>
                {failed}
                {warning}
                <Panel title="Rotation">
                    <p class="chips"><RotationCell state=shown.rotation now alone=true /></p>
                    <Facts rotation now />
                    {buttons}
                    {hosted}
                </Panel>
                <NextRotations rotation=next now />
                {preflight}
            </div>
            <div>
                <Panel title="Rotation history">
                    {loaded(events, "Inventory", |shown: ActivityView| view! { <History shown /> }.into_any())}
                    <p class="note"><a href=all>"Show in Activity"</a></p>
                </Panel>
            </div>
        </div>
    }
}

/// Whether a function can rotate it: it exists, is no replica, and nobody else rotates it.
fn has_template(shown: &ResourceDetail) -> bool {
    let is_replica = shown.facts.primary_arn(&shown.region).is_some();
    let is_own = |secret: &SecretFacts| is_changeable(secret) && secret.secret_type.is_none();
    shown.gone_at.is_none()
        && !is_replica
        && matches!(&shown.facts.detail, Detail::Secret(secret) if is_own(secret))
}

/// The changes of its rotation. The form for a schedule begins with what is configured.
fn changes_of(shown: &ResourceDetail) -> Vec<(&'static str, RemediationForm)> {
    let Detail::Secret(secret) = &shown.facts.detail else { return Vec::new() };
    if !is_changeable(secret) {
        return Vec::new();
    }
    let rules = secret.rotation.rules.clone();
    let configure = match rules {
        None => RemediationForm::of_action("enable-rotation"),
        Some(rules) => RemediationForm {
            // AWS reports the days of a schedule too; a request names one of the two.
            days: match (&rules.schedule_expression, rules.automatically_after_days) {
                (None, Some(days)) => days.to_string(),
                _ => String::new(),
            },
            schedule: rules.schedule_expression.unwrap_or_default(),
            duration: rules.duration.unwrap_or_default(),
            lambda: secret.rotation.lambda_arn.clone().unwrap_or_default(),
            immediately: "no".into(),
            ..RemediationForm::of_action("enable-rotation")
        },
    };
    let mut forms = vec![("Configure rotation", configure)];
    if secret.rotation.enabled == Some(true) {
        forms.insert(0, ("Rotate now", RemediationForm::of_action("rotate-now")));
        forms.push(("Cancel rotation", RemediationForm::of_action("cancel-rotation")));
    }
    forms
}

#[component]
fn History(shown: ActivityView) -> impl IntoView {
    if shown.rows.is_empty() {
        return view! { <p class="faint">"No rotation or change of its schedule since first seen."</p> }
            .into_any();
    }
    view! { <Events rows=shown.rows now=shown.as_of /> }.into_any()
}

/// The windows that follow from the schedule as AWS reports it, while rotation is on.
#[component]
fn NextRotations(rotation: Rotation, now: OffsetDateTime) -> impl IntoView {
    let rules = rotation.rules.filter(|_| rotation.enabled == Some(true));
    rules.map(|rules| {
        let since = rotation
            .next_rotation_at
            .map_or_else(|| Since::Set(rotation.last_rotated_at.unwrap_or(now)), Since::Next);
        let content = match Schedule::of_rules(&rules) {
            Ok(schedule) => {
                view! { <WindowList next=schedule.next_windows(since, now) /> }.into_any()
            }
            Err(why) => {
                let text = format!("Unknown: {why}.");
                view! { <p class="notice unknown">{text}</p> }.into_any()
            }
        };
        view! {
            <Panel title="Next rotation windows">
                {content}
                <p class="note"><a href="/rotations">"All rotations"</a></p>
            </Panel>
        }
    })
}

#[component]
fn Facts(rotation: Rotation, now: OffsetDateTime) -> impl IntoView {
    let never = || view! { <span class="faint">"Never"</span> }.into_any();
    view! {
        <dl class="facts">
            <dt>"Schedule"</dt><dd>{rotation_state(&rotation)}</dd>
            {rotation.lambda_arn.map(|arn| view! { <dt>"Rotated by"</dt><dd class="mono wrap">{arn}</dd> })}
            <dt>"Last rotated"</dt>
            <dd>{rotation.last_rotated_at.map_or_else(never, |at| view! { <Timestamp at now /> }.into_any())}</dd>
            {rotation.next_rotation_at.map(|at| {
                let (before, after) = if at < now { ("Was due ", "") } else { ("", " at the latest") };
                view! {
                    <dt>"Next rotation"</dt>
                    <dd>{before}<Timestamp at now />{after}</dd>
                }
            })}
        </dl>
    }
}
