//! The Organization's tag policies, and what AWS makes of them.

use crate::{
    StoreError,
    error::{column, texts},
};
use claviger_domain::{
    accounts::{TagPolicy, TagPolicyReading},
    ids::{AccountId, OuId},
};
use sqlx::PgPool;
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// What AWS made of the tag policies for an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEffective {
    /// The units that held the account at that time, from the root down.
    pub ou_path: Vec<OuId>,
    /// `None` where none applied.
    pub content: Option<String>,
    pub read_at: OffsetDateTime,
}

/// Everything known of tag policies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredTagPolicies {
    /// When they were last asked for; `None` where they never were.
    pub read_at: Option<OffsetDateTime>,
    /// Which call AWS did not answer then, and why.
    pub fault: Option<String>,
    /// Whether the root has the policy type turned on; `None` where AWS did not tell.
    pub is_enabled: Option<bool>,
    pub policies: Vec<TagPolicy>,
    pub effective: BTreeMap<AccountId, StoredEffective>,
}

impl StoredTagPolicies {
    /// Whether anything but the time of reading differs.
    pub fn says_other_than(&self, other: &Self) -> bool {
        let said = |one: &Self| {
            let effective: Vec<_> = one
                .effective
                .iter()
                .map(|(id, known)| (id.clone(), known.ou_path.clone(), known.content.clone()))
                .collect();
            (one.read_at.is_some(), one.fault.clone(), one.policies.clone(), effective)
        };
        said(self) != said(other)
    }
}

/// Tag policies of the Organization, as they are attached and as AWS merges them.
#[derive(Clone, Debug)]
pub struct TagPolicyRepository {
    pub(crate) pool: PgPool,
}

impl TagPolicyRepository {
    /// The policies, and what AWS makes of them for these accounts.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account_count = of.len()))]
    pub async fn tag_policies(&self, of: &[AccountId]) -> Result<StoredTagPolicies, StoreError> {
        let read = sqlx::query!(
            "select tag_policies_read_at, tag_policies_fault, tag_policies_enabled from organization",
        )
        .map(|row| (row.tag_policies_read_at, row.tag_policies_fault, row.tag_policies_enabled))
        .fetch_optional(&self.pool)
        .await?;
        let (read_at, fault, is_enabled) = read.unwrap_or_default();
        let policies =
            sqlx::query!("select id, name, content, targets from tag_policy order by id")
                .fetch_all(&self.pool)
                .await?;
        let policies = policies
            .into_iter()
            .map(|row| TagPolicy {
                id: row.id,
                name: row.name,
                content: row.content,
                targets: row.targets,
            })
            .collect();
        let rows = sqlx::query!(
            "select account_id, ou_path, content, read_at from effective_tag_policy where account_id = any($1)",
            &texts(of),
        )
        .fetch_all(&self.pool)
        .await?;
        let effective: Result<_, StoreError> = rows
            .into_iter()
            .map(|row| {
                let ou_path =
                    crate::accounts::organization::ou_path(&row.account_id, &row.ou_path)?;
                let id =
                    column("effective_tag_policy", "account_id", &row.account_id, &row.account_id)?;
                Ok((id, StoredEffective { ou_path, content: row.content, read_at: row.read_at }))
            })
            .collect();
        Ok(StoredTagPolicies { read_at, fault, is_enabled, policies, effective: effective? })
    }

    /// What was read. Of policies that AWS did not tell, what was known before stays; why is noted.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn write_tag_policies(
        &self,
        reading: &TagPolicyReading,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        sqlx::query!(
            "update organization set tag_policies_read_at = $1, tag_policies_fault = $2, tag_policies_enabled = $3",
            now,
            reading.policies.as_ref().err().map(ToString::to_string),
            reading.is_enabled.as_ref().ok(),
        )
        .execute(&mut *tx)
        .await?;
        if let Ok(policies) = &reading.policies {
            let ids: Vec<&str> = policies.iter().map(|policy| policy.id.as_str()).collect();
            sqlx::query!("delete from tag_policy where not (id = any($1))", &ids as _)
                .execute(&mut *tx)
                .await?;
            for policy in policies {
                sqlx::query!(
                    "insert into tag_policy (id, name, content, targets) values ($1, $2, $3, $4)
                     on conflict (id) do update set name = excluded.name, content = excluded.content, targets = excluded.targets",
                    &policy.id,
                    &policy.name,
                    &policy.content,
                    &policy.targets,
                )
                .execute(&mut *tx)
                .await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// What AWS makes of them for these accounts, which one place holds.
    #[tracing::instrument(level = "debug", skip_all, fields(db.rows = accounts.len()))]
    pub async fn write_effective_tag_policy(
        &self,
        accounts: &[AccountId],
        ou_path: &[OuId],
        content: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "insert into effective_tag_policy (account_id, ou_path, content, read_at)
             select id, $2, $3, $4 from unnest($1::text[]) as x (id)
             on conflict (account_id) do update set ou_path = excluded.ou_path, content = excluded.content,
                read_at = excluded.read_at",
            &texts(accounts),
            &texts(ou_path),
            content,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Where AWS does not answer any more, what it said is no longer known to hold.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn forget_effective_tag_policies(&self) -> Result<(), StoreError> {
        sqlx::query!("delete from effective_tag_policy").execute(&self.pool).await?;
        Ok(())
    }
}
