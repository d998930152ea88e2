//! Browsing the inventory.

mod complete;
mod export;
mod facets;
mod jump;
mod views;

pub use export::{InventoryExport, InventoryFormat};

use crate::{ServiceError, Services, compliance::unfinished::unfinished_scan_of};
use claviger_domain::{
    authz::{Caller, Permission},
    ids::ResourceId,
    inventory::{
        InventoryQuery,
        view::{InventoryView, Me, ResourceDetail, Sibling},
    },
};
use claviger_store::StoreError;

/// Rows a page.
const PAGE_ROWS: u16 = 50;
/// Of one name.
const SIBLINGS: usize = 50;

impl Services {
    /// The inventory as the URL asks for it.
    pub async fn inventory(
        &self,
        caller: &Caller,
        url_query: &str,
    ) -> Result<InventoryView, ServiceError> {
        let visible = self.authority().within(caller, Permission::ReadInventory).await?;
        let query: InventoryQuery = url_query.parse()?;
        let now = self.clock.now();
        let (listed, total, ous, (names, is_scanned), views) = tokio::try_join!(
            self.store.list_inventory(&visible, &query, PAGE_ROWS, now),
            self.store.count_inventory(&visible),
            self.store.visible_ous(&visible),
            self.store.account_names(&visible),
            self.store.saved_views(&caller.person.subject),
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
            is_scanned,
            incomplete: self.unfinished_scan(&visible).await?,
            as_of: now,
        })
    }

    /// One secret or parameter.
    pub async fn resource(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<ResourceDetail, ServiceError> {
        let visible = self.authority().within(caller, Permission::ReadInventory).await?;
        let missing = || ServiceError::NotFound("secret or parameter");
        let id: ResourceId = id.parse().map_err(|_| missing())?;
        let now = self.clock.now();
        let mut found = self.store.resource(&visible, id, now).await?.ok_or_else(missing)?;
        found.may_request = found.gone_at.is_none() && caller.may(Permission::RequestAccess);
        Ok(found)
    }

    /// Live resources of the same name in other accounts and Regions, at most `SIBLINGS`.
    pub async fn siblings(&self, caller: &Caller, id: &str) -> Result<Vec<Sibling>, ServiceError> {
        let visible = self.authority().within(caller, Permission::ReadInventory).await?;
        let missing = || ServiceError::NotFound("secret or parameter");
        let id: ResourceId = id.parse().map_err(|_| missing())?;
        Ok(self.store.siblings(&visible, id, SIBLINGS, self.clock.now()).await?)
    }

    /// Who is asking, with the numbers of the navigation. Open to everybody who is signed in.
    pub async fn me(&self, caller: &Caller) -> Result<Me, ServiceError> {
        let (as_of_entry, access) = self.access_counts(caller).await?;
        let mut me = Me {
            name: caller.person.name.clone(),
            email: caller.person.email.clone(),
            roles: caller.roles(),
            can_scan: caller.may_everywhere(Permission::StartScan),
            may_request: caller.may(Permission::RequestAccess),
            may_read_access: caller.may(Permission::ReadAccess),
            may_review: caller.may(Permission::ReviewAccess),
            may_audit: caller.may_everywhere(Permission::ReadAudit),
            may_read_deliveries: caller.may_everywhere(Permission::ReadDeliveries),
            as_of_entry,
            access,
            resources: None,
            failures: None,
            accounts: None,
            accounts_failing: 0,
            incomplete_inventory: None,
            incomplete_findings: None,
        };
        let scopes = caller.scopes(Permission::ReadInventory);
        if !scopes.is_empty() {
            let visible = self.store.visible_accounts(&scopes).await?;
            let (resources, failures, progress) = tokio::try_join!(
                known(self.store.count_inventory(&visible)),
                known(self.store.count_failures(&visible)),
                self.store.scan_progress(&visible, self.clock.now())
            )?;
            me.incomplete_inventory = unfinished_scan_of(&progress);
            me.incomplete_findings = self.unfinished_evaluation_after(&progress, &visible).await?;
            let is_scanned = me.incomplete_inventory.is_none();
            me.resources = resources.filter(|_| is_scanned);
            me.failures = failures.filter(|_| me.incomplete_findings.is_none());
            // What is beyond the limit is not counted, and lists say why.
            for (number, why) in
                [(resources, &mut me.incomplete_inventory), (failures, &mut me.incomplete_findings)]
            {
                if number.is_none() {
                    *why =
                        Some("Not counted: there are more than this console may hold.".to_owned());
                }
            }
            let accounts = u64::from(progress.accounts);
            me.accounts = (is_scanned || accounts > 0).then_some(accounts);
            me.accounts_failing = if is_scanned { progress.accounts_failed.into() } else { 0 };
        }
        Ok(me)
    }
}

/// A count; `None` where the inventory is beyond its limit. What needs no inventory goes on then.
async fn known(
    count: impl Future<Output = Result<u64, StoreError>>,
) -> Result<Option<u64>, StoreError> {
    match count.await {
        Ok(count) => Ok(Some(count)),
        Err(StoreError::InventoryLimit(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
