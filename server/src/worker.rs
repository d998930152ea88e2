//! Runs the queue's jobs, and starts scheduled work.

use crate::StartError;
use claviger_domain::{
    error_line::{ErrorLine, panic_line},
    job::QueuedJob,
    scan::ScanTrigger,
};
use claviger_services::{Services, for_request};
use claviger_store::{INTERACTIVE_JOB_TASK, JOB_TASK, Store};
use futures::FutureExt;
use graphile_worker::{
    IntoTaskHandlerResult, LocalQueueConfig, RefetchDelayConfig, TaskHandler, Worker,
    WorkerContext, WorkerOptions,
};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};
use tokio::{sync::watch, task::JoinSet};
use tracing::{Instrument, field};

/// How often the schedule is checked.
const SCHEDULER_TICK: Duration = Duration::from_secs(15);
const RECONCILE_INTERVAL: Duration = Duration::from_hours(24);
/// The number of slots that only interactive jobs can use.
const INTERACTIVE_CONCURRENCY: usize = 2;
/// How often a worker polls for jobs. PostgreSQL notifies it of each new job, so polling only finds jobs without one:
/// retries that become due, jobs that another replica returned, and every job after the listening connection was lost.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// How long it keeps a fetched job for which it has no free slot.
const PREFETCH_TTL: Duration = Duration::from_secs(2);
/// How long the worker waits for an unavailable database before it tries again.
const RECONNECT_DELAY: Duration = Duration::from_secs(1);

/// The queue library's view of our jobs.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct BackgroundJob(QueuedJob);

impl TaskHandler for BackgroundJob {
    const IDENTIFIER: &'static str = JOB_TASK;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        run(self.0, &context).await
    }
}

/// The same for interactive jobs.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct InteractiveJob(QueuedJob);

impl TaskHandler for InteractiveJob {
    const IDENTIFIER: &'static str = INTERACTIVE_JOB_TASK;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        run(self.0, &context).await
    }
}

async fn run(queued: QueuedJob, context: &WorkerContext) -> Result<(), String> {
    let Some(WorkerServices(services)) = context.get_ext::<WorkerServices>() else {
        return Err("the worker was started without its services".to_owned());
    };
    let job = context.job();
    let attempt = JobAttempt {
        id: *job.id(),
        number: (*job.attempts()).into(),
        is_last: job.attempts() >= job.max_attempts(),
    };
    run_queued_job(services, queued, attempt).await
}

/// Which attempt at a job the queue asks for.
#[derive(Debug, Clone, Copy)]
pub struct JobAttempt {
    /// The queue's number of the job.
    pub id: i64,
    /// The first is 1.
    pub number: i32,
    /// Whether the queue gives the job up if this attempt fails.
    pub is_last: bool,
}

/// Runs a job for the request that it was queued for, in a span with the request's id, and logs a failure: the only line
/// about it, because the queue library's own is switched off.
pub async fn run_queued_job(
    services: &Services,
    queued: QueuedJob,
    attempt: JobAttempt,
) -> Result<(), String> {
    let QueuedJob { job, request_id } = queued;
    let span = tracing::info_span!(
        "job",
        job.kind = job.kind(),
        job.id = attempt.id,
        job.attempt = attempt.number,
        request.id = request_id.as_ref().map(field::display),
    );
    let running = async {
        let began = Instant::now();
        let result = AssertUnwindSafe(services.jobs().run(job)).catch_unwind().await;
        let error = match result {
            Ok(Ok(())) => {
                tracing::debug!(elapsed_ms = began.elapsed().as_millis(), "the job is done");
                return Ok(());
            }
            Ok(Err(failure)) => ErrorLine(&failure).to_string(),
            Err(panic) => {
                format!("the job panicked: {}", panic_line(&*panic).unwrap_or_default())
            }
        };
        if attempt.is_last {
            tracing::error!(error, "the job failed and is not tried again");
        } else {
            tracing::warn!(error, "the job failed and is tried again");
        }
        Err(error)
    };
    for_request(request_id, running).instrument(span).await
}

/// The services, in a form that the queue library can pass.
#[derive(Clone)]
struct WorkerServices(Services);

impl fmt::Debug for WorkerServices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WorkerServices")
    }
}

/// The configuration of the workers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WorkerSettings {
    /// Concurrent jobs.
    pub(crate) jobs: usize,
    /// How long a dead replica's jobs wait.
    pub(crate) takeover: Duration,
}

impl WorkerSettings {
    /// The maximum number of connections of all workers: two for each slot, and each of the two workers listens and fetches.
    pub(crate) fn connections(self) -> u32 {
        let concurrency = self.jobs + INTERACTIVE_CONCURRENCY;
        u32::try_from(2 * concurrency + 4).unwrap_or(u32::MAX)
    }
}

/// Starts the workers: one for every job, and one only for interactive jobs. They end when `shutdown` becomes true, with
/// their jobs finished or returned.
pub(crate) async fn spawn_workers(
    services: &Services,
    store: &Store,
    settings: WorkerSettings,
    shutdown: &watch::Receiver<bool>,
) -> Result<JoinSet<()>, StartError> {
    let mut running = JoinSet::new();
    for interactive_only in [false, true] {
        let factory = WorkerFactory {
            services: services.clone(),
            store: store.clone(),
            settings,
            interactive_only,
            shutdown: shutdown.clone(),
        };
        let worker = factory.worker().await?;
        running.spawn(factory.work(worker));
    }
    Ok(running)
}

/// How long a worker waits after a fetch that found no job. Without it the local queue of `graphile_worker` 0.14.1 never waits:
/// each fetch leaves itself a wake-up, so that the next starts immediately, thousands of times a second. The first notification
/// of a new job ends the wait.
fn refetch_delay() -> RefetchDelayConfig {
    RefetchDelayConfig::default().with_duration(POLL_INTERVAL).with_max_abort_threshold(1)
}

/// The parts of a worker, to create it again.
struct WorkerFactory {
    services: Services,
    store: Store,
    settings: WorkerSettings,
    interactive_only: bool,
    shutdown: watch::Receiver<bool>,
}

impl WorkerFactory {
    async fn worker(&self) -> Result<Worker, StartError> {
        let mut shutdown = self.shutdown.clone();
        let WorkerSettings { jobs, takeover } = self.settings;
        let concurrency = if self.interactive_only { INTERACTIVE_CONCURRENCY } else { jobs };
        let options = WorkerOptions::default()
            .pg_pool(self.store.pool().clone())
            .schema("graphile_worker")
            .concurrency(concurrency)
            .poll_interval(POLL_INTERVAL)
            // Without it a slot runs one job each time the worker polls or is notified, regardless of how many wait.
            .local_queue(
                LocalQueueConfig::default()
                    .with_size(concurrency)
                    .with_ttl(PREFETCH_TTL)
                    .with_refetch_delay(refetch_delay()),
            )
            .heartbeat_interval(takeover / 4)
            .sweep_interval(takeover / 4)
            .sweep_threshold(takeover)
            .recovery_delay(Duration::ZERO)
            .listen_os_shutdown_signals(false)
            .shutdown_grace_period(Duration::from_secs(5))
            .shutdown_signal(async move {
                let _ = shutdown.wait_for(|shutdown| *shutdown).await;
            })
            .add_extension(WorkerServices(self.services.clone()))
            .define_job::<InteractiveJob>();
        let options =
            if self.interactive_only { options } else { options.define_job::<BackgroundJob>() };
        options.init().await.map_err(|error| StartError::Worker(error.to_string()))
    }

    /// If the queue's worker fails because the database is unavailable, another starts with the database. The first one's
    /// unfinished jobs are taken over like a dead replica's.
    async fn work(mut self, mut worker: Worker) {
        while let Err(error) = worker.run().await {
            tracing::error!(error = %ErrorLine(&error), "a worker lost the job queue");
            worker = loop {
                tokio::select! {
                    () = tokio::time::sleep(RECONNECT_DELAY) => {}
                    _ = self.shutdown.wait_for(|shutdown| *shutdown) => return,
                }
                match self.worker().await {
                    Ok(worker) => break worker,
                    Err(error) => {
                        tracing::warn!(error = %ErrorLine(&error), "the job queue still cannot be reached");
                    }
                }
            };
            tracing::info!("the worker runs jobs again");
        }
    }
}

/// Starts scans at startup and on schedule, advances grants over time, and deletes expired sessions.
pub(crate) async fn run_schedule(services: Services, mut shutdown: watch::Receiver<bool>) {
    let mut trigger = ScanTrigger::Start;
    let mut looked = None;
    loop {
        match services.scans().scan_if_due(trigger).await {
            Ok(()) => trigger = ScanTrigger::Schedule,
            Err(error) => {
                tracing::warn!(error = %ErrorLine(&error), "a scan cannot be started on schedule");
            }
        }
        if let Err(error) = services.grant_timer().update_grants().await {
            tracing::warn!(error = %ErrorLine(&error), "grants cannot be advanced");
        }
        if let Err(error) = services.evaluations().schedule_due_evaluations().await {
            tracing::warn!(error = %ErrorLine(&error), "due evaluations cannot be queued");
        }
        if let Err(error) = services.remediation().queue_running_plans().await {
            tracing::warn!(error = %ErrorLine(&error), "running plans cannot be queued");
        }
        if let Err(error) = services.digests().send_due_digests().await {
            tracing::warn!(error = %ErrorLine(&error), "team digests cannot be sent");
        }
        if let Err(error) = services.exceptions().update_exceptions().await {
            tracing::warn!(error = %ErrorLine(&error), "exceptions cannot be advanced");
        }
        if let Err(error) = services.creations().update_creations().await {
            tracing::warn!(error = %ErrorLine(&error), "creations cannot be advanced");
        }
        // At startup and once a day: update the Deny statements of the access roles, and delete old rows.
        if looked.is_none_or(|at: Instant| at.elapsed() >= RECONCILE_INTERVAL) {
            match services.revocation().reconcile_denials().await {
                Ok(()) => looked = Some(Instant::now()),
                Err(error) => {
                    tracing::warn!(error = %ErrorLine(&error), "Deny statements cannot be reconciled");
                }
            }
            if let Err(error) = services.retention().prune().await {
                tracing::warn!(error = %ErrorLine(&error), "old rows cannot be deleted");
            }
        }
        if let Err(error) = services.sign_ins().clear_ended_sessions().await {
            tracing::warn!(error = %ErrorLine(&error), "ended sessions cannot be deleted");
        }
        tokio::select! {
            () = tokio::time::sleep(SCHEDULER_TICK) => {}
            _ = shutdown.wait_for(|shutdown| *shutdown) => return,
        }
    }
}
