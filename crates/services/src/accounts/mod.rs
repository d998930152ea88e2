//! Browsing the accounts.

pub(crate) mod readiness;

use crate::{ServiceError, Services};
use claviger_domain::{
    authz::{Caller, Permission},
    ids::AccountId,
    inventory::view::{AccountDetail, AccountsView},
};

impl Services {
    /// All accounts within the caller's scope.
    pub async fn accounts(&self, caller: &Caller) -> Result<AccountsView, ServiceError> {
        let visible = self.authority().within(caller, Permission::ReadAccounts).await?;
        Ok(AccountsView {
            rows: self.store.list_accounts(&visible).await?,
            can_scan: caller.may_everywhere(Permission::StartScan),
            scope_problems: self
                .scope_problems(caller)
                .await?
                .iter()
                .map(ToString::to_string)
                .collect(),
            as_of: self.clock.now(),
        })
    }

    /// One account with its Regions.
    pub async fn account(&self, caller: &Caller, id: &str) -> Result<AccountDetail, ServiceError> {
        let visible = self.authority().within(caller, Permission::ReadAccounts).await?;
        let missing = || ServiceError::NotFound("account");
        let id: AccountId = id.parse().map_err(|_| missing())?;
        let (account, joined_at, regions) =
            self.store.account(&visible, &id).await?.ok_or_else(missing)?;
        let location =
            self.store.locations(std::slice::from_ref(&id)).await?.pop().ok_or_else(missing)?;
        let (checked_at, mut readiness) = self.store.readiness(&visible, &id).await?;
        let (of_tags, tag_policy) = self.tag_policy_in(&location).await?;
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
