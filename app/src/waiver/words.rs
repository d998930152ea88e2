//! The words and colours of exceptions.

use crate::ui::{Chip, Tone, format::day};
use claviger_domain::{
    governance::view::Borne,
    waiver::{Target, WaiverState},
};
use leptos::prelude::*;
use leptos_router::components::A;
use time::{Duration, OffsetDateTime};

pub(crate) fn state_words(state: WaiverState) -> (Tone, &'static str) {
    match state {
        WaiverState::Waiting => (Tone::Soon, "Waits for approval"),
        WaiverState::Approved => (Tone::Good, "In force"),
        WaiverState::Denied => (Tone::Unknown, "Denied"),
        WaiverState::Withdrawn => (Tone::Unknown, "Withdrawn"),
        WaiverState::Ended => (Tone::Unknown, "Ended"),
        WaiverState::Expired => (Tone::Unknown, "Over"),
    }
}

/// Which policy it is about.
pub(crate) fn policy_words(title: Option<&String>) -> String {
    title.cloned().unwrap_or_else(|| "Every policy".to_owned())
}

/// Its last day: it is over when that day is, in UTC.
pub(crate) fn last_day(ends_at: OffsetDateTime) -> String {
    day((ends_at - Duration::seconds(1)).date())
}

/// The form for an exception from a policy.
pub(crate) fn waive_href(policy: &str, target: &Target) -> String {
    format!("/exceptions/new?policy={policy}&target={target}")
}

/// Says that a failure is borne, and leads to why.
#[component]
pub(crate) fn BorneChip(borne: Borne) -> impl IntoView {
    let href = format!("/exceptions/{}", borne.id);
    let until = format!(" until {}", last_day(borne.until));
    view! { <A href=href><Chip tone=Tone::Soon text="Exception" /><span>{until}</span></A> }
}
