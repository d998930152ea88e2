//! The queue, worked off by the test itself.

use claviger_domain::job::Job;
use sqlx::{PgPool, postgres::PgPoolOptions};

/// A pool of the test's own, of the kind that the server has. The one that `sqlx::test` gives out shares the
/// connections of a parent with every other test: while it stands at its limit, what it waits for can go back to the
/// parent, and then it waits in vain until its time is up.
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

/// Takes jobs off the queue and does them, those that they bring with them too, until none is left.
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
