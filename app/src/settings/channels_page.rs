//! The channels of notifications: their state, and a test of each.

use super::{
    api::{TestChannel, load_channels},
    frame::SettingsFrame,
};
use crate::{
    notifications::{channel_name, health, moment},
    ui::{Ago, Chip, ErrorNotice, Panel, Tone, format::grouped, loaded},
};
use claviger_domain::{
    notifications::{Channel, ChannelState},
    settings::{ChannelTest, ChannelsView},
};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(crate) fn ChannelsPage() -> impl IntoView {
    let page = ArcResource::new(|| (), |()| load_channels());
    loaded(page, "Settings", |shown: ChannelsView| view! { <Channels shown /> }.into_any())
}

#[component]
fn Channels(shown: ChannelsView) -> impl IntoView {
    let ChannelsView { deliveries, tests, may_test } = shown;
    let now = deliveries.as_of;
    let failed = u64::try_from(deliveries.failed.len()).unwrap_or(u64::MAX);
    let failures = (failed > 0).then(|| {
        view! { <p><a href="/notifications">{format!("{} failed deliveries", grouped(failed))}</a></p> }
    });
    let each = deliveries.channels.into_iter().map(move |state| {
        let test = tests.iter().find(|test| test.channel == state.channel).cloned();
        view! { <ChannelPanel state test may_test now /> }
    });
    view! {
        <SettingsFrame title="Channels" context="Where notifications are sent. Addresses are in the configuration file and are not shown.">
            {each.collect_view()}
            {failures}
        </SettingsFrame>
    }
}

#[component]
fn ChannelPanel(
    state: ChannelState,
    test: Option<ChannelTest>,
    may_test: bool,
    now: OffsetDateTime,
) -> impl IntoView {
    let (tone, text) = health(&state);
    let title = channel_name(state.channel);
    let form = (may_test && state.configured).then(|| view! { <TestForm channel=state.channel /> });
    let last_test = match test {
        None => view! { <span class="faint">"Never tested"</span> }.into_any(),
        Some(test) => {
            let (tone, text) =
                if test.succeeded { (Tone::Good, "Sent") } else { (Tone::Bad, "Failed") };
            view! {
                <Chip tone text />" "<Ago at=test.at now />{format!(" by {}", test.by)}
                {test.reason.map(|reason| view! { <small class="wrap">{reason}</small> })}
            }
            .into_any()
        }
    };
    let reason = state.last_reason.map(|reason| view! { <small class="wrap">{reason}</small> });
    view! {
        <Panel title>
            <dl class="facts">
                <dt>"State"</dt><dd><Chip tone text /></dd>
                <dt>"Setting"</dt><dd class="mono">{setting(state.channel)}</dd>
                <dt>"Last success"</dt><dd>{moment(state.last_delivered_at, now)}</dd>
                <dt>"Last failure"</dt><dd>{moment(state.last_failed_at, now)}{reason}</dd>
                <dt>"Waiting"</dt><dd>{grouped(state.waiting)}</dd>
                <dt>"Last test"</dt><dd>{last_test}</dd>
            </dl>
            {form}
        </Panel>
    }
}

/// Posts a test and shows what came of it.
#[component]
fn TestForm(channel: Channel) -> impl IntoView {
    let action = ServerAction::<TestChannel>::new();
    let label = format!("Send a test: {}", channel_name(channel));
    let note = (channel == Channel::Email)
        .then(|| view! { <p class="faint">"The test goes to your own email address."</p> });
    view! {
        <ActionForm action attr:class="form">
            <input type="hidden" name="channel" value=channel.to_string() />
            <div class="actions"><button class="button" aria-label=label>"Send a test"</button></div>
            {note}
            <p role="status" data-success="" hidden><span></span></p>
        </ActionForm>
        <ErrorNotice value=action.value() />
    }
}

/// The setting that names where the channel sends to.
fn setting(channel: Channel) -> &'static str {
    match channel {
        Channel::Chat => "slack_token or webhook_url",
        Channel::Events => "event_webhook_url",
        Channel::Email => "smtp_url",
    }
}
