//! The words and colours of exceptions.

use crate::ui::{Chip, Tone, format::day};
use claviger_domain::{
    compliance::view::ExceptionRef,
    exceptions::{ExceptionQuery, ExceptionScope, ExceptionState},
};
use leptos::prelude::*;
use time::{Duration, OffsetDateTime};

pub(crate) fn state_label(state: ExceptionState) -> (Tone, &'static str) {
    let tone = match state {
        ExceptionState::Waiting => Tone::Soon,
        ExceptionState::Approved => Tone::Good,
        ExceptionState::Denied
        | ExceptionState::Withdrawn
        | ExceptionState::Ended
        | ExceptionState::Expired => Tone::Unknown,
    };
    (tone, state.label())
}

/// The address of the list.
pub(super) fn href(query: &ExceptionQuery) -> String {
    let query = query.to_url_query();
    if query.is_empty() { "/exceptions".to_owned() } else { format!("/exceptions?{query}") }
}

/// Which policy it is about.
pub(crate) fn policy_label(title: Option<&String>) -> String {
    title.cloned().unwrap_or_else(|| "Every policy".to_owned())
}

/// Its last day: it is over when that day is, in UTC.
pub(crate) fn last_day(ends_at: OffsetDateTime) -> String {
    day((ends_at - Duration::seconds(1)).date())
}

/// The form for an exception from a policy.
pub(crate) fn exception_href(policy: &str, target: &ExceptionScope) -> String {
    format!("/exceptions/new?policy={policy}&target={target}")
}

/// Says that a failure is excepted, and leads to why.
#[component]
pub(crate) fn ExceptionChip(exception: ExceptionRef) -> impl IntoView {
    let href = format!("/exceptions/{}", exception.id);
    let until = format!(" until {}", last_day(exception.until));
    view! { <a href=href><Chip tone=Tone::Soon text="Exception" /><span>{until}</span></a> }
}
