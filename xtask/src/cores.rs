//! The processors of this machine, shared by two builds.

use anyhow::{Context, Result};
use jobserver::Client;
use std::{process::Command, thread};

/// Two cargo commands that run at the same time, with as many compilers together as the machine has processors. Each has one
/// of its own; the others go to whichever has work, and when one command is done, the other has its processor as well.
pub struct Cores(Client);

impl Cores {
    pub fn for_two_builds() -> Result<Self> {
        let cores = thread::available_parallelism().map_or(2, usize::from);
        let free = cores.saturating_sub(2);
        Client::new(free).map(Self).context("no pipe for the builds' shared processors")
    }

    /// Lets the command take part.
    pub fn share_with(&self, build: &mut Command) {
        self.0.configure(build);
    }

    /// Runs one of the two builds, and leaves its processor to the other when it is done.
    pub fn during<T>(&self, build: impl FnOnce() -> Result<T>) -> Result<T> {
        let outcome = build();
        self.0.release_raw().context("the processor cannot be given to the other build")?;
        outcome
    }
}
