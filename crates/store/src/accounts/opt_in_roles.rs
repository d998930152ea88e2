//! The roles that an account need not have, as they were last checked.

use crate::{
    AccountRepository, StoreError,
    error::{column, texts},
};
use claviger_domain::{
    accounts::roles::{OptInCheck, RoleCheck},
    authz::VisibleAccounts,
    ids::AccountId,
};
use sqlx::PgConnection;
use std::collections::HashMap;
use time::OffsetDateTime;

/// Takes the place of what was found before. `now` is also the account's `checked_at`.
pub(crate) async fn write(
    connection: &mut PgConnection,
    account: &AccountId,
    found: &[OptInCheck],
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!("delete from opt_in_role where account_id = $1", account.as_str())
        .execute(&mut *connection)
        .await?;
    let version = |one: &OptInCheck| one.check.template_version.and_then(|v| i32::try_from(v).ok());
    sqlx::query!(
        "insert into opt_in_role (account_id, checked_at, role, state, template_version, says)
         select $1, $2, * from unnest($3::text[], $4::text[], $5::integer[], $6::text[])",
        account.as_str(),
        now,
        &texts(&found.iter().map(|one| one.role).collect::<Vec<_>>()),
        &texts(&found.iter().map(|one| one.check.state).collect::<Vec<_>>()),
        &found.iter().map(version).collect::<Vec<_>>() as _,
        &found.iter().map(|one| one.says.as_str()).collect::<Vec<_>>() as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

impl AccountRepository {
    /// The opt-in roles of each account within the scope, or of one; nothing where the last check was not this release's.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn opt_in_roles(
        &self,
        visible: &VisibleAccounts,
        only: Option<&AccountId>,
    ) -> Result<HashMap<AccountId, Vec<OptInCheck>>, StoreError> {
        let rows = sqlx::query!(
            "select o.account_id, o.role, o.state, o.template_version, o.says
             from opt_in_role o join account a on a.id = o.account_id and a.checked_at = o.checked_at
             where o.account_id = any($1) and ($2::text is null or o.account_id = $2)
             order by o.account_id, o.role",
            &texts(&visible.accounts),
            only.map(AccountId::as_str),
        )
        .fetch_all(&self.pool)
        .await?;
        let mut found: HashMap<AccountId, Vec<OptInCheck>> = HashMap::new();
        for row in rows {
            let key = &row.account_id;
            let account: AccountId = column("opt_in_role", "account_id", key, key)?;
            let check = RoleCheck {
                state: column("opt_in_role", "state", key, &row.state)?,
                template_version: row.template_version.and_then(|v| u32::try_from(v).ok()),
            };
            let role = column("opt_in_role", "role", key, &row.role)?;
            found.entry(account).or_default().push(OptInCheck { role, check, says: row.says });
        }
        Ok(found)
    }
}
