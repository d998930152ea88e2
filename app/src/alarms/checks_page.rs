//! Whether alarms can fire, by account and Region, part by part.

use super::api::{TestAlarms, load_alarm_checks};
use crate::ui::{
    Ago, Breadcrumb, Chip, EmptyState, ErrorNotice, PageHeader, PageTitle, Tone, format::counted,
    loaded,
};
use claviger_domain::alarms::{
    check::{AlarmCheck, PartState},
    view::{AlarmChecksView, AlarmPlace},
};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(crate) fn AlarmChecksPage() -> impl IntoView {
    let page = ArcResource::new(|| (), |()| load_alarm_checks());
    loaded(page, "Can alarms fire?", |shown: AlarmChecksView| view! { <Checks shown /> }.into_any())
}

fn state_label(state: PartState) -> (Tone, &'static str) {
    match state {
        PartState::Pass => (Tone::Good, "Pass"),
        PartState::Fail => (Tone::Bad, "Fail"),
        PartState::Unknown => (Tone::Unknown, "Unknown"),
        PartState::Waiting => (Tone::Unknown, "Waiting"),
    }
}

#[component]
fn Checks(shown: AlarmChecksView) -> impl IntoView {
    let AlarmChecksView { reads_events, places, as_of: now } = shown;
    let context = format!("{} of an account.", counted(places.len() as u64, "Region", "Regions"));
    let off = (!reads_events).then(|| {
        view! {
            <p class="panel notice"><Chip tone=Tone::Unknown text="No alarms" />
                " Claviger reads no queue of events, so nothing is checked and no alarm can arrive. "
                <a href="/help/trail-and-events">"Deploy the event rules and the queue"</a>"."</p>
        }
    });
    let content = if places.is_empty() {
        view! { <EmptyState title="Nothing is scanned yet."><p>"Rules are checked in each Region that scans read."</p></EmptyState> }
            .into_any()
    } else {
        places
            .into_iter()
            .map(|place| view! { <RegionRules place reads_events now /> })
            .collect_view()
            .into_any()
    };
    view! {
        <PageTitle text="Can alarms fire?" />
        <PageHeader>
            <Breadcrumb><a href="/alarms">"Alarms"</a></Breadcrumb>
            <h1>"Can alarms fire?"</h1>
            <p class="context" role="status">{context}</p>
        </PageHeader>
        {off}
        <p class="panel notice">
            "A test proves that the rule's pattern matches and that its target delivers to Claviger. It does not prove that AWS emits an event: nobody but AWS can send events of AWS. \
            CloudWatch has no metric for failed rotations."
        </p>
        {content}
    }
}

#[component]
fn RegionRules(place: AlarmPlace, reads_events: bool, now: OffsetDateTime) -> impl IntoView {
    let AlarmPlace { account, account_name, region, checks, can_test } = place;
    let id = format!("{account}-{region}");
    let form = (can_test && reads_events)
        .then(|| view! { <TestForm account=account.to_string() region=region.to_string() label=format!("Test alarms of {account_name}, {region}") /> });
    let checked = checks.iter().map(|check| check.checked_at).max();
    let checked = match checked {
        Some(at) => view! { "Checked "<Ago at now /> }.into_any(),
        None => view! { "Not checked yet." }.into_any(),
    };
    let rules = checks.into_iter().map(|check| view! { <Rule check now /> }).collect_view();
    let href = format!("/accounts/{account}");
    view! {
        <section class="panel" id=id>
            <div class="alarm-head">
                <h2><a href=href>{account_name}</a>", "<span class="mono">{region.to_string()}</span></h2>
                <p class="faint">{checked}</p>
            </div>
            <ul class="alarm-rules">{rules}</ul>
            {form}
        </section>
    }
}

/// A rule is folded: its summary says what is wrong, and there are hundreds.
#[component]
fn Rule(check: AlarmCheck, now: OffsetDateTime) -> impl IntoView {
    let state = check.state();
    let (tone, text) = match state {
        PartState::Pass => (Tone::Good, "Can fire"),
        PartState::Fail if check.is_needed => (Tone::Bad, "Cannot fire"),
        PartState::Fail => (Tone::Unknown, "Not needed"),
        PartState::Unknown => (Tone::Unknown, "Unknown"),
        PartState::Waiting => (Tone::Unknown, "Test on its way"),
    };
    let fault = check.fault().map(|part| view! { " "<span>{part.says.clone()}</span> });
    let parts = check
        .parts
        .iter()
        .map(|part| {
            let (tone, text) = state_label(part.state);
            view! {
                <li><p><Chip tone text />" "<b>{part.part.label()}</b></p><p>{part.says.clone()}</p></li>
            }
        })
        .collect_view();
    let test = check.test.clone().map(|test| {
        view! { <p class="faint">"Tested "<Ago at=test.sent_at now />{format!(" by {}.", test.by)}</p> }
    });
    let kinds: Vec<&str> = check.rule.kinds().iter().map(|kind| kind.label()).collect();
    let needless = (!check.is_needed).then(|| {
        view! { <p class="faint">"Nothing in this Region is tagged as sensitive or pending deletion, so no read raises an alarm."</p> }
    });
    view! {
        <li>
            <details>
                <summary><Chip tone text />" "<b>{check.rule.label()}</b>{fault}</summary>
                <p class="faint">{format!("{}: ", kinds.join(", "))}<span class="mono">{check.rule.to_string()}</span></p>
                {needless}
                <ul class="checks">{parts}</ul>
                {test}
            </details>
        </li>
    }
}

#[component]
fn TestForm(account: String, region: String, label: String) -> impl IntoView {
    let action = ServerAction::<TestAlarms>::new();
    view! {
        <ActionForm action attr:class="form">
            <input type="hidden" name="account" value=account />
            <input type="hidden" name="region" value=region />
            <div class="actions"><button class="button" aria-label=label>"Test alarms"</button></div>
        </ActionForm>
        <ErrorNotice value=action.value() />
    }
}
