//! Browsing the inventory.

mod activity;
mod code;
mod complete;
mod export;
mod facets;
mod favorites;
mod jump;
mod readers;
mod recipes;
mod views;

pub use activity::ActivityService;
pub use code::CodeExportService;
pub use export::{InventoryExport, InventoryFormat};
pub(crate) use readers::Evaluated;
pub use readers::ReaderService;
pub use recipes::RecipeService;

use crate::{Authority, ProgressService, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission},
    clock::Clock,
    ids::ResourceId,
    inventory::{
        InventoryQuery,
        view::{InventoryView, ResourceDetail, Sibling},
    },
};
use claviger_store::{AccountRepository, InventoryIndex, InventoryRepository};
use std::sync::Arc;

/// Rows a page.
const PAGE_ROWS: u16 = 50;
/// Of one name.
const SIBLINGS: usize = 50;

/// Secrets and parameters, as people read them.
#[derive(Clone)]
pub struct InventoryService {
    pub(crate) accounts: AccountRepository,
    pub(crate) index: InventoryIndex,
    pub(crate) inventory: InventoryRepository,
    pub(crate) progress_service: ProgressService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
}

impl InventoryService {
    /// The inventory as the URL asks for it.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn inventory(
        &self,
        caller: &Caller,
        url_query: &str,
    ) -> Result<InventoryView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let query: InventoryQuery = url_query.parse()?;
        let now = self.clock.now();
        let (listed, total, ous, (names, is_scanned), views) = tokio::try_join!(
            self.inventory.list_inventory(&visible, &query, PAGE_ROWS, now),
            self.index.count_inventory(&visible),
            self.accounts.visible_ous(&visible),
            self.accounts.account_names(&visible),
            self.inventory.saved_views(&caller.person.subject),
        )?;
        Ok(InventoryView {
            folders: listed.folders,
            facets: facets::facets(&listed.counts, &query, &ous, &names),
            matching: listed.counts.matching,
            query,
            page: listed.page,
            views,
            total,
            may_request: caller.may(Permission::RequestAccess),
            may_fix: caller.may(Permission::Remediate),
            is_scanned,
            incomplete: self.progress_service.unfinished_scan(&visible).await?,
            as_of: now,
        })
    }

    /// One secret or parameter.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn resource(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<ResourceDetail, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let missing = || ServiceError::NotFound("secret or parameter");
        let id: ResourceId = id.parse().map_err(|_| missing())?;
        let now = self.clock.now();
        let mut found = self.inventory.resource(&visible, id, now).await?.ok_or_else(missing)?;
        found.may_request = found.gone_at.is_none() && caller.may(Permission::RequestAccess);
        Ok(found)
    }

    /// Live resources of the same name in other accounts and Regions, at most `SIBLINGS`.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn siblings(&self, caller: &Caller, id: &str) -> Result<Vec<Sibling>, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let missing = || ServiceError::NotFound("secret or parameter");
        let id: ResourceId = id.parse().map_err(|_| missing())?;
        Ok(self.inventory.siblings(&visible, id, SIBLINGS, self.clock.now()).await?)
    }
}
