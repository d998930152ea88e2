//! Whether notifications leave the console: each channel, and what failed.

use crate::{
    grants::api::load_deliveries,
    ui::{Ago, Chip, DataTable, Heading, PageHeader, PageTitle, Tone, format::grouped, loaded},
};
use claviger_domain::notifications::{
    Channel, ChannelState, Deliveries, DeliveryState, FailedDelivery,
};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(crate) fn DeliveriesPage() -> impl IntoView {
    let page = ArcResource::new(|| (), |()| load_deliveries());
    loaded(page, "Notifications", |shown: Deliveries| {
        view! { <DeliveriesContent shown /> }.into_any()
    })
}

#[component]
fn DeliveriesContent(shown: Deliveries) -> impl IntoView {
    let now = shown.as_of;
    let channels =
        shown.channels.into_iter().map(|state| view! { <ChannelRow state now /> }).collect_view();
    let failed = if shown.failed.is_empty() {
        view! { <p class="context">"No failed deliveries in the last 30 days."</p> }.into_any()
    } else {
        let rows = shown
            .failed
            .into_iter()
            .map(|failed| view! { <FailedRow failed now /> })
            .collect_view();
        view! {
            <div class="panel flush">
                <DataTable head=[
                    Heading::text("Notification"),
                    Heading::text("Channel"),
                    Heading::text("Reason"),
                    Heading::number("Attempts"),
                    Heading::text("Last attempt"),
                    Heading::text("State"),
                ]>{rows}</DataTable>
            </div>
        }
        .into_any()
    };
    view! {
        <PageTitle text="Notifications" />
        <PageHeader>
            <h1>"Notifications"</h1>
            <p class="context">"Each channel and each email address is delivered to and retried separately, for about a day."</p>
        </PageHeader>
        <div class="panel flush">
            <DataTable head=[
                Heading::text("Channel"),
                Heading::text("State"),
                Heading::text("Last success"),
                Heading::text("Last failure"),
                Heading::number("Waiting"),
                Heading::number("Given up (30 days)"),
            ]>{channels}</DataTable>
        </div>
        <section class="after">
            <h2>"Failed deliveries"</h2>
            {failed}
        </section>
    }
}

pub(crate) fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Chat => "Slack, or a compatible webhook",
        Channel::Events => "Event webhook",
        Channel::Email => "Email",
    }
}

/// A channel that nothing was sent by yet is neither good nor bad.
pub(crate) fn health(state: &ChannelState) -> (Tone, &'static str) {
    let failed_last = match (state.last_failed_at, state.last_delivered_at) {
        (Some(failed), Some(delivered)) => failed > delivered,
        (failed, None) => failed.is_some(),
        (None, Some(_)) => false,
    };
    match state {
        ChannelState { configured: false, .. } => (Tone::Unknown, "Not configured"),
        _ if failed_last => (Tone::Bad, "Failing"),
        ChannelState { retrying: 1.., .. } => (Tone::Soon, "Retrying"),
        ChannelState { last_delivered_at: None, .. } => (Tone::Unknown, "Not used yet"),
        _ => (Tone::Good, "Delivering"),
    }
}

pub(crate) fn moment(at: Option<OffsetDateTime>, now: OffsetDateTime) -> AnyView {
    match at {
        Some(at) => view! { <Ago at now /> }.into_any(),
        None => view! { <span class="faint">"none"</span> }.into_any(),
    }
}

#[component]
fn ChannelRow(state: ChannelState, now: OffsetDateTime) -> impl IntoView {
    let (tone, text) = health(&state);
    let waiting = match state.retrying {
        0 => grouped(state.waiting),
        retrying => format!("{} ({} retrying)", grouped(state.waiting), grouped(retrying)),
    };
    view! {
        <tr>
            <td class="name">{channel_name(state.channel)}</td>
            <td data-label="State"><Chip tone text /></td>
            <td data-label="Last success">{moment(state.last_delivered_at, now)}</td>
            <td data-label="Last failure">
                {moment(state.last_failed_at, now)}
                {state.last_reason.map(|reason| view! { <small class="wrap">{reason}</small> })}
            </td>
            <td data-label="Waiting" class="number">{waiting}</td>
            <td data-label="Given up" class="number">{grouped(state.given_up)}</td>
        </tr>
    }
}

#[component]
fn FailedRow(failed: FailedDelivery, now: OffsetDateTime) -> impl IntoView {
    let state = match (failed.state, failed.next_at) {
        (DeliveryState::Waiting, Some(next)) => {
            view! { <Chip tone=Tone::Soon text="Retrying" />" next "<Ago at=next now /> }.into_any()
        }
        _ => view! { <Chip tone=Tone::Bad text="Given up" /> }.into_any(),
    };
    let to = failed.recipient.map(|name| format!(" to {name}")).unwrap_or_default();
    view! {
        <tr>
            <td class="name"><a href=failed.link class="row-link">{failed.title}</a></td>
            <td data-label="Channel">{channel_name(failed.channel)}{to}</td>
            <td data-label="Reason" class="wrap">{failed.reason}</td>
            <td data-label="Attempts" class="number">{failed.attempts}</td>
            <td data-label="Last attempt"><Ago at=failed.failed_at now /></td>
            <td data-label="State">{state}</td>
        </tr>
    }
}
