//! Alarms: raised by events, listed, and closed.

mod checks;
mod subjects;

pub use checks::{NewAlarmCheck, NewAlarmTest, StoredAlarmCheck};

use crate::{
    StoreError, UnitOfWork,
    error::{column, texts},
    inventory::search_patterns::patterns,
};
use claviger_domain::{
    alarms::{
        AlarmId, AlarmKind, AlarmQuery,
        rules::AlarmSubject,
        view::{AlarmRow, ClosedAlarm},
    },
    authz::{Person, VisibleAccounts},
    facts::Kind,
    ids::{AccountId, Region, ResourceId},
};
use sqlx::{PgPool, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

/// Alarms, and whether they can fire.
#[derive(Clone, Debug)]
pub struct AlarmRepository {
    pub(crate) pool: PgPool,
}

/// An event that raises an alarm.
#[derive(Debug, Clone)]
pub struct NewAlarm<'a> {
    pub kind: AlarmKind,
    pub account: &'a AccountId,
    pub region: &'a Region,
    /// As the inventory has it; `None` where it does not, or where the alarm is about the account.
    pub about: Option<&'a AlarmSubject>,
    /// What the event names, where `about` is none.
    pub named: &'a str,
    pub resource_kind: Option<Kind>,
    pub principal: Option<&'a str>,
    pub detail: Option<&'a str>,
    pub event: &'a str,
    pub at: OffsetDateTime,
}

/// What came of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Raised {
    /// A new alarm.
    New(AlarmId),
    /// It counts in an open alarm.
    Counted(AlarmId),
    /// It was counted before.
    Known,
}

struct Row {
    id: i64,
    kind: String,
    account_id: String,
    account_name: String,
    region: String,
    resource_id: Option<Uuid>,
    resource_kind: Option<String>,
    name: Option<String>,
    principal: String,
    detail: Option<String>,
    event_id: String,
    events: i32,
    first_at: OffsetDateTime,
    last_at: OffsetDateTime,
    closed_at: Option<OffsetDateTime>,
    closed_by: Option<Json<Person>>,
    note: Option<String>,
}

macro_rules! select_alarms {
    ($tail:tt $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select m.id, m.kind, m.account_id, a.name as account_name, m.region, m.resource_id, m.resource_kind, m.name,
        m.principal, m.detail, m.event_id, m.events, m.first_at, m.last_at, m.closed_at,
        m.closed_by as "closed_by: Json<Person>", m.note
     from alarm m join account a on a.id = m.account_id"# + $tail
            $(, $arg)*
        )
    };
}

impl Row {
    fn into_domain(self) -> Result<AlarmRow, StoreError> {
        let key = self.id;
        let kind = self.resource_kind.map(|kind| column("alarm", "resource_kind", key, &kind));
        let closed = self.closed_at.zip(self.closed_by).map(|(at, by)| ClosedAlarm {
            by: by.0,
            at,
            note: self.note.unwrap_or_default(),
        });
        Ok(AlarmRow {
            id: AlarmId(key),
            kind: column("alarm", "kind", key, &self.kind)?,
            account: column("alarm", "account_id", key, &self.account_id)?,
            account_name: self.account_name,
            region: column("alarm", "region", key, &self.region)?,
            resource: self.resource_id.map(ResourceId),
            resource_kind: kind.transpose()?,
            name: self.name,
            principal: Some(self.principal).filter(|principal| !principal.is_empty()),
            detail: self.detail,
            event: self.event_id,
            events: u32::try_from(self.events).unwrap_or(0),
            first_at: self.first_at,
            last_at: self.last_at,
            closed,
            can_close: false,
        })
    }
}

impl AlarmRepository {
    /// The newest first, with where the next page begins.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn alarms(
        &self,
        visible: &VisibleAccounts,
        query: &AlarmQuery,
        limit: u16,
    ) -> Result<(Vec<AlarmRow>, Option<i64>), StoreError> {
        let rows = select_alarms!(
            " where m.account_id = any($1) and m.id < coalesce($2, 9223372036854775807)
                and ($9::bigint is null or m.id = $9)
                and ($9 is not null or (m.closed_at is not null) = $3)
                and (cardinality($4::text[]) = 0 or m.kind = any($4))
                and (cardinality($5::text[]) = 0 or m.account_id = any($5))
                and (cardinality($6::text[]) = 0 or m.region = any($6))
                and lower(coalesce(m.name, '') || ' ' || m.principal || ' ' || coalesce(m.detail, '')) like all($7::text[])
              order by m.id desc limit $8",
            &texts(&visible.accounts),
            query.after,
            query.only_closed,
            &texts(&query.kinds),
            &texts(&query.accounts),
            &texts(&query.regions),
            &patterns(&query.text),
            i64::from(limit) + 1,
            query.only.map(|id| id.0),
        )
        .fetch_all(&self.pool)
        .await?;
        let has_more = rows.len() > usize::from(limit);
        let rows = rows.into_iter().take(limit.into()).map(Row::into_domain);
        let rows: Vec<AlarmRow> = rows.collect::<Result<_, _>>()?;
        let next = rows.last().filter(|_| has_more).map(|row| row.id.0);
        Ok((rows, next))
    }

    /// One of them.
    #[tracing::instrument(level = "debug", skip_all, fields(alarm.id = %id))]
    pub async fn alarm(
        &self,
        visible: &VisibleAccounts,
        id: AlarmId,
    ) -> Result<Option<AlarmRow>, StoreError> {
        let row = select_alarms!(
            " where m.account_id = any($1) and m.id = $2",
            &texts(&visible.accounts),
            id.0
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(Row::into_domain).transpose()
    }
}

impl UnitOfWork {
    /// Counts an event: in the open alarm of its kind, resource and principal, otherwise in a new one.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn raise_alarm(&mut self, new: &NewAlarm<'_>) -> Result<Raised, StoreError> {
        let subject = new.about.map_or(new.named, |about| about.arn.as_str());
        let name = new.about.map(|about| about.name.as_str());
        let name = name.or_else(|| new.resource_kind.map(|_| new.named));
        let (now, kind) = (self.now, new.kind.to_string());
        let is_known = sqlx::query_scalar!(
            r#"select exists (select 1 from alarm_event where event_id = $1 and kind = $2 and subject = $3) as "is!""#,
            new.event,
            &kind,
            subject,
        )
        .fetch_one(self.connection())
        .await?;
        if is_known {
            return Ok(Raised::Known);
        }
        // Locks the open alarm, so that the same event in another replica waits and finds itself counted.
        let alarm = sqlx::query!(
            r#"insert into alarm as m (kind, account_id, region, resource_id, resource_kind, subject, name, principal, detail,
                event_id, first_at, last_at, raised_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12)
             on conflict (kind, account_id, region, subject, principal) where closed_at is null
             do update set events = m.events + 1, first_at = least(m.first_at, excluded.first_at),
                last_at = greatest(m.last_at, excluded.last_at), resource_id = coalesce(m.resource_id, excluded.resource_id)
             returning id, events = 1 as "is_new!""#,
            &kind,
            new.account.as_str(),
            new.region.as_str(),
            new.about.map(|about| about.id.0),
            new.resource_kind.map(|kind| kind.to_string()),
            subject,
            name,
            new.principal.unwrap_or_default(),
            new.detail,
            new.event,
            new.at,
            now,
        )
        .fetch_one(self.connection())
        .await?;
        let counted = sqlx::query!(
            "insert into alarm_event (event_id, kind, subject, alarm_id, at) values ($1, $2, $3, $4, $5)
             on conflict do nothing",
            new.event,
            &kind,
            subject,
            alarm.id,
            new.at,
        )
        .execute(self.connection())
        .await?;
        if counted.rows_affected() == 0 {
            // Another replica was faster, and somebody may have closed its alarm since.
            sqlx::query!("delete from alarm where id = $1 and events = 1", alarm.id)
                .execute(self.connection())
                .await?;
            sqlx::query!("update alarm set events = events - 1 where id = $1", alarm.id)
                .execute(self.connection())
                .await?;
            return Ok(Raised::Known);
        }
        let id = AlarmId(alarm.id);
        Ok(if alarm.is_new { Raised::New(id) } else { Raised::Counted(id) })
    }

    /// Writes a call that raised an alarm into the timeline of its resource.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn note_alarm_call(
        &mut self,
        about: &AlarmSubject,
        event: &str,
        call: &str,
        actor: Option<&str>,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let now = self.now;
        sqlx::query!(
            "insert into aws_event (id, resource_id, account_id, region, kind, named, call, actor, at, received_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (id, named) do nothing",
            event,
            about.id.0,
            about.account.as_str(),
            about.region.as_str(),
            about.kind.to_string(),
            about.arn.as_str(),
            call,
            actor,
            at,
            now,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Closes an open alarm; `false` where it is not open.
    #[tracing::instrument(level = "debug", skip_all, fields(alarm.id = %id))]
    pub async fn close_alarm(
        &mut self,
        id: AlarmId,
        by: &Person,
        note: &str,
    ) -> Result<bool, StoreError> {
        let now = self.now;
        let done = sqlx::query!(
            "update alarm set closed_at = $2, closed_by = $3, note = $4 where id = $1 and closed_at is null",
            id.0,
            now,
            Json(by) as _,
            note,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
