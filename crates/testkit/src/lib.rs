//! Test utilities: a clock that tests set, an AWS in memory, sample facts.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot be set up is to fail loudly"
)]

mod clock;
mod emulators;
mod fake_access;
mod fake_aws;
mod jobs;
pub mod samples;
pub mod simulator;

pub use clock::TestClock;
pub use emulators::{Ministack, Restartable, ministack, moto_url, restartable};
pub use fake_access::{FakeAccess, fake_value};
pub use fake_aws::FakeAws;
pub use jobs::{own_pool, taken_jobs, work_off};
