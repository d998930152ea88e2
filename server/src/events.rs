//! Server-sent events: the sweep's progress, each person's own view of it.

use crate::{AppState, auth::Signed};
use axum::{
    extract::State,
    response::{
        Sse,
        sse::{Event, KeepAlive},
    },
};
use claviger_services::Services;
use futures::{Stream, StreamExt, stream};
use std::{convert::Infallible, time::Duration};
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;

/// Steps that come close together are told once.
const PACE: Duration = Duration::from_millis(300);
/// The browser then connects anew, and the session is looked at again.
const LONGEST: Duration = Duration::from_mins(5);
const RETRY: Duration = Duration::from_secs(5);

/// Streams progress to a person who is signed in.
pub(crate) async fn events(
    State(state): State<AppState>,
    Signed(caller): Signed,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let AppState { services, steps, ending, .. } = state;
    let told = WatchStream::new(steps).then(move |_| {
        let (services, caller) = (services.clone(), caller.clone());
        async move {
            let progress = services.sweep_progress(&caller).await;
            tokio::time::sleep(PACE).await;
            // A fault of the database is not worth an event: the next step tells.
            progress.ok().and_then(|progress| Event::default().json_data(progress).ok())
        }
    });
    let end = async move {
        let mut ending = ending;
        tokio::select! {
            () = tokio::time::sleep(LONGEST) => {}
            _ = ending.wait_for(|ending| *ending) => {}
        }
    };
    let retry = stream::once(async { Ok(Event::default().retry(RETRY)) });
    let events =
        retry.chain(told.filter_map(|event| async { event.map(Ok) })).take_until(Box::pin(end));
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// Turns PostgreSQL's notifications into counted steps, for as long as the process lives.
pub(crate) async fn count_steps(services: Services, steps: watch::Sender<u64>) {
    loop {
        match services.listen_to_sweeps().await {
            Ok(mut listener) => {
                while listener.step().await.is_ok() {
                    steps.send_modify(|count| *count += 1);
                }
                tracing::warn!("the listener for sweeps lost its connection");
            }
            Err(error) => tracing::warn!(error = %error, "the listener for sweeps cannot connect"),
        }
        tokio::time::sleep(RETRY).await;
    }
}
