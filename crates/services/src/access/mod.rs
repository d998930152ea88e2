//! Just-in-time access: ask, decide, claim, use, end. Each use-case authorises first; what AWS is asked
//! to do is in the audit trail before it is asked.

mod console;
mod decide;
mod deliver;
mod end;
mod find;
mod fit;
mod inbox;
mod issue;
mod life;
mod offer;
mod request;
mod show;
mod tell;
mod timer;
mod trail;
mod typed;
mod waits;

pub use claviger_aws::SecretValue;
pub use claviger_store::OutgoingNotice;
pub use console::Federation;
pub use deliver::{Messenger, SendFault, Silent};
pub(crate) use issue::source_identity;
pub use issue::{CredentialsOut, SessionPurpose};
pub use request::RequestInput;
pub(crate) use tell::{Told, named};
pub use typed::typed_value;

use crate::{ServiceError, Services};
use claviger_domain::{
    access::{Caller, Place, RoleBinding},
    grant::{Grant, GrantId, Standing},
    ids::AccountId,
};
use claviger_policy::AccessPolicy;
use claviger_store::{NamedGrant, StoreError, Work};
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
            messenger: Arc::new(Silent),
            federation: None,
        })
    }
}

/// A person who has not signed in for so long is not counted among those who could decide.
const KNOWN_FOR: Duration = Duration::days(90);

impl Services {
    /// Where an account stands. One that the inventory does not know is nobody's.
    async fn place(&self, account: &AccountId) -> Result<Place, ServiceError> {
        let mut places = self.store.places(std::slice::from_ref(account)).await?;
        places.pop().ok_or(ServiceError::NotFound("account"))
    }

    /// Where accounts stand, by their number. One that the inventory does not know is not among them.
    async fn places(
        &self,
        accounts: impl Iterator<Item = &AccountId>,
    ) -> Result<BTreeMap<AccountId, Place>, ServiceError> {
        let accounts: BTreeSet<&AccountId> = accounts.collect();
        let accounts: Vec<AccountId> = accounts.into_iter().cloned().collect();
        let places = self.store.places(&accounts).await?;
        Ok(places.into_iter().map(|place| (place.account.clone(), place)).collect())
    }

    /// Where a grant's account stands.
    async fn place_of(&self, id: GrantId) -> Result<Place, ServiceError> {
        self.place(&self.known(id).await?.grant.account).await
    }

    /// A grant as the database has it.
    async fn known(&self, id: GrantId) -> Result<NamedGrant, ServiceError> {
        self.store.grant(id).await?.ok_or(ServiceError::NotFound("grant"))
    }

    /// A grant with what time has made of it, locked until the work is committed.
    async fn locked(&self, work: &mut Work, id: GrantId) -> Result<Grant, ServiceError> {
        let grant = work.lock_grant(id).await?.ok_or(ServiceError::NotFound("grant"))?;
        Ok(grant.at(work.now))
    }

    /// Does a write that is not cancelled with the request it came in.
    pub(crate) async fn unhurried<T: Send + 'static>(
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
fn standing<'a>(
    caller: &'a Caller,
    place: &'a Place,
    owner_teams: &'a [Option<String>],
) -> Standing<'a> {
    Standing { caller, place, owner_teams }
}
