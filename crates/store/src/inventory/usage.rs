//! What the inventory uses already: tag values, keys and rotation functions, counted, so that new ones can be proposed.

use crate::{
    InventoryRepository, StoreError,
    error::{column, texts},
};
use claviger_domain::ids::{AccountId, Region};

/// A tag's value with how many in one folder of an account have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagUse {
    pub account: AccountId,
    /// The name without its last segment and without a slash at the beginning; empty for a name of one segment.
    pub folder: String,
    pub key: String,
    pub value: String,
    pub count: i64,
}

/// A key or a rotation function with how many secrets of a folder, an account and a Region use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArnUse {
    pub account: AccountId,
    pub region: Region,
    pub folder: String,
    pub arn: String,
    pub count: i64,
}

/// Which of the two is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsedArn {
    /// Customer managed keys.
    Key,
    RotationFunction,
}

/// Counts what each folder of an account and a Region uses; of a secret in `r`, the ARN and a condition.
macro_rules! count_arns {
    ($arn:tt, $condition:tt, $accounts:expr) => {
        sqlx::query_as!(
            ArnRow,
            r#"select account_id, region, regexp_replace(ltrim(name, '/'), '/?[^/]*$', '') as "folder!", "# + $arn + r#" as "arn!",
                count(*) as "count!"
             from resource r where account_id = any($1) and gone_at is null and kind = 'secret'
                and "# + $arn + " is not null and " + $condition + " group by 1, 2, 3, 4",
            $accounts
        )
    };
}

struct ArnRow {
    account_id: String,
    region: String,
    folder: String,
    arn: String,
    count: i64,
}

impl InventoryRepository {
    /// The values that these tags have in these accounts. Empty values are not among them.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account_count = accounts.len()))]
    pub async fn tag_uses(
        &self,
        accounts: &[AccountId],
        keys: &[String],
    ) -> Result<Vec<TagUse>, StoreError> {
        let rows = sqlx::query!(
            r#"select account_id, regexp_replace(ltrim(name, '/'), '/?[^/]*$', '') as "folder!", key as "key!",
                btrim(facts->'tags'->>key) as "value!", count(*) as "count!"
             from resource cross join unnest($2::text[]) as key
             where account_id = any($1) and gone_at is null and btrim(facts->'tags'->>key) <> ''
             group by 1, 2, 3, 4"#,
            &texts(accounts),
            keys,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(TagUse {
                    account: column("resource", "account_id", &row.account_id, &row.account_id)?,
                    folder: row.folder,
                    key: row.key,
                    value: row.value,
                    count: row.count,
                })
            })
            .collect()
    }

    /// The customer managed keys or rotation functions of the secrets in these accounts.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account_count = accounts.len()))]
    pub async fn arn_uses(
        &self,
        accounts: &[AccountId],
        of: UsedArn,
    ) -> Result<Vec<ArnUse>, StoreError> {
        let accounts = &texts(accounts);
        let rows = match of {
            UsedArn::Key => {
                let keys =
                    count_arns!("facts->>'kms_key_id'", "key_class = 'customer-managed'", accounts);
                keys.fetch_all(&self.pool).await?
            }
            UsedArn::RotationFunction => {
                let functions = count_arns!(
                    "facts->'detail'->'secret'->'rotation'->>'lambda_arn'",
                    "true",
                    accounts
                );
                functions.fetch_all(&self.pool).await?
            }
        };
        rows.into_iter()
            .map(|row| {
                Ok(ArnUse {
                    account: column("resource", "account_id", &row.account_id, &row.account_id)?,
                    region: column("resource", "region", &row.account_id, &row.region)?,
                    folder: row.folder,
                    arn: row.arn,
                    count: row.count,
                })
            })
            .collect()
    }
}
