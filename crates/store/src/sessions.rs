//! Sessions at rest, under a hash of their id.

use crate::StoreError;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use time::OffsetDateTime;

/// A session's data with the moment at which it ends.
#[derive(Debug, Clone)]
pub struct StoredSession {
    pub data: serde_json::Value,
    pub expires_at: OffsetDateTime,
}

pub(crate) fn hash(id: &[u8]) -> Vec<u8> {
    Sha256::digest(id).to_vec()
}

/// Sessions of browsers, by the hash of their id.
#[derive(Clone, Debug)]
pub struct SessionRepository {
    pub(crate) pool: PgPool,
}

impl SessionRepository {
    /// Makes a session; `false` where the id is taken.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn create_session(
        &self,
        id: &[u8],
        session: &StoredSession,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "insert into session (id_hash, data, expires_at) values ($1, $2, $3) on conflict do nothing",
            hash(id),
            &session.data,
            session.expires_at,
        )
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes a session that is there. One that was ended meanwhile is not brought back.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn save_session(&self, id: &[u8], session: &StoredSession) -> Result<(), StoreError> {
        sqlx::query!(
            "update session set data = $2, expires_at = $3 where id_hash = $1",
            hash(id),
            &session.data,
            session.expires_at
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Reads a session that has not ended.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn load_session(
        &self,
        id: &[u8],
        now: OffsetDateTime,
    ) -> Result<Option<StoredSession>, StoreError> {
        let row = sqlx::query!(
            "select data, expires_at from session where id_hash = $1 and expires_at > $2",
            hash(id),
            now
        )
        .map(|row| (row.data, row.expires_at))
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|(data, expires_at)| StoredSession { data, expires_at }))
    }

    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn delete_session(&self, id: &[u8]) -> Result<(), StoreError> {
        sqlx::query!("delete from session where id_hash = $1", hash(id))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Removes what has ended, and says how many sessions.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn delete_ended_sessions(&self, now: OffsetDateTime) -> Result<u64, StoreError> {
        sqlx::query!("delete from used_state where expires_at <= $1", now)
            .execute(&self.pool)
            .await?;
        let done = sqlx::query!("delete from session where expires_at <= $1", now)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }
}
