//! Whether the process lives, and whether it can serve.

use crate::AppState;
use axum::{extract::State, http::StatusCode, response::IntoResponse};
use claviger_domain::error_line::ErrorLine;
use std::time::Duration;

/// The response of `/healthz` and `/livez`.
pub(crate) const ALIVE: &str = "alive";

/// How long the database has to answer. Probes of Kubernetes and of load balancers wait a second or longer.
const PATIENCE: Duration = Duration::from_millis(750);

/// Answers as long as the process serves HTTP, whatever the state of the database: restarting would not help.
pub(crate) async fn live() -> &'static str {
    ALIVE
}

/// Answers 200 if requests can be served; otherwise 503 with the reason, within a second.
pub(crate) async fn ready(State(state): State<AppState>) -> impl IntoResponse {
    let is_ending = *state.draining.borrow();
    let answer = readiness(is_ending, PATIENCE, state.services.health().ping()).await;
    match answer {
        Ok(()) => (StatusCode::OK, "ready"),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason),
    }
}

async fn readiness<E: std::error::Error + 'static>(
    is_ending: bool,
    patience: Duration,
    ping: impl Future<Output = Result<(), E>>,
) -> Result<(), &'static str> {
    // Load balancers stop sending requests before the last ones have ended.
    if is_ending {
        return Err("shutting down");
    }
    match tokio::time::timeout(patience, ping).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            tracing::warn!(error = %ErrorLine(&error), "not ready");
            Err("the database cannot be reached")
        }
        Err(_) => {
            tracing::warn!(
                elapsed_ms = patience.as_millis(),
                "not ready: the database did not answer in time"
            );
            Err("the database does not answer")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{future, io, time::Instant};

    #[tokio::test]
    async fn what_is_not_ready_is_said_in_time() {
        let began = Instant::now();
        let hangs = future::pending::<Result<(), io::Error>>();
        assert_eq!(readiness(false, PATIENCE, hangs).await, Err("the database does not answer"));
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        let refused = future::ready(Err(io::Error::other("refused")));
        assert_eq!(
            readiness(false, PATIENCE, refused).await,
            Err("the database cannot be reached")
        );
        let answers = || future::ready(Ok::<(), io::Error>(()));
        assert_eq!(readiness(false, PATIENCE, answers()).await, Ok(()));
        assert_eq!(readiness(true, PATIENCE, answers()).await, Err("shutting down"));
    }
}
