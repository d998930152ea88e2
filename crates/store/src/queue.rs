//! Jobs are queued in the transaction that makes them necessary. The worker itself is the server's.

use crate::{Store, StoreError};
use claviger_domain::job::Job;
use graphile_worker::WorkerUtils;
use sqlx::PgConnection;

/// The name under which the queue knows our jobs.
pub const JOB_TASK: &str = "claviger_job";
/// The name of those that somebody waits for.
pub const AWAITED_JOB_TASK: &str = "claviger_awaited_job";
const MAX_ATTEMPTS: i32 = 8;

impl Store {
    pub(crate) async fn migrate_queue(&self) -> Result<(), StoreError> {
        let utils = WorkerUtils::new(self.pool.clone(), "graphile_worker");
        utils.migrate().await.map_err(|error| StoreError::Queue(error.to_string()))
    }
}

/// Queues a job; one with the same key that still waits is replaced.
pub(crate) async fn enqueue(connection: &mut PgConnection, job: &Job) -> Result<(), StoreError> {
    enqueue_all(connection, std::slice::from_ref(job)).await
}

/// Queues these in one statement.
pub(crate) async fn enqueue_all(
    connection: &mut PgConnection,
    jobs: &[Job],
) -> Result<(), StoreError> {
    let payloads: Result<Vec<serde_json::Value>, _> =
        jobs.iter().map(serde_json::to_value).collect();
    sqlx::query(
        "select 1 from unnest($1::text[], $2::json[], $3::text[], $4::int[]) as x (task, payload, key, priority)
         cross join lateral graphile_worker.add_job(x.task, x.payload, job_key := x.key, priority := x.priority,
            max_attempts := $5)",
    )
    .bind(jobs.iter().map(|job| if job.is_awaited() { AWAITED_JOB_TASK } else { JOB_TASK }).collect::<Vec<_>>())
    .bind(payloads.map_err(|error| StoreError::Queue(error.to_string()))?)
    .bind(jobs.iter().map(Job::key).collect::<Vec<_>>())
    .bind(jobs.iter().map(Job::priority).collect::<Vec<_>>())
    .bind(MAX_ATTEMPTS)
    .execute(connection)
    .await?;
    Ok(())
}
