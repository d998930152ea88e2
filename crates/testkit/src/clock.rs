//! A clock that tests set.

use claviger_domain::clock::Clock;
use std::sync::Mutex;
use time::{Duration, OffsetDateTime, macros::datetime};

/// The start time of every test.
pub const START: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

#[derive(Debug)]
pub struct TestClock(Mutex<OffsetDateTime>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Mutex::new(START))
    }
}

impl TestClock {
    /// For values that are compared with the system's clock, such as a library's.
    pub fn at(moment: OffsetDateTime) -> Self {
        Self(Mutex::new(moment))
    }

    pub fn advance(&self, by: Duration) {
        *self.0.lock().expect("no test panics while it moves the clock") += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().expect("no test panics while it moves the clock")
    }
}
