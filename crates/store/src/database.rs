//! The database as such: whether it answers, and what it tells every replica.

use crate::{StoreError, Touched};
use sqlx::{PgPool, postgres::PgListener};

/// The channel on which PostgreSQL tells every replica that a sweep has moved on.
pub(crate) const SWEEP_CHANNEL: &str = "claviger_sweep";

/// The channel on which PostgreSQL tells every replica that requests, grants or inboxes have changed.
pub(crate) const ACCESS_CHANNEL: &str = "claviger_access";

/// Answers, and tells of changes.
#[derive(Clone, Debug)]
pub struct Database {
    pub(crate) pool: PgPool,
}

impl Database {
    /// Answers when the database does.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query!("select").execute(&self.pool).await?;
        Ok(())
    }

    /// Listens for what changes, in any replica.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn listen(&self) -> Result<ChangeListener, StoreError> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen_all([SWEEP_CHANNEL, ACCESS_CHANNEL]).await?;
        Ok(ChangeListener(listener))
    }
}

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Sweep,
    Access(Touched),
}

/// Hears of every change. It reconnects by itself.
pub struct ChangeListener(PgListener);

impl ChangeListener {
    /// Waits for the next change.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn next(&mut self) -> Result<Change, StoreError> {
        let heard = self.0.recv().await?;
        Ok(if heard.channel() == ACCESS_CHANNEL {
            Change::Access(Touched::read(heard.payload()))
        } else {
            Change::Sweep
        })
    }
}
