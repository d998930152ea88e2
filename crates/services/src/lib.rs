//! The use-cases. Each authorises first, then acts; deny by default.

mod accounts;
mod audit;
mod authz;
mod changes;
mod compliance;
mod error;
pub(crate) mod exceptions;
mod files;
pub mod grants;
mod inventory;
mod live;
mod notifications;
mod parameter_tags;
pub(crate) mod remediation;
mod scan;
mod scan_planning;
mod scope_check;
mod sign_ins;

pub use audit::{AUDIT_BROKEN, AUDIT_HEAD};
pub use authz::Authority;
/// An entry of the audit log by number and hash.
pub use claviger_store::ChainHead;
pub use claviger_store::{Lease, ProviderAnswer, ProviderLogout, RemediationLimits, StoredSignIn};
pub use compliance::{
    EXCEPTION_LIMITS, ExceptionLimits, ExceptionSubject, FindingExport, REMEDIATION_LIMITS,
};
pub use error::ServiceError;
pub use files::FileExport;
pub use inventory::{InventoryExport, InventoryFormat};
pub use live::{Audible, Touched};
pub use scan::{JobFailure, ScanSettings};
pub use scan_planning::ScannedRegions;

use claviger_aws::{AccessGateway, Gateway, ReadinessGateway, RemediationGateway};
use claviger_domain::{
    authz::{Person, scope_check::ScopeReference},
    clock::Clock,
};
use claviger_store::Store;
use grants::AccessSettings;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Everything the services need from outside, and the services themselves. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    store: Store,
    gateway: Arc<dyn Gateway>,
    aws: Arc<dyn AccessGateway>,
    remediation_gateway: Arc<dyn RemediationGateway>,
    readiness: Arc<dyn ReadinessGateway>,
    clock: Arc<dyn Clock>,
    sweep: Arc<ScanSettings>,
    access: Arc<AccessSettings>,
    limits: RemediationLimits,
    exceptions: ExceptionLimits,
    /// The OUs and accounts that the configuration names.
    scope_references: Arc<[ScopeReference]>,
    /// Who settles denials holds one connection and needs another: so few at once always leave one free.
    settling: Arc<Semaphore>,
}

/// Fewer than the connections of the smallest pool.
const SETTLED_AT_ONCE: usize = 2;

impl Services {
    /// `aws` serves the sweeps, just-in-time access, remediation and readiness alike.
    pub fn new<A: Gateway + AccessGateway + RemediationGateway + ReadinessGateway>(
        store: Store,
        aws: Arc<A>,
        clock: Arc<dyn Clock>,
        sweep: ScanSettings,
        access: AccessSettings,
    ) -> Self {
        let gateway: Arc<dyn Gateway> = Arc::clone(&aws) as _;
        let remediation_gateway: Arc<dyn RemediationGateway> = Arc::clone(&aws) as _;
        let readiness: Arc<dyn ReadinessGateway> = Arc::clone(&aws) as _;
        Self {
            store,
            gateway,
            aws,
            remediation_gateway,
            readiness,
            clock,
            sweep: Arc::new(sweep),
            access: Arc::new(access),
            limits: REMEDIATION_LIMITS,
            exceptions: EXCEPTION_LIMITS,
            scope_references: Arc::default(),
            settling: Arc::new(Semaphore::new(SETTLED_AT_ONCE)),
        }
    }

    /// The same over another store, such as one with connections of its own.
    #[must_use]
    pub fn with_store(self, store: Store) -> Self {
        Self { store, ..self }
    }

    /// Remembers who has signed in, so that approvers can be found and told.
    pub async fn upsert_person(
        &self,
        person: &Person,
        groups: &[String],
    ) -> Result<(), ServiceError> {
        Ok(self.store.upsert_person(person, groups, self.clock.now()).await?)
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

    pub(crate) fn authority(&self) -> Authority<'_> {
        Authority::new(&self.store)
    }
}
