//! Accounts with what they hold and how far the sweeps reached them.

pub(crate) mod locations;
mod opt_in_roles;
pub(crate) mod organization;
pub(crate) mod principals;
pub(crate) mod readable;
pub(crate) mod readiness;
pub(crate) mod regions;
pub(crate) mod trusts;

use crate::{
    InventoryIndex, StoreError,
    accounts::organization::ou_path,
    error::{column, texts},
    inventory::region_scan::list_fault,
};
use claviger_domain::{
    accounts::roles::AccountRoles,
    authz::VisibleAccounts,
    ids::AccountId,
    inventory::view::{AccountRow, Coverage, ListRow, RegionRow},
};
use serde::Deserialize;
use sqlx::{PgPool, types::Json};
use std::collections::HashMap;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

struct Row {
    id: String,
    name: String,
    email: String,
    state: String,
    ou_path: Vec<String>,
    path: String,
    joined_at: Option<OffsetDateTime>,
    left_at: Option<OffsetDateTime>,
    scans: i64,
    complete: i64,
    failed: i64,
    partial: i64,
    complete_as_of: Option<OffsetDateTime>,
    fault: Option<String>,
    unready: Option<i64>,
}

struct RegionScan {
    region: String,
    status: String,
    secrets: i64,
    parameters: i64,
    complete_at: Option<OffsetDateTime>,
    attempted_at: Option<OffsetDateTime>,
    api_calls: i32,
    fault: Option<String>,
    fault_code: Option<String>,
    is_swept: bool,
    lists: Json<Vec<StoredList>>,
}

/// A row of `scan_list`.
#[derive(Deserialize)]
struct StoredList {
    list: String,
    fault: Option<String>,
    fault_code: Option<String>,
    operation: Option<String>,
    complete_at: Option<String>,
}

impl StoredList {
    pub(crate) fn into_domain(self, account: &AccountId) -> Result<ListRow, StoreError> {
        let read = |text: String| {
            OffsetDateTime::parse(&text, &Rfc3339).map_err(|error| StoreError::Inconsistent {
                table: "scan_list",
                column: "complete_at",
                key: account.to_string(),
                reason: error.to_string(),
            })
        };
        Ok(ListRow {
            list: column("scan_list", "list", account, &self.list)?,
            fault: list_fault(account, self.fault, self.fault_code, self.operation)?,
            complete_at: self.complete_at.map(read).transpose()?,
        })
    }
}

/// Accounts and OUs: what they hold, where they are, their Regions and their readiness.
#[derive(Clone, Debug)]
pub struct AccountRepository {
    pub(crate) pool: PgPool,
    pub(crate) index: InventoryIndex,
}

/// An account, when it joined, and its Regions.
type JoinedAccount = (AccountRow, Option<OffsetDateTime>, Vec<RegionRow>);

impl AccountRepository {
    /// All visible accounts, those that need attention first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn list_accounts(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<Vec<AccountRow>, StoreError> {
        let (rows, held) = tokio::try_join!(self.account_rows(visible), self.index.held(visible))?;
        rows.into_iter().map(|row| Ok(row.into_domain(&held)?.0)).collect()
    }

    /// The visible accounts' names, and whether any of them was ever read whole.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn account_names(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<(HashMap<AccountId, String>, bool), StoreError> {
        let was_read = sqlx::query_scalar!(
            r#"select exists (select 1 from scan_list
                where account_id = any($1) and complete_at is not null) as "was_read!""#,
            &texts(&visible.accounts),
        )
        .fetch_one(&self.pool);
        let was_read = async { Ok(was_read.await?) };
        let (names, was_read) = tokio::try_join!(self.index.names(visible), was_read)?;
        Ok((names, was_read))
    }

    /// One account with its Regions and when it joined, if it is within the scope.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %id))]
    pub async fn account(
        &self,
        visible: &VisibleAccounts,
        id: &AccountId,
    ) -> Result<Option<JoinedAccount>, StoreError> {
        if !visible.accounts.contains(id) {
            return Ok(None);
        }
        let only = VisibleAccounts { accounts: vec![id.clone()], whole_organization: false };
        let Some(row) = self.account_rows(&only).await?.pop() else { return Ok(None) };
        let (account, joined_at) = row.into_domain(&self.index.held(&only).await?)?;
        Ok(Some((account, joined_at, self.region_rows(id).await?)))
    }

    async fn account_rows(&self, visible: &VisibleAccounts) -> Result<Vec<Row>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"with newest as (select id from sweep where planned_at is not null order by started_at desc limit 1),
             scanned as (
                select scan.account_id, count(*) as scans, count(*) filter (where status = 'complete') as complete,
                    count(*) filter (where status = 'failed') as failed,
                    -- One list was read, another was not.
                    count(*) filter (where status = 'failed' and lists.some_read) as partial,
                    case when bool_and(lists.all_read_once) then min(lists.oldest) end as complete_as_of,
                    min(fault) as fault
                from scan join newest on newest.id = scan.sweep_id
                cross join lateral (
                    select coalesce(bool_or(l.fault is null), false) as some_read,
                        count(l.complete_at) = 2 as all_read_once, min(l.complete_at) as oldest
                    from scan_list l where l.account_id = scan.account_id and l.region = scan.region
                        and l.list in ('secrets', 'parameters')) as lists
                where scan.account_id = any($1) group by scan.account_id)
             select a.id, a.name, a.email, a.state, a.ou_path, coalesce(ou.path, '') as "path!", a.joined_at, a.left_at,
                coalesce(scans, 0) as "scans!", coalesce(complete, 0) as "complete!", coalesce(failed, 0) as "failed!",
                coalesce(partial, 0) as "partial!", complete_as_of as "complete_as_of?", fault as "fault?",
                case when a.checked_at is not null then
                    (select count(*) from readiness y where y.account_id = a.id and (y.state <> 'ready' or y.role_state = 'old'))
                    + (select count(distinct c.region) from alarm_check c where c.account_id = a.id and c.is_needed
                        and jsonb_path_exists(c.parts, '$[*] ? (@.state != "pass")')) end as "unready?"
             from account a
             left join ou on ou.id = a.ou_path[cardinality(a.ou_path)]
             left join scanned on scanned.account_id = a.id
             where a.id = any($1)
             order by coalesce(failed, 0) = 0, a.name collate "C""#,
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows)
    }

    async fn region_rows(&self, id: &AccountId) -> Result<Vec<RegionRow>, StoreError> {
        let rows = sqlx::query_as!(
            RegionScan,
            r#"select s.region, s.status, s.complete_at, s.attempted_at, s.api_calls, s.fault, s.fault_code,
                coalesce(s.sweep_id = (select id from sweep where planned_at is not null order by started_at desc limit 1),
                    false) as "is_swept!",
                coalesce((select jsonb_agg(jsonb_build_object('list', l.list, 'fault', l.fault, 'fault_code', l.fault_code,
                        'operation', l.operation, 'complete_at', l.complete_at)
                        order by array_position(array['secrets', 'parameters', 'parameter-tags'], l.list))
                    from scan_list l where l.account_id = s.account_id and l.region = s.region), '[]') as "lists!: Json<Vec<StoredList>>",
                (select count(*) from resource r where r.account_id = s.account_id and r.region = s.region
                    and r.kind = 'secret' and r.gone_at is null) as "secrets!",
                (select count(*) from resource r where r.account_id = s.account_id and r.region = s.region
                    and r.kind = 'parameter' and r.gone_at is null) as "parameters!"
             from scan s where s.account_id = $1 order by s.region"#,
            id.as_str(),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| row.into_domain(id)).collect()
    }
}

impl Row {
    pub(crate) fn into_domain(
        self,
        held: &HashMap<AccountId, (u64, u64)>,
    ) -> Result<(AccountRow, Option<OffsetDateTime>), StoreError> {
        let id: AccountId = column("account", "id", &self.id, &self.id)?;
        let (secrets, parameters) = held.get(&id).copied().unwrap_or_default();
        let reach = match (self.scans, self.complete, self.failed) {
            (0, ..) => Coverage::Never,
            (scans, complete, failed) if complete + failed < scans => Coverage::Underway,
            (_, _, 0) => Coverage::Whole,
            (_, 0, _) if self.partial == 0 => Coverage::None,
            _ => Coverage::Partial,
        };
        let row = AccountRow {
            id,
            state: column("account", "state", &self.id, &self.state)?,
            ou_id: ou_path(&self.id, &self.ou_path)?.pop(),
            ou_path: self.path,
            name: self.name,
            email: self.email,
            secrets,
            parameters,
            reach,
            complete_as_of: self.complete_as_of,
            fault: self.fault.map(|fault| column("scan", "fault", &self.id, &fault)).transpose()?,
            // The services fill it in.
            roles: AccountRoles::NotChecked,
            opt_in_roles: Vec::new(),
            unready: self.unready.map(|count| u64::try_from(count).unwrap_or(0)),
            left_at: self.left_at,
        };
        Ok((row, self.joined_at))
    }
}

impl RegionScan {
    pub(crate) fn into_domain(self, account: &AccountId) -> Result<RegionRow, StoreError> {
        Ok(RegionRow {
            status: column("scan", "status", account, &self.status)?,
            fault: self.fault.map(|fault| column("scan", "fault", account, &fault)).transpose()?,
            region: column("scan", "region", account, &self.region)?,
            secrets: u64::try_from(self.secrets).unwrap_or(0),
            parameters: u64::try_from(self.parameters).unwrap_or(0),
            complete_at: self.complete_at,
            attempted_at: self.attempted_at,
            api_calls: u32::try_from(self.api_calls).unwrap_or(0),
            fault_code: self.fault_code,
            is_swept: self.is_swept,
            lists: self
                .lists
                .0
                .into_iter()
                .map(|list| list.into_domain(account))
                .collect::<Result<_, _>>()?,
        })
    }
}
