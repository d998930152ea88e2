//! Test utilities: a clock that tests set, an AWS in memory, sample facts, and with the feature `console` the services over
//! them.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot be set up is to fail loudly"
)]

mod clock;
#[cfg(feature = "console")]
mod console;
mod databases;
mod emulator_root;
mod emulators;
mod fake_access;
mod fake_aws;
mod folders;
mod jobs;
mod recording_proxy;
pub mod samples;
pub mod simulator;

pub use clock::TestClock;
#[cfg(feature = "console")]
pub use console::{Console, ConsoleBuilder, US, holder_of, person};
pub use databases::{emptied, own_pool};
pub use emulator_root::EmulatorRoot;
pub use emulators::{
    Ministack, Restartable, emulator_config, gateway_settings, ministack, moto_url, restartable,
};
pub use fake_access::{FakeAccess, fake_value};
pub use fake_aws::{
    AppliedCall, FakeAnalyzer, FakeAws, FakeIam, FakeRole, FakeVariables, SentTest,
};
pub use folders::{folder_of, write_site};
pub use jobs::{taken_jobs, work_off};
pub use recording_proxy::{HeldRequest, RecordingProxy};
