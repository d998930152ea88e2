//! Events of accounts: recorded once each, with the resources that are read again because of them.

use crate::{
    StoreError,
    error::{column, texts},
    inventory::{activity::ActivityPage, ingest::list_of},
    job_queue::enqueue,
    scans::notify,
};
use claviger_domain::{
    authz::VisibleAccounts,
    aws_event::{AwsEvent, EventContent, EventTarget, ReportedCall, RotationReport},
    facts::Kind,
    ids::{AccountId, Arn, ResourceId},
    inventory::activity::{
        ActivityCursor, ActivityEvent, ActivitySource, ActivityWhat, ROTATION_CALLS,
        RotationFailure,
    },
    job::Job,
    settings::events::{EventSource, QueueState},
};
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

/// What was read of a resource later than this after an event shows what the event is about: records have whole seconds,
/// and clocks differ a little.
const SURE_AFTER: Duration = Duration::seconds(1);

/// Events of accounts, and the queue that they arrive in.
#[derive(Clone, Debug)]
pub struct EventRepository {
    pub(crate) pool: PgPool,
}

struct KnownResource {
    id: uuid::Uuid,
    arn: String,
    described_at: Option<OffsetDateTime>,
}

impl EventRepository {
    /// Records an event, and queues what it touches to be read again unless that was read since. An event that arrives again
    /// changes nothing. Says whether the account that sent it is in the inventory.
    #[tracing::instrument(level = "debug", skip_all, fields(event.id = %event.id))]
    pub async fn record(&self, event: &AwsEvent, now: OffsetDateTime) -> Result<bool, StoreError> {
        let mut tx = self.pool.begin().await?;
        let is_test = matches!(event.what, EventContent::Test { .. });
        let counted = sqlx::query!(
            "insert into event_source as s (account_id, region, events, last_event_at, last_received_at, last_test_at)
             select id, $2, 1, $3::timestamptz, $4::timestamptz, case when $5 then $4 end from account where id = $1
             on conflict (account_id, region) do update set events = s.events + 1,
                last_event_at = greatest(s.last_event_at, excluded.last_event_at),
                last_received_at = greatest(s.last_received_at, excluded.last_received_at),
                last_test_at = coalesce(excluded.last_test_at, s.last_test_at)",
            event.account.as_str(),
            event.region.as_str(),
            // A clock that is fast is not to hide what comes later.
            event.at.min(now),
            now,
            is_test,
        )
        .execute(&mut *tx)
        .await?;
        if let EventContent::Resources { targets, reported } = &event.what {
            for target in targets {
                record_target(&mut tx, event, target, reported.as_ref(), now).await?;
            }
        }
        tx.commit().await?;
        Ok(counted.rows_affected() > 0)
    }

    /// Whether the resource was read after this time: then what happened by then is known.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn is_read_since(
        &self,
        target: &EventTarget,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let known = known_resource(&mut connection, target).await?;
        Ok(known.and_then(|known| known.described_at).is_some_and(|read| read >= at + SURE_AFTER))
    }

    /// The ARN of a resource in the inventory.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn arn_of(&self, target: &EventTarget) -> Result<Option<Arn>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let Some(known) = known_resource(&mut connection, target).await? else { return Ok(None) };
        Ok(Some(column("resource", "arn", &known.arn, &known.arn)?))
    }

    /// What CloudTrail reported of a resource: about rotation, about anything else, or (`None`) both.
    #[tracing::instrument(level = "debug", skip_all, fields(resource.id = %id))]
    pub async fn reported(
        &self,
        id: ResourceId,
        rotation: Option<bool>,
        page: ActivityPage,
    ) -> Result<Vec<ActivityEvent>, StoreError> {
        let (at, before) = page.before(ActivitySource::Event);
        let rows = sqlx::query!(
            r#"select seq, at, call as "call!", actor, rotation, step, error,
                (select min(a.kind) from alarm_event a join resource r on r.arn = a.subject
                 where a.event_id = e.id and r.id = e.resource_id) as alarm
             from aws_event e
             where resource_id = $1 and call is not null
                and ($2::boolean is null or (rotation is not null or call = any($6)) = $2)
                and (at, seq) < ($3, $4)
             order by at desc, seq desc limit $5"#,
            id.0,
            rotation,
            at,
            before,
            page.rows(),
            &texts(&ROTATION_CALLS),
        )
        .fetch_all(&self.pool)
        .await?;
        let each = rows.into_iter().map(|row| {
            let step = row.step.map(|step| column("aws_event", "step", row.seq, &step));
            let alarm = row.alarm.map(|kind| column("alarm_event", "kind", row.seq, &kind));
            Ok(ActivityEvent {
                cursor: ActivityCursor { at: row.at, source: ActivitySource::Event, id: row.seq },
                who: row.actor,
                by: None,
                what: ActivityWhat::Reported {
                    call: row.call,
                    is_rotation: row.rotation.is_some(),
                    step: step.transpose()?,
                    error: row.error,
                    alarm: alarm.transpose()?,
                },
            })
        });
        each.collect()
    }

    /// The rotation that failed last, unless one succeeded since or the value changed.
    #[tracing::instrument(level = "debug", skip_all, fields(resource.id = %id))]
    pub async fn failed_rotation(
        &self,
        id: ResourceId,
        rotated_at: Option<OffsetDateTime>,
    ) -> Result<Option<RotationFailure>, StoreError> {
        let row = sqlx::query!(
            r#"select at, call as "call!", rotation as "rotation!", step, error from aws_event
             where resource_id = $1 and call is not null and rotation in ('succeeded', 'failed', 'abandoned')
             order by at desc, seq desc limit 1"#,
            id.0
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row.filter(|row| row.rotation != "succeeded") else { return Ok(None) };
        if rotated_at.is_some_and(|rotated| rotated > row.at) {
            return Ok(None);
        }
        let step = row.step.map(|step| column("aws_event", "step", id, &step)).transpose()?;
        let is_abandoned = row.rotation == "abandoned";
        Ok(Some(RotationFailure {
            at: row.at,
            is_test: row.call == "TestRotationFailed",
            is_abandoned,
            step,
            message: row.error,
        }))
    }

    /// What each account in the scope has sent, by account; those that sent nothing have no Region.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn sources(&self, visible: &VisibleAccounts) -> Result<Vec<EventSource>, StoreError> {
        let rows = sqlx::query!(
            r#"select a.id, a.name, count(s.region) as "regions!", coalesce(sum(s.events), 0)::bigint as "events!",
                max(s.last_event_at) as last_event_at, max(s.last_received_at) as last_received_at,
                max(s.last_test_at) as last_test_at
             from account a left join event_source s on s.account_id = a.id
             where a.id = any($1) group by a.id, a.name order by a.name, a.id"#,
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let account: AccountId = column("account", "id", &row.id, &row.id)?;
                Ok(EventSource {
                    account,
                    account_name: row.name,
                    regions: u32::try_from(row.regions).unwrap_or(u32::MAX),
                    events: u64::try_from(row.events).unwrap_or(0),
                    last_event_at: row.last_event_at,
                    last_received_at: row.last_received_at,
                    last_test_at: row.last_test_at,
                })
            })
            .collect()
    }

    /// Notes that the queue was read, or why not.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn note_queue_read(
        &self,
        fault: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "insert into event_queue as q (read_at, failed_at, reason)
             values (case when $1::text is null then $2::timestamptz end, case when $1 is not null then $2 end, $1)
             on conflict (is_only) do update set read_at = coalesce(excluded.read_at, q.read_at),
                failed_at = coalesce(excluded.failed_at, q.failed_at), reason = coalesce(excluded.reason, q.reason)",
            fault,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Notes how many messages wait, and how many were given up.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn note_queue_size(
        &self,
        waiting: u64,
        dead_letters: Option<u64>,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        sqlx::query!(
            "insert into event_queue (counted_at, waiting, dead_letters) values ($1, $2, $3)
             on conflict (is_only) do update set counted_at = excluded.counted_at, waiting = excluded.waiting,
                dead_letters = excluded.dead_letters",
            now,
            number(waiting),
            dead_letters.map(number),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// How the queue is; `None` if it was never read.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn queue_state(&self) -> Result<Option<QueueState>, StoreError> {
        let row = sqlx::query!(
            "select read_at, failed_at, reason, counted_at, waiting, dead_letters from event_queue"
        )
        .fetch_optional(&self.pool)
        .await?;
        let number = |count: i64| u64::try_from(count).unwrap_or(0);
        Ok(row.map(|row| QueueState {
            read_at: row.read_at,
            failed_at: row.failed_at,
            reason: row.reason,
            counted_at: row.counted_at,
            waiting: row.waiting.map(number),
            dead_letters: row.dead_letters.map(number),
        }))
    }
}

async fn record_target(
    connection: &mut PgConnection,
    event: &AwsEvent,
    target: &EventTarget,
    reported: Option<&ReportedCall>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    // What the configuration leaves out of scans stays out.
    let is_scanned = sqlx::query_scalar!(
        r#"select exists (select 1 from scan_list where account_id = $1 and region = $2 and list = $3) as "is!""#,
        target.account.as_str(),
        target.region.as_str(),
        list_of(target.kind).to_string(),
    )
    .fetch_one(&mut *connection)
    .await?;
    if !is_scanned {
        return Ok(());
    }
    let known = known_resource(connection, target).await?;
    let (rotation, step) = match reported.and_then(|call| call.rotation.as_ref()) {
        Some(RotationReport::Started) => (Some("started"), None),
        Some(RotationReport::Succeeded) => (Some("succeeded"), None),
        Some(RotationReport::Failed(step)) => (Some("failed"), step.map(|step| step.to_string())),
        Some(RotationReport::Abandoned) => (Some("abandoned"), None),
        None => (None, None),
    };
    let is_new = sqlx::query!(
        "insert into aws_event (id, resource_id, account_id, region, kind, named, call, actor, rotation, step, error, at, received_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (id, named) do nothing",
        &event.id,
        known.as_ref().map(|known| known.id),
        target.account.as_str(),
        target.region.as_str(),
        target.kind.to_string(),
        target.name.as_str(),
        reported.map(|call| call.name.as_str()),
        reported.and_then(|call| call.actor.as_deref()),
        rotation,
        step,
        reported.and_then(|call| call.error.as_deref()),
        event.at,
        now,
    )
    .execute(&mut *connection)
    .await?;
    if is_new.rows_affected() == 0 {
        return Ok(());
    }
    let read_at = known.as_ref().and_then(|known| known.described_at);
    if read_at.is_some_and(|read| read >= event.at + SURE_AFTER) {
        // No job will update open pages.
        return notify(connection).await;
    }
    // By its ARN if that is known, so that all forms of an event queue the same job.
    let arn = known.filter(|_| target.kind == Kind::Secret).map(|known| known.arn);
    let name = arn.unwrap_or_else(|| target.name.as_str().to_owned());
    let job = Job::RefreshResource {
        account: target.account.clone(),
        region: target.region.clone(),
        kind: target.kind,
        name,
        at: event.at.unix_timestamp(),
    };
    enqueue(connection, &job).await
}

/// The resource that an event names: the live one, if others of its name are gone.
async fn known_resource(
    connection: &mut PgConnection,
    target: &EventTarget,
) -> Result<Option<KnownResource>, StoreError> {
    Ok(sqlx::query_as!(
        KnownResource,
        "select id, arn, described_at from resource
         where account_id = $1 and region = $2 and kind = $3 and (arn = $4 or name = $4)
         order by gone_at is not null, arn <> $4, first_seen_at desc limit 1",
        target.account.as_str(),
        target.region.as_str(),
        target.kind.to_string(),
        target.name.as_str(),
    )
    .fetch_optional(connection)
    .await?)
}
