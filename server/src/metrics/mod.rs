//! Metrics for Prometheus, on an address of their own (ADR 40).

mod catalog;
mod process;
mod reading;
mod recorder;
mod teams;
#[cfg(test)]
mod tests;

pub(crate) use recorder::Recorder;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use claviger_domain::error_line::ErrorLine;
use claviger_services::{MetricsService, MetricsSnapshot};
use claviger_store::Store;
use prometheus_client::encoding::text::encode_eof;
use reading::Reading;
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};
use time::OffsetDateTime;
use tokio::{sync::Mutex, time::timeout};

/// Scrapes within this time share one reading of the database.
const SHARED_FOR: Duration = Duration::from_secs(5);
/// How long a scrape waits for the database. Prometheus' own default timeout is 10 s.
const PATIENCE: Duration = Duration::from_secs(4);
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type LastReading = Option<(Instant, Option<Arc<MetricsSnapshot>>)>;

/// Answers scrapes.
pub(crate) struct Exporter {
    recorder: Arc<Recorder>,
    service: MetricsService,
    /// By the label of their pool.
    stores: [(&'static str, Store); 2],
    started: OffsetDateTime,
    last: Mutex<LastReading>,
}

impl Exporter {
    pub(crate) fn new(
        recorder: Arc<Recorder>,
        service: MetricsService,
        for_people: Store,
        for_jobs: Store,
        started: OffsetDateTime,
    ) -> Self {
        let stores = [("people", for_people), ("jobs", for_jobs)];
        Self { recorder, service, stores, started, last: Mutex::default() }
    }

    /// `/metrics` and nothing else.
    pub(crate) fn router(self) -> Router {
        Router::new().route("/metrics", get(scrape)).with_state(Arc::new(self))
    }

    /// One reading for all scrapes of a moment. `None` if the database does not answer in time.
    async fn snapshot(&self) -> Option<Arc<MetricsSnapshot>> {
        let mut last = self.last.lock().await;
        if let Some((read, snapshot)) = &*last
            && read.elapsed() < SHARED_FOR
        {
            return snapshot.clone();
        }
        let snapshot = match timeout(PATIENCE, self.service.snapshot()).await {
            Ok(Ok(snapshot)) => Some(Arc::new(snapshot)),
            Ok(Err(error)) => {
                tracing::warn!(error = %ErrorLine(&error), "the metrics of the database cannot be read");
                None
            }
            Err(_) => {
                tracing::warn!(
                    elapsed_ms = PATIENCE.as_millis(),
                    "the database did not answer a scrape in time"
                );
                None
            }
        };
        *last = Some((Instant::now(), snapshot.clone()));
        snapshot
    }

    async fn text(&self) -> Result<String, fmt::Error> {
        let snapshot = self.snapshot().await;
        let mut reading = Reading::default();
        reading.put_reachable(snapshot.is_some());
        if let Some(snapshot) = snapshot {
            reading.put_snapshot(&snapshot);
        }
        let pools = self.stores.each_ref().map(|(pool, store)| (*pool, store.pool_use()));
        reading.put_pools(&pools);
        reading.put_process(self.started);
        let mut text = String::new();
        self.recorder.encode(&mut text)?;
        reading.encode(&mut text)?;
        encode_eof(&mut text)?;
        Ok(text)
    }
}

async fn scrape(State(exporter): State<Arc<Exporter>>) -> impl IntoResponse {
    match exporter.text().await {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        // Writing into memory fails only if the library refuses a name or a label of ours.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
