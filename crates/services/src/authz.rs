//! Turns a caller and a permission into the accounts that a query may see.

use crate::ServiceError;
use claviger_domain::authz::{Caller, Permission, VisibleAccounts};
use claviger_store::Store;

/// Answers whether a caller may do something, and where.
pub struct Authority<'a> {
    store: &'a Store,
}

impl<'a> Authority<'a> {
    pub(crate) fn new(store: &'a Store) -> Self {
        Self { store }
    }

    /// The accounts within which the caller may do this. Refuses who may do it nowhere.
    pub async fn within(
        &self,
        caller: &Caller,
        permission: Permission,
    ) -> Result<VisibleAccounts, ServiceError> {
        let scopes = caller.scopes(permission);
        if scopes.is_empty() {
            return Err(ServiceError::Forbidden(permission));
        }
        Ok(self.store.visible_accounts(&scopes).await?)
    }
}
