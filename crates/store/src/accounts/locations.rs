//! Where accounts are in the Organization, and by which rules their owners were worked out.

use crate::{
    AccountRepository, StoreError,
    error::{column, texts},
};
use claviger_domain::{
    authz::AccountLocation,
    ids::{AccountId, OuId},
};
use sqlx::PgExecutor;

impl AccountRepository {
    /// By which rules an account's owners were worked out.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn owners_as(&self, account: &AccountId) -> Result<String, StoreError> {
        let found =
            sqlx::query_scalar!("select owners_as from account where id = $1", account.as_str())
                .fetch_optional(&self.pool)
                .await?;
        Ok(found.unwrap_or_default())
    }

    /// Where these accounts stand. One that is not known is not among them.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account_count = accounts.len()))]
    pub async fn locations(
        &self,
        accounts: &[AccountId],
    ) -> Result<Vec<AccountLocation>, StoreError> {
        locations(&self.pool, accounts).await
    }
}

/// The same, within a transaction where one is under way.
pub(crate) async fn locations(
    executor: impl PgExecutor<'_>,
    accounts: &[AccountId],
) -> Result<Vec<AccountLocation>, StoreError> {
    let rows = sqlx::query!(
        r#"select a.id, a.name, a.ou_path,
            array(select coalesce(ou.path, '') from unnest(a.ou_path) with ordinality as u (id, n)
                left join ou on ou.id = u.id order by u.n) as "paths!"
         from account a where a.id = any($1)"#,
        &texts(accounts)
    )
    .fetch_all(executor)
    .await?;
    rows.into_iter()
        .map(|row| {
            let units = row
                .ou_path
                .iter()
                .zip(row.paths)
                .map(|(ou, path)| Ok((column::<OuId>("account", "ou_path", &row.id, ou)?, path)))
                .collect::<Result<_, StoreError>>()?;
            Ok(AccountLocation {
                account: column("account", "id", &row.id, &row.id)?,
                account_name: row.name,
                units,
            })
        })
        .collect()
}
