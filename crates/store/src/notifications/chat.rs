//! Messages about requests in the team's chat.

use crate::{NotificationRepository, StoreError, UnitOfWork, job_queue::enqueue};
use claviger_domain::{grants::GrantId, job::Job, notifications::ChatPost};
use time::OffsetDateTime;

impl UnitOfWork {
    /// Queues the change of the message about a request, if there is one. Posting one locks the grant too, so no change is
    /// missed.
    pub(crate) async fn follow_request(&mut self, grant: GrantId) -> Result<(), StoreError> {
        let has_message = sqlx::query_scalar!(
            r#"select exists (select 1 from chat_message where grant_id = $1) as "has!""#,
            grant.0
        )
        .fetch_one(self.connection())
        .await?;
        if has_message {
            enqueue(self.connection(), &Job::FollowRequest { grant }).await?;
        }
        Ok(())
    }
}

impl NotificationRepository {
    /// Notes where the message about a request is. What the request became meanwhile follows.
    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %grant))]
    pub async fn insert_chat_message(
        &self,
        grant: GrantId,
        post: &ChatPost,
        shown: &str,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        sqlx::query_scalar!("select id from access_grant where id = $1 for update", grant.0)
            .fetch_one(&mut *tx)
            .await?;
        sqlx::query!(
            "insert into chat_message (grant_id, channel, message, shown, posted_at) values ($1, $2, $3, $4, $5)
             on conflict (grant_id) do nothing",
            grant.0,
            &post.channel,
            &post.message,
            shown,
            now
        )
        .execute(&mut *tx)
        .await?;
        enqueue(&mut tx, &Job::FollowRequest { grant }).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Where the message about a request is, and what it says.
    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %grant))]
    pub async fn chat_message(
        &self,
        grant: GrantId,
    ) -> Result<Option<(ChatPost, String)>, StoreError> {
        let row = sqlx::query!(
            "select channel, message, shown from chat_message where grant_id = $1",
            grant.0
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| (ChatPost { channel: row.channel, message: row.message }, row.shown)))
    }

    /// Notes what the message says now.
    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %grant))]
    pub async fn note_chat_message(&self, grant: GrantId, shown: &str) -> Result<(), StoreError> {
        sqlx::query!("update chat_message set shown = $2 where grant_id = $1", grant.0, shown)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The message is gone, or can no longer be changed.
    #[tracing::instrument(level = "debug", skip_all, fields(grant.id = %grant))]
    pub async fn forget_chat_message(&self, grant: GrantId) -> Result<(), StoreError> {
        sqlx::query!("delete from chat_message where grant_id = $1", grant.0)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
