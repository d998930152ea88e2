//! Views that people have saved, and how far their exports are.

use crate::{InventoryRepository, StoreError, new_id};
use claviger_domain::inventory::view::{ExportProgress, SavedView};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// How long an export's progress can be asked for.
const EXPORTS_KEPT: Duration = Duration::days(1);

/// A name that the same person has given already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameTaken;

struct Row {
    id: Uuid,
    name: String,
    query: String,
    shared: bool,
    is_mine: bool,
    owner_name: Option<String>,
}

impl InventoryRepository {
    /// A person's own views, then those that others share; each by name.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn saved_views(&self, subject: &str) -> Result<Vec<SavedView>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"select v.id, v.name, v.query, v.shared, v.owner = $1 as "is_mine!", p.name as "owner_name?"
             from saved_view v left join person p on p.subject = v.owner
             where v.owner = $1 or v.shared order by v.owner <> $1, lower(v.name), v.id"#,
            subject,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| SavedView {
                id: row.id.to_string(),
                name: row.name,
                query: row.query,
                shared: row.shared,
                is_mine: row.is_mine,
                owner: row.owner_name.unwrap_or_default(),
            })
            .collect())
    }

    /// Saves a view, at most `most` a person.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn save_view(
        &self,
        subject: &str,
        name: &str,
        query: &str,
        shared: bool,
        now: OffsetDateTime,
    ) -> Result<Result<(), NameTaken>, StoreError> {
        let done = sqlx::query!(
            "insert into saved_view (id, owner, name, query, shared, created_at) values ($1, $2, $3, $4, $5, $6)
             on conflict (owner, name) do nothing",
            new_id(),
            subject,
            name,
            query,
            shared,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(if done.rows_affected() == 1 { Ok(()) } else { Err(NameTaken) })
    }

    /// Forgets a view: one's own, or with `any` a shared one too. Says whether there was one.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn delete_view(
        &self,
        subject: &str,
        id: Uuid,
        any: bool,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "delete from saved_view where id = $1 and (owner = $2 or ($3 and shared))",
            id,
            subject,
            any
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes down that an export begins, and forgets those of yesterday.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn begin_export(
        &self,
        subject: &str,
        token: &str,
        total: u64,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query!("delete from inventory_export where begun_at < $1", now - EXPORTS_KEPT)
            .execute(&self.pool)
            .await?;
        sqlx::query!(
            "insert into inventory_export (subject, token, total, begun_at) values ($1, $2, $3, $4)
             on conflict (subject, token) do update set total = excluded.total, written = 0,
                begun_at = excluded.begun_at, ended_at = null, failed = false",
            subject,
            token,
            i64::try_from(total).unwrap_or(i64::MAX),
            now
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// How far it is; `ended` with whether it failed.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn note_export(
        &self,
        subject: &str,
        token: &str,
        written: u64,
        ended: Option<bool>,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "update inventory_export set written = $3, ended_at = case when $4::boolean is not null then $5::timestamptz end,
                failed = coalesce($4, false) where subject = $1 and token = $2",
            subject,
            token,
            i64::try_from(written).unwrap_or(i64::MAX),
            ended,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn export_progress(
        &self,
        subject: &str,
        token: &str,
    ) -> Result<Option<ExportProgress>, StoreError> {
        let row = sqlx::query!(
            r#"select total, written, ended_at is not null as "ended!", failed from inventory_export where subject = $1 and token = $2"#,
            subject,
            token,
        )
        .fetch_optional(&self.pool)
        .await?;
        let number = |n: i64| u64::try_from(n).unwrap_or(0);
        Ok(row.map(|row| ExportProgress {
            total: number(row.total),
            written: number(row.written),
            ended: row.ended,
            failed: row.failed,
        }))
    }
}
