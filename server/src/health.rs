//! Whether the process lives, and whether it can serve.

use crate::AppState;
use axum::{extract::State, http::StatusCode, response::IntoResponse};
use claviger_domain::error_line::ErrorLine;
use std::{borrow::Cow, time::Duration};

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
    let unfit = state.unfit.borrow().clone();
    let ping = state.services.health().ping();
    match readiness(is_ending, unfit, PATIENCE, ping).await {
        Ok(()) => (StatusCode::OK, "ready".into()),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason),
    }
}

async fn readiness<E: std::error::Error + 'static>(
    is_ending: bool,
    unfit: Option<String>,
    patience: Duration,
    ping: impl Future<Output = Result<(), E>>,
) -> Result<(), Cow<'static, str>> {
    // Load balancers stop sending requests before the last ones have ended.
    if is_ending {
        return Err("shutting down".into());
    }
    if let Some(why) = unfit {
        return Err(why.into());
    }
    match tokio::time::timeout(patience, ping).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            tracing::warn!(error = %ErrorLine(&error), "not ready");
            Err("the database cannot be reached".into())
        }
        Err(_) => {
            tracing::warn!(
                elapsed_ms = patience.as_millis(),
                "not ready: the database did not answer in time"
            );
            Err("the database does not answer".into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{FutureExt, future::BoxFuture};
    use std::{future, io, time::Instant};

    #[tokio::test]
    async fn what_is_not_ready_is_said_in_time() {
        let began = Instant::now();
        let says = async |is_ending, unfit: Option<&str>, ping| {
            let found = readiness(is_ending, unfit.map(Into::into), PATIENCE, ping).await;
            found.map_err(Cow::into_owned).err().unwrap_or_default()
        };
        let hangs: BoxFuture<'_, _> = future::pending::<Result<(), io::Error>>().boxed();
        assert_eq!(says(false, None, hangs).await, "the database does not answer");
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        let refused = future::ready(Err(io::Error::other("refused"))).boxed();
        assert_eq!(says(false, None, refused).await, "the database cannot be reached");
        let answers = || future::ready(Ok::<(), io::Error>(())).boxed();
        assert_eq!(says(false, None, answers()).await, "");
        assert_eq!(says(true, None, answers()).await, "shutting down");
        let clock = "the clock of this machine is 600 seconds behind the database's";
        assert_eq!(says(false, Some(clock), answers()).await, clock);
    }
}
