//! What changed between two readings.

use crate::{Authority, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission},
    changes::{ChangeQuery, ChangesView},
    clock::Clock,
};
use claviger_store::{AccountRepository, ChangeRepository};
use std::sync::Arc;

/// Rows a page.
const PAGE_ROWS: u16 = 100;

/// What changed in the inventory.
#[derive(Clone)]
pub struct ChangeService {
    pub(crate) accounts: AccountRepository,
    pub(crate) changes: ChangeRepository,
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
}
