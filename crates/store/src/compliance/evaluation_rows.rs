//! The rows of an evaluation: evaluation results and findings. What is new is copied in, what differs is updated, and nothing
//! else is touched.

use crate::{
    StoreError,
    compliance::{
        evaluation_result::{FindingSummaryRows, NewEvaluation, NewResult, note},
        finding_rows::{Fix, Mark, Micros, Stored, StoredRow, Text, json, micros, moment, stored},
    },
    copy::CopyRows,
};
use claviger_domain::ids::{AccountId, ResourceId};
use sqlx::{PgConnection, types::Json};
use std::collections::{BTreeMap, HashMap};
use time::OffsetDateTime;
use uuid::Uuid;

/// The rows of those whose findings an evaluation may change.
pub(crate) struct PreviousRows(HashMap<ResourceId, Stored>);

impl PreviousRows {
    pub(crate) async fn read(
        connection: &mut PgConnection,
        account: &AccountId,
        is_first: bool,
        evaluated: &[NewResult],
    ) -> Result<Self, StoreError> {
        // Also of what has no evaluation result: what was gone and is there again has kept its findings.
        let news: Vec<Uuid> = evaluated
            .iter()
            .filter(|one| one.is_changed)
            .map(|one| one.result.resource.0)
            .collect();
        let rows: Vec<StoredRow> = if news.is_empty() {
            Vec::new()
        } else if is_first {
            // Usually none: then nothing is asked for a hundred thousand ids.
            sqlx::query_as!(
                StoredRow,
                r#"select resource_id, team, marks as "marks: Json<Vec<Mark>>", texts as "texts: Json<Vec<Text>>"
                 from resource_findings where account_id = $1"#,
                account.as_str(),
            )
            .fetch_all(connection)
            .await?
        } else {
            stored_rows(connection, &news).await?
        };
        Ok(Self(rows.into_iter().map(stored).collect::<Result<_, _>>()?))
    }
}

/// The rows of these resources.
async fn stored_rows(
    connection: &mut PgConnection,
    resources: &[Uuid],
) -> Result<Vec<StoredRow>, StoreError> {
    let rows = sqlx::query_as!(
        StoredRow,
        r#"select resource_id, team, marks as "marks: Json<Vec<Mark>>", texts as "texts: Json<Vec<Text>>"
         from resource_findings where resource_id = any($1)"#,
        resources,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// What became of the findings of an account.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) rows: u64,
    pub(crate) resolved: u64,
    /// Findings whose checks pass again.
    pub(crate) fixed: BTreeMap<Fix, u32>,
    /// Failures that opened.
    pub(crate) opened: FindingSummaryRows,
    /// The first day on which one of those that were written falls due.
    pub(crate) next_due: Option<OffsetDateTime>,
}

/// Writes evaluation results that are new or differ.
pub(crate) async fn write_results(
    connection: &mut PgConnection,
    account: &AccountId,
    evaluated: &[NewResult],
) -> Result<(), StoreError> {
    let (new, changed): (Vec<_>, Vec<_>) =
        evaluated.iter().filter(|one| !one.is_same).partition(|one| one.is_new);
    if !new.is_empty() {
        const INTO: &str = "judgement (resource_id, account_id, fingerprint, deep_fingerprint, used_on, verdicts, gaps, digest, until)";
        let mut copy = CopyRows::begin(&mut *connection, INTO, 9).await?;
        for one in new {
            copy.row().await?;
            copy.uuid(one.result.resource.0);
            copy.text(Some(account.as_str()));
            copy.bytes(Some(&one.input_fingerprint.fingerprint));
            copy.bytes(one.input_fingerprint.deep_fingerprint.as_deref());
            copy.date(one.input_fingerprint.used_on);
            copy.text(Some(&one.result.verdicts));
            copy.text(one.result.gaps.as_deref());
            copy.bytes(Some(&one.digest));
            copy.moment(one.result.until);
        }
        copy.end().await?;
    }
    if changed.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "update judgement j set fingerprint = x.fingerprint, deep_fingerprint = x.deep, used_on = x.used_on,
            verdicts = x.verdicts, gaps = x.gaps, digest = x.digest, until = x.until
         from unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::date[], $5::text[], $6::text[], $7::bytea[],
            $8::timestamptz[]) as x (resource, fingerprint, deep, used_on, verdicts, gaps, digest, until)
         where j.resource_id = x.resource",
        &changed.iter().map(|one| one.result.resource.0).collect::<Vec<_>>(),
        &changed.iter().map(|one| one.input_fingerprint.fingerprint.as_slice()).collect::<Vec<_>>() as _,
        &changed.iter().map(|one| one.input_fingerprint.deep_fingerprint.as_deref()).collect::<Vec<_>>() as _,
        &changed.iter().map(|one| one.input_fingerprint.used_on).collect::<Vec<_>>() as _,
        &changed.iter().map(|one| one.result.verdicts.as_str()).collect::<Vec<_>>() as _,
        &changed.iter().map(|one| one.result.gaps.as_deref()).collect::<Vec<_>>() as _,
        &changed.iter().map(|one| one.digest.as_slice()).collect::<Vec<_>>() as _,
        &changed.iter().map(|one| one.result.until).collect::<Vec<_>>() as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes the findings of those whose digest is another than before.
pub(crate) async fn write_findings(
    connection: &mut PgConnection,
    account: &AccountId,
    evaluation: &NewEvaluation,
    before: PreviousRows,
    now: OffsetDateTime,
) -> Result<Written, StoreError> {
    let NewEvaluation { evaluated, policies, .. } = evaluation;
    let PreviousRows(mut before) = before;
    let mut done = Written::default();
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    let (mut next_due, from) = (None::<Micros>, micros(now));
    for one in evaluated.iter().filter(|one| one.is_changed) {
        let resource = one.result.resource;
        let known = before.remove(&resource);
        let is_known = known.is_some();
        let merged =
            known.unwrap_or_default().merge(one.result.team.as_deref(), &one.findings, now);
        done.rows += merged.written.len() as u64;
        done.resolved += merged.resolved;
        let fixed = merged.fixed.iter().map(|at| &merged.row.marks[*at]);
        for mark in fixed.filter(|mark| policies.contains(&mark.policy)) {
            if let Some(fix) = Fix::of(mark, one.result.team.as_deref()) {
                *done.fixed.entry(fix).or_default() += 1;
            }
        }
        for (at, _) in merged.written.iter().filter(|(_, is_new)| *is_new) {
            let policy = &merged.row.marks[*at].policy;
            note(&mut done.opened, policy, merged.row.team.as_deref(), resource);
        }
        let due = merged.row.marks.iter().filter(|mark| mark.counts()).map(|mark| mark.due);
        next_due = next_due.into_iter().chain(due.filter(|due| *due >= from)).min();
        if merged.differs {
            let rows = if is_known { &mut changed } else { &mut new };
            rows.push((resource, merged.row));
        }
    }
    insert(connection, account, &new).await?;
    update(connection, &changed).await?;
    done.next_due = next_due.map(|due| moment(due, ResourceId(Uuid::nil()))).transpose()?;
    Ok(done)
}

/// Writes rows that are not there yet.
async fn insert(
    connection: &mut PgConnection,
    account: &AccountId,
    new: &[(ResourceId, Stored)],
) -> Result<(), StoreError> {
    const INTO: &str = "resource_findings (resource_id, account_id, team, marks, texts)";
    if new.is_empty() {
        return Ok(());
    }
    let mut copy = CopyRows::begin(connection, INTO, 5).await?;
    for (resource, row) in new {
        copy.row().await?;
        copy.uuid(resource.0);
        copy.text(Some(account.as_str()));
        copy.text(row.team.as_deref());
        copy.text(Some(&json(&row.marks)?));
        copy.text(Some(&json(&row.texts)?));
    }
    copy.end().await?;
    Ok(())
}

/// Writes rows again that are there.
async fn update(
    connection: &mut PgConnection,
    changed: &[(ResourceId, Stored)],
) -> Result<(), StoreError> {
    if changed.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "update resource_findings f set team = x.team, marks = x.marks::json, texts = x.texts::json,
            written = pg_current_xact_id()::text::bigint
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as x (resource, team, marks, texts)
         where f.resource_id = x.resource",
        &changed.iter().map(|(id, _)| id.0).collect::<Vec<_>>(),
        &changed.iter().map(|(_, row)| row.team.as_deref()).collect::<Vec<_>>() as _,
        &changed.iter().map(|(_, row)| json(&row.marks)).collect::<Result<Vec<_>, _>>()?,
        &changed.iter().map(|(_, row)| json(&row.texts)).collect::<Result<Vec<_>, _>>()?,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Resolves what is open of these resources, and says how many findings that were.
pub(crate) async fn resolve_all(
    connection: &mut PgConnection,
    gone: &[Uuid],
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    if gone.is_empty() {
        return Ok(0);
    }
    let rows = stored_rows(connection, gone).await?;
    let mut resolved = 0;
    let mut changed = Vec::new();
    for row in rows {
        let (id, mut row) = stored(row)?;
        let here = row.resolve(now);
        if here > 0 {
            resolved += here;
            changed.push((id, row));
        }
    }
    update(connection, &changed).await?;
    Ok(resolved)
}

/// The findings of an account by resource, with its owner.
pub(crate) type AccountRows = Vec<(ResourceId, Option<String>, Vec<Mark>)>;

/// All findings of an account, what they say left out.
pub(crate) async fn rows_of_account(
    connection: &mut PgConnection,
    account: &AccountId,
) -> Result<AccountRows, StoreError> {
    let rows = sqlx::query!(
        r#"select resource_id, team, marks as "marks: Json<Vec<Mark>>" from resource_findings where account_id = $1 order by resource_id"#,
        account.as_str(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (ResourceId(row.resource_id), row.team, row.marks.0)).collect())
}

/// Failures that fell due from `since` on and before now, and the first day on which another will.
pub(crate) fn due_since(
    rows: &AccountRows,
    since: OffsetDateTime,
    now: OffsetDateTime,
) -> (FindingSummaryRows, Option<OffsetDateTime>) {
    let (since, now) = (micros(since), micros(now));
    let (mut news, mut next) = (FindingSummaryRows::new(), None);
    for (resource, team, marks) in rows {
        for mark in marks.iter().filter(|mark| mark.counts() && mark.due >= since) {
            if mark.due < now {
                note(&mut news, &mark.policy, team.as_deref(), *resource);
            } else {
                next = next.into_iter().chain([mark.due]).min();
            }
        }
    }
    (news, next.and_then(|due| moment(due, ResourceId(Uuid::nil())).ok()))
}
