//! What has to be in place in the accounts, and what AWS Config says of their secrets.

use crate::{
    AccountRepository, StoreError,
    accounts::opt_in_roles,
    error::{column, texts},
    job_queue::enqueue_all,
    scans::notify,
};
use claviger_domain::{
    accounts::{
        readiness::{ConfigResult, ConfigRules, Readiness, ReadinessState},
        roles::{OptInCheck, RoleCheck, RoleState},
    },
    authz::VisibleAccounts,
    ids::{AccountId, Arn, Region},
    job::Job,
};
use std::collections::HashMap;
use time::{Duration, OffsetDateTime};

/// An account is looked at again after so long.
const CACHE_TTL: Duration = Duration::hours(1);
/// The queue locks each job's key until the transaction ends, and PostgreSQL has room for some thousands.
const AT_ONCE: usize = 1_000;

struct ResultRow {
    rule: String,
    identifier: String,
    parameters: Option<String>,
    resource: String,
    compliance: String,
    recorded_at: Option<OffsetDateTime>,
    annotation: Option<String>,
}

/// The last release knows no old role.
fn stored_state(one: &Readiness) -> ReadinessState {
    if one.state == ReadinessState::Old { ReadinessState::Ready } else { one.state }
}

fn template_version(one: &Readiness) -> Option<i32> {
    one.role?.template_version.and_then(|version| i32::try_from(version).ok())
}

fn role_check(
    account: &AccountId,
    state: Option<String>,
    version: Option<i32>,
) -> Result<Option<RoleCheck>, StoreError> {
    let Some(state) = state else { return Ok(None) };
    Ok(Some(RoleCheck {
        state: column("readiness", "role_state", account, &state)?,
        template_version: version.and_then(|version| u32::try_from(version).ok()),
    }))
}

impl AccountRepository {
    /// Queues the looking at every active account that was not looked at lately, and the reading of its plaintext variables.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn queue_account_checks(&self, now: OffsetDateTime) -> Result<(), StoreError> {
        let rows = sqlx::query_scalar!(
            "select id from account where state = 'ACTIVE' and left_at is null
                and (checked_at is null or checked_at <= $1) order by id",
            now - CACHE_TTL
        )
        .fetch_all(&self.pool)
        .await?;
        let mut jobs = Vec::new();
        for id in &rows {
            let account: AccountId = column("account", "id", id, id)?;
            jobs.push(Job::CheckAccount { account: account.clone() });
            jobs.push(Job::ReadVariables { account });
        }
        let mut connection = self.pool.acquire().await?;
        for some in jobs.chunks(AT_ONCE) {
            enqueue_all(&mut connection, some).await?;
        }
        Ok(())
    }

    /// Writes what was found of an account. Results of a Region that was read take the place of those before; where AWS
    /// Config or one of its rules could not be read, they stay.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, db.rows = found.len()))]
    pub async fn write_readiness(
        &self,
        account: &AccountId,
        found: &[Readiness],
        opt_in: &[OptInCheck],
        results: &[(Region, ConfigRules)],
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        sqlx::query!("update account set checked_at = $2 where id = $1", account.as_str(), now)
            .execute(&mut *tx)
            .await?;
        sqlx::query!("delete from readiness where account_id = $1", account.as_str())
            .execute(&mut *tx)
            .await?;
        opt_in_roles::write(&mut tx, account, opt_in, now).await?;
        let region = |one: &Readiness| one.region.as_ref().map_or("", Region::as_str).to_owned();
        sqlx::query!(
            "insert into readiness (account_id, item, region, state, says, role_state, template_version)
             select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[])",
            account.as_str(),
            &texts(&found.iter().map(|one| one.item).collect::<Vec<_>>()),
            &found.iter().map(region).collect::<Vec<_>>(),
            &texts(&found.iter().map(stored_state).collect::<Vec<_>>()),
            &found.iter().map(|one| one.says.as_str()).collect::<Vec<_>>() as _,
            &found.iter().map(|one| one.role.map(|role| role.state.to_string())).collect::<Vec<_>>() as _,
            &found.iter().map(template_version).collect::<Vec<_>>() as _,
        )
        .execute(&mut *tx)
        .await?;
        for (region, ConfigRules { results, read_failures }) in results {
            sqlx::query!(
                "delete from config_result where account_id = $1 and region = $2 and rule <> all($3)",
                account.as_str(),
                region.as_str(),
                &read_failures.iter().map(|(rule, _)| rule.as_str()).collect::<Vec<_>>() as _,
            )
            .execute(&mut *tx)
            .await?;
            sqlx::query!(
                "insert into config_result (account_id, region, rule, identifier, parameters, resource, compliance,
                    recorded_at, annotation)
                 select $1, $2, * from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                    $8::timestamptz[], $9::text[])
                 on conflict (resource, rule, account_id, region) do nothing",
                account.as_str(),
                region.as_str(),
                &results.iter().map(|one| one.rule.as_str()).collect::<Vec<_>>() as _,
                &results.iter().map(|one| one.identifier.as_str()).collect::<Vec<_>>() as _,
                &results.iter().map(|one| one.parameters.as_deref()).collect::<Vec<_>>() as _,
                &results.iter().map(|one| one.resource.as_str()).collect::<Vec<_>>() as _,
                &texts(&results.iter().map(|one| one.compliance).collect::<Vec<_>>()),
                &results.iter().map(|one| one.recorded_at).collect::<Vec<_>>() as _,
                &results.iter().map(|one| one.annotation.as_deref()).collect::<Vec<_>>() as _,
            )
            .execute(&mut *tx)
            .await?;
        }
        notify(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What was found of an account within the scope, and when; nothing where it was never looked at.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn readiness(
        &self,
        visible: &VisibleAccounts,
        account: &AccountId,
    ) -> Result<(Option<OffsetDateTime>, Vec<Readiness>), StoreError> {
        if !visible.accounts.contains(account) {
            return Ok((None, Vec::new()));
        }
        let checked =
            sqlx::query_scalar!("select checked_at from account where id = $1", account.as_str())
                .fetch_optional(&self.pool)
                .await?;
        let rows = sqlx::query!(
            "select item, region, state, says, role_state, template_version from readiness
             where account_id = $1 order by item, region",
            account.as_str(),
        )
        .fetch_all(&self.pool)
        .await?;
        let mut found = rows
            .into_iter()
            .map(|row| {
                let state: ReadinessState = column("readiness", "state", account, &row.state)?;
                let role = role_check(account, row.role_state, row.template_version)?;
                let is_old = role.is_some_and(|role| role.state == RoleState::Old);
                Ok(Readiness {
                    role,
                    item: column("readiness", "item", account, &row.item)?,
                    region: (!row.region.is_empty())
                        .then(|| column("readiness", "region", account, &row.region))
                        .transpose()?,
                    state: if is_old { ReadinessState::Old } else { state },
                    says: row.says,
                })
            })
            .collect::<Result<Vec<Readiness>, StoreError>>()?;
        found.sort_by_key(|one| one.item);
        Ok((checked.flatten(), found))
    }

    /// The roles of each account within the scope that was checked, by account.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn roles(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<HashMap<AccountId, Vec<RoleCheck>>, StoreError> {
        let rows = sqlx::query!(
            "select account_id, role_state, template_version from readiness
             where account_id = any($1) and role_state is not null",
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        let mut found: HashMap<AccountId, Vec<RoleCheck>> = HashMap::new();
        for row in rows {
            let account: AccountId =
                column("readiness", "account_id", &row.account_id, &row.account_id)?;
            let check = role_check(&account, row.role_state, row.template_version)?;
            found.entry(account).or_default().extend(check);
        }
        Ok(found)
    }

    /// What AWS Config says of a secret within the scope.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn config_results(
        &self,
        visible: &VisibleAccounts,
        arn: &Arn,
    ) -> Result<Vec<ConfigResult>, StoreError> {
        let rows = sqlx::query_as!(
            ResultRow,
            "select rule, identifier, parameters, resource, compliance, recorded_at, annotation
             from config_result where resource = $1 and account_id = any($2) order by rule",
            arn.as_str(),
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(ConfigResult {
                    compliance: column("config_result", "compliance", &row.rule, &row.compliance)?,
                    rule: row.rule,
                    identifier: row.identifier,
                    parameters: row.parameters,
                    resource: row.resource,
                    recorded_at: row.recorded_at,
                    annotation: row.annotation,
                })
            })
            .collect()
    }
}
