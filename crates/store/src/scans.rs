//! Sweeps: begun once, planned, counted, ended with their last scan.

use crate::{
    StoreError,
    accounts::organization::write_organization,
    database::SWEEP_CHANNEL,
    error::{column, texts},
    job_queue::{enqueue, enqueue_all},
    new_id,
};
use claviger_domain::{
    accounts::{AccountState, Organization},
    authz::VisibleAccounts,
    ids::{AccountId, Region, ScanId},
    job::Job,
    scan::{RegionScanFault, ScanProgress, ScanTrigger},
};
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

/// A sweep that has not ended by then was lost with its jobs.
const LOST_AFTER: Duration = Duration::hours(2);

/// Scans and their region scans: when they begin, how far they are.
#[derive(Clone, Debug)]
pub struct ScanRepository {
    pub(crate) pool: PgPool,
}

impl ScanRepository {
    /// Begins a sweep and queues its planning, unless one is under way already. `true` if it is new.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn begin_scan(
        &self,
        trigger: ScanTrigger,
        requested_by: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<(ScanId, bool), StoreError> {
        let mut tx = self.pool.begin().await?;
        let lost = sqlx::query_scalar!(
            "select id from sweep where finished_at is null and started_at < $1 for update",
            now - LOST_AFTER
        )
        .fetch_all(&mut *tx)
        .await?;
        for id in lost {
            sqlx::query!(
                "with lost as (
                    update scan set status = 'failed', fault = 'other'
                    where sweep_id = $1 and status in ('queued', 'running') returning account_id, region)
                 update scan_list l set fault = 'other', fault_code = null, operation = null
                 from lost where l.account_id = lost.account_id and l.region = lost.region and l.list <> 'parameter-tags'",
                id,
            )
            .execute(&mut *tx)
            .await?;
            close(&mut tx, ScanId(id), Some(RegionScanFault::Other), now).await?;
        }
        let inserted = sqlx::query!(
            "insert into sweep (id, trigger, requested_by, started_at) values ($1, $2, $3, $4)
             on conflict ((true)) where finished_at is null do nothing",
            new_id(),
            trigger.to_string(),
            requested_by,
            now
        )
        .execute(&mut *tx)
        .await?;
        let is_new = inserted.rows_affected() == 1;
        let id = sqlx::query_scalar!("select id from sweep where finished_at is null")
            .fetch_one(&mut *tx)
            .await?;
        let sweep = ScanId(id);
        if trigger == ScanTrigger::Person {
            // Who asks for a sweep wants to see what is there now, tags included.
            sqlx::query!("update parameter_tags_read set is_due = true").execute(&mut *tx).await?;
        }
        if is_new {
            enqueue(&mut tx, &Job::PlanScan { sweep }).await?;
            notify(&mut tx).await?;
        }
        tx.commit().await?;
        Ok((sweep, is_new))
    }

    /// When the newest sweep began, for the schedule.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn last_scan_began(&self) -> Result<Option<OffsetDateTime>, StoreError> {
        let began =
            sqlx::query_scalar!("select max(started_at) from sweep").fetch_one(&self.pool).await?;
        Ok(began)
    }

    /// Writes the Organization and queues one scan per active account and Region of it. Planning the same sweep twice
    /// does no harm.
    #[tracing::instrument(level = "debug", skip_all, fields(scan.id = %sweep))]
    pub async fn plan_scan<'a>(
        &self,
        sweep: ScanId,
        organization: &Organization,
        regions: impl Fn(&AccountId) -> &'a [Region] + Send,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        let open = sqlx::query_scalar!(
            "select id from sweep where id = $1 and finished_at is null and planned_at is null for update",
            sweep.0,
        )
                .fetch_optional(&mut *tx)
                .await?;
        if open.is_none() {
            return Ok(());
        }
        write_organization(&mut tx, organization, now).await?;
        let (mut accounts, mut codes, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        let mut jobs = Vec::new();
        for account in &organization.accounts {
            let fault = (account.state != AccountState::Active)
                .then_some(RegionScanFault::AccountNotActive);
            for region in regions(&account.id) {
                accounts.push(account.id.to_string());
                codes.push(region.to_string());
                faults.push(fault.map(|fault| fault.to_string()));
                if fault.is_none() {
                    let (account, region) = (account.id.clone(), region.clone());
                    jobs.push(Job::ScanRegion { sweep, account, region });
                }
            }
        }
        sqlx::query!(
            "insert into scan (account_id, region, sweep_id, status, fault, attempted_at)
             select x.account, x.region, $1, case when x.fault is null then 'queued' else 'failed' end, x.fault, $5
             from unnest($2::text[], $3::text[], $4::text[]) as x (account, region, fault)
             on conflict (account_id, region) do update set sweep_id = excluded.sweep_id,
                status = excluded.status, fault = excluded.fault, fault_code = null, api_calls = 0,
                attempted_at = excluded.attempted_at",
            sweep.0,
            &accounts,
            &codes,
            &faults as _,
            now,
        )
        .execute(&mut *tx)
        .await?;
        // Of an account that is not active, no list is asked for.
        sqlx::query!(
            "insert into scan_list as l (account_id, region, list, attempted_at, fault)
             select x.account, x.region, each.list, $4, x.fault
             from unnest($1::text[], $2::text[], $3::text[]) as x (account, region, fault)
             cross join (values ('secrets'), ('parameters')) as each (list)
             where x.fault is not null
             on conflict (account_id, region, list) do update set attempted_at = excluded.attempted_at,
                fault = excluded.fault, fault_code = null, operation = null",
            &accounts,
            &codes,
            &faults as _,
            now,
        )
        .execute(&mut *tx)
        .await?;
        enqueue_all(&mut tx, &jobs).await?;
        sqlx::query!("update sweep set planned_at = $2 where id = $1", sweep.0, now)
            .execute(&mut *tx)
            .await?;
        close_if_done(&mut tx, sweep, now).await?;
        notify(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ends a sweep that could not even be planned.
    #[tracing::instrument(level = "debug", skip_all, fields(scan.id = %sweep))]
    pub async fn fail_scan(
        &self,
        sweep: ScanId,
        fault: RegionScanFault,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        close(&mut tx, sweep, Some(fault), now).await?;
        notify(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Marks a scan as running; `false` when a newer sweep has taken its place.
    #[tracing::instrument(level = "debug", skip_all, fields(scan.id = %sweep, aws.account = %account, aws.region = %region))]
    pub async fn begin_region_scan(
        &self,
        sweep: ScanId,
        account: &AccountId,
        region: &Region,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let mut tx = self.pool.begin().await?;
        let done = sqlx::query!(
            "update scan set status = 'running', attempted_at = $4
             where account_id = $1 and region = $2 and sweep_id = $3 and status in ('queued', 'running')",
            account.as_str(),
            region.as_str(),
            sweep.0,
            now,
        )
        .execute(&mut *tx)
        .await?;
        notify(&mut tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Counts the newest sweep over the accounts one may see.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn scan_progress(
        &self,
        visible: &VisibleAccounts,
        now: OffsetDateTime,
    ) -> Result<ScanProgress, StoreError> {
        struct Row {
            running: bool,
            started_at: OffsetDateTime,
            fault: Option<String>,
            last_finished_at: Option<OffsetDateTime>,
            scans: i64,
            scans_done: i64,
            accounts: i64,
            accounts_reached: i64,
            accounts_failed: i64,
        }
        let row = sqlx::query_as!(
            Row,
            r#"with newest as (select * from sweep order by started_at desc limit 1),
             per_account as (
                select scan.account_id, count(*) as scans,
                    count(*) filter (where scan.status in ('complete', 'failed')) as done,
                    bool_and(scan.status = 'complete') as reached,
                    bool_or(scan.status = 'failed') as failed
                from scan join newest on newest.id = scan.sweep_id
                where scan.account_id = any($1)
                group by scan.account_id)
             select newest.finished_at is null as "running!", newest.started_at, newest.fault,
                (select max(finished_at) from sweep where fault is null) as "last_finished_at?",
                coalesce((select sum(scans) from per_account), 0)::bigint as "scans!",
                coalesce((select sum(done) from per_account), 0)::bigint as "scans_done!",
                (select count(*) from account where id = any($1) and left_at is null) as "accounts!",
                (select count(*) from per_account where reached) as "accounts_reached!",
                (select count(*) from per_account where failed) as "accounts_failed!"
             from newest"#,
            &texts(&visible.accounts),
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else {
            return Ok(ScanProgress { as_of: Some(now), ..ScanProgress::default() });
        };
        let number = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(ScanProgress {
            running: row.running,
            started_at: Some(row.started_at),
            finished_at: row.last_finished_at,
            scans: number(row.scans),
            scans_done: number(row.scans_done),
            accounts: number(row.accounts),
            accounts_reached: number(row.accounts_reached),
            accounts_failed: number(row.accounts_failed),
            fault: row.fault.map(|f| column("sweep", "fault", row.started_at, &f)).transpose()?,
            as_of: Some(now),
        })
    }
}

/// Tells every replica, once the transaction commits.
pub(crate) async fn notify(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("select pg_notify($1, '')", SWEEP_CHANNEL).execute(connection).await?;
    Ok(())
}

/// Ends the sweep when none of its scans is still to come. The caller holds the sweep's row.
pub(crate) async fn close_if_done(
    connection: &mut PgConnection,
    sweep: ScanId,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let open = sqlx::query_scalar!(
        r#"select exists (select 1 from scan where sweep_id = $1 and status in ('queued', 'running')) as "open!""#,
        sweep.0,
    )
    .fetch_one(&mut *connection)
    .await?;
    if open { Ok(()) } else { close(connection, sweep, None, now).await }
}

async fn close(
    connection: &mut PgConnection,
    sweep: ScanId,
    fault: Option<RegionScanFault>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update sweep set finished_at = $2, fault = $3 where id = $1 and finished_at is null",
        sweep.0,
        now,
        fault.map(|f| f.to_string())
    )
    .execute(connection)
    .await?;
    Ok(())
}
