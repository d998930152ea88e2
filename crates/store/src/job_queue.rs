//! Jobs are queued in the transaction that makes them necessary. The worker itself is the server's.

use crate::{Store, StoreError, current_request, locks::AdvisoryLock, schema::may_not};
use claviger_domain::{
    ids::{AccountId, Region},
    job::{Job, QueuedJob},
    remediation::PlanId,
};
use graphile_worker::WorkerUtils;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

/// The name under which the queue knows our jobs.
pub const JOB_TASK: &str = "claviger_job";
/// The name of those that somebody waits for.
pub const INTERACTIVE_JOB_TASK: &str = "claviger_awaited_job";
const MAX_ATTEMPTS: i16 = 8;

/// The queue looks for waiting jobs of the same key. A session plans that once, with the table as it is then: mostly empty,
/// and from then on it would read all of thousands of jobs for each that comes.
const BY_INDEX: &str = "do $$ begin
    if not exists (select 1 from pg_proc p where p.pronamespace = 'graphile_worker'::regnamespace
            and p.proname = 'add_jobs' and 'enable_seqscan=off' = any(p.proconfig)) then
        alter function graphile_worker.add_jobs set enable_seqscan = off;
    end if;
end $$";

impl Store {
    pub(crate) async fn migrate_queue(&self) -> Result<(), StoreError> {
        let utils = WorkerUtils::new(self.pool.clone(), "graphile_worker");
        utils.migrate().await.map_err(|error| {
            // The library's error keeps no code.
            let text = error.to_string();
            if text.contains("permission denied") || text.contains("must be owner") {
                StoreError::MayNotMigrate(text)
            } else {
                StoreError::Queue(text)
            }
        })?;
        let mut tx = self.pool.begin().await?;
        AdvisoryLock::QueueFunctions.acquire(&mut tx).await?;
        sqlx::query(BY_INDEX).execute(&mut *tx).await.map_err(|error| may_not(error.into()))?;
        tx.commit().await?;
        Ok(())
    }
}

/// The queue's jobs of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobCount {
    /// As in the payload.
    pub kind: String,
    /// Due, and not yet taken by a worker.
    pub due: u64,
    /// Failed before, and tried again later.
    pub later: u64,
    pub running: u64,
    /// Not tried again.
    pub given_up: u64,
    /// Since when the oldest due job could run.
    pub due_since: Option<OffsetDateTime>,
}

/// Queues jobs that no other write makes necessary.
#[derive(Clone, Debug)]
pub struct JobQueue {
    pub(crate) pool: PgPool,
}

/// The kind; due, later, running and given up; since when the oldest is due.
type JobCountRow = (Option<String>, i64, i64, i64, i64, Option<OffsetDateTime>);

impl JobQueue {
    /// Queues the reading of what is left of an account and Region.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    pub async fn queue_details(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        let job = Job::ReadDeep { account: account.clone(), region: region.clone() };
        enqueue(&mut connection, &job).await
    }

    /// Queues the evaluation of these accounts.
    #[tracing::instrument(level = "debug", skip_all, fields(job.count = accounts.len()))]
    pub async fn queue_evaluation(&self, accounts: &[AccountId]) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        for account in accounts {
            enqueue(&mut tx, &Job::Evaluate { account: account.clone() }).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// All jobs, by kind. Kinds without a job are left out.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn count_jobs(&self) -> Result<Vec<JobCount>, StoreError> {
        let rows: Vec<JobCountRow> = sqlx::query_as(
            "select kind, count(*) filter (where state = 'due'), count(*) filter (where state = 'later'),
                count(*) filter (where state = 'running'), count(*) filter (where state = 'given up'),
                min(run_at) filter (where state = 'due')
             from (select payload ->> 'job' as kind, run_at,
                case when locked_at is not null then 'running' when attempts >= max_attempts then 'given up'
                    when run_at > now() then 'later' else 'due' end as state
                from graphile_worker._private_jobs) jobs
             group by kind",
        )
        .fetch_all(&self.pool)
        .await?;
        let number = |n: i64| u64::try_from(n).unwrap_or(0);
        let counts =
            rows.into_iter().map(|(kind, due, later, running, given_up, due_since)| JobCount {
                kind: kind.unwrap_or_default(),
                due: number(due),
                later: number(later),
                running: number(running),
                given_up: number(given_up),
                due_since,
            });
        Ok(counts.collect())
    }

    /// Queues the calls of plans that go on.
    #[tracing::instrument(level = "debug", skip_all, fields(job.count = plans.len()))]
    pub async fn queue_plans(&self, plans: &[(PlanId, AccountId)]) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        for (plan, account) in plans {
            let job = Job::Remediate { plan: *plan, account: account.clone() };
            enqueue(&mut tx, &job).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Queues a job; one with the same key that still waits is replaced.
pub(crate) async fn enqueue(connection: &mut PgConnection, job: &Job) -> Result<(), StoreError> {
    enqueue_all(connection, std::slice::from_ref(job)).await
}

/// Queues these in one statement, for the request that the present task works for.
pub(crate) async fn enqueue_all(
    connection: &mut PgConnection,
    jobs: &[Job],
) -> Result<(), StoreError> {
    if jobs.is_empty() {
        return Ok(());
    }
    let request_id = current_request();
    let payloads: Result<Vec<serde_json::Value>, _> = jobs
        .iter()
        .map(|job| QueuedJob { job: job.clone(), request_id: request_id.clone() })
        .map(serde_json::to_value)
        .collect();
    sqlx::query(
        "select 1 from graphile_worker.add_jobs((
            select array_agg((x.task, x.payload, null, null, $5, x.key, x.priority, null)::graphile_worker.job_spec)
            from unnest($1::text[], $2::json[], $3::text[], $4::smallint[]) as x (task, payload, key, priority)))",
    )
    .bind(jobs.iter().map(|job| if job.is_interactive() { INTERACTIVE_JOB_TASK } else { JOB_TASK }).collect::<Vec<_>>())
    .bind(payloads.map_err(|error| StoreError::Queue(error.to_string()))?)
    .bind(jobs.iter().map(Job::key).collect::<Vec<_>>())
    .bind(jobs.iter().map(Job::priority).collect::<Vec<_>>())
    .bind(MAX_ATTEMPTS)
    .execute(connection)
    .await?;
    Ok(())
}
