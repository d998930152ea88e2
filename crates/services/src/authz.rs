//! Turns a caller and a permission into the accounts that a query may see.

use crate::ServiceError;
use claviger_domain::authz::{Caller, Permission, VisibleAccounts};
use claviger_store::AccountRepository;

/// Answers whether a caller may do something, and where.
#[derive(Clone)]
pub(crate) struct Authority {
    accounts: AccountRepository,
}

impl Authority {
    pub(crate) fn new(accounts: AccountRepository) -> Self {
        Self { accounts }
    }

    /// The accounts within which the caller may do this. Refuses who may do it nowhere.
    pub(crate) async fn within(
        &self,
        caller: &Caller,
        permission: Permission,
    ) -> Result<VisibleAccounts, ServiceError> {
        let scopes = caller.scopes(permission);
        if scopes.is_empty() {
            return Err(ServiceError::Forbidden(permission));
        }
        Ok(self.accounts.visible_accounts(&scopes).await?)
    }

    /// The same where the answer may be: nowhere.
    pub(crate) async fn where_allowed(
        &self,
        caller: &Caller,
        permission: Permission,
    ) -> Result<VisibleAccounts, ServiceError> {
        match self.within(caller, permission).await {
            Err(ServiceError::Forbidden(_)) => Ok(VisibleAccounts::default()),
            visible => visible,
        }
    }
}
