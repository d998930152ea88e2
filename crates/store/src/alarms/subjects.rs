//! What the inventory knows of what an event names.

use super::AlarmRepository;
use crate::{StoreError, error::column};
use claviger_domain::{
    alarms::rules::AlarmSubject,
    aws_event::{EventTarget, ParameterPath},
    facts::Kind,
    ids::{AccountId, Region, ResourceId},
};
use sqlx::types::Json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The most parameters of a path that are looked at.
const UNDER_A_PATH: i64 = 1_000;

struct Row {
    id: Uuid,
    arn: String,
    name: String,
    kind: String,
    account_id: String,
    region: String,
    tags: Option<Json<Option<BTreeMap<String, String>>>>,
    is_deleted: bool,
    owner: Option<String>,
}

macro_rules! select_subjects {
    ($tail:tt $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select id, arn, name, kind, account_id, region, facts -> 'tags' as "tags: Json<Option<BTreeMap<String, String>>>",
        deleted_at is not null as "is_deleted!", case when owner_class = 'named' then owner end as owner
     from resource"# + $tail
            $(, $arg)*
        )
    };
}

impl Row {
    fn into_domain(self) -> Result<AlarmSubject, StoreError> {
        let key = self.id;
        Ok(AlarmSubject {
            id: ResourceId(key),
            arn: column("resource", "arn", key, &self.arn)?,
            name: self.name,
            kind: column("resource", "kind", key, &self.kind)?,
            account: column("resource", "account_id", key, &self.account_id)?,
            region: column("resource", "region", key, &self.region)?,
            tags: self.tags.and_then(|tags| tags.0).unwrap_or_default(),
            is_deleted: self.is_deleted,
            owner: self.owner,
        })
    }
}

impl AlarmRepository {
    /// The resource that an event names: the live one, if others of its name are gone.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn alarm_subject(
        &self,
        target: &EventTarget,
    ) -> Result<Option<AlarmSubject>, StoreError> {
        let row = select_subjects!(
            " where account_id = $1 and region = $2 and kind = $3 and (arn = $4 or name = $4 or arn like $5)
              order by gone_at is not null, arn <> $4, first_seen_at desc limit 1",
            target.account.as_str(),
            target.region.as_str(),
            target.kind.to_string(),
            target.name.as_str(),
            partial_arn(target),
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(Row::into_domain).transpose()
    }

    /// The live parameters of a path.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    pub async fn alarm_subjects_under(
        &self,
        account: &AccountId,
        region: &Region,
        under: &ParameterPath,
    ) -> Result<Vec<AlarmSubject>, StoreError> {
        let prefix = format!("{}/", under.path);
        let rows = select_subjects!(
            " where account_id = $1 and region = $2 and kind = $3 and gone_at is null and starts_with(name, $4)
                and ($5 or strpos(substr(name, length($4) + 1), '/') = 0)
              order by name limit $6",
            account.as_str(),
            region.as_str(),
            Kind::Parameter.to_string(),
            prefix,
            under.is_recursive,
            UNDER_A_PATH,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(Row::into_domain).collect()
    }
}

/// AWS also takes a secret's ARN without the six characters at its end; a pattern that nothing has for everything else.
fn partial_arn(target: &EventTarget) -> String {
    let name = target.name.as_str();
    if target.kind != Kind::Secret || !name.starts_with("arn:") {
        return String::new();
    }
    let escaped = name.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("{escaped}-______")
}
