//! Checks for enough disk space before compiling: otherwise the compiler fails after minutes, in one of many crates.

use crate::shell::{root, run_quiet};
use anyhow::{Result, bail};
use std::{fs, path::Path, process::Command};

/// The space for rebuilding, if everything is already compiled.
const AT_LEAST: u64 = 2_000;

/// Fails if less than `cold` megabytes are free, minus those that are already compiled.
pub fn ensure(cold: u64) -> Result<()> {
    let root = root();
    let compiled: u64 =
        ["target/debug", "target/web"].map(|part| size(&root.join(part))).iter().sum();
    let needed = cold.saturating_sub(compiled).max(AT_LEAST);
    // If `df` has another output format, the check is skipped.
    let answer = run_quiet(Command::new("df").arg("-Pm").arg(&root));
    let Some(free) = answer.ok().and_then(|answer| free_of(&answer)) else {
        return Ok(());
    };
    if free < needed {
        bail!(
            "The disk of {} has {free} MB free, and what is to be compiled takes some {needed} MB. Make room; \
             `cargo clean` removes what was compiled before ({compiled} MB)",
            root.display()
        );
    }
    Ok(())
}

/// Free megabytes from `df -Pm`: the fourth column, below a header line.
fn free_of(answer: &str) -> Option<u64> {
    answer.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

/// Megabytes in a folder, as far as it is readable.
fn size(folder: &Path) -> u64 {
    fn bytes(folder: &Path) -> u64 {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .map(|entry| match entry.metadata() {
                Ok(about) if about.is_dir() => bytes(&entry.path()),
                Ok(about) => about.len(),
                Err(_) => 0,
            })
            .sum()
    }
    bytes(folder) / 1_000_000
}
