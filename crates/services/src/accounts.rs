//! Browsing the accounts.

use crate::{ServiceError, Services};
use claviger_domain::{
    access::{Caller, Permission},
    ids::AccountId,
    view::{AccountDetail, AccountsPage},
};

impl Services {
    /// All accounts within the caller's scope.
    pub async fn accounts(&self, caller: &Caller) -> Result<AccountsPage, ServiceError> {
        let visible = self.authority().within(caller, Permission::ReadAccounts).await?;
        Ok(AccountsPage {
            rows: self.store.list_accounts(&visible).await?,
            may_sweep: caller.may_everywhere(Permission::StartSweep),
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
        let place =
            self.store.places(std::slice::from_ref(&id)).await?.pop().ok_or_else(missing)?;
        let (checked_at, mut readiness) = self.store.readiness(&visible, &id).await?;
        let (of_tags, tag_policy) = self.tag_policy_in(&place).await?;
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
