//! Time comes in as an argument.

use time::OffsetDateTime;

/// Tells the time. The server hands in the system's clock, a test one that it moves itself.
pub trait Clock: Send + Sync + 'static {
    /// The present moment, in UTC.
    fn now(&self) -> OffsetDateTime;
}
