//! Grants as they are stored, where their accounts are, and who may see them.

use super::approver_context;
use crate::ServiceError;
use claviger_domain::{
    authz::{AccountLocation, Caller, Permission},
    grants::{Grant, GrantId, Refusal},
    ids::AccountId,
};
use claviger_store::{AccountRepository, GrantRepository, NamedGrant, UnitOfWork};
use std::collections::{BTreeMap, BTreeSet};

/// Grants as they are stored, and who may see them. What the other services of grants share.
#[derive(Clone)]
pub struct GrantReader {
    pub(crate) accounts: AccountRepository,
    pub(crate) grants: GrantRepository,
}

impl GrantReader {
    /// Where an account stands. One that the inventory does not know is nobody's.
    pub(crate) async fn location(
        &self,
        account: &AccountId,
    ) -> Result<AccountLocation, ServiceError> {
        let mut locations = self.accounts.locations(std::slice::from_ref(account)).await?;
        locations.pop().ok_or(ServiceError::NotFound("account"))
    }

    /// Where accounts stand, by their number. One that the inventory does not know is not among them.
    pub(crate) async fn locations(
        &self,
        accounts: impl Iterator<Item = &AccountId>,
    ) -> Result<BTreeMap<AccountId, AccountLocation>, ServiceError> {
        let accounts: BTreeSet<&AccountId> = accounts.collect();
        let accounts: Vec<AccountId> = accounts.into_iter().cloned().collect();
        let locations = self.accounts.locations(&accounts).await?;
        Ok(locations.into_iter().map(|location| (location.account.clone(), location)).collect())
    }

    /// Where a grant's account stands.
    pub(crate) async fn location_of(&self, id: GrantId) -> Result<AccountLocation, ServiceError> {
        self.location(&self.known(id).await?.grant.account).await
    }

    /// A grant as the database has it.
    pub(crate) async fn known(&self, id: GrantId) -> Result<NamedGrant, ServiceError> {
        self.grants.grant(id).await?.ok_or(ServiceError::NotFound("grant"))
    }

    /// Whether there is this grant, for the caller.
    pub(crate) async fn sees_grant(
        &self,
        caller: &Caller,
        id: GrantId,
    ) -> Result<(), ServiceError> {
        let grant = self.known(id).await?.grant;
        let location = self.location(&grant.account).await?;
        if may_see(caller, &grant, &location) {
            Ok(())
        } else {
            Err(ServiceError::NotFound("grant"))
        }
    }

    /// For what only the holder may do: who may see it is told so, to others it is not there.
    pub(crate) async fn seen_by_holder(
        &self,
        caller: &Caller,
        grant: &Grant,
    ) -> Result<(), ServiceError> {
        if grant.held_by(&caller.person).is_ok() {
            return Ok(());
        }
        let location = self.location(&grant.account).await?;
        seen_by_holder_at(caller, grant, &location)
    }
}

/// Who may see a grant at all; to everybody else it is not there.
pub(crate) fn may_see(caller: &Caller, grant: &Grant, location: &AccountLocation) -> bool {
    let teams = grant.owner_teams();
    let as_who = approver_context(caller, location, &teams);
    grant.held_by(&caller.person).is_ok()
        || caller.may_at(Permission::ReadAccess, location)
        || grant.is_approver(as_who)
        || grant.decided.iter().any(|decided| decided.by.subject == caller.person.subject)
}

/// The same where the place is known already.
pub(crate) fn seen_by_holder_at(
    caller: &Caller,
    grant: &Grant,
    location: &AccountLocation,
) -> Result<(), ServiceError> {
    let Err(refusal) = grant.held_by(&caller.person) else { return Ok(()) };
    if may_see(caller, grant, location) {
        Err(refusal.into())
    } else {
        Err(ServiceError::NotFound("grant"))
    }
}

/// A grant with what time has made of it, locked until the work is committed.
pub(crate) async fn locked(work: &mut UnitOfWork, id: GrantId) -> Result<Grant, ServiceError> {
    let grant = work.lock_grant(id).await?.ok_or(ServiceError::NotFound("grant"))?;
    Ok(grant.at(work.now))
}

/// Refuses while all access is paused. After the lock of the grant, see `UnitOfWork::access_pause`.
pub(super) async fn not_paused(work: &mut UnitOfWork) -> Result<(), ServiceError> {
    match work.access_pause().await? {
        None => Ok(()),
        Some(pause) => Err(Refusal::Paused { by: pause.by, reason: pause.reason }.into()),
    }
}
