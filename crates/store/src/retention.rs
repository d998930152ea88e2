//! What is deleted when it is old. Nothing here deletes audit entries, requests, grants, decisions, plans, exceptions or
//! policies: they are the record.

use crate::StoreError;
use sqlx::PgPool;
use time::OffsetDateTime;

/// Deletes old rows, kind by kind. Each method returns how many it deleted.
#[derive(Clone, Debug)]
pub struct RetentionRepository {
    pub(crate) pool: PgPool,
}

impl RetentionRepository {
    /// Changes of the inventory, events, and alarms that were closed.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn forget_changes(&self, before: OffsetDateTime) -> Result<u64, StoreError> {
        let done = sqlx::query!("delete from resource_change where at < $1", before)
            .execute(&self.pool)
            .await?;
        let events =
            sqlx::query!("delete from aws_event where at < $1", before).execute(&self.pool).await?;
        let alarms = sqlx::query!("delete from alarm where closed_at < $1", before)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() + events.rows_affected() + alarms.rows_affected())
    }

    /// Notifications with their deliveries, unless a delivery is still to be attempted.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn forget_notifications(&self, before: OffsetDateTime) -> Result<u64, StoreError> {
        let done = sqlx::query!(
            "delete from notice n where created_at < $1
                and not exists (select 1 from delivery d where d.notice_id = n.id and d.state = 'waiting')",
            before
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected())
    }

    /// Finished scans, unless an account's last result is from it, or it is the newest that succeeded or was planned.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn forget_scans(&self, before: OffsetDateTime) -> Result<u64, StoreError> {
        let done = sqlx::query!(
            "delete from sweep s where finished_at < $1
                and not exists (select 1 from scan r where r.sweep_id = s.id)
                and id is distinct from (select id from sweep order by started_at desc limit 1)
                and id is distinct from (select id from sweep where planned_at is not null order by started_at desc limit 1)
                and id is distinct from (select id from sweep where finished_at is not null and fault is null
                    order by finished_at desc limit 1)",
            before
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected())
    }

    /// Days of the posture, in whole and in parts, and fixed findings. An account's last day stays: it is what later days
    /// count it with.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn forget_posture(&self, before: OffsetDateTime) -> Result<u64, StoreError> {
        let before = before.date();
        let fixed = sqlx::query!("delete from fixed_finding where day < $1", before)
            .execute(&self.pool)
            .await?;
        let parts = sqlx::query!(
            "delete from posture_breakdown b where day < $1
                and day < (select max(day) from posture_day p where p.account_id = b.account_id)",
            before
        )
        .execute(&self.pool)
        .await?;
        let days = sqlx::query!(
            "delete from posture_day d where day < $1
                and day < (select max(day) from posture_day p where p.account_id = d.account_id)",
            before
        )
        .execute(&self.pool)
        .await?;
        Ok(fixed.rows_affected() + parts.rows_affected() + days.rows_affected())
    }

    /// Jobs that failed for the last time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn forget_failed_jobs(&self, before: OffsetDateTime) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "delete from graphile_worker._private_jobs
             where attempts >= max_attempts and locked_at is null and updated_at < $1",
        )
        .bind(before)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected())
    }
}
