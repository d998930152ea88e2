//! Server-sent events: the sweep's progress, each person's own view of it, and that access has changed.

use crate::{AppState, auth::Signed};
use axum::{
    extract::State,
    response::{
        Sse,
        sse::{Event, KeepAlive},
    },
};
use claviger_services::Services;
use claviger_store::Change;
use futures::{Stream, StreamExt, stream};
use std::{collections::BTreeSet, convert::Infallible, time::Duration};
use tokio::sync::{broadcast, watch};
use tokio_stream::wrappers::{BroadcastStream, WatchStream};

/// Steps that come close together are told once.
const PACE: Duration = Duration::from_millis(300);
/// The browser then connects anew, and the session is looked at again.
const LONGEST: Duration = Duration::from_mins(5);
/// Said where a slow browser has missed some of it.
const EVERYTHING: &str = "*";
/// Said where what changed has no number, such as an inbox.
const NOTHING: &str = "-";
const RETRY: Duration = Duration::from_secs(5);

/// Streams progress to a person who is signed in.
pub(crate) async fn events(
    State(state): State<AppState>,
    Signed(caller): Signed,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let AppState { services, steps, changes, ending, .. } = state;
    let trail = services.clone();
    let told = WatchStream::new(steps).then(move |_| {
        let (services, caller) = (services.clone(), caller.clone());
        async move {
            let progress = services.sweep_progress(&caller).await;
            tokio::time::sleep(PACE).await;
            // A fault of the database is not worth an event: the next step tells.
            progress.ok().and_then(|progress| Event::default().json_data(progress).ok())
        }
    });
    // What has become of them is each person's own to ask for: the event holds numbers alone.
    let heard = BroadcastStream::new(changes.subscribe())
        .map(|heard| heard.unwrap_or_else(|_| EVERYTHING.to_owned()));
    let changed = tokio_stream::StreamExt::chunks_timeout(heard, 64, PACE).map(|numbers| {
        let numbers: BTreeSet<&str> =
            numbers.iter().flat_map(|n| n.split(' ')).filter(|n| !n.is_empty()).collect();
        let numbers: Vec<&str> = numbers.into_iter().collect();
        // A browser passes over an event without data.
        let said = if numbers.is_empty() { NOTHING.to_owned() } else { numbers.join(" ") };
        Ok(Event::default().event("access").data(said))
    });
    let end = async move {
        let mut ending = ending;
        tokio::select! {
            () = tokio::time::sleep(LONGEST) => {}
            _ = ending.wait_for(|ending| *ending) => {}
        }
    };
    let retry = stream::once(async { Ok(Event::default().retry(RETRY)) });
    // Subscribed first, then asked: what happened between the page and this stream shows by the number.
    let entry = stream::once(async move {
        let seq = trail.audit_seq().await.unwrap_or_default();
        Ok(Event::default().event("entry").data(seq.to_string()))
    });
    let told = told.filter_map(|event| async { event.map(Ok) });
    let events = retry.chain(entry).chain(stream::select(told, changed)).take_until(Box::pin(end));
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// Turns PostgreSQL's notifications into counts, for as long as the process lives.
pub(crate) async fn count_changes(
    services: Services,
    steps: watch::Sender<u64>,
    changes: broadcast::Sender<String>,
) {
    loop {
        match services.listen().await {
            Ok(mut listener) => {
                while let Ok(change) = listener.next().await {
                    match change {
                        Change::Sweep => steps.send_modify(|count| *count += 1),
                        // Nobody listens: nobody needs to know.
                        Change::Access(numbers) => drop(changes.send(numbers)),
                    }
                }
                tracing::warn!("the listener for changes lost its connection");
            }
            Err(error) => tracing::warn!(error = %error, "the listener for changes cannot connect"),
        }
        tokio::time::sleep(RETRY).await;
    }
}
