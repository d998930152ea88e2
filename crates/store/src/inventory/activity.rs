//! The timeline of one secret or parameter, from each of its sources.

use crate::{
    StoreError,
    error::{column, texts},
};
use claviger_domain::{
    audit::{AuditAction, AuditEntry},
    authz::{Person, VisibleAccounts},
    changes::{Change, ChangeKind},
    ids::ResourceId,
    inventory::activity::{
        ActivityCursor, ActivityEvent, ActivitySource, ActivityWhat, ROTATION_FIELDS,
    },
    remediation::{self, AwsCall, PlanId},
};
use sqlx::{PgPool, types::Json};
use time::OffsetDateTime;

/// Calls that can have made a change: the newest ones.
const MAX_CALLS: i64 = 200;
/// A call's place within all calls: a plan has at most a thousand.
const CALLS_OF_A_PLAN: i64 = 10_000;

/// Where a page begins, and how many events it has.
#[derive(Debug, Clone, Copy)]
pub struct ActivityPage {
    pub after: Option<ActivityCursor>,
    pub limit: u16,
    /// Only events before it, if there is no cursor.
    pub until: OffsetDateTime,
}

impl ActivityPage {
    /// The time and id before which the events of a source are.
    pub(crate) fn before(self, source: ActivitySource) -> (OffsetDateTime, i64) {
        self.after.map_or((self.until, i64::MAX), |cursor| cursor.before(source))
    }

    /// One more than the page has, to know whether there are more.
    pub(crate) fn rows(self) -> i64 {
        i64::from(self.limit) + 1
    }
}

/// Whose grants a caller may see.
#[derive(Debug, Clone, Copy)]
pub enum SeenGrants<'a> {
    /// Everybody's in the scope.
    All(&'a VisibleAccounts),
    /// Those that this person asked for or decided about.
    Own(&'a str),
}

/// What Claviger did to a resource.
#[derive(Debug, Clone)]
pub struct MadeCall {
    pub plan: PlanId,
    pub author: Option<Person>,
    /// What it changed is read again, and recorded, before the call has ended.
    pub began_at: OffsetDateTime,
    pub changes: Vec<remediation::Change>,
}

/// What happened to a resource.
#[derive(Clone, Debug)]
pub struct ActivityRepository {
    pub(crate) pool: PgPool,
}

impl ActivityRepository {
    /// What scans found: about rotation, about anything else, or (`None`) both.
    #[tracing::instrument(level = "debug", skip_all, fields(resource.id = %id))]
    pub async fn changes(
        &self,
        visible: &VisibleAccounts,
        id: ResourceId,
        rotation: Option<bool>,
        page: ActivityPage,
    ) -> Result<Vec<ActivityEvent>, StoreError> {
        let (at, before) = page.before(ActivitySource::Change);
        let rows = sqlx::query!(
            "select id, at, what, field, before, after from resource_change
             where resource_id = $1 and account_id = any($2) and ($3::boolean is null or (field = any($4)) = $3)
                and (at, id) < ($5, $6)
             order by at desc, id desc limit $7",
            id.0,
            &texts(&visible.accounts),
            rotation,
            &texts(&ROTATION_FIELDS),
            at,
            before,
            page.rows(),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let what: ChangeKind = column("resource_change", "what", row.id, &row.what)?;
                let change = Change { field: row.field, before: row.before, after: row.after };
                Ok(ActivityEvent {
                    cursor: ActivityCursor {
                        at: row.at,
                        source: ActivitySource::Change,
                        id: row.id,
                    },
                    who: None,
                    by: None,
                    what: ActivityWhat::Change { what, change },
                })
            })
            .collect()
    }

    /// What the audit log has of its grants, exceptions and reports of a leak: these actions. What names another resource of the same grant is
    /// left out, and what was started is left out once it has ended.
    #[tracing::instrument(level = "debug", skip_all, fields(resource.id = %id))]
    pub async fn audit_entries(
        &self,
        id: ResourceId,
        arn: &str,
        grants: SeenGrants<'_>,
        actions: &[AuditAction],
        page: ActivityPage,
    ) -> Result<Vec<ActivityEvent>, StoreError> {
        let (at, before) = page.before(ActivitySource::Audit);
        let (all, own) = match grants {
            SeenGrants::All(visible) => (Some(texts(&visible.accounts)), None),
            SeenGrants::Own(subject) => (None, Some(subject)),
        };
        let rows = sqlx::query!(
            r#"select e.seq, e.at, e.body from audit_entry e left join audit_entry s on s.seq = e.started
             where e.subject in (
                    select 'G-' || g.id from access_grant_resource x join access_grant g on g.id = x.grant_id
                    where x.resource_id = $1 and (g.account_id = any($2) or g.requester = $3 or exists (
                        select 1 from access_decision d where d.grant_id = g.id and d.subject = $3))
                    union all select 'W-' || w.id from waiver w where w.resource_id = $1
                    union all select 'L-' || l.id from leak l
                    where l.resource_id = $1 and (l.account_id = any($2) or l.reporter ->> 'subject' = $3))
                and e.deed = any($4)
                and (e.phase <> 'started' or not exists (select 1 from audit_entry c where c.started = e.seq))
                and coalesce(e.body::jsonb #>> '{detail,resource}', s.body::jsonb #>> '{detail,resource}', $5) = $5
                and (e.at, e.seq) < ($6, $7)
             order by e.at desc, e.seq desc limit $8"#,
            id.0,
            all.as_deref(),
            own,
            &texts(actions),
            arn,
            at,
            before,
            page.rows(),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let entry: AuditEntry =
                    serde_json::from_str(&row.body).map_err(|error| StoreError::Inconsistent {
                        table: "audit_entry",
                        column: "body",
                        key: row.seq.to_string(),
                        reason: error.to_string(),
                    })?;
                Ok(ActivityEvent {
                    cursor: ActivityCursor {
                        at: row.at,
                        source: ActivitySource::Audit,
                        id: row.seq,
                    },
                    who: entry.actor.map(|actor| actor.name),
                    by: None,
                    what: ActivityWhat::Audit {
                        subject: entry.subject,
                        action: entry.audit_action,
                        phase: entry.phase,
                        succeeded: entry.succeeded,
                        detail: entry.detail,
                    },
                })
            })
            .collect()
    }

    /// The calls of plans on it, each at the moment when it ended, began, or was planned. Plans that were never approved are
    /// left out.
    #[tracing::instrument(level = "debug", skip_all, fields(resource.id = %id))]
    pub async fn calls(
        &self,
        visible: &VisibleAccounts,
        id: ResourceId,
        page: ActivityPage,
    ) -> Result<Vec<ActivityEvent>, StoreError> {
        let (at, before) = page.before(ActivitySource::Remediation);
        let rows = sqlx::query!(
            r#"select x.place as "place!", x.at as "at!", x.plan_id, x.call as "call: Json<AwsCall>",
                x.changes as "changes: Json<Vec<remediation::Change>>", x.state, x.says, x.author as "author: Json<Person>", x.kind
             from (select s.plan_id, s.plan_id * $6 + s.position as place, coalesce(s.ended_at, s.began_at, p.created_at) as at,
                    s.call, s.changes, s.state, s.says, p.author, r.kind
                from plan_step s join plan p on p.id = s.plan_id join resource r on r.id = s.resource_id
                where s.resource_id = $1 and s.account_id = any($2) and not p.state in ('denied', 'withdrawn')) x
             where (x.at, x.place) < ($3, $4) order by x.at desc, x.place desc limit $5"#,
            id.0,
            &texts(&visible.accounts),
            at,
            before,
            page.rows(),
            CALLS_OF_A_PLAN,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let kind = column("resource", "kind", id, &row.kind)?;
                Ok(ActivityEvent {
                    cursor: ActivityCursor {
                        at: row.at,
                        source: ActivitySource::Remediation,
                        id: row.place,
                    },
                    who: row.author.map(|author| author.0.name),
                    by: None,
                    what: ActivityWhat::Call {
                        plan: PlanId(row.plan_id),
                        operation: row.call.0.operation(kind).to_owned(),
                        changes: row.changes.0.into_iter().map(as_found).collect(),
                        state: column("plan_step", "state", id, &row.state)?,
                        says: row.says,
                    },
                })
            })
            .collect()
    }

    /// The newest calls that have changed it, the newest first.
    #[tracing::instrument(level = "debug", skip_all, fields(resource.id = %id))]
    pub async fn made_calls(&self, id: ResourceId) -> Result<Vec<MadeCall>, StoreError> {
        let rows = sqlx::query!(
            r#"select s.plan_id, s.began_at as "began_at!", s.changes as "changes: Json<Vec<remediation::Change>>", p.author as "author: Json<Person>"
             from plan_step s join plan p on p.id = s.plan_id
             where s.resource_id = $1 and s.state = 'done' and s.began_at is not null order by s.began_at desc limit $2"#,
            id.0,
            MAX_CALLS,
        )
        .fetch_all(&self.pool)
        .await?;
        let each = rows.into_iter().map(|row| MadeCall {
            plan: PlanId(row.plan_id),
            author: row.author.map(|author| author.0),
            began_at: row.began_at,
            changes: row.changes.0,
        });
        Ok(each.collect())
    }

    /// Active grants on a resource: how many the caller may see.
    #[tracing::instrument(level = "debug", skip_all, fields(resource.id = %id))]
    pub async fn count_active_grants(
        &self,
        id: ResourceId,
        grants: SeenGrants<'_>,
        now: OffsetDateTime,
    ) -> Result<u32, StoreError> {
        let (all, own) = match grants {
            SeenGrants::All(visible) => (Some(texts(&visible.accounts)), None),
            SeenGrants::Own(subject) => (None, Some(subject)),
        };
        let count = sqlx::query_scalar!(
            r#"select count(*) as "count!" from access_grant_resource x join access_grant g on g.id = x.grant_id
             where x.resource_id = $1 and g.word = 'active' and g.next_at > $2
                and (g.account_id = any($3) or g.requester = $4)"#,
            id.0,
            now,
            all.as_deref(),
            own,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }
}

/// A change of a plan under the name that scans have for it.
fn as_found(change: remediation::Change) -> Change {
    let field = change.field.replacen("Tags: ", "Tags.", 1);
    Change { field, before: change.before, after: change.after }
}

impl MadeCall {
    /// Whether it set the field to what a scan then found.
    pub fn made(&self, change: &Change, found_at: OffsetDateTime) -> bool {
        self.began_at <= found_at
            && self.changes.iter().any(|one| {
                let one = as_found(one.clone());
                one.field == change.field && one.after == change.after
            })
    }
}
