//! The end of a Region scan: what each list came to, tombstones, replicas, and the scan's own row.

use crate::{
    FactRepository, StoreError,
    changes::{NewChange, remember},
    inventory::{
        ingest::{list_of, note_described},
        owners::settle,
    },
    job_queue::enqueue,
    scans::{close_if_done, notify},
};
use claviger_domain::{
    changes::ChangeKind,
    facts::Kind,
    ids::{AccountId, Arn, Region, ResourceId, ScanId},
    job::Job,
    scan::{ListFault, RegionScanList},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

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
    /// Ends a scan in one transaction: tombstones, replicas, the scan's row, and the sweep with its last scan.
    #[tracing::instrument(level = "debug", skip_all, fields(scan.id = %sweep, aws.account = %account, aws.region = %region))]
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
        lock_account(&mut tx, account).await?;
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

impl FactRepository {
    #[expect(clippy::too_many_arguments, reason = "where it is, what it is, and two times")]
    /// Ends the reading of one resource: a tombstone if AWS no longer has it, replicas, and the evaluation. Events that named
    /// it before it was known are its own now. From here on, events from before `asked_at` cause no reading.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region, resource.arn = %arn))]
    pub async fn end_refresh(
        &self,
        account: &AccountId,
        region: &Region,
        kind: Kind,
        arn: &Arn,
        is_gone: bool,
        asked_at: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        lock_account(&mut tx, account).await?;
        if is_gone {
            tombstone(&mut tx, account, region, list_of(kind), std::slice::from_ref(arn), now)
                .await?;
        }
        note_described(&mut tx, arn, asked_at).await?;
        sqlx::query!(
            "update aws_event e set resource_id = r.id from resource r
             where r.arn = $1 and e.resource_id is null and e.account_id = r.account_id and e.region = r.region
                and e.kind = r.kind and e.named in (r.arn, r.name)",
            arn.as_str()
        )
        .execute(&mut *tx)
        .await?;
        settle_replicas(&mut tx, account).await?;
        enqueue(&mut tx, &Job::Evaluate { account: account.clone() }).await?;
        notify(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The id of the resource with this ARN.
    #[tracing::instrument(level = "debug", skip_all, fields(resource.arn = %arn))]
    pub async fn resource_of(&self, arn: &Arn) -> Result<Option<ResourceId>, StoreError> {
        let id = sqlx::query_scalar!("select id from resource where arn = $1", arn.as_str())
            .fetch_optional(&self.pool)
            .await?;
        Ok(id.map(ResourceId))
    }
}

/// What is settled at the end of a reading is the whole account's: its Regions take turns, other accounts do not wait.
async fn lock_account(
    connection: &mut PgConnection,
    account: &AccountId,
) -> Result<(), StoreError> {
    sqlx::query!("select from account where id = $1 for no key update", account.as_str())
        .execute(connection)
        .await?;
    Ok(())
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
