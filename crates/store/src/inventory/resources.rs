//! Secrets and parameters, whole.

use crate::{
    InventoryRepository, StoreError,
    error::{column, texts},
    inventory::{owners, region_scan::list_fault},
};
use claviger_domain::{
    authz::VisibleAccounts,
    facts::{Reading, ReplicaStatus, ResourceDetails, ResourceFacts},
    ids::{Arn, ResourceId},
    inventory::view::{Replica, ResourceDetail, Sibling},
    key::KeyReading,
    rotation::RotationState,
};
use sqlx::types::Json;
use std::collections::HashMap;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

struct Row {
    id: Uuid,
    facts: Json<ResourceFacts>,
    owner: Option<String>,
    owner_class: String,
    account_id: String,
    account_name: String,
    ou_path: String,
    region: String,
    arn: String,
    primary_arn: Option<String>,
    first_seen_at: OffsetDateTime,
    last_seen_at: Option<OffsetDateTime>,
    gone_at: Option<OffsetDateTime>,
    tags_read_at: Option<OffsetDateTime>,
    is_unconfirmed: bool,
    fault: Option<String>,
    fault_code: Option<String>,
    operation: Option<String>,
    kms: Option<Json<KeyReading>>,
}

impl Row {
    /// The ARN of the primary; its own, if it is no replica.
    fn primary(&self) -> &str {
        self.primary_arn.as_deref().unwrap_or(&self.arn)
    }

    fn into_domain(
        self,
        replicas: Vec<Replica>,
        now: OffsetDateTime,
    ) -> Result<ResourceDetail, StoreError> {
        let facts = self.facts.0;
        let region = column("resource", "region", self.id, &self.region)?;
        Ok(ResourceDetail {
            id: ResourceId(self.id),
            owner: owners::owner(self.id, self.owner, &self.owner_class)?,
            rotation: RotationState::of(&facts, now),
            key: facts.key_class(),
            console_url: facts.console_url(&region),
            kms: self.kms.map(|reading| reading.0),
            account_id: column("resource", "account_id", self.id, &self.account_id)?,
            account_name: self.account_name,
            ou_path: self.ou_path,
            region,
            replicas,
            first_seen_at: self.first_seen_at,
            last_seen_at: self.last_seen_at,
            gone_at: self.gone_at,
            tags_read_at: self.tags_read_at,
            is_unconfirmed: self.is_unconfirmed,
            fault: list_fault(ResourceId(self.id), self.fault, self.fault_code, self.operation)?,
            facts,
            may_request: false,
            as_of: now,
        })
    }
}

struct ReplicaRow {
    id: Uuid,
    /// The ARN of the primary.
    primary: String,
    region: String,
    is_primary: bool,
    /// Of the primary.
    deep: Option<Json<ResourceDetails>>,
    accessed_on: Option<Date>,
    last_seen_at: Option<OffsetDateTime>,
    gone_at: Option<OffsetDateTime>,
}

impl InventoryRepository {
    /// The resource, if it is there and within the scope.
    #[tracing::instrument(level = "debug", skip_all, fields(resource.id = %id))]
    pub async fn resource(
        &self,
        visible: &VisibleAccounts,
        id: ResourceId,
        now: OffsetDateTime,
    ) -> Result<Option<ResourceDetail>, StoreError> {
        let found = self.resources(visible, &[id], now).await?;
        Ok(found.and_then(|mut found| found.pop()))
    }

    /// These resources, in this order; `None` if one of them is not there or not within the scope.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = ids.len()))]
    pub async fn resources(
        &self,
        visible: &VisibleAccounts,
        ids: &[ResourceId],
        now: OffsetDateTime,
    ) -> Result<Option<Vec<ResourceDetail>>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"select r.id, r.facts as "facts: Json<ResourceFacts>", r.owner, r.owner_class, r.account_id, a.name as "account_name!",
                coalesce((select path from ou where ou.id = a.ou_path[cardinality(a.ou_path)]), '') as "ou_path!",
                r.region, r.arn, r.primary_arn, r.first_seen_at,
                coalesce(r.last_seen_at, l.complete_at) as "last_seen_at?", r.gone_at,
                r.gone_at is null and r.last_seen_at is not null as "is_unconfirmed!", l.fault, l.fault_code, l.operation, t.read_at as "tags_read_at?",
                k.reading as "kms?: Json<KeyReading>"
             from resource r join account a on a.id = r.account_id
             left join scan_list l
                on l.account_id = r.account_id and l.region = r.region and l.list = r.kind || 's'
             left join parameter_tags_read t
                on t.account_id = r.account_id and t.region = r.region and r.kind = 'parameter'
             left join kms_key k
                on k.account_id = r.account_id and k.region = r.region and k.key_id = r.facts ->> 'kms_key_id'
             where r.id = any($1) and r.account_id = any($2)"#,
            &ids.iter().map(|id| id.0).collect::<Vec<_>>(),
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        let primaries: Vec<String> = rows.iter().map(|row| row.primary().to_owned()).collect();
        let replicas = self.replicas(&primaries).await?;
        let mut found = HashMap::new();
        for row in rows {
            let own = replicas.get(row.primary()).cloned().unwrap_or_default();
            found.insert(ResourceId(row.id), row.into_domain(own, now)?);
        }
        Ok(ids.iter().map(|id| found.get(id).cloned()).collect())
    }

    /// Live resources of the same kind and name, in other accounts and Regions, by account. Replicas are no siblings.
    #[tracing::instrument(level = "debug", skip_all, fields(resource.id = %id))]
    pub async fn siblings(
        &self,
        visible: &VisibleAccounts,
        id: ResourceId,
        limit: usize,
        now: OffsetDateTime,
    ) -> Result<Vec<Sibling>, StoreError> {
        let mut ids = self.index.namesakes(visible, id, limit).await?;
        ids.push(id);
        let mut rows = self.inventory_rows(visible, &ids, &[], now).await?;
        let Some(own) = rows.pop() else { return Ok(Vec::new()) };
        // The index knows no case; AWS does.
        let same = rows.into_iter().filter(|row| row.name == own.name);
        let each = same.map(|row| Sibling {
            id: row.id,
            account_id: row.account_id,
            account_name: row.account_name,
            region: row.region,
            rotation: row.rotation,
            key: row.key,
        });
        Ok(each.collect())
    }

    /// Each primary with its replicas, which share its account, by its ARN. One without replicas is not among them.
    async fn replicas(
        &self,
        primaries: &[String],
    ) -> Result<HashMap<String, Vec<Replica>>, StoreError> {
        let rows = sqlx::query_as!(
            ReplicaRow,
            r#"select r.id, coalesce(r.primary_arn, r.arn) as "primary!", r.region, r.primary_arn is null as "is_primary!", r.accessed_on,
                case when r.primary_arn is null then r.deep end as "deep?: Json<ResourceDetails>",
                coalesce(r.last_seen_at, l.complete_at) as "last_seen_at?", r.gone_at
             from resource r left join scan_list l
                on l.account_id = r.account_id and l.region = r.region and l.list = r.kind || 's'
             where r.arn = any($1) or r.primary_arn = any($1)
             order by r.primary_arn is not null, r.region"#,
            primaries
        )
        .fetch_all(&self.pool)
        .await?;
        let mut sets: HashMap<String, Vec<ReplicaRow>> = HashMap::new();
        for row in rows {
            sets.entry(row.primary.clone()).or_default().push(row);
        }
        sets.retain(|_, rows| rows.iter().any(|row| !row.is_primary));
        sets.into_iter().map(|(primary, rows)| Ok((primary, replica_set(rows)?))).collect()
    }

    /// The console's id of an ARN, within the scope.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn resource_id(
        &self,
        visible: &VisibleAccounts,
        arn: &Arn,
    ) -> Result<Option<ResourceId>, StoreError> {
        let row = sqlx::query_scalar!(
            "select id from resource where arn = $1 and account_id = any($2)",
            arn.as_str(),
            &texts(&visible.accounts)
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(ResourceId))
    }
}

/// A primary with its replicas, whose statuses the primary has.
fn replica_set(rows: Vec<ReplicaRow>) -> Result<Vec<Replica>, StoreError> {
    let statuses: Vec<ReplicaStatus> = rows
        .iter()
        .filter_map(|row| match &row.deep.as_ref()?.replicas {
            Reading::Read(statuses) => Some(statuses.clone()),
            Reading::Refused(_) => None,
        })
        .flatten()
        .collect();
    rows.into_iter()
        .map(|row| {
            let region = column("resource", "region", row.id, &row.region)?;
            Ok(Replica {
                id: ResourceId(row.id),
                status: statuses.iter().find(|status| status.region == region).cloned(),
                region,
                is_primary: row.is_primary,
                accessed_on: row.accessed_on,
                last_seen_at: row.last_seen_at,
                gone_at: row.gone_at,
            })
        })
        .collect()
}
