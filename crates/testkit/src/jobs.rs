//! The queue, run by the test itself.

use claviger_domain::job::Job;
use sqlx::{PgPool, postgres::PgPoolOptions};

/// A pool for the test, like the server's. The one from `sqlx::test` shares the
/// connections of a parent with every other test: at its limit, permits that it waits for may return to the
/// parent, and then it waits in vain until its timeout.
pub fn own_pool(handed: &PgPool) -> PgPool {
    PgPoolOptions::new().max_connections(5).connect_lazy_with((*handed.connect_options()).clone())
}

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
