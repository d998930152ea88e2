//! Accounts and units as the Organization lists them, and scopes turned into accounts.

use crate::{
    AccountRepository, StoreError,
    error::{column, texts},
};
use claviger_domain::{
    accounts::{Organization, Ou, is_ou_id},
    authz::{Scope, VisibleAccounts},
    ids::{AccountId, OuId},
};
use sqlx::PgConnection;
use std::fmt::Display;
use time::OffsetDateTime;

impl AccountRepository {
    /// The accounts within any of these scopes. No scope, no account.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = scopes.len()))]
    pub async fn visible_accounts(&self, scopes: &[&Scope]) -> Result<VisibleAccounts, StoreError> {
        let whole = scopes.iter().any(|scope| matches!(scope, Scope::Organization));
        let (mut ous, mut paths) = (Vec::new(), Vec::new());
        let mut accounts = Vec::new();
        for scope in scopes {
            match scope {
                Scope::Organization => {}
                Scope::Ou(ou) => {
                    ous.push(ou.clone());
                    // What has the shape of an id is no path.
                    if !is_ou_id(ou) {
                        paths.push(ou.clone());
                    }
                }
                Scope::Accounts(ids) => accounts.extend(texts(ids)),
            }
        }
        let rows = sqlx::query_scalar!(
            "select id from account
             where $1 or id = any($2)
                or ou_path && array(select ou.id from ou where ou.id = any($3) or (ou.path = any($4) and ou.path <> ''))
             order by id",
            whole,
            &accounts,
            &ous,
            &paths,
        )
        .fetch_all(&self.pool)
        .await?;
        let accounts: Result<Vec<AccountId>, _> =
            rows.iter().map(|id| column("account", "id", id, id)).collect();
        Ok(VisibleAccounts { accounts: accounts?, whole_organization: whole })
    }

    /// The Organization's id with every account that is in it; without an id where it was never read.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn organization(&self) -> Result<(Option<String>, Vec<AccountId>), StoreError> {
        let id =
            sqlx::query_scalar!("select id from organization").fetch_optional(&self.pool).await?;
        let rows = sqlx::query_scalar!("select id from account where left_at is null")
            .fetch_all(&self.pool)
            .await?;
        let accounts: Result<_, _> =
            rows.iter().map(|id| column("account", "id", id, id)).collect();
        Ok((id, accounts?))
    }

    /// The management account; `None` where the Organization was never read.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn management_account(&self) -> Result<Option<AccountId>, StoreError> {
        let id = sqlx::query_scalar!("select management_account from organization")
            .fetch_optional(&self.pool)
            .await?;
        id.map(|id| column("organization", "management_account", &id, &id)).transpose()
    }

    /// Every OU, the root among them, and every account that is in the Organization; nothing before the first scan.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn ous_and_accounts(&self) -> Result<(Vec<Ou>, Vec<AccountId>), StoreError> {
        let rows = sqlx::query_as!(
            OuRow,
            r#"select id, parent_id, name, path from ou order by path collate "C""#
        )
        .fetch_all(&self.pool)
        .await?;
        let ous: Result<Vec<Ou>, StoreError> = rows.into_iter().map(OuRow::into_domain).collect();
        Ok((ous?, self.organization().await?.1))
    }

    /// The units that hold a visible account, or hold one that does; by path.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn visible_ous(&self, visible: &VisibleAccounts) -> Result<Vec<Ou>, StoreError> {
        let rows = sqlx::query_as!(
            OuRow,
            r#"select id, parent_id, name, path from ou
             where path <> '' and id in (select unnest(ou_path) from account where id = any($1))
             order by path collate "C""#,
            &texts(&visible.accounts)
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(OuRow::into_domain).collect()
    }
}

struct OuRow {
    id: String,
    parent_id: Option<String>,
    name: String,
    path: String,
}

impl OuRow {
    fn into_domain(self) -> Result<Ou, StoreError> {
        let id = &self.id;
        Ok(Ou {
            parent: self.parent_id.map(|p| column("ou", "parent_id", id, &p)).transpose()?,
            id: column::<OuId>("ou", "id", id, id)?,
            name: self.name,
            path: self.path,
        })
    }
}

/// Makes the tables say what the Organization says. An account that left keeps its last data.
pub(crate) async fn write_organization(
    connection: &mut PgConnection,
    organization: &Organization,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into organization (id, management_account, read_at) values ($1, $2, $3)
         on conflict (is_one) do update set id = excluded.id, management_account = excluded.management_account,
            read_at = excluded.read_at",
        &organization.id,
        organization.management_account.as_str(),
        now,
    )
    .execute(&mut *connection)
    .await?;
    let each =
        |pick: fn(&Ou) -> String| -> Vec<String> { organization.ous.iter().map(pick).collect() };
    sqlx::query!("delete from ou where not (id = any($1))", &each(|ou| ou.id.to_string()))
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "insert into ou (id, parent_id, name, path)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
         on conflict (id) do update set parent_id = excluded.parent_id, name = excluded.name, path = excluded.path",
        &each(|ou| ou.id.to_string()),
        &organization.ous.iter().map(|ou| ou.parent.as_ref().map(ToString::to_string)).collect::<Vec<_>>() as _,
        &each(|ou| ou.name.clone()),
        &each(|ou| ou.path.clone()),
    )
    .execute(&mut *connection)
    .await?;
    for account in &organization.accounts {
        sqlx::query!(
            "insert into account (id, name, email, state, ou_path, joined_at, first_seen_at)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (id) do update set name = excluded.name, email = excluded.email, state = excluded.state,
                ou_path = excluded.ou_path, joined_at = excluded.joined_at, left_at = null",
            account.id.as_str(),
            &account.name,
            &account.email,
            account.state.to_string(),
            &texts(&account.ou_path),
            account.joined_at,
            now,
        )
        .execute(&mut *connection)
        .await?;
    }
    sqlx::query!(
        "update account set left_at = $2 where left_at is null and not (id = any($1))",
        &organization.accounts.iter().map(|account| account.id.to_string()).collect::<Vec<_>>(),
        now
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Reads an array of unit ids.
pub(crate) fn ou_path(key: impl Display, ids: &[String]) -> Result<Vec<OuId>, StoreError> {
    ids.iter().map(|id| column("account", "ou_path", &key, id)).collect()
}
