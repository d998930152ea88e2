//! The only clock of the process.

use claviger_domain::clock::Clock;
use time::OffsetDateTime;

/// The system's time, in UTC.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one clock that reads the system's time"
    )]
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }
}
