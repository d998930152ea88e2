//! Just-in-time access: ask, decide, claim, use, end. Each use-case authorises first; what AWS is asked
//! to do is in the audit trail before it is asked.

mod approvals;
mod cloudtrail;
mod console_sign_in;
mod eligibility;
mod form_value;
mod lifecycle;
mod lookup;
mod queries;
mod request;
mod revocation;
mod session_policies;
mod sessions;
mod timer;
pub(crate) mod waits;

pub(crate) use crate::notifications::batch::{NotificationBatch, named};
pub use crate::notifications::delivery::{Messenger, NoopMessenger, SendFault};
pub use claviger_aws::SecretValue;
pub use claviger_store::OutgoingNotice;
pub use console_sign_in::Federation;
pub use form_value::typed_value;
pub use request::RequestInput;
pub(crate) use sessions::source_identity;
pub use sessions::{CredentialsOut, SessionPurpose};

use crate::{ServiceError, Services};
use claviger_domain::{
    authz::{AccountLocation, Caller, RoleBinding},
    grants::{ApproverContext, Grant, GrantId},
    ids::AccountId,
};
use claviger_policy::AccessPolicy;
use claviger_store::{NamedGrant, StoreError, UnitOfWork};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use time::Duration;

/// What the configuration says about access.
#[derive(Clone)]
pub struct AccessSettings {
    pub policy: Arc<AccessPolicy>,
    /// To find who could approve among the people who have signed in.
    pub roles: Vec<RoleBinding>,
    /// The access role's maximum session duration in seconds; 3,600 where the console itself runs as a role.
    pub session_seconds: u32,
    /// Sends email and channel messages.
    pub messenger: Arc<dyn Messenger>,
    /// Makes sign-in links to the AWS console, where that is wanted.
    pub federation: Option<Arc<dyn Federation>>,
}

impl AccessSettings {
    /// Nobody may ask for anything, and nobody is told.
    pub fn nothing() -> Result<Self, claviger_policy::PolicyFault> {
        Ok(Self {
            policy: Arc::new(AccessPolicy::empty()?),
            roles: Vec::new(),
            session_seconds: 3600,
            messenger: Arc::new(NoopMessenger),
            federation: None,
        })
    }
}

/// A person who has not signed in for so long is not counted among those who could decide.
pub(crate) const APPROVER_ACTIVITY: Duration = Duration::days(90);

impl Services {
    /// Where an account stands. One that the inventory does not know is nobody's.
    async fn location(&self, account: &AccountId) -> Result<AccountLocation, ServiceError> {
        let mut locations = self.store.locations(std::slice::from_ref(account)).await?;
        locations.pop().ok_or(ServiceError::NotFound("account"))
    }

    /// Where accounts stand, by their number. One that the inventory does not know is not among them.
    pub(crate) async fn locations(
        &self,
        accounts: impl Iterator<Item = &AccountId>,
    ) -> Result<BTreeMap<AccountId, AccountLocation>, ServiceError> {
        let accounts: BTreeSet<&AccountId> = accounts.collect();
        let accounts: Vec<AccountId> = accounts.into_iter().cloned().collect();
        let locations = self.store.locations(&accounts).await?;
        Ok(locations.into_iter().map(|location| (location.account.clone(), location)).collect())
    }

    /// Where a grant's account stands.
    async fn location_of(&self, id: GrantId) -> Result<AccountLocation, ServiceError> {
        self.location(&self.known(id).await?.grant.account).await
    }

    /// A grant as the database has it.
    async fn known(&self, id: GrantId) -> Result<NamedGrant, ServiceError> {
        self.store.grant(id).await?.ok_or(ServiceError::NotFound("grant"))
    }

    /// A grant with what time has made of it, locked until the work is committed.
    async fn locked(&self, work: &mut UnitOfWork, id: GrantId) -> Result<Grant, ServiceError> {
        let grant = work.lock_grant(id).await?.ok_or(ServiceError::NotFound("grant"))?;
        Ok(grant.at(work.now))
    }

    /// Does a write that is not cancelled with the request it came in.
    pub(crate) async fn spawn_uncancelled<T: Send + 'static>(
        work: impl Future<Output = Result<T, ServiceError>> + Send + 'static,
    ) -> Result<T, ServiceError> {
        tokio::spawn(work).await.map_err(|error| StoreError::Queue(error.to_string()))?
    }
}

/// The number of a grant, as people write it.
fn number(grant: &str) -> Result<GrantId, ServiceError> {
    grant.parse().map_err(|_| ServiceError::NotFound("grant"))
}

/// What the caller is to a grant.
pub(crate) fn approver_context<'a>(
    caller: &'a Caller,
    location: &'a AccountLocation,
    owner_teams: &'a [Option<String>],
) -> ApproverContext<'a> {
    ApproverContext { caller, location, owner_teams }
}
