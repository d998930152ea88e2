//! The state of the whole installation in numbers, for metrics. Each reading has a bounded cost: tables with a row for each
//! account, partial indexes of what is open, and the index in memory.

use crate::{InventoryIndex, StoreError, error::column, inventory::index::TeamRotation};
use claviger_domain::{
    authz::VisibleAccounts,
    compliance::{FindingQuery, FindingState, Severity},
    grants::{GrantState, GrantStateName},
    ids::AccountId,
    notifications::Channel,
};
use sqlx::{PgPool, types::Json};
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// How current the data of an active account are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountAge {
    pub account: AccountId,
    /// The oldest complete list of its Regions; `None` until every list was read once.
    pub complete_as_of: Option<OffsetDateTime>,
    /// The last evaluation; `None` before the first.
    pub evaluated_at: Option<OffsetDateTime>,
    /// Whether it has secrets or parameters.
    pub holds_any: bool,
}

/// Revocations that AWS has not confirmed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenRevocations {
    pub count: u64,
    /// When the oldest was asked for.
    pub oldest_asked_at: Option<OffsetDateTime>,
}

/// Open findings by severity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingNumbers {
    /// Failed checks without an exception, overdue ones included.
    pub open: BTreeMap<Severity, u64>,
    pub overdue: BTreeMap<Severity, u64>,
}

/// Reads numbers of the whole installation. For metrics alone: no person sees them, so they have no scope.
#[derive(Clone, Debug)]
pub struct MetricsRepository {
    pub(crate) pool: PgPool,
    pub(crate) index: InventoryIndex,
}

fn number(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

impl MetricsRepository {
    /// Every active account. Its Regions are those of the newest scan.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn account_ages(&self) -> Result<Vec<AccountAge>, StoreError> {
        let rows = sqlx::query!(
            r#"with newest as (select id from sweep where planned_at is not null order by started_at desc limit 1),
             lists as (
                select s.account_id, count(l.complete_at) = 2 * count(distinct s.region) as all_read, min(l.complete_at) as oldest
                from scan s join newest on newest.id = s.sweep_id
                left join scan_list l on l.account_id = s.account_id and l.region = s.region
                    and l.list in ('secrets', 'parameters')
                group by s.account_id)
             select a.id, case when lists.all_read then lists.oldest end as "complete_as_of?", e.at as "evaluated_at?",
                exists (select 1 from resource r where r.account_id = a.id and r.gone_at is null) as "holds_any!"
             from account a
             left join lists on lists.account_id = a.id
             left join evaluation e on e.account_id = a.id
             where a.left_at is null and a.state = 'ACTIVE'
             order by a.id"#,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(AccountAge {
                    account: column("account", "id", &row.id, &row.id)?,
                    complete_as_of: row.complete_as_of,
                    evaluated_at: row.evaluated_at,
                    holds_any: row.holds_any,
                })
            })
            .collect()
    }

    /// Whether a scan of the Organization has ever ended. Before that, numbers of the inventory are of a part.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn has_finished_scan(&self) -> Result<bool, StoreError> {
        let finished = sqlx::query_scalar!(
            r#"select exists (select 1 from sweep where finished_at is not null and fault is null) as "finished!""#,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(finished)
    }

    /// Grants that are not over, by their state at this time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn open_grants(
        &self,
        now: OffsetDateTime,
    ) -> Result<Vec<(GrantStateName, u64)>, StoreError> {
        let rows = sqlx::query_scalar!(
            r#"select state as "state!: Json<GrantState>" from access_grant
             where word in ('requested', 'approved', 'claimable', 'active')"#,
        )
        .fetch_all(&self.pool)
        .await?;
        let mut counts = OPEN_GRANTS.map(|state| (state, 0)).to_vec();
        for Json(state) in rows {
            let word = state.at(now).word();
            for (_, count) in counts.iter_mut().filter(|(state, _)| *state == word) {
                *count += 1;
            }
        }
        Ok(counts)
    }

    /// Revocations whose sessions could still work.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn open_revocations(
        &self,
        now: OffsetDateTime,
    ) -> Result<OpenRevocations, StoreError> {
        let row = sqlx::query!(
            r#"select count(*) as "count!", min(asked_at) as "oldest?" from access_denial
             where confirmed_at is null and collected_at is null and needed_until > $1"#,
            now,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(OpenRevocations { count: number(row.count), oldest_asked_at: row.oldest })
    }

    /// Deliveries that wait for their next attempt, by channel.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn waiting_deliveries(&self) -> Result<BTreeMap<Channel, u64>, StoreError> {
        let rows = sqlx::query!(
            r#"select channel, count(*) as "count!" from delivery where state = 'waiting' group by channel"#,
        )
        .map(|row| (row.channel, row.count))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(channel, count)| {
                Ok((column("delivery", "channel", &channel, &channel)?, number(count)))
            })
            .collect()
    }

    /// Findings of these accounts, from memory; `None` while there are too many rows to hold.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn findings(
        &self,
        accounts: &[AccountId],
        now: OffsetDateTime,
    ) -> Result<Option<FindingNumbers>, StoreError> {
        let visible = VisibleAccounts { accounts: accounts.to_vec(), whole_organization: true };
        // Snoozed findings are open: only their list is without them.
        let states = vec![FindingState::Open, FindingState::Snoozed];
        let open = FindingQuery { states, ..FindingQuery::default() };
        let overdue =
            FindingQuery { states: vec![FindingState::Overdue], ..FindingQuery::default() };
        let mut counted = Vec::new();
        for query in [open, overdue] {
            match self.index.find_refs(&visible, &query, 0, now).await {
                Ok(found) => counted.push(found.counts.by_severity.clone()),
                Err(StoreError::InventoryLimit(_)) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        let overdue = counted.pop().unwrap_or_default();
        Ok(Some(FindingNumbers { open: counted.pop().unwrap_or_default(), overdue }))
    }

    /// Rotation of these accounts' secrets by team, from memory; `None` while there are too many rows to hold.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn rotation_by_team(
        &self,
        accounts: &[AccountId],
        now: OffsetDateTime,
    ) -> Result<Option<Vec<TeamRotation>>, StoreError> {
        let visible = VisibleAccounts { accounts: accounts.to_vec(), whole_organization: true };
        match self.index.rotation_by_team(&visible, now).await {
            Ok(teams) => Ok(Some(teams)),
            Err(StoreError::InventoryLimit(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The states of grants that are not over.
const OPEN_GRANTS: [GrantStateName; 4] = [
    GrantStateName::Requested,
    GrantStateName::Approved,
    GrantStateName::Claimable,
    GrantStateName::Active,
];
