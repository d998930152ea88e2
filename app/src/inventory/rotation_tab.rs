//! How a secret rotates: its state, its schedule, and what its rotations did.

use super::{
    cells::RotationCell,
    detail::rotation_state,
    labels::{rotation_failed, rotation_warning},
    preflight::{RotationPreflight, load_last},
    tabs::Tab,
    timeline::{Events, load_activity},
};
use crate::ui::{Ago, Panel, Timestamp, Tone, loaded, once_read};
use claviger_domain::{
    facts::{Detail, Rotation},
    inventory::{
        activity::{ActivityView, RotationFailure},
        view::ResourceDetail,
    },
};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(crate) fn RotationTab(
    shown: ResourceDetail,
    failure: Option<RotationFailure>,
    can_check: bool,
) -> impl IntoView {
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
    let rotation = match shown.facts.detail {
        Detail::Secret(secret) => secret.rotation,
        Detail::Parameter(_) => Rotation::default(),
    };
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
                </Panel>
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

#[component]
fn History(shown: ActivityView) -> impl IntoView {
    if shown.rows.is_empty() {
        return view! { <p class="faint">"No rotation or change of its schedule since first seen."</p> }
            .into_any();
    }
    view! { <Events rows=shown.rows now=shown.as_of /> }.into_any()
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
