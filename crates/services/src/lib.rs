//! The use-cases. Each authorises first, then acts; deny by default.

pub mod access;
mod accounts;
mod authority;
mod error;
mod files;
mod govern;
mod history;
mod inventory;
mod live;
mod parameter_tags;
mod planning;
mod readiness;
mod scope_check;
mod sign_ins;
mod sweep;
mod trail_head;

pub use authority::Authority;
/// An entry of the audit log by number and hash.
pub use claviger_store::ChainHead;
pub use claviger_store::{Lease, ProviderAnswer, ProviderLogout, RemedyLimits, StoredSignIn};
pub use error::ServiceError;
pub use files::FileExport;
pub use govern::{FindingExport, REMEDY_LIMITS, WAIVER_LIMITS, WaiverAbout, WaiverLimits};
pub use inventory::{InventoryExport, InventoryFormat};
pub use live::{Audible, Touched};
pub use planning::SweptRegions;
pub use sweep::{JobFailure, SweepSettings};
pub use trail_head::{AUDIT_BROKEN, AUDIT_HEAD};

use access::AccessSettings;
use claviger_aws::{AccessGateway, Gateway, ReadinessGateway, RemedyGateway};
use claviger_domain::{access::Person, clock::Clock, scope_check::ScopeReference};
use claviger_store::Store;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Everything the services need from outside, and the services themselves. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    store: Store,
    gateway: Arc<dyn Gateway>,
    aws: Arc<dyn AccessGateway>,
    aws_remedy: Arc<dyn RemedyGateway>,
    readiness: Arc<dyn ReadinessGateway>,
    clock: Arc<dyn Clock>,
    sweep: Arc<SweepSettings>,
    access: Arc<AccessSettings>,
    limits: RemedyLimits,
    waivers: WaiverLimits,
    /// The OUs and accounts that the configuration names.
    scope_references: Arc<[ScopeReference]>,
    /// Who settles denials holds one connection and needs another: so few at once always leave one free.
    settling: Arc<Semaphore>,
}

/// Fewer than the connections of the smallest pool.
const SETTLED_AT_ONCE: usize = 2;

impl Services {
    /// `aws` serves the sweeps, just-in-time access, mending and readiness alike.
    pub fn new<A: Gateway + AccessGateway + RemedyGateway + ReadinessGateway>(
        store: Store,
        aws: Arc<A>,
        clock: Arc<dyn Clock>,
        sweep: SweepSettings,
        access: AccessSettings,
    ) -> Self {
        let gateway: Arc<dyn Gateway> = Arc::clone(&aws) as _;
        let aws_remedy: Arc<dyn RemedyGateway> = Arc::clone(&aws) as _;
        let readiness: Arc<dyn ReadinessGateway> = Arc::clone(&aws) as _;
        Self {
            store,
            gateway,
            aws,
            aws_remedy,
            readiness,
            clock,
            sweep: Arc::new(sweep),
            access: Arc::new(access),
            limits: REMEDY_LIMITS,
            waivers: WAIVER_LIMITS,
            scope_references: Arc::default(),
            settling: Arc::new(Semaphore::new(SETTLED_AT_ONCE)),
        }
    }

    /// The same over another store, such as one with connections of its own.
    #[must_use]
    pub fn over(self, store: Store) -> Self {
        Self { store, ..self }
    }

    /// Remembers who has signed in, so that approvers can be found and told.
    pub async fn note_person(
        &self,
        person: &Person,
        groups: &[String],
    ) -> Result<(), ServiceError> {
        Ok(self.store.note_person(person, groups, self.clock.now()).await?)
    }

    /// Uses a sign-in's state up; `false` where it was used before. It is kept until nobody could use it anyway.
    pub async fn use_state(
        &self,
        state: &str,
        expires_at: time::OffsetDateTime,
    ) -> Result<bool, ServiceError> {
        Ok(self.store.use_state(state, expires_at).await?)
    }

    /// Answers when the database does.
    pub async fn ping(&self) -> Result<(), ServiceError> {
        Ok(self.store.ping().await?)
    }

    /// Clears sessions that have ended, and their sign-ins.
    pub async fn clear_ended_sessions(&self) -> Result<u64, ServiceError> {
        let ended = self.store.delete_ended_sessions(self.clock.now()).await?;
        self.store.delete_ended_sign_ins(self.clock.now()).await?;
        Ok(ended)
    }

    fn authority(&self) -> Authority<'_> {
        Authority::new(&self.store)
    }
}
