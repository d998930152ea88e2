//! What is read secret by secret, at a slower pace than the sweeps.

use crate::{
    FactRepository, StoreError,
    changes::{NewChange, remember},
    error::column,
};
use claviger_domain::{
    changes::detail_differences,
    facts::ResourceDetails,
    ids::{AccountId, Arn, Region, ResourceId},
};
use sqlx::types::Json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// How long it is good while the secret itself does not change: `LastChangedDate` moves with the policy as well, so
/// this is for what AWS leaves out of it.
const CACHE_TTL: Duration = Duration::hours(24);

/// A secret whose deep facts are missing or out of date.
#[derive(Debug, Clone)]
pub struct PendingDetails {
    pub id: ResourceId,
    pub arn: Arn,
    pub changed_at: Option<OffsetDateTime>,
    pub is_replicated: bool,
}

impl FactRepository {
    /// Secrets of an account and Region that are to be read, the longest unread first. Replicas have their primary's.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    pub async fn pending_details(
        &self,
        account: &AccountId,
        region: &Region,
        limit: i64,
        now: OffsetDateTime,
    ) -> Result<Vec<PendingDetails>, StoreError> {
        let rows = sqlx::query!(
            r#"select id, arn, changed_at, cardinality(replica_regions) > 0 or facts #>> '{detail,secret,primary_region}' is not null as "is_replicated!"
             from resource
             where account_id = $1 and region = $2 and kind = 'secret' and gone_at is null and is_listed
               and (deep_read_at is null or deep_read_at < $3 or changed_at is distinct from deep_of_change)
             order by deep_read_at nulls first, id limit $4"#,
            account.as_str(),
            region.as_str(),
            now - CACHE_TTL,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(PendingDetails {
                    id: ResourceId(row.id),
                    arn: column("resource", "arn", row.id, &row.arn)?,
                    changed_at: row.changed_at,
                    is_replicated: row.is_replicated,
                })
            })
            .collect()
    }

    #[tracing::instrument(level = "debug", skip_all, fields(db.rows = read.len()))]
    pub async fn write_details(
        &self,
        read: &[(ResourceId, ResourceDetails)],
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = read.iter().map(|(id, _)| id.0).collect();
        let mut tx = self.pool.begin().await?;
        let before = sqlx::query!(
            r#"select id, account_id, deep as "deep!: Json<ResourceDetails>" from resource where id = any($1) and deep is not null"#,
            &ids,
        )
        .map(|row| (row.id, row.account_id, row.deep))
        .fetch_all(&mut *tx)
        .await?;
        let facts: Vec<Json<&ResourceDetails>> =
            read.iter().map(|(_, facts)| Json(facts)).collect();
        let changed: Vec<Option<OffsetDateTime>> =
            read.iter().map(|(_, facts)| facts.of_change).collect();
        sqlx::query!(
            "update resource r set deep = x.facts, deep_of_change = x.changed, deep_read_at = $4,
                deep_fingerprint = sha256(convert_to(x.facts::text, 'UTF8'))
             from unnest($1::uuid[], $2::jsonb[], $3::timestamptz[]) as x (id, facts, changed) where r.id = x.id",
            &ids,
            &facts as _,
            &changed as _,
            now,
        )
        .execute(&mut *tx)
        .await?;
        for (id, account, before) in before {
            let Some((_, after)) = read.iter().find(|(of, _)| of.0 == id) else { continue };
            let news: Vec<NewChange> = detail_differences(&before.0, after)
                .into_iter()
                .map(|change| NewChange::field(id, change))
                .collect();
            let account = column("resource", "account_id", id, &account)?;
            remember(&mut tx, &account, &news, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
