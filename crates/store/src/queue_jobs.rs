//! Single jobs of the queue, for administrators: what runs, what waits, what failed, and another try.

use crate::{JobQueue, StoreError, UnitOfWork};
use claviger_domain::settings::jobs::{JobState, LISTED_JOBS};
use time::OffsetDateTime;

/// A job as the queue has it.
#[derive(Debug, Clone)]
pub struct StoredJob {
    pub id: i64,
    /// The payload: ids alone.
    pub payload: serde_json::Value,
    pub state: JobState,
    pub attempts: u32,
    pub max_attempts: u32,
    pub last_error: Option<String>,
    pub created_at: OffsetDateTime,
    /// When it runs next; of a running job, when it was started.
    pub at: OffsetDateTime,
}

/// Id, payload, state, attempts, at most, error, created, at.
type JobDbRow =
    (i64, serde_json::Value, String, i16, i16, Option<String>, OffsetDateTime, OffsetDateTime);

impl JobQueue {
    /// Jobs of each state: running, failed, retrying and waiting; at most [`LISTED_JOBS`] of each, the latest failure first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn list_jobs(&self) -> Result<Vec<StoredJob>, StoreError> {
        let rows: Vec<JobDbRow> = sqlx::query_as(
            "select id, payload, state, attempts, max_attempts, last_error, created_at, at from (
                select *, row_number() over (partition by state
                    order by case when state = 'failed' then updated_at end desc, at, id) as place
                from (select id, payload, attempts, max_attempts, last_error, created_at, updated_at,
                        coalesce(locked_at, run_at) as at,
                        case when locked_at is not null then 'running' when attempts >= max_attempts then 'failed'
                            when attempts > 0 then 'retrying' else 'waiting' end as state
                    from graphile_worker._private_jobs) jobs) placed
             where place <= $1
             order by array_position(array['running', 'failed', 'retrying', 'waiting'], state), place",
        )
        .bind(LISTED_JOBS)
        .fetch_all(&self.pool)
        .await?;
        let number = |n: i16| u32::try_from(n).unwrap_or(0);
        let jobs = rows.into_iter().map(
            |(id, payload, state, attempts, max_attempts, last_error, created_at, at)| StoredJob {
                id,
                payload,
                state: match state.as_str() {
                    "running" => JobState::Running,
                    "failed" => JobState::Failed,
                    "retrying" => JobState::Retrying,
                    _ => JobState::Waiting,
                },
                attempts: number(attempts),
                max_attempts: number(max_attempts),
                last_error,
                created_at,
                at,
            },
        );
        Ok(jobs.collect())
    }
}

impl UnitOfWork {
    /// Queues a job that has failed for the last time again, with all its attempts. Returns its payload; `None` if there is no
    /// such job, or if it has not failed.
    #[tracing::instrument(level = "debug", skip_all, fields(job.id = job))]
    pub async fn retry_job(&mut self, job: i64) -> Result<Option<serde_json::Value>, StoreError> {
        Ok(sqlx::query_scalar(
            "select payload from graphile_worker.reschedule_jobs(
                array(select id from graphile_worker._private_jobs
                    where id = $1 and attempts >= max_attempts and locked_at is null for update),
                run_at := now(), attempts := 0)",
        )
        .bind(job)
        .fetch_optional(self.connection())
        .await?)
    }
}
