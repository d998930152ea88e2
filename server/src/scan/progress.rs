//! Progress on standard error: one line that changes, where it is a terminal.

use claviger_domain::ids::{AccountId, Region};
use claviger_services::ScanStep;
use std::{
    io::{self, IsTerminal, Write},
    sync::atomic::{AtomicUsize, Ordering},
};

/// Counts what was read, and shows it.
#[derive(Debug)]
pub(super) struct ProgressLine {
    is_shown: bool,
    regions: usize,
    listed: AtomicUsize,
    lists: AtomicUsize,
    details: AtomicUsize,
}

impl ProgressLine {
    pub(super) fn begin(account: &AccountId, regions: &[Region]) -> Self {
        let names: Vec<&str> = regions.iter().map(Region::as_str).collect();
        eprintln!("Scanning account {account} in {}", names.join(", "));
        Self {
            is_shown: io::stderr().is_terminal(),
            regions: regions.len(),
            listed: AtomicUsize::new(0),
            lists: AtomicUsize::new(0),
            details: AtomicUsize::new(0),
        }
    }

    pub(super) fn note(&self, step: ScanStep<'_>) {
        match step {
            ScanStep::Listed { count, .. } => self.listed.fetch_add(count, Ordering::Relaxed),
            ScanStep::ListsRead { .. } => self.lists.fetch_add(1, Ordering::Relaxed),
            ScanStep::DetailsRead { .. } => self.details.fetch_add(1, Ordering::Relaxed),
        };
        if self.is_shown {
            let load = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
            let (listed, all) = (load(&self.listed), self.regions);
            let text = match load(&self.lists) {
                lists if lists < all => {
                    format!("{listed} secrets and parameters; Regions listed: {lists} of {all}")
                }
                _ => format!(
                    "{listed} secrets and parameters; details of Regions: {} of {all}",
                    load(&self.details)
                ),
            };
            // Progress that cannot be shown does not matter.
            let _ = write!(io::stderr(), "\r\x1b[K{text}");
        }
    }
}

/// Removes the line.
pub(super) fn clear() {
    let mut stderr = io::stderr();
    if stderr.is_terminal() {
        let _ = write!(stderr, "\r\x1b[K");
    }
}
