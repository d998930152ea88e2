//! Turns a caller and a permission into the accounts that a query may see.

use crate::ServiceError;
use claviger_domain::{
    authz::{Caller, Permission, Scope, VisibleAccounts},
    consumers::{found::PipelineRefusal, pipeline::Pipeline},
};
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

    /// All accounts, for a pipeline that may upload: it reads nothing of what it reaches.
    pub(crate) async fn of_pipeline(
        &self,
        pipeline: &Pipeline,
    ) -> Result<VisibleAccounts, ServiceError> {
        if pipeline.repository().is_none() {
            return Err(PipelineRefusal::NotListed.into());
        }
        Ok(self.accounts.visible_accounts(&[&Scope::Organization]).await?)
    }

    /// As [`Self::within`], where the answer may be: nowhere.
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
