//! The roles that OIDC providers of IAM may assume.

use crate::{
    PrincipalRepository, StoreError, StoredPrincipal,
    error::{column, texts},
};
use claviger_domain::{authz::VisibleAccounts, ids::AccountId};

/// A role whose trust policy names OIDC providers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederatedRole {
    pub account: AccountId,
    pub account_name: String,
    pub arn: String,
    /// Its trust policy.
    pub trust: String,
}

impl PrincipalRepository {
    /// Those of a scope whose trust policies are known, by ARN; of these ARNs only, if some are given.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn federated_roles(
        &self,
        visible: &VisibleAccounts,
        arns: Option<&[String]>,
    ) -> Result<Vec<FederatedRole>, StoreError> {
        let rows = sqlx::query!(
            r#"select p.account_id, a.name as "account_name!", p.arn, p.trust as "trust!"
             from iam_principal p join account a on a.id = p.account_id
             where p.account_id = any($1) and p.trust is not null and a.principals_fault is null
                and a.left_at is null and a.trusts_read_at = a.principals_read_at
                and ($2::text[] is null or p.arn = any($2))
             order by p.arn collate "C""#,
            &texts(&visible.accounts),
            arns as _,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(FederatedRole {
                    account: column("iam_principal", "account_id", &row.arn, &row.account_id)?,
                    account_name: row.account_name,
                    arn: row.arn,
                    trust: row.trust,
                })
            })
            .collect()
    }

    /// The accounts of a scope whose trust policies are not known, each with the reason; none where they are not read yet.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn trusts_not_read(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<Vec<(String, Option<String>)>, StoreError> {
        let rows = sqlx::query!(
            r#"select name as "name!", principals_fault from account
             where id = any($1) and left_at is null
                and (principals_read_at is null or principals_fault is not null or trusts_read_at is distinct from principals_read_at)
             order by name"#,
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| (row.name, row.principals_fault)).collect())
    }

    /// Roles and users of these accounts by their ARNs.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn principals_named(
        &self,
        of: &[AccountId],
        arns: &[String],
    ) -> Result<Vec<(AccountId, StoredPrincipal)>, StoreError> {
        self.stored(of, Some(arns)).await
    }
}
