//! One secret or parameter, whole.

use crate::{
    InventoryRepository, StoreError,
    error::{column, texts},
    inventory::keys::key,
    inventory::{owners, region_scan::list_fault},
};
use claviger_domain::{
    authz::VisibleAccounts,
    facts::{Reading, ReplicaStatus, ResourceDetails, ResourceFacts},
    ids::{Arn, ResourceId},
    inventory::view::{Replica, ResourceDetail, Sibling},
    rotation::RotationState,
};
use sqlx::types::Json;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

struct Row {
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
}

struct ReplicaRow {
    id: Uuid,
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
        let row = sqlx::query_as!(
            Row,
            r#"select r.facts as "facts: Json<ResourceFacts>", r.owner, r.owner_class, r.account_id, a.name as "account_name!",
                coalesce((select path from ou where ou.id = a.ou_path[cardinality(a.ou_path)]), '') as "ou_path!",
                r.region, r.arn, r.primary_arn, r.first_seen_at,
                coalesce(r.last_seen_at, l.complete_at) as "last_seen_at?", r.gone_at,
                r.gone_at is null and r.last_seen_at is not null as "is_unconfirmed!", l.fault, l.fault_code, l.operation, t.read_at as "tags_read_at?"
             from resource r join account a on a.id = r.account_id
             left join scan_list l
                on l.account_id = r.account_id and l.region = r.region and l.list = r.kind || 's'
             left join parameter_tags_read t
                on t.account_id = r.account_id and t.region = r.region and r.kind = 'parameter'
             where r.id = $1 and r.account_id = any($2)"#,
            id.0,
            &texts(&visible.accounts),
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let replicas = self.replicas(row.primary_arn.as_deref().unwrap_or(&row.arn)).await?;
        let facts = row.facts.0;
        let region = column("resource", "region", id, &row.region)?;
        let account_id = column("resource", "account_id", id, &row.account_id)?;
        let kms = match &facts.kms_key_id {
            Some(name) => key(&self.pool, &account_id, &region, name).await?,
            None => None,
        };
        Ok(Some(ResourceDetail {
            id,
            owner: owners::owner(id, row.owner, &row.owner_class)?,
            rotation: RotationState::of(&facts, now),
            key: facts.key_class(),
            console_url: facts.console_url(&region),
            kms,
            account_id,
            account_name: row.account_name,
            ou_path: row.ou_path,
            region,
            replicas,
            first_seen_at: row.first_seen_at,
            last_seen_at: row.last_seen_at,
            gone_at: row.gone_at,
            tags_read_at: row.tags_read_at,
            is_unconfirmed: row.is_unconfirmed,
            fault: list_fault(id, row.fault, row.fault_code, row.operation)?,
            facts,
            may_request: false,
            as_of: now,
        }))
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

    /// The primary and its replicas, which share their account; empty where there is no replica.
    async fn replicas(&self, primary_arn: &str) -> Result<Vec<Replica>, StoreError> {
        let rows = sqlx::query_as!(
            ReplicaRow,
            r#"select r.id, r.region, r.arn = $1 as "is_primary!", r.accessed_on,
                case when r.arn = $1 then r.deep end as "deep?: Json<ResourceDetails>",
                coalesce(r.last_seen_at, l.complete_at) as "last_seen_at?", r.gone_at
             from resource r left join scan_list l
                on l.account_id = r.account_id and l.region = r.region and l.list = r.kind || 's'
             where r.arn = $1 or r.primary_arn = $1
             order by r.arn <> $1, r.region"#,
            primary_arn
        )
        .fetch_all(&self.pool)
        .await?;
        if rows.iter().all(|row| row.is_primary) {
            return Ok(Vec::new());
        }
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
