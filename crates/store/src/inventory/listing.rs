//! The inventory's list: scoped, filtered and ordered by the index, its rows read from the table.

use crate::{
    InventoryRepository, StoreError,
    error::column,
    inventory::{index::FacetCounts, owners},
};
use claviger_domain::{
    authz::VisibleAccounts,
    facts::{Detail, ResourceFacts},
    ids::{Region, ResourceId},
    inventory::{
        Column, InventoryQuery,
        view::{InventoryRow, Page, PathStep},
    },
    rotation::RotationState,
};
use sqlx::types::Json;
use std::collections::HashMap;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// A page, with how many match and how many each facet's choice would leave.
#[derive(Debug)]
pub struct Listed {
    pub page: Page<InventoryRow>,
    pub counts: FacetCounts,
    /// Where the names lead on from the one path that is asked for.
    pub folders: Vec<PathStep>,
}

struct Row {
    id: Uuid,
    region: String,
    owner: Option<String>,
    owner_class: String,
    account_name: String,
    account_id: String,
    replica_regions: Vec<String>,
    facts: Json<ResourceFacts>,
    used_on: Option<Date>,
    deleted_at: Option<OffsetDateTime>,
    gone_at: Option<OffsetDateTime>,
}

impl InventoryRepository {
    /// One page of the inventory, `limit` rows at most.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn list_inventory(
        &self,
        visible: &VisibleAccounts,
        query: &InventoryQuery,
        limit: u16,
        now: OffsetDateTime,
    ) -> Result<Listed, StoreError> {
        let found = self.index.find(visible, query, limit, now).await?;
        Ok(Listed {
            page: Page {
                rows: self.inventory_rows(visible, &found.ids, query.columns(), now).await?,
                before: found.before,
                previous: found.previous,
                next: found.next,
            },
            folders: self.index.folders(&found.steps).await?,
            counts: found.counts,
        })
    }

    /// These rows, in this order, as far as they are within the scope.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = ids.len()))]
    pub async fn inventory_rows(
        &self,
        visible: &VisibleAccounts,
        ids: &[ResourceId],
        columns: &[Column],
        now: OffsetDateTime,
    ) -> Result<Vec<InventoryRow>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"select r.id, r.region, r.owner, r.owner_class, a.name as "account_name!", r.account_id, r.replica_regions, r.facts as "facts: Json<ResourceFacts>", r.used_on,
                r.deleted_at, r.gone_at
             from resource r join account a on a.id = r.account_id where r.id = any($1) and r.account_id = any($2)"#,
            &ids.iter().map(|id| id.0).collect::<Vec<_>>(),
            &crate::error::texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        let mut rows: HashMap<Uuid, Row> = rows.into_iter().map(|row| (row.id, row)).collect();
        let failures = if columns.contains(&Column::Findings) {
            self.index.failures_of(visible, ids).await?
        } else {
            HashMap::new()
        };
        let found = ids.iter().filter_map(|id| rows.remove(&id.0));
        found
            .map(|row| {
                let findings = failures.get(&ResourceId(row.id)).copied();
                Ok(InventoryRow { findings, ..row.into_domain(columns, now)? })
            })
            .collect()
    }
}

impl Row {
    pub(crate) fn into_domain(
        self,
        columns: &[Column],
        now: OffsetDateTime,
    ) -> Result<InventoryRow, StoreError> {
        let facts = self.facts.0;
        let parameter_type = match &facts.detail {
            Detail::Parameter(parameter) => Some(parameter.parameter_type),
            Detail::Secret(_) => None,
        };
        let has = |column| columns.contains(&column);
        Ok(InventoryRow {
            id: ResourceId(self.id),
            kind: facts.kind(),
            parameter_type,
            owner: owners::owner(self.id, self.owner, &self.owner_class)?,
            rotation: RotationState::of(&facts, now),
            key: facts.key_class(),
            account_id: column("resource", "account_id", self.id, &self.account_id)?,
            account_name: self.account_name,
            region: column("resource", "region", self.id, &self.region)?,
            replica_regions: self
                .replica_regions
                .iter()
                .map(|region| column::<Region>("resource", "replica_regions", self.id, region))
                .collect::<Result<_, _>>()?,
            accessed_on: self.used_on,
            changed_at: facts.changed_at,
            deleted_at: self.deleted_at,
            gone_at: self.gone_at,
            tags: facts.tags.filter(|_| has(Column::Tags)),
            description: facts.description.filter(|_| has(Column::Description)),
            arn: has(Column::Arn).then_some(facts.arn),
            name: facts.name,
            findings: None,
        })
    }
}
