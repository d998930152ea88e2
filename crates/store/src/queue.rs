//! Jobs are queued in the transaction that makes them necessary. The worker itself is the server's.

use crate::{Store, StoreError};
use claviger_domain::job::Job;
use graphile_worker::WorkerUtils;
use sqlx::PgConnection;

/// The name under which the queue knows our jobs.
pub const JOB_TASK: &str = "claviger_job";
const MAX_ATTEMPTS: i32 = 8;

impl Store {
    pub(crate) async fn migrate_queue(&self) -> Result<(), StoreError> {
        let utils = WorkerUtils::new(self.pool.clone(), "graphile_worker");
        utils.migrate().await.map_err(|error| StoreError::Queue(error.to_string()))
    }
}

/// Queues a job; one with the same key that still waits is replaced.
pub(crate) async fn enqueue(connection: &mut PgConnection, job: &Job) -> Result<(), StoreError> {
    let payload =
        serde_json::to_value(job).map_err(|error| StoreError::Queue(error.to_string()))?;
    sqlx::query(
        "select 1 from graphile_worker.add_job($1, $2::json, job_key := $3, max_attempts := $4)",
    )
    .bind(JOB_TASK)
    .bind(payload)
    .bind(job.key())
    .bind(MAX_ATTEMPTS)
    .execute(connection)
    .await?;
    Ok(())
}
