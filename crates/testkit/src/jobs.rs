//! The queue, run by the test itself.

use claviger_domain::job::Job;
use sqlx::PgPool;

/// Takes every job off the queue.
pub async fn taken_jobs(pool: &PgPool) -> Vec<Job> {
    let taken: Vec<(serde_json::Value,)> =
        sqlx::query_as("delete from graphile_worker._private_jobs returning payload::jsonb")
            .fetch_all(pool)
            .await
            .expect("the queue is there");
    taken
        .into_iter()
        .map(|(payload,)| serde_json::from_value(payload).expect("a job of ours"))
        .collect()
}

/// Takes jobs off the queue and runs them, including the jobs that they queue, until none is left.
pub async fn work_off(pool: &PgPool, run: impl AsyncFn(Job)) {
    loop {
        let jobs = taken_jobs(pool).await;
        if jobs.is_empty() {
            return;
        }
        for job in jobs {
            run(job).await;
        }
    }
}
