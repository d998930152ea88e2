//! Server-sent events: the progress of scans, for each person's scope, and changes of access.

use crate::{AppState, auth::Signed};
use axum::{
    extract::State,
    response::{
        Sse,
        sse::{Event, KeepAlive},
    },
};
use claviger_app::scan_event;
use claviger_domain::{authz::Caller, error_line::ErrorLine};
use claviger_services::{Services, Touched};
use claviger_store::Change;
use futures::{Stream, StreamExt, stream};
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::sync::{broadcast, watch};
use tokio_stream::wrappers::{BroadcastStream, WatchStream};

/// Steps in quick succession are sent once.
const PACE: Duration = Duration::from_millis(300);
/// Then the browser connects again, and the session is checked again.
const MAX_STREAM_SECONDS: Duration = Duration::from_mins(5);
/// Sent if a slow browser has missed events.
const EVERYTHING: &str = "*";
/// Sent if the changed subject has no number, such as an inbox.
const NOTHING: &str = "-";
const RETRY: Duration = Duration::from_secs(5);

/// Streams progress to a signed-in person. Each event is authorized for this person before it is sent: about changes that
/// they may not see they receive nothing, not even that there was one.
pub(crate) async fn events(
    State(state): State<AppState>,
    Signed(caller): Signed,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let AppState { services, steps, changes, shutdown, .. } = state;
    let caller = Arc::new(caller);
    let told = progress(services.clone(), Arc::clone(&caller), steps);
    let changed = access(services.clone(), Arc::clone(&caller), &changes);
    let end = async move {
        let mut shutdown = shutdown;
        tokio::select! {
            () = tokio::time::sleep(MAX_STREAM_SECONDS) => {}
            _ = shutdown.wait_for(|shutdown| *shutdown) => {}
        }
    };
    let retry = stream::once(async { Ok(Event::default().retry(RETRY)) });
    // Subscribe first, then read: the mark shows what happened between the page and this stream.
    let entry = stream::once(async move {
        let mark = services.live().entry_mark(&caller).await.unwrap_or_default();
        Ok(Event::default().event("entry").data(mark))
    });
    let events = retry.chain(entry).chain(stream::select(told, changed)).take_until(Box::pin(end));
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// The scan's progress over the accounts of this person, in words, if it differs from the last event.
fn progress(
    services: Services,
    caller: Arc<Caller>,
    steps: watch::Receiver<u64>,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let read = WatchStream::new(steps).then(move |_| {
        let (services, caller) = (services.clone(), Arc::clone(&caller));
        async move {
            let progress = services.scans().scan_progress(&caller).await;
            tokio::time::sleep(PACE).await;
            // A database error causes no event: the next step sends one.
            progress.ok().and_then(|progress| scan_event(&progress))
        }
    });
    let mut last = None;
    read.filter_map(move |told| {
        let new = told.filter(|told| last.as_ref() != Some(told));
        if let Some(told) = &new {
            last = Some(told.clone());
        }
        std::future::ready(new.map(|words| Ok(Event::default().event("scan").data(words))))
    })
}

/// The numbers of changed subjects that this person may see.
fn access(
    services: Services,
    caller: Arc<Caller>,
    changes: &broadcast::Sender<Touched>,
) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
    let heard = BroadcastStream::new(changes.subscribe())
        .map(|heard| heard.unwrap_or_else(|_| Touched::everything()));
    let together = tokio_stream::StreamExt::chunks_timeout(heard, 64, PACE);
    together
        .then(move |changes| {
            let (services, caller) = (services.clone(), Arc::clone(&caller));
            async move {
                let mut touched = Touched::default();
                for change in changes {
                    touched.merge(change);
                }
                // Where it cannot be evaluated, it is not told: a page that is read again shows it.
                services.live().audible(&caller, &touched).await.unwrap_or_default()
            }
        })
        .filter_map(|audible| async move {
            if audible.is_nothing() {
                return None;
            }
            let mut words: Vec<String> = audible.numbers.into_iter().collect();
            if audible.everything {
                words.push(EVERYTHING.to_owned());
            }
            // Browsers ignore an event without data.
            if words.is_empty() {
                words.push(NOTHING.to_owned());
            }
            Some(Ok(Event::default().event("access").data(words.join(" "))))
        })
}

/// Turns PostgreSQL's notifications into counts, during the lifetime of the process.
pub(crate) async fn count_changes(
    services: Services,
    steps: watch::Sender<u64>,
    changes: broadcast::Sender<Touched>,
) {
    loop {
        match services.live().listen().await {
            Ok(mut listener) => {
                while let Ok(change) = listener.next().await {
                    match change {
                        Change::Sweep => steps.send_modify(|count| *count += 1),
                        // No receivers: nothing to do.
                        Change::Access(touched) => drop(changes.send(touched)),
                    }
                }
                tracing::warn!("the listener for changes lost its connection");
            }
            Err(error) => {
                tracing::warn!(error = %ErrorLine(&error), "the listener for changes cannot connect");
            }
        }
        tokio::time::sleep(RETRY).await;
    }
}
