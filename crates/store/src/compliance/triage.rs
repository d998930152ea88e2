//! What people decided about findings: written by them, read with the findings.

use crate::{StoreError, UnitOfWork, error::texts};
use claviger_domain::{
    authz::{Person, VisibleAccounts},
    compliance::triage::{FindingRef, TicketUrl, Triage, TriageAction, TriageChange},
    ids::ResourceId,
};
use serde::Deserialize;
use sqlx::{PgPool, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

/// A row as its finding's query has it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct StoredTriage {
    policy: String,
    assignee: Option<Person>,
    ticket: Option<TicketUrl>,
    #[serde(with = "time::serde::rfc3339::option")]
    snoozed_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    snoozed_until: Option<OffsetDateTime>,
}

/// The triage of one finding, which opened then. A snooze that is over, or that was of an earlier failure, is none.
pub(crate) fn triage_of(
    all: &[StoredTriage],
    policy: &str,
    opened_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Triage {
    let Some(found) = all.iter().find(|one| one.policy == policy) else { return Triage::default() };
    let is_of_this = found.snoozed_at.is_some_and(|at| opened_at <= at);
    Triage {
        assignee: found.assignee.clone(),
        ticket: found.ticket.clone(),
        snoozed_until: found.snoozed_until.filter(|until| *until > now && is_of_this),
    }
}

/// A change of the triage of findings.
#[derive(Debug, Clone)]
pub enum NewTriage<'a> {
    /// `None` brings them back to the list.
    Snooze(Option<OffsetDateTime>),
    /// `None` is nobody.
    Assign(Option<&'a Person>, Option<&'a TicketUrl>),
}

/// Changes of triage that can be undone.
#[derive(Clone, Debug)]
pub struct TriageRepository {
    pub(crate) pool: PgPool,
}

impl TriageRepository {
    /// A change by this person since then, as far as its findings still have it and are within the scope.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn change(
        &self,
        visible: &VisibleAccounts,
        id: Uuid,
        by: &Person,
        since: OffsetDateTime,
    ) -> Result<Option<TriageChange>, StoreError> {
        let row = sqlx::query!(
            r#"select t.action, case when t.action = 'assign' then t.assignee ->> 'name' end as assignee,
                case when t.action = 'snooze' then t.snoozed_until end as snoozed_until, count(*) as "findings!"
             from finding_triage t join resource r on r.id = t.resource_id
             where t.change_id = $1 and t.previous is not null and t.changed_by ->> 'subject' = $2 and t.changed_at > $3
                and r.account_id = any($4)
             group by 1, 2, 3 limit 1"#,
            id,
            &by.subject,
            since,
            &texts(&visible.accounts),
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| {
            Ok(TriageChange {
                id: id.to_string(),
                action: crate::error::column("finding_triage", "action", id, &row.action)?,
                findings: u64::try_from(row.findings).unwrap_or(0),
                assignee: row.assignee,
                until: row.snoozed_until.map(OffsetDateTime::date),
            })
        })
        .transpose()
    }
}

impl UnitOfWork {
    /// Changes the triage of findings. Gives the change's id, by which it can be undone.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = findings.len()))]
    pub async fn triage(
        &mut self,
        findings: &[FindingRef],
        new: &NewTriage<'_>,
        by: &Person,
    ) -> Result<Uuid, StoreError> {
        let id = crate::new_id();
        let now = self.now;
        // In one order, so that two changes of the same findings wait for each other.
        let mut findings: Vec<&FindingRef> = findings.iter().collect();
        findings.sort_unstable_by_key(|one| (one.resource, one.policy.as_str()));
        let resources: Vec<Uuid> = findings.iter().map(|one| one.resource.0).collect();
        let policies: Vec<String> = findings.iter().map(|one| one.policy.clone()).collect();
        match new {
            NewTriage::Snooze(until) => {
                sqlx::query!(
                    "insert into finding_triage as t
                        (resource_id, policy_id, snoozed_until, snoozed_at, changed_by, changed_at, change_id, action, previous)
                     select resource, policy, $3, case when $3::timestamptz is not null then $4::timestamptz end, $5, $4, $6,
                        'snooze', '{}' from unnest($1::uuid[], $2::text[]) as of (resource, policy)
                     on conflict (resource_id, policy_id) do update set previous = jsonb_build_object(
                            'assignee', t.assignee, 'ticket', t.ticket, 'snoozed_at', t.snoozed_at, 'snoozed_until', t.snoozed_until),
                        snoozed_until = excluded.snoozed_until, snoozed_at = excluded.snoozed_at, changed_by = excluded.changed_by,
                        changed_at = excluded.changed_at, change_id = excluded.change_id, action = excluded.action",
                    &resources,
                    &policies,
                    *until,
                    now,
                    Json(by) as _,
                    id,
                )
                .execute(self.connection())
                .await?;
            }
            NewTriage::Assign(assignee, ticket) => {
                sqlx::query!(
                    "insert into finding_triage as t
                        (resource_id, policy_id, assignee, ticket, changed_by, changed_at, change_id, action, previous)
                     select resource, policy, $3, $4, $5, $6, $7, 'assign', '{}'
                     from unnest($1::uuid[], $2::text[]) as of (resource, policy)
                     on conflict (resource_id, policy_id) do update set previous = jsonb_build_object(
                            'assignee', t.assignee, 'ticket', t.ticket, 'snoozed_at', t.snoozed_at, 'snoozed_until', t.snoozed_until),
                        assignee = excluded.assignee, ticket = excluded.ticket, changed_by = excluded.changed_by,
                        changed_at = excluded.changed_at, change_id = excluded.change_id, action = excluded.action",
                    &resources,
                    &policies,
                    assignee.map(Json) as _,
                    ticket.map(TicketUrl::as_str),
                    Json(by) as _,
                    now,
                    id,
                )
                .execute(self.connection())
                .await?;
            }
        }
        Ok(id)
    }

    /// Undoes a change of this person since then, where nobody has changed the finding again. Gives the findings, and
    /// what the change was.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn undo_triage(
        &mut self,
        visible: &VisibleAccounts,
        id: Uuid,
        by: &Person,
        since: OffsetDateTime,
    ) -> Result<Vec<(ResourceId, TriageAction)>, StoreError> {
        let rows = sqlx::query!(
            "update finding_triage t set assignee = nullif(t.previous -> 'assignee', 'null'::jsonb), ticket = t.previous ->> 'ticket',
                snoozed_at = (t.previous ->> 'snoozed_at')::timestamptz,
                snoozed_until = (t.previous ->> 'snoozed_until')::timestamptz, previous = null
             from resource r where r.id = t.resource_id and t.change_id = $1 and t.previous is not null
                and t.changed_by ->> 'subject' = $2 and t.changed_at > $3 and r.account_id = any($4)
             returning t.resource_id, t.action",
            id,
            &by.subject,
            since,
            &texts(&visible.accounts),
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let action = crate::error::column("finding_triage", "action", id, &row.action)?;
                Ok((ResourceId(row.resource_id), action))
            })
            .collect()
    }
}
