//! Plaintext variables of workloads that hold a credential, by name, and what of them could not be read.

mod rows;

pub use rows::{
    NewVariable, NewVariableList, NewVariableRead, VariableAccess, VariableAccount, VariableKey,
};

use crate::{
    StoreError,
    error::{column, texts},
    scans::notify,
};
use claviger_domain::{
    accounts::AccountState,
    authz::VisibleAccounts,
    ids::{AccountId, Region},
    variables::{
        query::VariableQuery,
        view::{GapReason, VariableGap, VariableRow},
    },
};
use rows::StoredVariable;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

/// A kind in an account and Region.
struct ListLocation<'a> {
    account: &'a str,
    region: &'a str,
    kind: String,
}

/// Plaintext variables.
#[derive(Clone, Debug)]
pub struct VariableRepository {
    pub(crate) pool: PgPool,
}

impl VariableRepository {
    /// Writes whether an account lets Claviger read them, and forgets the Regions that are no longer scanned. What was read
    /// before stays otherwise. Returns whether anything that the page shows has changed.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn write_variable_access(
        &self,
        account: &AccountId,
        scanned: &[Region],
        access: &VariableAccess,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let (state, reason) = access.columns();
        let mut tx = self.pool.begin().await?;
        let before = sqlx::query!(
            "select state, reason from variable_check where account_id = $1 for update",
            account.as_str(),
        )
        .fetch_optional(&mut *tx)
        .await?;
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
        let gone = sqlx::query!(
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
        tx.commit().await?;
        let is_same =
            before.is_some_and(|row| row.state == state && row.reason.as_deref() == reason);
        Ok(!is_same || gone.rows_affected() > 0)
    }

    /// Writes what was read in a Region; each variable once. A complete list takes the place of the one before; of any other
    /// only the failure is noted. Returns whether anything that the page shows has changed, apart from times.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    pub async fn write_variables(
        &self,
        account: &AccountId,
        region: &Region,
        read: &[NewVariableRead],
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let mut tx = self.pool.begin().await?;
        let mut is_changed = false;
        for NewVariableRead { kind, read } in read {
            let place = ListLocation {
                account: account.as_str(),
                region: region.as_str(),
                kind: kind.to_string(),
            };
            let before = sqlx::query!(
                "select failure, unreadable from variable_read
                 where account_id = $1 and region = $2 and kind = $3 for update",
                place.account,
                place.region,
                place.kind,
            )
            .fetch_optional(&mut *tx)
            .await?;
            let before = before.map(|row| (row.failure, row.unreadable));
            match read {
                Ok(list) => {
                    let count = i32::try_from(list.unreadable.len()).unwrap_or(i32::MAX);
                    is_changed |= before != Some((None, count));
                    is_changed |= write_list(&mut tx, &place, list, now).await?;
                    write_complete(&mut tx, &place, count, now).await?;
                }
                Err(failure) => {
                    is_changed |= before.and_then(|(failure, _)| failure).as_ref() != Some(failure);
                    write_failure(&mut tx, &place, failure).await?;
                }
            }
        }
        tx.commit().await?;
        Ok(is_changed)
    }

    /// Tells every replica that the list has changed.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn announce_variables(&self) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        notify(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// One page of the variables within the scope, and how many match: also behind the last page.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn plain_variables(
        &self,
        visible: &VisibleAccounts,
        query: &VariableQuery,
        limit: u32,
    ) -> Result<(Vec<VariableRow>, i64), StoreError> {
        let (visible, kinds) = (texts(&visible.accounts), texts(&query.kinds));
        let accounts = texts(&query.accounts);
        let total = sqlx::query_scalar!(
            r#"select count(*) as "total!" from plain_variable v join account a on a.id = v.account_id
             where v.account_id = any($1) and a.left_at is null
                and (cardinality($2::text[]) = 0 or v.kind = any($2))
                and (cardinality($3::text[]) = 0 or v.account_id = any($3))
                and ($4::text = '' or position(lower($4) in lower(concat_ws(' ', v.consumer, v.container, v.name))) > 0)"#,
            &visible,
            &kinds,
            &accounts,
            &query.text,
        )
        .fetch_one(&self.pool)
        .await?;
        let rows = sqlx::query_as!(
            StoredVariable,
            r#"select v.account_id, a.name as "account_name!", v.region, v.kind, v.consumer, v.container, v.name, v.sign,
                v.first_seen_at, v.last_seen_at
             from plain_variable v join account a on a.id = v.account_id
             where v.account_id = any($1) and a.left_at is null
                and (cardinality($2::text[]) = 0 or v.kind = any($2))
                and (cardinality($3::text[]) = 0 or v.account_id = any($3))
                and ($4::text = '' or position(lower($4) in lower(concat_ws(' ', v.consumer, v.container, v.name))) > 0)
             order by a.name, v.account_id, v.region, v.kind, v.consumer, v.container, v.name
             limit $5 offset $6"#,
            &visible,
            &kinds,
            &accounts,
            &query.text,
            i64::from(limit),
            i64::from(query.skip),
        )
        .fetch_all(&self.pool)
        .await?;
        let rows: Result<_, StoreError> = rows.into_iter().map(StoredVariable::read).collect();
        Ok((rows?, total))
    }

    /// The variables behind a key, in the order of keys: rows that come or go meanwhile hide no others.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn plain_variables_after(
        &self,
        visible: &VisibleAccounts,
        query: &VariableQuery,
        after: &VariableKey,
        limit: u32,
    ) -> Result<Vec<VariableRow>, StoreError> {
        let rows = sqlx::query_as!(
            StoredVariable,
            r#"select v.account_id, a.name as "account_name!", v.region, v.kind, v.consumer, v.container, v.name, v.sign,
                v.first_seen_at, v.last_seen_at
             from plain_variable v join account a on a.id = v.account_id
             where v.account_id = any($1) and a.left_at is null
                and (cardinality($2::text[]) = 0 or v.kind = any($2))
                and (cardinality($3::text[]) = 0 or v.account_id = any($3))
                and ($4::text = '' or position(lower($4) in lower(concat_ws(' ', v.consumer, v.container, v.name))) > 0)
                and (v.account_id, v.region, v.kind, v.consumer, v.container, v.name) > ($5, $6, $7, $8, $9, $10)
             order by v.account_id, v.region, v.kind, v.consumer, v.container, v.name
             limit $11"#,
            &texts(&visible.accounts),
            &texts(&query.kinds),
            &texts(&query.accounts),
            &query.text,
            after.account,
            after.region,
            after.kind,
            after.consumer,
            after.container,
            after.name,
            i64::from(limit),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(StoredVariable::read).collect()
    }

    /// When the oldest list within the filter's accounts and kinds was last complete.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn oldest_variable_read(
        &self,
        visible: &VisibleAccounts,
        query: &VariableQuery,
    ) -> Result<Option<OffsetDateTime>, StoreError> {
        let oldest = sqlx::query_scalar!(
            "select min(r.read_at) from variable_read r join account a on a.id = r.account_id
             where r.account_id = any($1) and a.left_at is null
                and (cardinality($2::text[]) = 0 or r.kind = any($2))
                and (cardinality($3::text[]) = 0 or r.account_id = any($3))",
            &texts(&visible.accounts),
            &texts(&query.kinds),
            &texts(&query.accounts),
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(oldest)
    }

    /// The accounts within the scope by name, each with the reason if nothing of it can be read now.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn variable_accounts(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<Vec<VariableAccount>, StoreError> {
        let rows = sqlx::query!(
            r#"select a.id, a.name as "name!", a.state as "account_state!", c.state as "state?", c.reason as "reason?",
                (select min(r.read_at) from variable_read r where r.account_id = a.id) as "read_at?"
             from account a left join variable_check c on c.account_id = a.id
             where a.id = any($1) and a.left_at is null order by a.name, a.id"#,
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        let each = rows.into_iter().map(|row| {
            let state: AccountState = column("account", "state", &row.id, &row.account_state)?;
            let reason = match (row.state.as_deref(), row.reason) {
                _ if state != AccountState::Active => Some(GapReason::NotActive(state)),
                (None, _) => Some(GapReason::NotYet),
                (Some("no-role"), _) => Some(GapReason::NoRole),
                (Some("failed"), reason) => Some(GapReason::Failed(reason.unwrap_or_default())),
                _ => None,
            };
            Ok(VariableAccount {
                id: column("account", "id", &row.id, &row.id)?,
                name: row.name,
                reason,
                read_at: row.read_at,
            })
        });
        each.collect()
    }

    /// What is not known of accounts that let Claviger in: Regions that were not read yet, lists that are not complete or were
    /// last complete before `stale_before`, and workloads that AWS did not return.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn variable_gaps(
        &self,
        visible: &VisibleAccounts,
        stale_before: OffsetDateTime,
    ) -> Result<Vec<VariableGap>, StoreError> {
        let rows = sqlx::query!(
            r#"with own as (
                select a.id, a.name from account a join variable_check c on c.account_id = a.id
                where a.id = any($1) and a.left_at is null and a.state = 'ACTIVE' and c.state = 'open'
             )
             select o.id as "id!", o.name as "name!", r.region as "region!", r.kind as "kind?", r.failure as "failure?",
                r.unreadable as "unreadable?", r.read_at as "read_at?"
             from own o join variable_read r on r.account_id = o.id
             where r.failure is not null or r.unreadable > 0 or r.read_at < $2
             union all
             select o.id, o.name, s.region, null, null, null, null from own o join scan s on s.account_id = o.id
             where s.sweep_id = (select id from sweep where planned_at is not null order by started_at desc limit 1)
                and not exists (select 1 from variable_read r where r.account_id = o.id and r.region = s.region)
             order by 2, 1, 3, 4"#,
            &texts(&visible.accounts),
            stale_before,
        )
        .fetch_all(&self.pool)
        .await?;
        let each = rows.into_iter().map(|row| {
            let kind = row.kind.as_deref();
            let kind =
                kind.map(|kind| column("variable_read", "kind", &row.id, kind)).transpose()?;
            let reason = match (row.failure, row.unreadable.unwrap_or_default()) {
                (Some(failure), _) => GapReason::Failed(failure),
                _ if row.read_at.is_some_and(|at| at < stale_before) => GapReason::Stale,
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

/// Puts a list in the place of the one before; whether a variable came or went.
async fn write_list(
    connection: &mut PgConnection,
    place: &ListLocation<'_>,
    list: &NewVariableList,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let found = &list.variables;
    let consumers: Vec<&str> = found.iter().map(|one| one.consumer.as_str()).collect();
    let containers: Vec<&str> =
        found.iter().map(|one| one.container.as_deref().unwrap_or_default()).collect();
    let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
    let gone = sqlx::query!(
        "delete from plain_variable where account_id = $1 and region = $2 and kind = $3 and consumer <> all($7)
            and (consumer, container, name) not in (select * from unnest($4::text[], $5::text[], $6::text[]))",
        place.account,
        place.region,
        place.kind,
        &consumers as _,
        &containers as _,
        &names as _,
        &list.unreadable,
    )
    .execute(&mut *connection)
    .await?;
    let new = sqlx::query_scalar!(
        r#"with written as (
            insert into plain_variable (account_id, region, kind, consumer, container, name, sign, first_seen_at, last_seen_at)
            select $1, $2, $3, n.consumer, n.container, n.name, n.sign, $8, $8
            from unnest($4::text[], $5::text[], $6::text[], $7::text[]) as n (consumer, container, name, sign)
            on conflict (account_id, region, kind, consumer, container, name)
                do update set sign = excluded.sign, last_seen_at = excluded.last_seen_at
            returning first_seen_at = last_seen_at as is_new
         )
         select count(*) filter (where is_new) as "new!" from written"#,
        place.account,
        place.region,
        place.kind,
        &consumers as _,
        &containers as _,
        &names as _,
        &texts(&found.iter().map(|one| one.sign).collect::<Vec<_>>()),
        now,
    )
    .fetch_one(&mut *connection)
    .await?;
    Ok(gone.rows_affected() > 0 || new > 0)
}

/// Notes that a list was complete but for so many workloads.
async fn write_complete(
    connection: &mut PgConnection,
    place: &ListLocation<'_>,
    unreadable: i32,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into variable_read (account_id, region, kind, unreadable, read_at) values ($1, $2, $3, $4, $5)
         on conflict (account_id, region, kind) do update set failure = null, unreadable = excluded.unreadable,
            read_at = excluded.read_at",
        place.account,
        place.region,
        place.kind,
        unreadable,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes why a list is not complete.
async fn write_failure(
    connection: &mut PgConnection,
    place: &ListLocation<'_>,
    failure: &str,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into variable_read (account_id, region, kind, failure) values ($1, $2, $3, $4)
         on conflict (account_id, region, kind) do update set failure = excluded.failure",
        place.account,
        place.region,
        place.kind,
        failure,
    )
    .execute(connection)
    .await?;
    Ok(())
}
