//! The deliveries of a new notification.

use crate::{StoreError, job_queue::enqueue_all};
use claviger_domain::{job::Job, notifications::Channel};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Creates the deliveries of a notification, and queues them. Those that exist stay as they are.
pub(crate) async fn create_deliveries(
    connection: &mut PgConnection,
    notice: i64,
    to_person: bool,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let channels: &[Channel] =
        if to_person { &[Channel::Email] } else { &[Channel::Chat, Channel::Events] };
    let rows = sqlx::query_scalar!(
        "insert into delivery (notice_id, channel, next_at)
         select $1, channel, $3 from unnest($2::text[]) as channel
         on conflict (notice_id, channel) do nothing returning id",
        notice,
        &channels.iter().map(ToString::to_string).collect::<Vec<_>>(),
        now
    )
    .fetch_all(&mut *connection)
    .await?;
    let jobs: Vec<Job> = rows.into_iter().map(|delivery| Job::Send { delivery }).collect();
    enqueue_all(connection, &jobs).await
}
