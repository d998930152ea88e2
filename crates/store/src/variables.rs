//! Plaintext variables of workloads that hold a credential, by name, and what of them could not be read.

use crate::{
    StoreError,
    error::{column, texts},
    scans::notify,
};
use claviger_domain::{
    authz::VisibleAccounts,
    ids::{AccountId, Region},
    variables::{
        CredentialSign, WorkloadKind,
        query::VariableQuery,
        view::{GapReason, VariableGap, VariableRow},
    },
};
use sqlx::PgPool;
use time::OffsetDateTime;

/// A variable that holds a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVariable {
    /// The ARN of the function, of the family of task definitions without a revision, or of the project.
    pub consumer: String,
    /// The container of a task definition.
    pub container: Option<String>,
    pub name: String,
    pub sign: CredentialSign,
}

/// A kind of workloads in an account and Region, as it was read.
#[derive(Debug, Clone)]
pub struct NewVariableRead {
    pub kind: WorkloadKind,
    /// The variables and how many workloads AWS did not return; or which call failed, and why.
    pub read: Result<(Vec<NewVariable>, u32), String>,
}

/// Whether an account lets Claviger read variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VariableAccess {
    Open,
    /// The role is missing or does not trust Claviger; with the call's failure.
    NoRole(String),
    Failed(String),
}

impl VariableAccess {
    fn columns(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Open => ("open", None),
            Self::NoRole(reason) => ("no-role", Some(reason)),
            Self::Failed(reason) => ("failed", Some(reason)),
        }
    }
}

/// Plaintext variables.
#[derive(Clone, Debug)]
pub struct VariableRepository {
    pub(crate) pool: PgPool,
}

impl VariableRepository {
    /// Writes whether an account lets Claviger read them, and forgets the Regions that are no longer scanned. What was read
    /// before stays otherwise.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn write_variable_access(
        &self,
        account: &AccountId,
        scanned: &[Region],
        access: &VariableAccess,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let (state, reason) = access.columns();
        let mut tx = self.pool.begin().await?;
        sqlx::query!(
            "insert into variable_check (account_id, state, reason, checked_at) values ($1, $2, $3, $4)
             on conflict (account_id) do update set state = excluded.state, reason = excluded.reason,
                checked_at = excluded.checked_at",
            account.as_str(),
            state,
            reason,
            now,
        )
        .execute(&mut *tx)
        .await?;
        let scanned = texts(scanned);
        sqlx::query!(
            "delete from plain_variable where account_id = $1 and region <> all($2)",
            account.as_str(),
            &scanned,
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "delete from variable_read where account_id = $1 and region <> all($2)",
            account.as_str(),
            &scanned,
        )
        .execute(&mut *tx)
        .await?;
        notify(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Writes what was read in a Region; each variable once. A complete list takes the place of the one before; of any other
    /// only the failure is noted.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    pub async fn write_variables(
        &self,
        account: &AccountId,
        region: &Region,
        read: &[NewVariableRead],
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        for NewVariableRead { kind, read } in read {
            let kind = kind.to_string();
            let (found, unreadable) = match read {
                Ok(read) => read,
                Err(failure) => {
                    sqlx::query!(
                        "insert into variable_read (account_id, region, kind, failure) values ($1, $2, $3, $4)
                         on conflict (account_id, region, kind) do update set failure = excluded.failure",
                        account.as_str(),
                        region.as_str(),
                        kind,
                        failure,
                    )
                    .execute(&mut *tx)
                    .await?;
                    continue;
                }
            };
            let consumers: Vec<&str> = found.iter().map(|one| one.consumer.as_str()).collect();
            let containers: Vec<&str> =
                found.iter().map(|one| one.container.as_deref().unwrap_or_default()).collect();
            let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
            sqlx::query!(
                "delete from plain_variable where account_id = $1 and region = $2 and kind = $3
                    and (consumer, container, name) not in (select * from unnest($4::text[], $5::text[], $6::text[]))",
                account.as_str(),
                region.as_str(),
                kind,
                &consumers as _,
                &containers as _,
                &names as _,
            )
            .execute(&mut *tx)
            .await?;
            sqlx::query!(
                "insert into plain_variable (account_id, region, kind, consumer, container, name, sign, first_seen_at, last_seen_at)
                 select $1, $2, $3, n.consumer, n.container, n.name, n.sign, $8, $8
                 from unnest($4::text[], $5::text[], $6::text[], $7::text[]) as n (consumer, container, name, sign)
                 on conflict (account_id, region, kind, consumer, container, name)
                    do update set sign = excluded.sign, last_seen_at = excluded.last_seen_at",
                account.as_str(),
                region.as_str(),
                kind,
                &consumers as _,
                &containers as _,
                &names as _,
                &texts(&found.iter().map(|one| one.sign).collect::<Vec<_>>()),
                now,
            )
            .execute(&mut *tx)
            .await?;
            sqlx::query!(
                "insert into variable_read (account_id, region, kind, unreadable, read_at) values ($1, $2, $3, $4, $5)
                 on conflict (account_id, region, kind) do update set failure = null, unreadable = excluded.unreadable,
                    read_at = excluded.read_at",
                account.as_str(),
                region.as_str(),
                kind,
                i32::try_from(*unreadable).unwrap_or(i32::MAX),
                now,
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// One page of the variables within the scope, and how many match.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn plain_variables(
        &self,
        visible: &VisibleAccounts,
        query: &VariableQuery,
        limit: u32,
    ) -> Result<(Vec<VariableRow>, i64), StoreError> {
        let rows = sqlx::query!(
            r#"select v.account_id, a.name as "account_name!", v.region, v.kind, v.consumer, v.container, v.name, v.sign,
                v.first_seen_at, v.last_seen_at, count(*) over () as "total!"
             from plain_variable v join account a on a.id = v.account_id
             where v.account_id = any($1) and a.left_at is null
                and (cardinality($2::text[]) = 0 or v.kind = any($2))
                and (cardinality($3::text[]) = 0 or v.account_id = any($3))
                and ($4::text = '' or position(lower($4) in lower(concat_ws(' ', v.consumer, v.container, v.name))) > 0)
             order by a.name, v.account_id, v.region, v.kind, v.consumer, v.container, v.name
             limit $5 offset $6"#,
            &texts(&visible.accounts),
            &texts(&query.kinds),
            &texts(&query.accounts),
            &query.text,
            i64::from(limit),
            i64::from(query.skip),
        )
        .fetch_all(&self.pool)
        .await?;
        let total = rows.first().map_or(0, |row| row.total);
        let each = rows.into_iter().map(|row| {
            let key = format!("{} {}", row.consumer, row.name);
            Ok(VariableRow {
                account_id: column("plain_variable", "account_id", &key, &row.account_id)?,
                account_name: row.account_name,
                region: column("plain_variable", "region", &key, &row.region)?,
                kind: column("plain_variable", "kind", &key, &row.kind)?,
                sign: column("plain_variable", "sign", &key, &row.sign)?,
                consumer: row.consumer,
                container: (!row.container.is_empty()).then_some(row.container),
                name: row.name,
                first_seen_at: row.first_seen_at,
                last_seen_at: row.last_seen_at,
            })
        });
        Ok((each.collect::<Result<_, StoreError>>()?, total))
    }

    /// The active accounts within the scope by name, each with the reason if nothing of it can be read now.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn variable_accounts(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<Vec<(AccountId, String, Option<GapReason>)>, StoreError> {
        let rows = sqlx::query!(
            r#"select a.id, a.name as "name!", c.state as "state?", c.reason
             from account a left join variable_check c on c.account_id = a.id
             where a.id = any($1) and a.left_at is null and a.state = 'ACTIVE' order by a.name, a.id"#,
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        let each = rows.into_iter().map(|row| {
            let reason = match (row.state.as_deref(), row.reason) {
                (None, _) => Some(GapReason::NotYet),
                (Some("no-role"), _) => Some(GapReason::NoRole),
                (Some("failed"), reason) => Some(GapReason::Failed(reason.unwrap_or_default())),
                _ => None,
            };
            Ok((column("account", "id", &row.id, &row.id)?, row.name, reason))
        });
        each.collect()
    }

    /// What is not known of accounts that let Claviger in: Regions that were not read yet, lists that are not complete, and
    /// workloads that AWS did not return.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn variable_gaps(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<Vec<VariableGap>, StoreError> {
        let rows = sqlx::query!(
            r#"with own as (
                select a.id, a.name from account a join variable_check c on c.account_id = a.id
                where a.id = any($1) and a.left_at is null and a.state = 'ACTIVE' and c.state = 'open'
             )
             select o.id as "id!", o.name as "name!", r.region as "region!", r.kind as "kind?", r.failure as "failure?",
                r.unreadable as "unreadable?", r.read_at as "read_at?"
             from own o join variable_read r on r.account_id = o.id where r.failure is not null or r.unreadable > 0
             union all
             select o.id, o.name, s.region, null, null, null, null from own o join scan s on s.account_id = o.id
             where s.sweep_id = (select id from sweep where planned_at is not null order by started_at desc limit 1)
                and not exists (select 1 from variable_read r where r.account_id = o.id and r.region = s.region)
             order by 2, 1, 3, 4"#,
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        let each = rows.into_iter().map(|row| {
            let kind = row.kind.as_deref();
            let kind =
                kind.map(|kind| column("variable_read", "kind", &row.id, kind)).transpose()?;
            let reason = match (row.failure, row.unreadable.unwrap_or_default()) {
                (Some(failure), _) => GapReason::Failed(failure),
                (None, 0) => GapReason::NotYet,
                (None, count) => GapReason::Unreadable(u32::try_from(count).unwrap_or_default()),
            };
            Ok(VariableGap {
                account_id: column("account", "id", &row.id, &row.id)?,
                account_name: row.name,
                region: Some(column("variable_read", "region", &row.id, &row.region)?),
                kind,
                reason,
                read_at: row.read_at,
            })
        });
        each.collect()
    }
}
