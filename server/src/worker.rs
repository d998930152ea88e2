//! Works off the queue, and sets off what comes by the clock.

use crate::StartError;
use claviger_domain::{job::Job, sweep::SweepTrigger};
use claviger_services::{JobFailure, Services};
use claviger_store::{AWAITED_JOB_TASK, JOB_TASK, Store};
use graphile_worker::{
    IntoTaskHandlerResult, LocalQueueConfig, RefetchDelayConfig, TaskHandler, Worker,
    WorkerContext, WorkerOptions,
};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    time::{Duration, Instant},
};
use tokio::{sync::watch, task::JoinSet};

/// How often the schedule is looked at.
const TICK: Duration = Duration::from_secs(15);
const RECONCILE: Duration = Duration::from_hours(24);
/// Hands that nothing but awaited jobs can occupy.
const AWAITED_AT_ONCE: usize = 2;
/// How often a worker polls for jobs. PostgreSQL notifies it of each new job, so polling only finds what nobody announces:
/// retries that become due, jobs that another replica gave back, and every job once the listening connection was lost.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// How long it keeps what it has no hand free for from other replicas.
const KEEP: Duration = Duration::from_secs(2);
/// How long the worker waits for a database that is away, before it tries again.
const AGAIN: Duration = Duration::from_secs(1);

/// The queue's view of our jobs.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct QueuedJob(Job);

impl TaskHandler for QueuedJob {
    const IDENTIFIER: &'static str = JOB_TASK;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        run(self.0, &context).await
    }
}

/// The same of those that somebody waits for.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct AwaitedJob(Job);

impl TaskHandler for AwaitedJob {
    const IDENTIFIER: &'static str = AWAITED_JOB_TASK;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        run(self.0, &context).await
    }
}

async fn run(job: Job, context: &WorkerContext) -> Result<(), String> {
    let Some(Hands(services)) = context.get_ext::<Hands>() else {
        return Err("the worker was started without its services".to_owned());
    };
    services.run(job).await.map_err(|failure: JobFailure| failure.to_string())
}

/// The services, in a shape that the queue can carry.
#[derive(Clone)]
struct Hands(Services);

impl fmt::Debug for Hands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hands")
    }
}

/// How the queue is worked off.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WorkerSettings {
    /// Jobs at a time.
    pub(crate) jobs: usize,
    /// How long a dead replica's jobs wait for another.
    pub(crate) takeover: Duration,
}

impl WorkerSettings {
    /// What all hands can hold: two connections each, and each of the two workers listens and fetches.
    pub(crate) fn connections(self) -> u32 {
        let hands = self.jobs + AWAITED_AT_ONCE;
        u32::try_from(2 * hands + 4).unwrap_or(u32::MAX)
    }
}

/// Starts the workers: one for every job, and one for those alone that somebody waits for. They end, their jobs done or
/// handed back, when `ending` turns true.
pub(crate) async fn spawn_workers(
    services: &Services,
    store: &Store,
    settings: WorkerSettings,
    ending: &watch::Receiver<bool>,
) -> Result<JoinSet<()>, StartError> {
    let mut running = JoinSet::new();
    for awaited_only in [false, true] {
        let crew = Crew {
            services: services.clone(),
            store: store.clone(),
            settings,
            awaited_only,
            ending: ending.clone(),
        };
        let worker = crew.worker().await?;
        running.spawn(crew.work(worker));
    }
    Ok(running)
}

/// How long a worker waits after a fetch that found no job. Without it the local queue of `graphile_worker` 0.14.1 never waits:
/// each fetch leaves itself a wake-up, so that the next begins at once, thousands of times a second. The first notification
/// of a new job ends the wait.
fn refetch_delay() -> RefetchDelayConfig {
    RefetchDelayConfig::default().with_duration(POLL_INTERVAL).with_max_abort_threshold(1)
}

/// What a worker is made of, and made of anew.
struct Crew {
    services: Services,
    store: Store,
    settings: WorkerSettings,
    awaited_only: bool,
    ending: watch::Receiver<bool>,
}

impl Crew {
    async fn worker(&self) -> Result<Worker, StartError> {
        let mut ending = self.ending.clone();
        let WorkerSettings { jobs, takeover } = self.settings;
        let hands = if self.awaited_only { AWAITED_AT_ONCE } else { jobs };
        let options = WorkerOptions::default()
            .pg_pool(self.store.pool().clone())
            .schema("graphile_worker")
            .concurrency(hands)
            .poll_interval(POLL_INTERVAL)
            // Without it a hand does one job each time that it looks or is told, however many wait.
            .local_queue(
                LocalQueueConfig::default()
                    .with_size(hands)
                    .with_ttl(KEEP)
                    .with_refetch_delay(refetch_delay()),
            )
            .heartbeat_interval(takeover / 4)
            .sweep_interval(takeover / 4)
            .sweep_threshold(takeover)
            .recovery_delay(Duration::ZERO)
            .listen_os_shutdown_signals(false)
            .shutdown_grace_period(Duration::from_secs(5))
            .shutdown_signal(async move {
                let _ = ending.wait_for(|ending| *ending).await;
            })
            .add_extension(Hands(self.services.clone()))
            .define_job::<AwaitedJob>();
        let options = if self.awaited_only { options } else { options.define_job::<QueuedJob>() };
        options.init().await.map_err(|error| StartError::Worker(error.to_string()))
    }

    /// Where the queue breaks under the worker, because the database went away, another begins with the database. What the
    /// first left undone is taken up like a dead replica's.
    async fn work(mut self, mut worker: Worker) {
        while let Err(error) = worker.run().await {
            tracing::error!(error = %error, "the queue broke under its worker");
            worker = loop {
                tokio::select! {
                    () = tokio::time::sleep(AGAIN) => {}
                    _ = self.ending.wait_for(|ending| *ending) => return,
                }
                match self.worker().await {
                    Ok(worker) => break worker,
                    Err(error) => tracing::warn!(error = %error, "the queue is still away"),
                }
            };
            tracing::info!("the queue is worked off again");
        }
    }
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
