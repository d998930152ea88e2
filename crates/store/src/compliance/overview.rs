//! The numbers of the overview, out of what evaluations have counted.

use crate::{
    InventoryIndex, StoreError, TeamRotation,
    error::{column, texts},
};
use claviger_domain::{
    authz::VisibleAccounts,
    compliance::{FindingQuery, FindingState, Tally, view::Offender},
    ids::{AccountId, OuId, ResourceId},
};
use sqlx::PgPool;
use time::OffsetDateTime;

/// One policy in one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountTally {
    pub account: AccountId,
    pub account_name: String,
    pub ou_path: Vec<OuId>,
    pub policy: String,
    pub tally: Tally,
}

/// One policy for one team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamPolicyTally {
    pub team: String,
    pub policy: String,
    pub tally: Tally,
}

fn number(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

fn tally(pass: i64, fail: i64, unknown: i64, waived: i64) -> Tally {
    Tally {
        pass: number(pass),
        fail: number(fail),
        unknown: number(unknown),
        waived: number(waived),
    }
}

/// More secrets than these are not counted one by one where it is said that their details were never read: each page says
/// it, and a first scan of an Organization leaves hundreds of thousands.
pub const MAX_GROUPS: u32 = 10_000;

/// Counts of results by account, owner and policy, and the posture of past days ([`super::history`]).
#[derive(Clone, Debug)]
pub struct OverviewRepository {
    pub(crate) pool: PgPool,
    pub(crate) index: InventoryIndex,
}

impl OverviewRepository {
    /// By account and policy.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn posture_by_account(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<Vec<AccountTally>, StoreError> {
        let rows = sqlx::query!(
            r#"select p.account_id, a.name, a.ou_path, p.policy_id, p.pass as "pass!", p.fail as "fail!", p.unknown as "unknown!", p.waived as "waived!"
             from (select account_id, policy_id, sum(pass) as pass, sum(fail) as fail, sum(unknown) as unknown,
                    sum(waived) as waived
                from posture where account_id = any($1) group by account_id, policy_id) p
             join account a on a.id = p.account_id"#,
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(AccountTally {
                    ou_path: crate::accounts::organization::ou_path(&row.account_id, &row.ou_path)?,
                    account: column("posture", "account_id", &row.policy_id, &row.account_id)?,
                    account_name: row.name,
                    policy: row.policy_id,
                    tally: tally(row.pass, row.fail, row.unknown, row.waived),
                })
            })
            .collect()
    }

    /// By team and policy.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn posture_by_team(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<Vec<TeamPolicyTally>, StoreError> {
        let rows = sqlx::query!(
            r#"select team, policy_id, sum(pass) as "pass!", sum(fail) as "fail!", sum(unknown) as "unknown!", sum(waived) as "waived!" from posture
             where account_id = any($1) group by team, policy_id"#,
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| TeamPolicyTally {
                team: row.team,
                policy: row.policy_id,
                tally: tally(row.pass, row.fail, row.unknown, row.waived),
            })
            .collect())
    }

    /// The oldest evaluation among these accounts that hold anything; `None` where one was never evaluated.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn evaluated_at(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<Option<OffsetDateTime>, StoreError> {
        let (missing, at) = sqlx::query!(
            r#"select coalesce(bool_or(e.at is null), false) as "missing!", min(e.at) as "at?"
             from account a left join evaluation e on e.account_id = a.id
             where a.id = any($1) and exists (select 1 from resource r where r.account_id = a.id and r.gone_at is null)"#,
            &texts(&visible.accounts),
        )
        .map(|row| (row.missing, row.at))
        .fetch_one(&self.pool)
        .await?;
        Ok(at.filter(|_| !missing))
    }

    /// What is still missing from numbers that are counted from evaluations: accounts that hold something and were never
    /// evaluated, and secrets whose details were never read, which are counted up to [`MAX_GROUPS`]. What has left the Organization is
    /// not read any more, and waited for no longer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn not_evaluated(&self, visible: &VisibleAccounts) -> Result<(u64, u64), StoreError> {
        let (accounts, secrets) = sqlx::query!(
            r#"select (select count(*) from account a where a.id = any($1) and a.left_at is null
                and exists (select 1 from resource r where r.account_id = a.id and r.gone_at is null)
                and not exists (select 1 from evaluation e where e.account_id = a.id and e.at is not null)) as "accounts!",
                (select count(*) from (select from resource r join account a on a.id = r.account_id
                where r.account_id = any($1) and a.left_at is null and r.kind = 'secret' and r.gone_at is null
                    and r.is_listed and r.deep_read_at is null limit $2) s) as "secrets!""#,
            &texts(&visible.accounts),
            i64::from(MAX_GROUPS),
        )
        .map(|row| (row.accounts, row.secrets))
        .fetch_one(&self.pool)
        .await?;
        Ok((u64::try_from(accounts).unwrap_or(0), u64::try_from(secrets).unwrap_or(0)))
    }

    /// The secrets and parameters with the most weight of failures, at most [`crate::MAX_OFFENDERS`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn worst_offenders(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<Vec<Offender>, StoreError> {
        let rows = sqlx::query!(
            "select o.resource_id, r.name, a.name as account_name, r.region, o.fails, o.worst
             from (select * from posture_offender where account_id = any($1) order by weight desc, resource_id limit $2) o
             join resource r on r.id = o.resource_id join account a on a.id = o.account_id
             order by o.weight desc, o.resource_id",
            &texts(&visible.accounts),
            i64::try_from(crate::MAX_OFFENDERS).unwrap_or(i64::MAX),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Offender {
                    resource: ResourceId(row.resource_id),
                    name: row.name,
                    account_name: row.account_name,
                    region: column("resource", "region", row.resource_id, &row.region)?,
                    fails: u64::try_from(row.fails).unwrap_or(0),
                    worst: column("posture_offender", "worst", row.resource_id, &row.worst)?,
                })
            })
            .collect()
    }

    /// Failures that hold past the day they were due.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn count_overdue(
        &self,
        visible: &VisibleAccounts,
        now: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        let overdue =
            FindingQuery { states: vec![FindingState::Overdue], ..FindingQuery::default() };
        Ok(self.index.find_refs(visible, &overdue, 0, now).await?.counts.matching)
    }

    /// The rotation of these accounts' secrets, by team.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn rotation_of_teams(
        &self,
        visible: &VisibleAccounts,
        now: OffsetDateTime,
    ) -> Result<Vec<TeamRotation>, StoreError> {
        self.index.rotation_by_team(visible, now).await
    }

    /// How many secrets and parameters were there when their accounts were evaluated.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn count_evaluated(&self, visible: &VisibleAccounts) -> Result<u64, StoreError> {
        let count = sqlx::query_scalar!(
            r#"select coalesce(sum(resources), 0) as "count!" from evaluation where account_id = any($1)"#,
            &texts(&visible.accounts),
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(number(count))
    }

    /// Why checks are unknown, the most frequent first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn unknown_reasons(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let rows = sqlx::query!(
            r#"select says, sum(checks) as "n!" from posture_gap where account_id = any($1)
             group by says order by sum(checks) desc, says limit 8"#,
            &texts(&visible.accounts)
        )
        .map(|row| (row.says, row.n))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|(says, n)| (says, number(n))).collect())
    }
}
