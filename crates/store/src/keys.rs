//! What KMS says of the keys that resources name.

use crate::{Store, StoreError};
use claviger_domain::{
    facts::{Reading, ResourceFacts},
    ids::{AccountId, Region},
    key::KmsKey,
};
use sqlx::{PgConnection, types::Json};
use std::borrow::Cow;
use time::{Duration, OffsetDateTime};

/// KMS is asked again after so long: a key can be disabled at any time.
const GOOD_FOR: Duration = Duration::hours(1);
/// What no resource names any more is kept for so long.
const KEPT_FOR: Duration = Duration::days(7);

/// `None` where KMS knows no such key.
pub type StoredKey = Reading<Option<KmsKey>>;

impl Store {
    /// The names of keys that resources of a Region have, where what KMS said of them is old.
    pub async fn keys_to_read(
        &self,
        account: &AccountId,
        region: &Region,
        now: OffsetDateTime,
    ) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = sqlx::query_as(
            "with named as (
                select distinct facts ->> 'kms_key_id' as key_id from resource
                where account_id = $1 and region = $2 and gone_at is null)
             select named.key_id from named
             left join kms_key k on k.account_id = $1 and k.region = $2 and k.key_id = named.key_id
             where named.key_id is not null and (k.read_at is null or k.read_at <= $3) order by 1",
        )
        .bind(account.as_str())
        .bind(region.as_str())
        .bind(now - GOOD_FOR)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|(key,)| key).collect())
    }

    /// Writes what KMS said, and forgets what nobody has named for long.
    pub async fn write_keys(
        &self,
        account: &AccountId,
        region: &Region,
        read: &[(String, StoredKey)],
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let (names, readings): (Vec<&str>, Vec<Json<&StoredKey>>) =
            read.iter().map(|(name, reading)| (name.as_str(), Json(reading))).unzip();
        let mut tx = self.pool.begin().await?;
        sqlx::query(
            "insert into kms_key (account_id, region, key_id, reading, read_at)
             select $1, $2, x.key_id, x.reading, $5 from unnest($3::text[], $4::jsonb[]) as x (key_id, reading)
             on conflict (account_id, region, key_id)
             do update set reading = excluded.reading, read_at = excluded.read_at",
        )
        .bind(account.as_str())
        .bind(region.as_str())
        .bind(names)
        .bind(readings)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        sqlx::query("delete from kms_key where account_id = $1 and region = $2 and read_at < $3")
            .bind(account.as_str())
            .bind(region.as_str())
            .bind(now - KEPT_FOR)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// What KMS said of a key; `None` where it was not asked yet.
    pub(crate) async fn key(
        &self,
        account: &AccountId,
        region: &Region,
        name: &str,
    ) -> Result<Option<StoredKey>, StoreError> {
        let row: Option<(Json<StoredKey>,)> = sqlx::query_as(
            "select reading from kms_key where account_id = $1 and region = $2 and key_id = $3",
        )
        .bind(account.as_str())
        .bind(region.as_str())
        .bind(name)
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|(reading,)| reading.0))
    }
}

/// Marks the resources whose key is an AWS managed one though its name does not say so.
pub(crate) async fn mark_aws_managed<'a>(
    connection: &mut PgConnection,
    account: &AccountId,
    region: &Region,
    batch: &'a [ResourceFacts],
) -> Result<Cow<'a, [ResourceFacts]>, StoreError> {
    // An alias says it by itself.
    let in_question = |facts: &&ResourceFacts| !facts.is_aws_alias();
    let named: Vec<&str> =
        batch.iter().filter(in_question).filter_map(|facts| facts.kms_key_id.as_deref()).collect();
    if named.is_empty() {
        return Ok(Cow::Borrowed(batch));
    }
    let rows: Vec<(String,)> = sqlx::query_as(
        "select key_id from kms_key where account_id = $1 and region = $2 and key_id = any($3)
            and reading #>> '{read,manager}' = 'AWS'",
    )
    .bind(account.as_str())
    .bind(region.as_str())
    .bind(named)
    .fetch_all(connection)
    .await?;
    if rows.is_empty() {
        return Ok(Cow::Borrowed(batch));
    }
    let mut batch = batch.to_vec();
    for facts in &mut batch {
        let key = facts.kms_key_id.as_ref();
        facts.is_aws_managed_key = rows.iter().any(|(managed,)| key == Some(managed));
    }
    Ok(Cow::Owned(batch))
}
