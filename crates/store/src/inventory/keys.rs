//! What KMS says of the keys that resources name.

use crate::{FactRepository, StoreError};
use claviger_domain::{
    ids::{AccountId, Region},
    key::KeyReading,
};
use sqlx::types::Json;
use std::collections::HashSet;
use time::{Duration, OffsetDateTime};

/// KMS is asked again after so long: a key can be disabled at any time.
const CACHE_TTL: Duration = Duration::hours(1);
/// What no resource names any more is kept for so long.
const KEPT_FOR: Duration = Duration::days(7);

impl FactRepository {
    /// The names of keys that resources of a Region have, where what KMS said of them is old.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    pub async fn keys_to_read(
        &self,
        account: &AccountId,
        region: &Region,
        now: OffsetDateTime,
    ) -> Result<Vec<String>, StoreError> {
        let keys = sqlx::query_scalar!(
            r#"with named as (
                select distinct facts ->> 'kms_key_id' as key_id from resource
                where account_id = $1 and region = $2 and gone_at is null)
             select named.key_id as "key_id!" from named
             left join kms_key k on k.account_id = $1 and k.region = $2 and k.key_id = named.key_id
             where named.key_id is not null and (k.read_at is null or k.read_at <= $3) order by 1"#,
            account.as_str(),
            region.as_str(),
            now - CACHE_TTL
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(keys)
    }

    /// Writes what KMS said, forgets what nobody has named for long, and corrects what was written of resources before it
    /// was known that their key is an AWS managed one.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region, db.rows = read.len()))]
    pub async fn write_keys(
        &self,
        account: &AccountId,
        region: &Region,
        read: &[(String, KeyReading)],
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let (names, readings): (Vec<&str>, Vec<Json<&KeyReading>>) =
            read.iter().map(|(name, reading)| (name.as_str(), Json(reading))).unzip();
        let mut tx = self.pool.begin().await?;
        sqlx::query!(
            "insert into kms_key (account_id, region, key_id, reading, read_at)
             select $1, $2, x.key_id, x.reading, $5 from unnest($3::text[], $4::jsonb[]) as x (key_id, reading)
             on conflict (account_id, region, key_id)
             do update set reading = excluded.reading, read_at = excluded.read_at",
            account.as_str(),
            region.as_str(),
            &names as _,
            &readings as _,
            now,
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "delete from kms_key where account_id = $1 and region = $2 and read_at < $3",
            account.as_str(),
            region.as_str(),
            now - KEPT_FOR
        )
        .execute(&mut *tx)
        .await?;
        // Their next scan writes them again, since nothing is known of the row's fingerprint until then.
        sqlx::query!(
            "update resource r set key_class = 'aws-managed', fingerprint = '\\x',
                facts = jsonb_set(r.facts, '{is_aws_managed_key}', 'true')
             from kms_key k
             where k.account_id = $1 and k.region = $2 and k.reading #>> '{read,manager}' = 'AWS'
                and r.account_id = $1 and r.region = $2 and r.key_class = 'customer-managed'
                and r.facts ->> 'kms_key_id' = k.key_id",
            account.as_str(),
            region.as_str(),
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The keys that are AWS managed ones as KMS said, by the names that resources of the Region have for them.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    pub async fn aws_managed_keys(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<HashSet<String>, StoreError> {
        let rows = sqlx::query_scalar!(
            "select key_id from kms_key
             where account_id = $1 and region = $2 and reading #>> '{read,manager}' = 'AWS'",
            account.as_str(),
            region.as_str()
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().collect())
    }

    /// What KMS said of the keys that resources of the Region name, by these names.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    pub async fn key_readings(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<Vec<(String, KeyReading)>, StoreError> {
        let rows = sqlx::query!(
            r#"select key_id, reading as "reading: Json<KeyReading>" from kms_key
             where account_id = $1 and region = $2 order by key_id"#,
            account.as_str(),
            region.as_str()
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| (row.key_id, row.reading.0)).collect())
    }
}
