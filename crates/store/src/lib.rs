//! The only SQL. Every query that serves a person takes the accounts that they may see.

mod accounts;
mod error;
mod facets;
mod ingest;
mod listing;
mod organization;
mod queue;
mod resources;
mod sessions;
mod sweeps;

pub use error::StoreError;
pub use facets::FacetCounts;
pub use ingest::ScanOutcome;
pub use queue::JOB_TASK;
pub use sessions::StoredSession;

use sqlx::{
    Connection, Executor, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use std::{str::FromStr, time::Duration};
use uuid::Uuid;

/// The channel on which PostgreSQL tells every replica that a sweep has moved on.
const SWEEP_CHANNEL: &str = "claviger_sweep";

/// How long we wait for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// The database, as the services see it.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
}

impl Store {
    /// Connects, or says within a few seconds that it cannot.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)?
            .application_name("claviger")
            // The rollback below warns whenever there was nothing to roll back.
            .options([
                ("idle_in_transaction_session_timeout", "60000"),
                ("client_min_messages", "error"),
            ]);
        // The pool would try until its time is up, and then say only that it is.
        tokio::time::timeout(PATIENCE, PgConnection::connect_with(&options))
            .await
            .map_err(|_| sqlx::Error::PoolTimedOut)??
            .close()
            .await?;
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(PATIENCE)
            // sqlx 0.9.0: a cancelled `begin()` can hand back a connection with an open transaction.
            .after_release(|connection, _| {
                Box::pin(async move {
                    connection.execute("rollback").await?;
                    Ok(true)
                })
            })
            .connect_with(options)
            .await?;
        Ok(Self { pool })
    }

    /// A store over a pool that somebody else made, such as a test's.
    pub fn over(pool: PgPool) -> Self {
        Self { pool }
    }

    /// For the queue's worker alone.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Brings the schema and the queue's up to date. Replicas that start together wait for each other.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        sqlx::migrate!("../../migrations").run(&self.pool).await?;
        self.migrate_queue().await
    }

    /// Answers when the database does.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("select 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Listens for the steps of sweeps, of any replica.
    pub async fn listen_to_sweeps(&self) -> Result<SweepListener, StoreError> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen(SWEEP_CHANNEL).await?;
        Ok(SweepListener(listener))
    }
}

/// Hears of every step of a sweep. It reconnects by itself.
pub struct SweepListener(PgListener);

impl SweepListener {
    /// Waits for the next step.
    pub async fn step(&mut self) -> Result<(), StoreError> {
        self.0.recv().await?;
        Ok(())
    }
}

/// The single place where ids are born: ordered by time, so that indexes grow at one end.
#[expect(clippy::disallowed_methods, reason = "this is the one generator")]
fn new_id() -> Uuid {
    Uuid::now_v7()
}
