//! Works off the queue, and sets off what comes by the clock.

use crate::StartError;
use claviger_domain::{job::Job, sweep::SweepTrigger};
use claviger_services::{JobFailure, Services};
use claviger_store::{JOB_TASK, Store};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext, WorkerOptions};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// How often the schedule is looked at.
const TICK: Duration = Duration::from_secs(15);
const RECONCILE: Duration = Duration::from_hours(24);
/// How long a dead replica's jobs wait for another.
const DEAD_AFTER: Duration = Duration::from_mins(1);

/// The queue's view of our jobs.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct QueuedJob(Job);

impl TaskHandler for QueuedJob {
    const IDENTIFIER: &'static str = JOB_TASK;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let Some(Hands(services)) = context.get_ext::<Hands>() else {
            return Err("the worker was started without its services".to_owned());
        };
        services.run(self.0).await.map_err(|failure: JobFailure| failure.to_string())
    }
}

/// The services, in a shape that the queue can carry.
#[derive(Clone)]
struct Hands(Services);

impl fmt::Debug for Hands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hands")
    }
}

/// Starts the worker. It ends, its jobs done or handed back, when `ending` turns true.
pub async fn spawn_worker(
    services: Services,
    store: &Store,
    jobs: usize,
    ending: watch::Receiver<bool>,
) -> Result<tokio::task::JoinHandle<()>, StartError> {
    let mut told = ending.clone();
    let worker = WorkerOptions::default()
        .pg_pool(store.pool().clone())
        .schema("graphile_worker")
        .concurrency(jobs)
        .poll_interval(Duration::from_secs(2))
        .heartbeat_interval(DEAD_AFTER / 4)
        .sweep_interval(DEAD_AFTER / 2)
        .sweep_threshold(DEAD_AFTER)
        .listen_os_shutdown_signals(false)
        .shutdown_grace_period(Duration::from_secs(5))
        .shutdown_signal(async move {
            let _ = told.wait_for(|ending| *ending).await;
        })
        .define_job::<QueuedJob>()
        .add_extension(Hands(services))
        .init()
        .await
        .map_err(|error| StartError::Worker(error.to_string()))?;
    Ok(tokio::spawn(async move {
        if let Err(error) = worker.run().await {
            tracing::error!(error = %error, "the queue's worker ended");
        }
    }))
}

/// Sweeps at the start and on schedule, moves grants on with time, and clears sessions that have ended.
pub(crate) async fn keep_time(services: Services, mut ending: watch::Receiver<bool>) {
    let mut trigger = SweepTrigger::Start;
    let mut looked = None;
    loop {
        match services.sweep_if_due(trigger).await {
            Ok(()) => trigger = SweepTrigger::Schedule,
            Err(error) => tracing::warn!(error = %error, "the schedule cannot be kept"),
        }
        if let Err(error) = services.keep_access_time().await {
            tracing::warn!(error = %error, "the time of grants cannot be kept");
        }
        if let Err(error) = services.keep_judging().await {
            tracing::warn!(error = %error, "verdicts cannot be kept up with time");
        }
        if let Err(error) = services.keep_mending().await {
            tracing::warn!(error = %error, "plans cannot be gone on with");
        }
        if let Err(error) = services.keep_digests().await {
            tracing::warn!(error = %error, "the digests of teams cannot be sent");
        }
        if let Err(error) = services.keep_waivers().await {
            tracing::warn!(error = %error, "the time of exceptions cannot be kept");
        }
        // At the start, and once a day: what the access roles deny is what they should deny, and old changes go.
        if looked.is_none_or(|at: Instant| at.elapsed() >= RECONCILE) {
            match services.reconcile_denials().await {
                Ok(()) => looked = Some(Instant::now()),
                Err(error) => {
                    tracing::warn!(error = %error, "Deny statements cannot be reconciled");
                }
            }
            if let Err(error) = services.keep_history().await {
                tracing::warn!(error = %error, "old changes cannot be forgotten");
            }
        }
        if let Err(error) = services.clear_ended_sessions().await {
            tracing::warn!(error = %error, "ended sessions cannot be cleared");
        }
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            _ = ending.wait_for(|ending| *ending) => return,
        }
    }
}
