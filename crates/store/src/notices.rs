//! The inbox, and what is on its way out.

use crate::{ACCESS_CHANNEL, Store, StoreError, Touched, Work};
use claviger_domain::grant::view::InboxRow;
use sqlx::AssertSqlSafe;
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
    pub title: String,
    pub body: String,
    pub link: String,
}

impl Store {
    pub async fn inbox(&self, subject: &str) -> Result<Vec<InboxRow>, StoreError> {
        type Row = (i64, String, String, String, OffsetDateTime, bool);
        let rows: Vec<Row> = sqlx::query_as(
            "select id, title, body, link, created_at, read_at is not null from notice
             where recipient = $1 order by id desc limit 100",
        )
        .bind(subject)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(id, title, body, link, at, read)| InboxRow {
                id,
                title,
                body,
                link,
                at,
                read,
                waits: None,
            })
            .collect())
    }

    pub async fn unread(&self, subject: &str) -> Result<u32, StoreError> {
        let (count,): (i64,) =
            sqlx::query_as("select count(*) from notice where recipient = $1 and read_at is null")
                .bind(subject)
                .fetch_one(&self.pool)
                .await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Marks everything up to this one as read.
    pub async fn mark_read(
        &self,
        subject: &str,
        up_to: i64,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        sqlx::query(
            "update notice set read_at = $3 where recipient = $1 and id <= $2 and read_at is null",
        )
        .bind(subject)
        .bind(up_to)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        let mut touched = Touched::default();
        touched.tell(subject);
        sqlx::query("select pg_notify($1, $2)")
            .bind(ACCESS_CHANNEL)
            .bind(touched.payload())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// A notification that has not gone out yet.
    pub(crate) async fn outgoing(&self, id: i64) -> Result<Option<OutgoingNotice>, StoreError> {
        self.notice_where("id = $1 and sent_at is null", id).await
    }

    pub(crate) async fn notice(&self, id: i64) -> Result<Option<OutgoingNotice>, StoreError> {
        self.notice_where("id = $1", id).await
    }

    async fn notice_where(
        &self,
        condition: &'static str,
        id: i64,
    ) -> Result<Option<OutgoingNotice>, StoreError> {
        type Row = (String, OffsetDateTime, Option<String>, String, String, String);
        let row: Option<Row> = sqlx::query_as(AssertSqlSafe(format!(
            "select kind, created_at, recipient, title, body, link from notice where {condition}"
        )))
        .bind(id)
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|(kind, created_at, recipient, title, body, link)| OutgoingNotice {
            id,
            kind,
            created_at,
            recipient,
            title,
            body,
            link,
        }))
    }

    /// Who has had the digest of the week that begins on this Monday.
    pub async fn digested(&self, week: Date) -> Result<HashSet<String>, StoreError> {
        let rows: Vec<(String,)> = sqlx::query_as("select subject from digest where week = $1")
            .bind(week)
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.into_iter().map(|(subject,)| subject).collect())
    }
}

impl Work {
    /// Marks that a person has the digest of a week; `false` where that was so already.
    pub async fn note_digest(&mut self, subject: &str, week: Date) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into digest (subject, week) values ($1, $2) on conflict do nothing",
        )
        .bind(subject)
        .bind(week)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
