//! Facts from a scan into the table: in batches, an unchanged row untouched, tombstones only at the end.

use crate::{
    FactRepository, StoreError,
    changes::{NewChange, remember},
    inventory::owners::{columns, holder, settle},
    new_id,
    queue::enqueue,
    scans::{close_if_done, notify},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use claviger_domain::{
    changes::{ChangeKind, differences},
    facts::{Detail, Kind, ResourceFacts},
    ids::{AccountId, Arn, Region, ScanId},
    job::Job,
    scan::{ListFault, RegionScanList},
};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, types::Json};
use std::collections::HashMap;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

/// How one list of a region scan ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListOutcome {
    /// Read to its end. What was there before and is confirmed gone gets a tombstone. What the list no longer shows, but
    /// AWS did not let us confirm, keeps the date on which it was last seen.
    Complete { gone: Vec<Arn>, unconfirmed: Vec<Arn> },
    /// Not read to its end: nothing of it is tombstoned, its last good data stay.
    Failed(ListFault),
}

/// How a region scan ended, list by list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionScanOutcome {
    pub secrets: ListOutcome,
    pub parameters: ListOutcome,
    /// Why the tags of parameters could not be read, where they were asked for.
    pub parameter_tags: Option<ListFault>,
}

impl RegionScanOutcome {
    /// Both lists were read; these are confirmed gone.
    pub fn complete(gone: Vec<Arn>) -> Self {
        let list = |gone| ListOutcome::Complete { gone, unconfirmed: Vec::new() };
        Self { secrets: list(gone), parameters: list(Vec::new()), parameter_tags: None }
    }

    /// No list could be read, such as where the role cannot be assumed.
    pub fn failed(fault: &ListFault) -> Self {
        let list = || ListOutcome::Failed(fault.clone());
        Self { secrets: list(), parameters: list(), parameter_tags: None }
    }

    fn lists(&self) -> [(RegionScanList, &ListOutcome); 2] {
        [(RegionScanList::Secrets, &self.secrets), (RegionScanList::Parameters, &self.parameters)]
    }

    /// Why the scan is not complete: the first fault of a list of resources.
    fn fault(&self) -> Option<&ListFault> {
        self.lists().into_iter().find_map(|(_, outcome)| outcome.fault())
    }

    /// Every fault, that of the tags included.
    pub fn faults(&self) -> impl Iterator<Item = &ListFault> {
        let lists = self.lists().into_iter().filter_map(|(_, outcome)| outcome.fault());
        lists.chain(&self.parameter_tags)
    }
}

impl ListOutcome {
    fn fault(&self) -> Option<&ListFault> {
        match self {
            Self::Failed(fault) => Some(fault),
            Self::Complete { .. } => None,
        }
    }
}

impl FactRepository {
    /// Writes a batch of facts of one account and Region, and remembers what changed. Says how many rows were new or changed;
    /// the others are not touched.
    pub async fn write_facts(
        &self,
        account: &AccountId,
        region: &Region,
        batch: &[ResourceFacts],
        now: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        let mut tx = self.pool.begin().await?;
        let mut rows: Vec<NewRow> =
            batch.iter().map(|facts| row_of(facts, region)).collect::<Result<_, _>>()?;
        let known = sqlx::query_as!(
            KnownRow,
            r#"select r.arn, r.gone_at is not null as "is_gone!", is_same as "is_same!", case when is_same then null else r.facts end as "facts?: Json<ResourceFacts>"
             from unnest($1::text[], $2::bytea[]) as x (arn, fingerprint) join resource r on r.arn = x.arn
             cross join lateral (select r.fingerprint = x.fingerprint and r.gone_at is null and r.last_seen_at is null) as s (is_same)"#,
            &rows.iter().map(|row| row.arn.as_str()).collect::<Vec<_>>() as _,
            &rows.iter().map(|row| row.fingerprint.as_slice()).collect::<Vec<_>>() as _,
        )
        .fetch_all(&mut *tx)
        .await?;
        let known: HashMap<String, KnownRow> =
            known.into_iter().map(|row| (row.arn.clone(), row)).collect();
        rows.retain(|row| known.get(row.arn.as_str()).is_none_or(|known| !known.is_same));
        if rows.is_empty() {
            return Ok(0);
        }
        // A batch is a page of one list.
        let kind = batch.first().map_or(Kind::Secret, ResourceFacts::kind);
        let was_read = sqlx::query_scalar!(
            r#"select exists (select 1 from scan_list
                where account_id = $1 and region = $2 and list = $3 and complete_at is not null) as "was_read!""#,
            account.as_str(),
            region.as_str(),
            list_of(kind).to_string(),
        )
        .fetch_one(&mut *tx)
        .await?;
        let facts: HashMap<&str, &ResourceFacts> =
            batch.iter().map(|facts| (facts.arn.as_str(), facts)).collect();
        let location = holder(&mut tx, account).await?;
        for row in &mut rows {
            let tags = facts.get(row.arn.as_str()).and_then(|facts| facts.tags.as_ref());
            let (owner, class) = columns(self.owners.owner(tags, &location));
            row.value["owner"] = owner.into();
            row.value["owner_class"] = class.into();
        }
        let values = rows.iter_mut().map(|row| std::mem::take(&mut row.value)).collect();
        let written = upsert(&mut tx, account, region, values, now).await?;
        let changes: Vec<NewChange> = written
            .iter()
            .filter_map(|(id, arn)| Some((*id, known.get(arn), facts.get(arn.as_str())?)))
            .flat_map(|(id, known, facts)| news(id, known, facts, was_read))
            .collect();
        remember(&mut tx, account, &changes, now).await?;
        tx.commit().await?;
        Ok(u64::try_from(written.len()).unwrap_or(u64::MAX))
    }

    /// What the table holds as present and a scan did not see: to be confirmed before a tombstone.
    pub async fn unseen(
        &self,
        account: &AccountId,
        region: &Region,
        kind: Kind,
        seen: &[String],
    ) -> Result<Vec<(Arn, String)>, StoreError> {
        let rows = sqlx::query!(
            "select arn, name from resource
             where account_id = $1 and region = $2 and kind = $3 and gone_at is null and not (arn = any($4))
             order by arn",
            account.as_str(),
            region.as_str(),
            kind.to_string(),
            seen,
        )
        .map(|row| (row.arn, row.name))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(arn, name)| Ok((crate::error::column("resource", "arn", &arn, &arn)?, name)))
            .collect()
    }

    /// Ends a scan in one transaction: tombstones, replicas, the scan's row, and the sweep with its last scan.
    pub async fn end_region_scan(
        &self,
        sweep: ScanId,
        account: &AccountId,
        region: &Region,
        outcome: &RegionScanOutcome,
        api_calls: u32,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        // What is settled below is the whole account's: its Regions take turns, other accounts do not wait.
        sqlx::query!("select from account where id = $1 for no key update", account.as_str())
            .execute(&mut *tx)
            .await?;
        let mut settled = false;
        for (list, outcome) in outcome.lists() {
            match outcome {
                ListOutcome::Complete { gone, unconfirmed } => {
                    settled = true;
                    tombstone(&mut tx, account, region, list, gone, now).await?;
                    keep_last_seen(&mut tx, account, region, list, unconfirmed).await?;
                    end_list(&mut tx, account, region, list, None, now).await?;
                }
                ListOutcome::Failed(fault) => {
                    end_list(&mut tx, account, region, list, Some(fault), now).await?;
                }
            }
        }
        end_tags(&mut tx, account, region, outcome, now).await?;
        if settled {
            settle_replicas(&mut tx, account).await?;
            settle(&mut tx, &self.owners, account).await?;
            let deep = Job::ReadDeep { account: account.clone(), region: region.clone() };
            enqueue(&mut tx, &deep).await?;
        }
        let fault = outcome.fault();
        sqlx::query!(
            "update scan set status = $4, fault = $5, fault_code = $6, api_calls = $7,
                complete_at = case when $4 = 'complete' then $8 else complete_at end
             where account_id = $1 and region = $2 and sweep_id = $3",
            account.as_str(),
            region.as_str(),
            sweep.0,
            if fault.is_none() { "complete" } else { "failed" },
            fault.map(|fault| fault.fault.to_string()),
            fault.and_then(|fault| fault.code.as_deref()),
            i32::try_from(api_calls).unwrap_or(i32::MAX),
            now
        )
        .execute(&mut *tx)
        .await?;
        // Scans that end together queue here, their own work done, so that the last one sees that it is the last.
        sqlx::query!("select from sweep where id = $1 for update", sweep.0)
            .execute(&mut *tx)
            .await?;
        close_if_done(&mut tx, sweep, now).await?;
        notify(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// What is known of a resource before it is written.
struct KnownRow {
    arn: String,
    is_gone: bool,
    is_same: bool,
    /// Where it differs.
    facts: Option<Json<ResourceFacts>>,
}

/// A resource as a row; its owner is worked out once it is known that the row is written.
struct NewRow {
    arn: Arn,
    fingerprint: Vec<u8>,
    value: serde_json::Value,
}

/// Writes rows that are new, differ or are there again, and returns those that it wrote.
async fn upsert(
    connection: &mut PgConnection,
    account: &AccountId,
    region: &Region,
    rows: Vec<serde_json::Value>,
    now: OffsetDateTime,
) -> Result<Vec<(Uuid, String)>, StoreError> {
    let written = sqlx::query!(
        "insert into resource (id, arn, kind, account_id, region, name, facts, search, owner, owner_class,
                parameter_type, key_class, rotation_enabled, next_rotation_at, stuck_version, primary_arn,
                used_on, is_listed, accessed_on, changed_at, deleted_at, fingerprint, first_seen_at, facts_changed_at)
             select x.id, x.arn, x.kind, $2, $3, x.name, x.facts, x.search, x.owner, x.owner_class,
                x.parameter_type, x.key_class, x.rotation_enabled, x.next_rotation_at, x.stuck_version, x.primary_arn,
                x.accessed_on, x.primary_arn is null, x.accessed_on, x.changed_at, x.deleted_at,
                decode(x.fingerprint, 'base64'), $4, $4
             from jsonb_to_recordset($1) as x (id uuid, arn text, kind text, name text, facts jsonb, search text,
                owner text, owner_class text, parameter_type text, key_class text, rotation_enabled boolean,
                next_rotation_at timestamptz, stuck_version text, primary_arn text, accessed_on date,
                changed_at timestamptz, deleted_at timestamptz, fingerprint text)
             on conflict (arn) do update set
                name = excluded.name, facts = excluded.facts, search = excluded.search, owner = excluded.owner,
                owner_class = excluded.owner_class, parameter_type = excluded.parameter_type,
                key_class = excluded.key_class, rotation_enabled = excluded.rotation_enabled,
                next_rotation_at = excluded.next_rotation_at, stuck_version = excluded.stuck_version,
                primary_arn = excluded.primary_arn, used_on = greatest(resource.used_on, excluded.used_on),
                is_listed = resource.is_listed or excluded.is_listed, accessed_on = excluded.accessed_on,
                changed_at = excluded.changed_at, deleted_at = excluded.deleted_at,
                fingerprint = excluded.fingerprint, facts_changed_at = excluded.facts_changed_at,
                gone_at = null, last_seen_at = null
             where resource.fingerprint <> excluded.fingerprint or resource.gone_at is not null
                or resource.last_seen_at is not null
             returning id, arn",
        serde_json::Value::Array(rows),
        account.as_str(),
        region.as_str(),
        now,
    )
    .map(|row| (row.id, row.arn))
    .fetch_all(connection)
    .await?;
    Ok(written)
}

/// What is to be remembered of a resource that was written.
fn news(
    id: Uuid,
    known: Option<&KnownRow>,
    facts: &ResourceFacts,
    was_read: bool,
) -> Vec<NewChange> {
    let whole = |what| NewChange::whole(id, what);
    let Some(known) = known else {
        // What the first reading of a Region finds was there, and is no news.
        return if was_read { vec![whole(ChangeKind::FirstSeen)] } else { Vec::new() };
    };
    let back = known.is_gone.then(|| whole(ChangeKind::Back));
    let changed = known.facts.iter().flat_map(|before| differences(&before.0, facts));
    back.into_iter().chain(changed.map(|change| NewChange::field(id, change))).collect()
}

/// The list that shows resources of this kind.
pub(crate) fn list_of(kind: Kind) -> RegionScanList {
    match kind {
        Kind::Secret => RegionScanList::Secrets,
        Kind::Parameter => RegionScanList::Parameters,
    }
}

/// The columns of a list's fault as the domain has them.
pub(crate) fn list_fault(
    key: impl std::fmt::Display,
    fault: Option<String>,
    code: Option<String>,
    operation: Option<String>,
) -> Result<Option<ListFault>, StoreError> {
    let Some(fault) = fault else { return Ok(None) };
    let fault = crate::error::column("scan_list", "fault", key, &fault)?;
    Ok(Some(ListFault { fault, code, operation }))
}

/// Notes how the newest attempt at a list ended. A failed one keeps the date of the last complete one.
pub(crate) async fn end_list(
    connection: &mut PgConnection,
    account: &AccountId,
    region: &Region,
    list: RegionScanList,
    fault: Option<&ListFault>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into scan_list as l (account_id, region, list, attempted_at, fault, fault_code, operation, complete_at)
         values ($1, $2, $3, $4::timestamptz, $5, $6, $7, case when $5::text is null then $4 end)
         on conflict (account_id, region, list) do update set attempted_at = excluded.attempted_at,
            fault = excluded.fault, fault_code = excluded.fault_code, operation = excluded.operation,
            complete_at = coalesce(excluded.complete_at, l.complete_at)",
        account.as_str(),
        region.as_str(),
        list.to_string(),
        now,
        fault.map(|fault| fault.fault.to_string()),
        fault.and_then(|fault| fault.code.as_deref()),
        fault.and_then(|fault| fault.operation.as_deref()),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The tags of parameters have a row only while the newest attempt at them failed; when they were read is noted apart.
async fn end_tags(
    connection: &mut PgConnection,
    account: &AccountId,
    region: &Region,
    outcome: &RegionScanOutcome,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    if let Some(fault) = &outcome.parameter_tags {
        return end_list(
            connection,
            account,
            region,
            RegionScanList::ParameterTags,
            Some(fault),
            now,
        )
        .await;
    }
    if matches!(outcome.parameters, ListOutcome::Complete { .. }) {
        sqlx::query!(
            "delete from scan_list where account_id = $1 and region = $2 and list = $3",
            account.as_str(),
            region.as_str(),
            RegionScanList::ParameterTags.to_string()
        )
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// What a complete list no longer shows and AWS did not let us confirm was last seen by the list before.
async fn keep_last_seen(
    connection: &mut PgConnection,
    account: &AccountId,
    region: &Region,
    list: RegionScanList,
    unconfirmed: &[Arn],
) -> Result<(), StoreError> {
    if unconfirmed.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "update resource r set last_seen_at = coalesce((select complete_at from scan_list l
            where l.account_id = r.account_id and l.region = r.region and l.list = $4), r.first_seen_at)
         where account_id = $1 and region = $2 and arn = any($3) and gone_at is null and last_seen_at is null",
        account.as_str(),
        region.as_str(),
        &crate::error::texts(unconfirmed),
        list.to_string(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn tombstone(
    connection: &mut PgConnection,
    account: &AccountId,
    region: &Region,
    list: RegionScanList,
    gone: &[Arn],
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let gone = sqlx::query_scalar!(
        "update resource r set gone_at = $4, last_seen_at = coalesce(r.last_seen_at, (select complete_at from scan_list l
            where l.account_id = r.account_id and l.region = r.region and l.list = $5), r.first_seen_at)
         where account_id = $1 and region = $2 and arn = any($3) and gone_at is null returning id",
        account.as_str(),
        region.as_str(),
        &crate::error::texts(gone),
        now,
        list.to_string(),
    )
    .fetch_all(&mut *connection)
    .await?;
    let changes: Vec<NewChange> =
        gone.into_iter().map(|id| NewChange::whole(id, ChangeKind::Gone)).collect();
    remember(connection, account, &changes, now).await
}

/// Tells every primary of the account its replicas, and lists alone the replicas that have no primary here.
async fn settle_replicas(
    connection: &mut PgConnection,
    account: &AccountId,
) -> Result<(), StoreError> {
    let any = sqlx::query_scalar!(
        r#"select exists (select 1 from resource where account_id = $1
            and (primary_arn is not null or replica_regions <> '{}')) as "any!""#,
        account.as_str()
    )
    .fetch_one(&mut *connection)
    .await?;
    if !any {
        return Ok(());
    }
    sqlx::query!(
        "with replica as (
            select primary_arn, array_agg(region order by region) as regions, max(accessed_on) as used_on
            from resource where account_id = $1 and primary_arn is not null and gone_at is null group by primary_arn)
         update resource p set replica_regions = coalesce(replica.regions, '{}'),
            used_on = greatest(p.accessed_on, replica.used_on)
         from resource q left join replica on replica.primary_arn = q.arn
         where p.id = q.id and p.account_id = $1 and p.primary_arn is null
           and (p.replica_regions <> coalesce(replica.regions, '{}')
                or p.used_on is distinct from greatest(p.accessed_on, replica.used_on))",
        account.as_str(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update resource r set is_listed = not r.is_listed
         where r.account_id = $1 and r.primary_arn is not null
           and r.is_listed = exists (select 1 from resource p where p.arn = r.primary_arn and p.gone_at is null)",
        account.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn row_of(facts: &ResourceFacts, region: &Region) -> Result<NewRow, StoreError> {
    let inconsistent = |reason: String| StoreError::Inconsistent {
        table: "resource",
        column: "facts",
        key: facts.arn.to_string(),
        reason,
    };
    let whole = serde_json::to_value(facts).map_err(|error| inconsistent(error.to_string()))?;
    let fingerprint = Sha256::digest(whole.to_string()).to_vec();
    let stamp = |at: Option<OffsetDateTime>| at.and_then(|at| at.format(&Rfc3339).ok());
    let secret = match &facts.detail {
        Detail::Secret(secret) => Some(secret),
        Detail::Parameter(_) => None,
    };
    let parameter_type = match &facts.detail {
        Detail::Parameter(parameter) => Some(parameter.parameter_type.to_string()),
        Detail::Secret(_) => None,
    };
    let value = json!({
        "id": new_id(),
        "arn": facts.arn,
        "kind": facts.kind(),
        "name": facts.name,
        "search": search_text(facts),
        "parameter_type": parameter_type,
        "key_class": facts.key_class(),
        "rotation_enabled": secret.and_then(|s| s.rotation.enabled),
        "next_rotation_at": stamp(secret.and_then(|s| s.rotation.next_rotation_at)),
        "stuck_version": secret.and_then(|s| s.stuck_version()),
        "primary_arn": facts.primary_arn(region),
        "accessed_on": secret.and_then(|s| s.accessed_on).map(|day| day.to_string()),
        "changed_at": stamp(facts.changed_at),
        "deleted_at": stamp(secret.and_then(|s| s.deleted_at)),
        "fingerprint": STANDARD.encode(&fingerprint),
        "facts": whole,
    });
    Ok(NewRow { arn: facts.arn.clone(), fingerprint, value })
}

/// What the search looks through, in lower case, the parts divided by line ends.
fn search_text(facts: &ResourceFacts) -> String {
    let mut text = format!("{}\n{}", facts.name, facts.arn);
    if let Some(description) = &facts.description {
        text.push('\n');
        text.push_str(description);
    }
    for (key, value) in facts.tags.iter().flatten() {
        text.push('\n');
        text.push_str(key);
        text.push('=');
        text.push_str(value);
    }
    text.to_lowercase()
}
