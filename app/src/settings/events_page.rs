//! Events of accounts: what each sends, and how the queue is.

use super::{api::load_events, frame::SettingsFrame};
use crate::notifications::moment;
use crate::ui::{
    Chip, DataTable, Heading, Panel, Tone,
    format::{counted, grouped},
    loaded,
};
use claviger_domain::settings::events::{EventSource, EventsView, QueueState};
use leptos::prelude::*;
use time::{Duration, OffsetDateTime};

/// An account that sent something once and nothing for so long may have lost its rules.
const SILENT: Duration = Duration::days(30);

#[component]
pub(crate) fn EventsPage() -> impl IntoView {
    let page = ArcResource::new(|| (), |()| load_events());
    loaded(page, "Settings", |shown: EventsView| view! { <Events shown /> }.into_any())
}

#[component]
fn Events(shown: EventsView) -> impl IntoView {
    let EventsView { is_configured, queue, sources, scan_minutes, as_of: now } = shown;
    let sending = sources.iter().filter(|one| one.events > 0).count() as u64;
    let all = counted(sources.len() as u64, "account", "accounts");
    let context = if is_configured {
        format!("Events from {sending} of {all}.")
    } else {
        "No queue is configured.".to_owned()
    };
    let every = if scan_minutes >= 60 && scan_minutes.is_multiple_of(60) {
        format!("every {} h", scan_minutes / 60)
    } else {
        format!("every {scan_minutes} min")
    };
    let off = (!is_configured).then(|| {
        view! {
            <p>{format!("Changes are found by scans, {every}. With events, a secret is read again within seconds of its change.")}</p>
            <p><a href="/help/trail-and-events">"Deploy the event rules and the queue"</a>", then set "<code>"event_queue_url"</code>"."</p>
        }
    });
    let rows = sources
        .into_iter()
        .map(|source| view! { <Source source every=every.clone() now /> })
        .collect_view();
    view! {
        <SettingsFrame title="Events" context>
            <Panel title="Queue">{off}{is_configured.then(|| view! { <Queue queue now /> })}</Panel>
            {is_configured.then(|| view! {
                <div class="panel flush">
                    <DataTable head=vec![
                        Heading::text("Account"),
                        Heading::text("State"),
                        Heading::number("Regions"),
                        Heading::number("Events"),
                        Heading::text("Last event"),
                        Heading::text("Last test"),
                    ]>{rows}</DataTable>
                </div>
            })}
        </SettingsFrame>
    }
}

/// How long the newest event took to arrive; CloudTrail takes minutes for some.
fn lag(source: &EventSource) -> Option<Duration> {
    Some((source.last_received_at? - source.last_event_at?).max(Duration::ZERO))
}

#[component]
fn Queue(queue: Option<QueueState>, now: OffsetDateTime) -> impl IntoView {
    let Some(queue) = queue else {
        return view! { <p>"The queue has not been read yet."</p> }.into_any();
    };
    let (tone, text) = match (queue.fault(), queue.read_at) {
        (Some(_), _) => (Tone::Bad, "Failing"),
        (None, Some(_)) => (Tone::Good, "Reading"),
        (None, None) => (Tone::Unknown, "Not read yet"),
    };
    let fault =
        queue.fault().map(|reason| view! { <small class="wrap">{reason.to_owned()}</small> });
    let number = |count: Option<u64>| count.map_or_else(|| "unknown".to_owned(), grouped);
    let dead = match queue.dead_letters {
        Some(0) => view! { "None" }.into_any(),
        Some(_) => view! {
            <Chip tone=Tone::Soon text=number(queue.dead_letters) />
            <small>"Messages that are not events, or could not be recorded five times. Look at them in Amazon SQS."</small>
        }
        .into_any(),
        None => view! { "Unknown" }.into_any(),
    };
    view! {
        <dl class="facts">
            <dt>"State"</dt><dd><Chip tone text />{fault}</dd>
            <dt>"Last read"</dt><dd>{moment(queue.read_at, now)}</dd>
            <dt>"Waiting"</dt><dd>{number(queue.waiting)}</dd>
            <dt>"Dead letters"</dt><dd>{dead}</dd>
        </dl>
    }
    .into_any()
}

#[component]
fn Source(source: EventSource, every: String, now: OffsetDateTime) -> impl IntoView {
    let href = format!("/accounts/{}", source.account);
    let lag = lag(&source).map(|lag| format!("arrived after {} s", lag.whole_seconds()));
    let (tone, text) = match source.last_received_at {
        None => (Tone::Unknown, format!("No events, scanned {every}")),
        Some(at) if now - at > SILENT => (Tone::Soon, "No events for 30 days".to_owned()),
        Some(_) => (Tone::Good, "Sends events".to_owned()),
    };
    view! {
        <tr>
            <td class="name"><a href=href class="row-link">{source.account_name}</a><small>{source.account.to_string()}</small></td>
            <td data-label="State"><Chip tone text /></td>
            <td data-label="Regions" class="number">{source.regions}</td>
            <td data-label="Events" class="number">{grouped(source.events)}</td>
            <td data-label="Last event">{moment(source.last_event_at, now)}{lag.map(|lag| view! { <small>{lag}</small> })}</td>
            <td data-label="Last test">{moment(source.last_test_at, now)}</td>
        </tr>
    }
}
