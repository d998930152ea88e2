//! The tags of parameters as they were read last, so that they need not be read with every sweep.

use crate::{FactRepository, StoreError};
use claviger_domain::ids::{AccountId, Region};
use sqlx::types::Json;
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// The tags of parameters by their ARNs.
type Tags = BTreeMap<String, BTreeMap<String, String>>;

impl FactRepository {
    /// The tags of an account's parameters in a Region, if they were read at this time or later and nobody asked for a new
    /// reading since; without a time, those that were read last. Whatever is not among them is not known.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    pub async fn parameter_tags(
        &self,
        account: &AccountId,
        region: &Region,
        since: Option<OffsetDateTime>,
    ) -> Result<Tags, StoreError> {
        let rows = sqlx::query!(
            r#"select arn, facts -> 'tags' as "tags!: Json<BTreeMap<String, String>>" from resource
             where account_id = $1 and region = $2 and kind = 'parameter' and gone_at is null
                and jsonb_typeof(facts -> 'tags') = 'object'
                and ($3::timestamptz is null or exists (select 1 from parameter_tags_read
                    where account_id = $1 and region = $2 and read_at >= $3 and not is_due))"#,
            account.as_str(),
            region.as_str(),
            since
        )
        .map(|row| (row.arn, row.tags))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|(arn, tags)| (arn, tags.0)).collect())
    }

    /// Notes that they were read, and written.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    pub async fn note_parameter_tags(
        &self,
        account: &AccountId,
        region: &Region,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "insert into parameter_tags_read (account_id, region, read_at) values ($1, $2, $3)
             on conflict (account_id, region) do update set read_at = excluded.read_at, is_due = false",
            account.as_str(),
            region.as_str(),
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
