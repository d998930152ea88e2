//! Who is signed in, with the numbers of the navigation.

use crate::{
    GrantService, ProgressService, QueueService, ServiceError,
    compliance::unfinished::unfinished_scan_of,
};
use claviger_domain::{
    authz::{Caller, Permission},
    clock::Clock,
    inventory::view::Me,
};
use claviger_store::{AccountRepository, InventoryIndex, ScanRepository, StoreError};
use std::sync::Arc;

/// Who is signed in, with the numbers of the navigation.
#[derive(Clone)]
pub struct NavigationService {
    pub(crate) accounts: AccountRepository,
    pub(crate) index: InventoryIndex,
    pub(crate) scans: ScanRepository,
    pub(crate) grant_service: GrantService,
    pub(crate) progress_service: ProgressService,
    pub(crate) queue_service: QueueService,
    pub(crate) clock: Arc<dyn Clock>,
}

impl NavigationService {
    /// Who is asking, with the numbers of the navigation. Open to everybody who is signed in.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn me(&self, caller: &Caller) -> Result<Me, ServiceError> {
        let (as_of_entry, access) = self.grant_service.access_counts(caller).await?;
        let to_decide =
            self.queue_service.count(caller, access.to_decide, access.reviews > 0).await?;
        let mut me = Me {
            name: caller.person.name.clone(),
            email: caller.person.email.clone(),
            roles: caller.roles(),
            can_scan: caller.may_everywhere(Permission::StartScan),
            may_request: caller.may(Permission::RequestAccess),
            may_read_access: caller.may(Permission::ReadAccess),
            may_review: caller.may(Permission::ReviewAccess),
            access_pause: self.grant_service.access_pause().await?,
            may_pause_access: caller.may_everywhere(Permission::PauseAccess),
            may_audit: caller.may_everywhere(Permission::ReadAudit),
            may_read_deliveries: caller.may_everywhere(Permission::ReadDeliveries),
            may_read_settings: caller.may_everywhere(Permission::ReadSettings),
            as_of_entry,
            access,
            to_decide,
            resources: None,
            failures: None,
            accounts: None,
            accounts_failing: 0,
            incomplete_inventory: None,
            incomplete_findings: None,
        };
        let scopes = caller.scopes(Permission::ReadInventory);
        if !scopes.is_empty() {
            let visible = self.accounts.visible_accounts(&scopes).await?;
            let (resources, failures, progress) = tokio::try_join!(
                known(self.index.count_inventory(&visible)),
                known(self.index.count_failures(&visible, self.clock.now())),
                self.scans.scan_progress(&visible, self.clock.now())
            )?;
            me.incomplete_inventory = unfinished_scan_of(&progress);
            me.incomplete_findings =
                self.progress_service.unfinished_evaluation_after(&progress, &visible).await?;
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
