//! Browsing the accounts.

pub(crate) mod readiness;

pub(crate) use readiness::ReadinessService;

use crate::{Authority, ScopeCheckService, ServiceError, SnapshotService};
use claviger_domain::{
    authz::{Caller, Permission},
    clock::Clock,
    ids::AccountId,
    inventory::view::{AccountDetail, AccountsView},
};
use claviger_store::AccountRepository;
use std::sync::Arc;

/// Accounts, as people read them.
#[derive(Clone)]
pub struct AccountService {
    pub(crate) accounts: AccountRepository,
    pub(crate) scope_check_service: ScopeCheckService,
    pub(crate) snapshot_service: SnapshotService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
}

impl AccountService {
    /// All accounts within the caller's scope.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn accounts(&self, caller: &Caller) -> Result<AccountsView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadAccounts).await?;
        Ok(AccountsView {
            rows: self.accounts.list_accounts(&visible).await?,
            can_scan: caller.may_everywhere(Permission::StartScan),
            scope_problems: self
                .scope_check_service
                .scope_problems(caller)
                .await?
                .iter()
                .map(ToString::to_string)
                .collect(),
            as_of: self.clock.now(),
        })
    }

    /// One account with its Regions.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn account(&self, caller: &Caller, id: &str) -> Result<AccountDetail, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadAccounts).await?;
        let missing = || ServiceError::NotFound("account");
        let id: AccountId = id.parse().map_err(|_| missing())?;
        let (account, joined_at, regions) =
            self.accounts.account(&visible, &id).await?.ok_or_else(missing)?;
        let location =
            self.accounts.locations(std::slice::from_ref(&id)).await?.pop().ok_or_else(missing)?;
        let (checked_at, mut readiness) = self.accounts.readiness(&visible, &id).await?;
        let (of_tags, tag_policy) = self.snapshot_service.tag_policy_in(&location).await?;
        readiness.push(of_tags);
        Ok(AccountDetail {
            account,
            joined_at,
            regions,
            checked_at,
            readiness,
            tag_policy,
            as_of: self.clock.now(),
        })
    }
}
