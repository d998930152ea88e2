//! A row of the table as the index takes it in.

use super::{ArnPrefix, Class, RotationBase, tags::Tag};
use crate::{StoreError, error::column};
use claviger_domain::{
    facts::Kind,
    ids::Region,
    inventory::{LifeState, OwnerClass},
};
use futures::stream::BoxStream;
use sqlx::{PgPool, types::Json};
use std::collections::BTreeMap;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// As the database has it.
#[expect(clippy::struct_excessive_bools, reason = "each is a column of its own")]
pub(crate) struct DbRow {
    id: Uuid,
    arn: String,
    kind: String,
    account_id: String,
    region: String,
    name: String,
    owner: Option<String>,
    owner_class: String,
    parameter_type: Option<String>,
    key_class: String,
    rotates: bool,
    next_rotation_at: Option<OffsetDateTime>,
    is_stuck: bool,
    replica_regions: Vec<String>,
    used_on: Option<Date>,
    is_listed: bool,
    changed_at: Option<OffsetDateTime>,
    is_deleting: bool,
    is_gone: bool,
    description: Option<String>,
    kms: Option<String>,
    tags: Option<Json<BTreeMap<String, String>>>,
    service: Option<String>,
    tier: Option<String>,
}

impl DbRow {
    /// The rows that transactions from this one on have written.
    pub(crate) fn written_since(
        pool: &PgPool,
        from: i64,
    ) -> BoxStream<'_, Result<Self, sqlx::Error>> {
        sqlx::query_as!(
            Self,
            r#"select r.id, r.arn, r.kind, r.account_id, r.region, r.name, r.owner, r.owner_class,
        r.parameter_type, r.key_class, coalesce(r.rotation_enabled, false) as "rotates!", r.next_rotation_at,
        r.stuck_version is not null as "is_stuck!", r.replica_regions, r.used_on, r.is_listed, r.changed_at,
        r.deleted_at is not null as "is_deleting!", r.gone_at is not null as "is_gone!", r.facts ->> 'description' as "description?",
        r.facts ->> 'kms_key_id' as "kms?", nullif(r.facts -> 'tags', 'null'::jsonb) as "tags?: Json<BTreeMap<String, String>>",
        r.facts #>> '{detail,secret,owning_service}' as "service?", r.facts #>> '{detail,parameter,tier}' as "tier?"
     from resource r where r.written >= $1"#,
            from
        )
        .fetch(pool)
    }
}

/// Ready to be put in.
pub(crate) struct IndexRow {
    pub(crate) id: Uuid,
    pub(crate) prefix: ArnPrefix,
    pub(crate) class: Class,
    /// The name with the end of the ARN, in lower case.
    pub(crate) text: String,
    pub(crate) name_length: u16,
    pub(crate) owner: Option<String>,
    pub(crate) kms: Option<String>,
    /// `None` where they could not be read.
    pub(crate) tags: Option<Vec<Tag>>,
    /// In lower case.
    pub(crate) description: Option<String>,
    pub(crate) used_on: Option<Date>,
    pub(crate) changed_at: Option<OffsetDateTime>,
    pub(crate) next_rotation_at: Option<OffsetDateTime>,
}

impl TryFrom<DbRow> for IndexRow {
    type Error = StoreError;

    fn try_from(row: DbRow) -> Result<Self, StoreError> {
        let id = row.id;
        let kind: Kind = column("resource", "kind", id, &row.kind)?;
        let (prefix, tail) = split_arn(kind, &row.arn);
        let name = row.name.to_lowercase();
        // Only what the name does not say: the six signs that Secrets Manager adds.
        let rest = tail.to_lowercase().strip_prefix(&name).unwrap_or_default().to_owned();
        let rotation = match (kind, row.is_stuck, row.rotates) {
            (Kind::Parameter, ..) => RotationBase::NotApplicable,
            (Kind::Secret, true, _) => RotationBase::Stuck,
            (Kind::Secret, false, true) => RotationBase::On,
            (Kind::Secret, false, false) => RotationBase::Off,
        };
        let replicas: Result<Vec<Region>, _> = row
            .replica_regions
            .iter()
            .map(|region| column("resource", "replica_regions", id, region))
            .collect();
        Ok(Self {
            id,
            class: Class {
                listed: row.is_listed,
                key: column("resource", "key_class", id, &row.key_class)?,
                owner: column::<OwnerClass>("resource", "owner_class", id, &row.owner_class)?,
                life: match (row.is_gone, row.is_deleting) {
                    (true, _) => LifeState::Gone,
                    (false, true) => LifeState::Deleting,
                    (false, false) => LifeState::Live,
                },
                rotation,
                parameter_type: row
                    .parameter_type
                    .map(|text| column("resource", "parameter_type", id, &text))
                    .transpose()?,
                tier: row.tier.map(Into::into),
                service: row.service.map(Into::into),
                replicas: replicas?.into(),
            },
            prefix: ArnPrefix {
                account: column("resource", "account_id", id, &row.account_id)?,
                region: column("resource", "region", id, &row.region)?,
                kind,
                arn: prefix.to_lowercase().into(),
            },
            name_length: u16::try_from(name.len()).unwrap_or(u16::MAX),
            text: name + &rest,
            owner: row.owner,
            kms: row.kms,
            tags: row.tags.map(|tags| {
                tags.0.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
            }),
            description: row.description.filter(|text| !text.is_empty()).map(|t| t.to_lowercase()),
            used_on: row.used_on,
            changed_at: row.changed_at,
            next_rotation_at: row.next_rotation_at,
        })
    }
}

/// What all ARNs of a place begin with, and what follows: the name of a secret with its six signs; for a parameter
/// always with the slash, which its name may lack.
fn split_arn(kind: Kind, arn: &str) -> (&str, &str) {
    let mark = match kind {
        Kind::Secret => ":secret:",
        Kind::Parameter => ":parameter",
    };
    let at = arn.find(mark).map_or(arn.len(), |at| at + mark.len());
    arn.split_at(at)
}
