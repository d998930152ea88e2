//! Reports what services did to what measures.

use claviger_domain::notifications::Channel;
use std::time::Duration;

/// How an attempt to deliver a notification ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::Display, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum DeliveryOutcome {
    Delivered,
    /// It failed and is tried again.
    Failed,
    /// It failed and is not tried again.
    GivenUp,
}

/// Takes reports. It is called in the use case's task and must not wait.
pub trait ServiceObserver: Send + Sync + 'static {
    /// AWS denied a revoked grant's sessions, this long after the revocation was decided.
    fn revocation_confirmed(&self, took: Duration);
    /// An attempt to send a notification in a channel.
    fn delivery_attempted(&self, channel: Channel, outcome: DeliveryOutcome);
}

/// Takes no report.
pub(crate) struct NoObserver;

impl ServiceObserver for NoObserver {
    fn revocation_confirmed(&self, _: Duration) {}

    fn delivery_attempted(&self, _: Channel, _: DeliveryOutcome) {}
}
