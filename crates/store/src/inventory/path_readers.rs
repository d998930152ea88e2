//! Who may list parameters by path though single ones are denied to them.

use crate::{
    FactRepository, StoreError,
    error::{column, texts},
};
use claviger_domain::ids::AccountId;
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// A role or user with its identity policies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StoredIdentity {
    pub principal: String,
    pub documents: Vec<String>,
    pub boundary: Option<String>,
}

impl FactRepository {
    /// Those of each of these accounts whose policies were read, or why they could not be.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account_count = of.len()))]
    pub async fn path_readers(
        &self,
        of: &[AccountId],
    ) -> Result<BTreeMap<AccountId, Result<Vec<StoredIdentity>, String>>, StoreError> {
        let read = sqlx::query!(
            "select id, identities_fault from account where identities_read_at is not null and id = any($1)",
            &texts(of),
        )
        .map(|row| (row.id, row.identities_fault))
        .fetch_all(&self.pool)
        .await?;
        let mut known = BTreeMap::new();
        for (id, fault) in read {
            let account: AccountId = column("account", "id", &id, &id)?;
            known.insert(account, fault.map_or_else(|| Ok(Vec::new()), Err));
        }
        let rows = sqlx::query!(
            "select account_id, principal, documents, boundary from path_reader
             where account_id = any($1) order by account_id, principal",
            &texts(of)
        )
        .map(|row| (row.account_id, row.principal, row.documents, row.boundary))
        .fetch_all(&self.pool)
        .await?;
        for (id, principal, documents, boundary) in rows {
            let account: AccountId = column("path_reader", "account_id", &id, &id)?;
            if let Some(Ok(found)) = known.get_mut(&account) {
                found.push(StoredIdentity { principal, documents, boundary });
            }
        }
        Ok(known)
    }

    /// Writes those of an account, or why its identity policies could not be read. Says whether anything is new.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn write_path_readers(
        &self,
        account: &AccountId,
        found: Result<&[StoredIdentity], &str>,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let before = self.path_readers(std::slice::from_ref(account)).await?.remove(account);
        let after = found.map(<[_]>::to_vec).map_err(ToOwned::to_owned);
        let mut tx = self.pool.begin().await?;
        sqlx::query!(
            "update account set identities_read_at = $2, identities_fault = $3 where id = $1",
            account.as_str(),
            now,
            found.err()
        )
        .execute(&mut *tx)
        .await?;
        if before.as_ref() == Some(&after) {
            tx.commit().await?;
            return Ok(false);
        }
        sqlx::query!("delete from path_reader where account_id = $1", account.as_str())
            .execute(&mut *tx)
            .await?;
        for one in after.iter().flatten() {
            sqlx::query!(
                "insert into path_reader (account_id, principal, documents, boundary) values ($1, $2, $3, $4)",
                account.as_str(),
                &one.principal,
                &one.documents,
                one.boundary.as_deref(),
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}
