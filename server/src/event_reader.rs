//! Reads the queue of events for as long as the server runs.

use claviger_aws::EventQueue;
use claviger_domain::error_line::ErrorLine;
use claviger_services::Services;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How often the queue is counted.
const COUNT_INTERVAL: Duration = Duration::from_mins(1);
/// The pause after a failure; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Takes in messages until `shutdown` becomes true. Every replica may read the same queue: each message goes to one.
pub(crate) async fn read_events(
    services: Services,
    queue: impl EventQueue,
    mut shutdown: watch::Receiver<bool>,
) {
    let mut pause = FIRST_PAUSE;
    let mut counted: Option<Instant> = None;
    loop {
        let events = services.events();
        let round = async {
            events.read_queue(&queue).await?;
            if counted.is_none_or(|at| at.elapsed() >= COUNT_INTERVAL) {
                events.count_queue(&queue).await?;
                return Ok(true);
            }
            Ok::<_, claviger_services::QueueError>(false)
        };
        // A round that is left has deleted nothing that it has not recorded.
        let round = tokio::select! {
            round = round => round,
            _ = shutdown.wait_for(|shutdown| *shutdown) => return,
        };
        match round {
            Ok(has_counted) => {
                if pause > FIRST_PAUSE {
                    tracing::info!("the event queue is read again");
                }
                pause = FIRST_PAUSE;
                if has_counted {
                    counted = Some(Instant::now());
                }
                continue;
            }
            Err(error) if pause == FIRST_PAUSE => {
                tracing::warn!(error = %ErrorLine(&error), "the event queue cannot be read");
            }
            Err(error) => {
                tracing::debug!(error = %ErrorLine(&error), "the event queue still cannot be read");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = shutdown.wait_for(|shutdown| *shutdown) => return,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
