//! The inbox, and what is on its way out.

mod chat;
pub(crate) mod deliveries;
pub(crate) mod new_deliveries;

use crate::{StoreError, Touched, UnitOfWork, database::ACCESS_CHANNEL};
use claviger_domain::{grants::view::InboxRow, notifications::topic::NoticeTopic};
use sqlx::PgPool;
use std::collections::HashSet;
use time::{Date, OffsetDateTime};

/// A notification that is to be sent.
#[derive(Debug, Clone)]
pub struct OutgoingNotice {
    pub id: i64,
    /// Such as `findings-new`.
    pub kind: String,
    pub created_at: OffsetDateTime,
    /// `None` goes to the channel.
    pub recipient: Option<String>,
    /// The grant that it is about, if any.
    pub grant_id: Option<i64>,
    pub title: String,
    pub body: String,
    pub link: String,
}

/// Inboxes, digests, and the deliveries that are on their way out.
#[derive(Clone, Debug)]
pub struct NotificationRepository {
    pub(crate) pool: PgPool,
}

impl NotificationRepository {
    /// A person's newest notifications; of these kinds where any are given.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn inbox(
        &self,
        subject: &str,
        only_unread: bool,
        kinds: &[String],
    ) -> Result<Vec<InboxRow>, StoreError> {
        let rows = sqlx::query!(
            r#"select id, kind, title, body, link, created_at, read_at is not null as "read!" from notice
             where recipient = $1 and (not $2 or read_at is null) and (cardinality($3::text[]) = 0 or kind = any($3))
             order by id desc limit 100"#,
            subject,
            only_unread,
            kinds,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| InboxRow {
                id: row.id,
                topic: NoticeTopic::of(&row.kind),
                title: row.title,
                body: row.body,
                link: row.link,
                at: row.created_at,
                read: row.read,
                waits: None,
            })
            .collect())
    }

    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn unread(&self, subject: &str) -> Result<u32, StoreError> {
        let count = sqlx::query_scalar!(
            r#"select count(*) as "count!" from notice where recipient = $1 and read_at is null"#,
            subject
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Marks everything up to this one as read.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn mark_read(
        &self,
        subject: &str,
        up_to: i64,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        sqlx::query!(
            "update notice set read_at = $3 where recipient = $1 and id <= $2 and read_at is null",
            subject,
            up_to,
            now
        )
        .execute(&mut *tx)
        .await?;
        let mut touched = Touched::default();
        touched.tell(subject);
        sqlx::query!("select pg_notify($1, $2)", ACCESS_CHANNEL, touched.payload())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// A notification that has not gone out yet.
    pub(crate) async fn outgoing(&self, id: i64) -> Result<Option<OutgoingNotice>, StoreError> {
        self.read_notice(id, true).await
    }

    pub(crate) async fn notice(&self, id: i64) -> Result<Option<OutgoingNotice>, StoreError> {
        self.read_notice(id, false).await
    }

    async fn read_notice(
        &self,
        id: i64,
        only_unsent: bool,
    ) -> Result<Option<OutgoingNotice>, StoreError> {
        let notice = sqlx::query_as!(
            OutgoingNotice,
            "select id, kind, created_at, recipient, grant_id, title, body, link from notice
             where id = $1 and (sent_at is null or not $2)",
            id,
            only_unsent,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(notice)
    }

    /// Who has had the digest of the week that begins on this Monday.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn digested(&self, week: Date) -> Result<HashSet<String>, StoreError> {
        let rows = sqlx::query_scalar!("select subject from digest where week = $1", week)
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.into_iter().collect())
    }
}

impl UnitOfWork {
    /// Marks that a person has the digest of a week; `false` where that was so already.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn note_digest(&mut self, subject: &str, week: Date) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "insert into digest (subject, week) values ($1, $2) on conflict do nothing",
            subject,
            week
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
