//! What changed between two readings.

use crate::{Authority, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission},
    changes::{ChangeQuery, ChangesView, Timeline},
    clock::Clock,
    ids::ResourceId,
};
use claviger_store::{AccountRepository, ChangeRepository, InventoryRepository};
use std::sync::Arc;

/// Rows a page.
const PAGE_ROWS: u16 = 100;

/// Rows of a timeline.
const TIMELINE: u16 = 100;

/// What changed in the inventory.
#[derive(Clone)]
pub struct ChangeService {
    pub(crate) accounts: AccountRepository,
    pub(crate) changes: ChangeRepository,
    pub(crate) inventory: InventoryRepository,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
}

impl ChangeService {
    /// What changed within the caller's scope, the newest first, as the URL asks for it.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn changes(
        &self,
        caller: &Caller,
        url_query: &str,
    ) -> Result<ChangesView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let query: ChangeQuery = url_query.parse()?;
        let now = self.clock.now();
        let ((rows, next), accounts) = tokio::try_join!(
            self.changes.changes(&visible, &query, PAGE_ROWS, now),
            self.accounts.locations(&visible.accounts),
        )?;
        let mut accounts: Vec<_> = accounts
            .into_iter()
            .map(|location| (location.account, location.account_name))
            .collect();
        accounts.sort_by(|a, b| a.1.cmp(&b.1));
        Ok(ChangesView { query, rows, next, accounts, as_of: now })
    }

    /// What changed of one secret or parameter, the newest first.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn timeline(&self, caller: &Caller, id: &str) -> Result<Timeline, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let missing = || ServiceError::NotFound("secret or parameter");
        let id: ResourceId = id.parse().map_err(|_| missing())?;
        // The scope is asked of the resource itself.
        let as_of = self.clock.now();
        self.inventory.resource(&visible, id, as_of).await?.ok_or_else(missing)?;
        Ok(Timeline { rows: self.changes.changes_of(&visible, id, TIMELINE).await?, as_of })
    }
}
