//! What the inventory uses already: tag values, keys and rotation functions, counted, so that new ones can be proposed.

use crate::{
    Store, StoreError,
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

const FOLDER: &str = "regexp_replace(ltrim(name, '/'), '/?[^/]*$', '')";

impl Store {
    /// The values that these tags have in these accounts. Empty values are not among them.
    pub async fn tag_uses(
        &self,
        accounts: &[AccountId],
        keys: &[String],
    ) -> Result<Vec<TagUse>, StoreError> {
        let rows: Vec<(String, String, String, String, i64)> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!(
                "select account_id, {FOLDER}, key, btrim(facts->'tags'->>key), count(*)
                 from resource cross join unnest($2::text[]) as key
                 where account_id = any($1) and gone_at is null and btrim(facts->'tags'->>key) <> ''
                 group by 1, 2, 3, 4"
            )))
            .bind(texts(accounts))
            .bind(keys)
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter()
            .map(|(account, folder, key, value, count)| {
                let account = column("resource", "account_id", &account, &account)?;
                Ok(TagUse { account, folder, key, value, count })
            })
            .collect()
    }

    /// The customer managed keys or rotation functions of the secrets in these accounts.
    pub async fn arn_uses(
        &self,
        accounts: &[AccountId],
        of: UsedArn,
    ) -> Result<Vec<ArnUse>, StoreError> {
        let (arn, narrowed) = match of {
            UsedArn::Key => ("facts->>'kms_key_id'", "key_class = 'customer-managed'"),
            UsedArn::RotationFunction => {
                ("facts->'detail'->'secret'->'rotation'->>'lambda_arn'", "true")
            }
        };
        let rows: Vec<(String, String, String, String, i64)> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!(
                "select account_id, region, {FOLDER}, {arn}, count(*) from resource
                 where account_id = any($1) and gone_at is null and kind = 'secret'
                    and {arn} is not null and {narrowed}
                 group by 1, 2, 3, 4"
            )))
            .bind(texts(accounts))
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter()
            .map(|(account, region, folder, arn, count)| {
                let region = column("resource", "region", &account, &region)?;
                let account = column("resource", "account_id", &account, &account)?;
                Ok(ArnUse { account, region, folder, arn, count })
            })
            .collect()
    }
}
