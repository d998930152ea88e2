//! Policies with their versions. A policy is never deleted: its findings and its history refer to it.

use crate::{StoreError, UnitOfWork};
use claviger_domain::{authz::Person, compliance::view::PolicyVersion};
use sqlx::PgPool;

/// A policy in force, as it was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPolicy {
    pub id: String,
    pub version: i32,
    pub document: String,
}

/// Policies with their versions.
#[derive(Clone, Debug)]
pub struct PolicyRepository {
    pub(crate) pool: PgPool,
}

impl PolicyRepository {
    /// Every policy in force, by id.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn policies(&self) -> Result<Vec<StoredPolicy>, StoreError> {
        Ok(sqlx::query_as!(
            StoredPolicy,
            "select id, version, document from policy where retired_at is null order by id",
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// Whether any policy was ever saved.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn had_policies(&self) -> Result<bool, StoreError> {
        let had = sqlx::query_scalar!(r#"select exists (select 1 from policy) as "had!""#)
            .fetch_one(&self.pool)
            .await?;
        Ok(had)
    }

    /// The versions of a policy, the newest first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn policy_versions(&self, id: &str) -> Result<Vec<PolicyVersion>, StoreError> {
        let versions = self.policy_documents(id).await?;
        Ok(versions.into_iter().map(|(version, _)| version).collect())
    }

    /// The same, each with its text; `None` where it disabled the policy.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn policy_documents(
        &self,
        id: &str,
    ) -> Result<Vec<(PolicyVersion, Option<String>)>, StoreError> {
        let rows = sqlx::query!(
            "select version, document, saved_by, saved_at from policy_version where policy_id = $1
             order by version desc limit 50",
            id
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let version = PolicyVersion {
                    version: row.version,
                    saved_by: row.saved_by,
                    saved_at: row.saved_at,
                    retired: row.document.is_none(),
                };
                (version, row.document)
            })
            .collect())
    }
}

impl UnitOfWork {
    /// Saves a policy as a new version; `None` where it is the same as the one in force.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn save_policy(
        &mut self,
        id: &str,
        document: &str,
        by: Option<&Person>,
    ) -> Result<Option<i32>, StoreError> {
        let now = self.now;
        let saved_by = by.map_or("Claviger", |person| person.name.as_str());
        let row = sqlx::query_scalar!(
            "insert into policy (id, version, document, saved_by, saved_at) values ($1, 1, $2, $3, $4)
             on conflict (id) do update set version = policy.version + 1, document = excluded.document,
                saved_by = excluded.saved_by, saved_at = excluded.saved_at, retired_at = null
             where policy.document <> excluded.document or policy.retired_at is not null
             returning version",
            id,
            document,
            saved_by,
            now,
        )
        .fetch_optional(self.connection())
        .await?;
        let Some(version) = row else { return Ok(None) };
        self.insert_version(id, version, Some(document), saved_by).await?;
        Ok(Some(version))
    }

    /// Takes a policy out of force; `false` where it is not in force.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn retire_policy(&mut self, id: &str, by: &Person) -> Result<bool, StoreError> {
        let now = self.now;
        let row = sqlx::query_scalar!(
            "update policy set version = version + 1, retired_at = $2 where id = $1 and retired_at is null
             returning version",
            id,
            now,
        )
        .fetch_optional(self.connection())
        .await?;
        let Some(version) = row else { return Ok(false) };
        self.insert_version(id, version, None, &by.name).await?;
        Ok(true)
    }

    async fn insert_version(
        &mut self,
        id: &str,
        version: i32,
        document: Option<&str>,
        saved_by: &str,
    ) -> Result<(), StoreError> {
        let now = self.now;
        sqlx::query!(
            "insert into policy_version (policy_id, version, document, saved_by, saved_at) values ($1, $2, $3, $4, $5)",
            id,
            version,
            document,
            saved_by,
            now,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
