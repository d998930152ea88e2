//! The use-cases. Each authorises first, then acts; deny by default.

mod accounts;
mod authority;
mod error;
mod inventory;
mod sweep;

pub use authority::Authority;
pub use error::ServiceError;
pub use sweep::{JobFailure, SweepSettings};

use claviger_aws::Gateway;
use claviger_domain::clock::Clock;
use claviger_store::Store;
use std::sync::Arc;

/// Everything the services need from outside, and the services themselves. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    store: Store,
    gateway: Arc<dyn Gateway>,
    clock: Arc<dyn Clock>,
    sweep: Arc<SweepSettings>,
}

impl Services {
    pub fn new(
        store: Store,
        gateway: Arc<dyn Gateway>,
        clock: Arc<dyn Clock>,
        sweep: SweepSettings,
    ) -> Self {
        Self { store, gateway, clock, sweep: Arc::new(sweep) }
    }

    /// Answers when the database does.
    pub async fn ping(&self) -> Result<(), ServiceError> {
        Ok(self.store.ping().await?)
    }

    /// Clears sessions that have ended.
    pub async fn clear_ended_sessions(&self) -> Result<u64, ServiceError> {
        Ok(self.store.delete_ended_sessions(self.clock.now()).await?)
    }

    fn authority(&self) -> Authority<'_> {
        Authority::new(&self.store)
    }
}
