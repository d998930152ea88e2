//! What a role or user may be able to read, and the roles and users of a scope.

use crate::{
    PrincipalRepository, StoreError, StoredPrincipal,
    error::{column, texts},
};
use claviger_domain::{
    authz::VisibleAccounts,
    facts::{ResourceDetails, ResourceFacts},
    ids::{AccountId, Region, ResourceId},
    inventory::entitlement::PrincipalRow,
    key::{KeyAccess, KeyReading},
};
use sqlx::types::Json;
use uuid::Uuid;

/// A resource policy that may name any principal: `*`, `NotPrincipal`, or a text that has escapes.
const MAY_NAME_ANYONE: &str = r#"("principal"|"aws")\s*:\s*(\[[^]]*)?"[^"]*\*|notprincipal|\\"#;

/// A secret or parameter with what decides who can read it.
#[derive(Debug, Clone)]
pub struct ReadableResource {
    pub id: ResourceId,
    pub account: AccountId,
    pub account_name: String,
    pub region: Region,
    pub facts: ResourceFacts,
    pub deep: Option<ResourceDetails>,
    pub kms: Option<KeyReading>,
    pub key_access: Option<KeyAccess>,
}

impl PrincipalRepository {
    /// A role or user of an account whose IAM was read.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn principal(
        &self,
        account: &AccountId,
        arn: &str,
    ) -> Result<Option<StoredPrincipal>, StoreError> {
        let arns = [arn.to_owned()];
        let mut found = self.stored(std::slice::from_ref(account), Some(&arns)).await?;
        Ok(found.pop().map(|(_, principal)| principal))
    }

    /// The roles and users of these accounts whose ARN has a text, from one on.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn list_principals(
        &self,
        visible: &VisibleAccounts,
        text: &str,
        after: &str,
        limit: u16,
    ) -> Result<Vec<PrincipalRow>, StoreError> {
        let rows = sqlx::query!(
            r#"select p.arn, a.name as "account_name!", jsonb_array_length(p.policies) as "policies!"
             from iam_principal p join account a on a.id = p.account_id
             where p.account_id = any($1) and a.principals_fault is null and strpos(lower(p.arn), lower($2)) > 0
                and p.arn collate "C" > $3
             order by p.arn collate "C" limit $4"#,
            &texts(&visible.accounts),
            text,
            after,
            i64::from(limit),
        )
        .fetch_all(&self.pool)
        .await?;
        let each = rows.into_iter().map(|row| PrincipalRow {
            arn: row.arn,
            account_name: row.account_name,
            policies: u32::try_from(row.policies).unwrap_or(0),
        });
        Ok(each.collect())
    }

    /// The accounts of a scope whose IAM was not read, each with the reason.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn accounts_not_read(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<Vec<(String, Option<String>)>, StoreError> {
        let rows = sqlx::query!(
            r#"select name as "name!", principals_fault from account
             where id = any($1) and left_at is null and (principals_read_at is null or principals_fault is not null)
             order by name"#,
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| (row.name, row.principals_fault)).collect())
    }

    /// How many secrets and parameters of a scope a principal of this account may be able to read. All others it cannot: they
    /// are in other accounts, and no resource policy names its account or everyone.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn count_readable(
        &self,
        visible: &VisibleAccounts,
        account: &AccountId,
    ) -> Result<u64, StoreError> {
        let count = sqlx::query_scalar!(
            r#"select (select count(*) from resource
                    where account_id = $2 and account_id = any($1) and gone_at is null and is_listed)
                + (select count(*) from resource
                    where account_id <> $2 and account_id = any($1) and gone_at is null and is_listed
                        and deep #>> '{resource_policy,read}' is not null
                        and (strpos(deep #>> '{resource_policy,read}', $2) > 0 or deep #>> '{resource_policy,read}' ~* $3)) as "count!""#,
            &texts(&visible.accounts),
            account.as_str(),
            MAY_NAME_ANYONE,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// The same resources, by name, after one of them.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn readable(
        &self,
        visible: &VisibleAccounts,
        account: &AccountId,
        after: Option<ResourceId>,
        limit: u16,
    ) -> Result<Vec<ReadableResource>, StoreError> {
        let rows = sqlx::query!(
            r#"with candidate as (
                select id, name from resource
                where account_id = $2 and account_id = any($1) and gone_at is null and is_listed
                union all
                select id, name from resource
                where account_id <> $2 and account_id = any($1) and gone_at is null and is_listed
                    and deep #>> '{resource_policy,read}' is not null
                    and (strpos(deep #>> '{resource_policy,read}', $2) > 0 or deep #>> '{resource_policy,read}' ~* $3)),
             chosen as (
                select id from candidate
                where $4::uuid is null or (name collate "C", id) > (select name collate "C", id from resource where id = $4)
                order by name collate "C", id limit $5)
             select r.id, r.account_id, a.name as "account_name!", r.region, r.facts as "facts: Json<ResourceFacts>",
                r.deep as "deep: Json<ResourceDetails>", k.reading as "kms?: Json<KeyReading>", k.access as "access?: Json<KeyAccess>"
             from chosen join resource r on r.id = chosen.id join account a on a.id = r.account_id
             left join kms_key k on k.account_id = r.account_id and k.region = r.region and k.key_id = r.facts ->> 'kms_key_id'
             order by r.name collate "C", r.id"#,
            &texts(&visible.accounts),
            account.as_str(),
            MAY_NAME_ANYONE,
            after.map(|id| id.0),
            i64::from(limit),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let key: Uuid = row.id;
                Ok(ReadableResource {
                    id: ResourceId(key),
                    account: column("resource", "account_id", key, &row.account_id)?,
                    account_name: row.account_name,
                    region: column("resource", "region", key, &row.region)?,
                    facts: row.facts.0,
                    deep: row.deep.map(|deep| deep.0),
                    kms: row.kms.map(|kms| kms.0),
                    key_access: row.access.map(|access| access.0),
                })
            })
            .collect()
    }
}
