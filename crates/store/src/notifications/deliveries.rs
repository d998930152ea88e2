//! Deliveries: each notification in each of its channels.

use crate::{
    NotificationRepository, StoreError, UnitOfWork,
    error::column,
    job_queue::enqueue_all,
    notifications::{OutgoingNotice, new_deliveries::create_deliveries},
};
use claviger_domain::{
    VariantArray,
    job::Job,
    notifications::{Channel, ChannelState, DeliveryState, FailedDelivery, MAX_ATTEMPTS, pause},
};
use time::{Duration, OffsetDateTime};

/// An attempt that is ours to make.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub delivery: i64,
    pub channel: Channel,
    /// The first is 1.
    pub attempt: u32,
    pub notice: OutgoingNotice,
}

/// How long those that were given up are counted.
const COUNTED: Duration = Duration::days(30);

impl UnitOfWork {
    /// Queues what is due: what failed before, and what a replica left undone.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn enqueue_due_deliveries(&mut self) -> Result<u64, StoreError> {
        let now = self.now;
        let due = sqlx::query_scalar!(
            "select id from delivery where state = 'waiting' and next_at <= $1
             order by next_at limit 500",
            now
        )
        .fetch_all(self.connection())
        .await?;
        let jobs: Vec<Job> = due.into_iter().map(|delivery| Job::Send { delivery }).collect();
        enqueue_all(self.connection(), &jobs).await?;
        Ok(u64::try_from(jobs.len()).unwrap_or(u64::MAX))
    }
}

impl NotificationRepository {
    /// Creates the deliveries of a notification that was queued before there were any, unless it has gone out.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn create_deliveries(
        &self,
        notice: i64,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let Some(outgoing) = self.outgoing(notice).await? else { return Ok(()) };
        let mut tx = self.pool.begin().await?;
        create_deliveries(&mut tx, notice, outgoing.recipient.is_some(), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes a delivery that is due for one attempt. Nobody else gets it before the pause after this attempt is over, so a
    /// replica that ends in between delays it and loses nothing.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn take_delivery(
        &self,
        delivery: i64,
        now: OffsetDateTime,
    ) -> Result<Option<Attempt>, StoreError> {
        let mut tx = self.pool.begin().await?;
        let row = sqlx::query!(
            "select attempts, notice_id, channel from delivery
             where id = $1 and state = 'waiting' and next_at <= $2 for update skip locked",
            delivery,
            now
        )
        .map(|row| (row.attempts, row.notice_id, row.channel))
        .fetch_optional(&mut *tx)
        .await?;
        let Some((attempts, notice, channel)) = row else { return Ok(None) };
        let attempt = u32::try_from(attempts).unwrap_or_default() + 1;
        sqlx::query!(
            "update delivery set attempts = attempts + 1, next_at = $2 where id = $1",
            delivery,
            now + pause(attempt)
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        let channel = column("delivery", "channel", delivery, &channel)?;
        let Some(notice) = self.notice(notice).await? else { return Ok(None) };
        Ok(Some(Attempt { delivery, channel, attempt, notice }))
    }

    /// Notes that a delivery has ended.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn end_delivery(
        &self,
        delivery: i64,
        state: DeliveryState,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        sqlx::query!(
            "update delivery set state = $2, ended_at = $3 where id = $1",
            delivery,
            state.to_string(),
            now
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "update notice set sent_at = $2 where sent_at is null
             and id = (select notice_id from delivery where id = $1)
             and not exists (select 1 from delivery d where d.notice_id = notice.id and d.state in ('waiting', 'given-up'))",
            delivery,
            now,
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Notes that an attempt failed; `for_good`, or after the last attempt, it is given up. Says whether it was.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn fail_delivery(
        &self,
        attempt: &Attempt,
        reason: &str,
        for_good: bool,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let given_up = for_good || attempt.attempt >= MAX_ATTEMPTS;
        sqlx::query!(
            "update delivery set failed_at = $2::timestamptz, reason = $3, state = case when $4 then 'given-up' else state end,
                 ended_at = case when $4 then $2 end
             where id = $1 and state = 'waiting'",
            attempt.delivery,
            now,
            reason,
            given_up,
        )
        .execute(&self.pool)
        .await?;
        Ok(given_up)
    }

    /// What has become of each channel's deliveries; `configured` is left for the caller to say.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn channel_states(
        &self,
        now: OffsetDateTime,
    ) -> Result<Vec<ChannelState>, StoreError> {
        let names: Vec<String> = Channel::VARIANTS.iter().map(ToString::to_string).collect();
        let rows = sqlx::query!(
            r#"select c.name as "name!",
                 (select max(ended_at) from delivery where channel = c.name and state = 'delivered') as "delivered?",
                 f.failed_at, f.reason, w.waiting as "waiting!", w.retrying as "retrying!", w.since,
                 (select count(*) from delivery where channel = c.name and state = 'given-up' and failed_at > $2) as "given_up!"
             from unnest($1::text[]) with ordinality as c (name, place)
             left join lateral (
                 select failed_at, reason from delivery where channel = c.name and failed_at is not null
                 order by failed_at desc limit 1) f on true
             cross join lateral (
                 select count(*) as waiting, count(*) filter (where failed_at is not null) as retrying,
                     min(n.created_at) as since
                 from delivery d join notice n on n.id = d.notice_id
                 where d.channel = c.name and d.state = 'waiting') w
             order by c.place"#,
            &names,
            now - COUNTED,
        )
        .fetch_all(&self.pool)
        .await?;
        let count = |n: i64| u64::try_from(n).unwrap_or_default();
        rows.into_iter()
            .map(|row| {
                Ok(ChannelState {
                    channel: column("delivery", "channel", &row.name, &row.name)?,
                    configured: false,
                    last_delivered_at: row.delivered,
                    last_failed_at: row.failed_at,
                    last_reason: row.reason,
                    waiting: count(row.waiting),
                    retrying: count(row.retrying),
                    waiting_since: row.since,
                    given_up: count(row.given_up),
                })
            })
            .collect()
    }

    /// When a notification of this kind last reached the channel.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn last_delivered(
        &self,
        kind: &str,
        channel: Channel,
    ) -> Result<Option<OffsetDateTime>, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select d.ended_at as "at!" from delivery d join notice n on n.id = d.notice_id
             where n.kind = $1 and d.channel = $2 and d.state = 'delivered' and d.ended_at is not null
             order by d.ended_at desc limit 1"#,
            kind,
            channel.to_string(),
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Deliveries that failed and have not succeeded since, the newest failure first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn failed_deliveries(
        &self,
        now: OffsetDateTime,
    ) -> Result<Vec<FailedDelivery>, StoreError> {
        let rows = sqlx::query!(
            r#"select d.id, d.channel, coalesce(p.name, n.recipient) as "recipient?", n.title, n.link, d.state, d.attempts,
                 n.created_at, d.failed_at as "failed_at!", d.reason, d.next_at
             from delivery d join notice n on n.id = d.notice_id left join person p on p.subject = n.recipient
             where d.failed_at > $1 and d.state in ('waiting', 'given-up')
             order by d.failed_at desc, d.id desc limit 100"#,
            now - COUNTED,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let state: DeliveryState = column("delivery", "state", row.id, &row.state)?;
                Ok(FailedDelivery {
                    id: row.id,
                    channel: column("delivery", "channel", row.id, &row.channel)?,
                    recipient: row.recipient,
                    title: row.title,
                    link: row.link,
                    state,
                    attempts: u32::try_from(row.attempts).unwrap_or_default(),
                    created_at: row.created_at,
                    failed_at: row.failed_at,
                    reason: row.reason.unwrap_or_default(),
                    next_at: (state == DeliveryState::Waiting).then_some(row.next_at),
                })
            })
            .collect()
    }
}
