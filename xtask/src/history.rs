//! The past of the demo's Organization: `demo/history.sql`, run once when everything has been evaluated. Nothing but the
//! demo and the browser tests has one.

use crate::shell::{root, run_quiet};
use anyhow::Result;
use std::{
    path::Path,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

/// Waits until everything has been evaluated, and writes the weeks before it. Gives up quietly: a demo without a past works.
pub fn seed(postgres: &Path, database: &str, is_over: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_over() && begun.elapsed() < Duration::from_mins(10) {
        match is_seeded(postgres, database) {
            Ok(true) => return,
            Ok(false) => sleep(Duration::from_secs(1)),
            Err(error) => {
                eprintln!("The demo has no history: {error:#}");
                return;
            }
        }
    }
}

/// Seeds the history if everything has been evaluated; says whether there is one.
fn is_seeded(postgres: &Path, database: &str) -> Result<bool> {
    let said = run_quiet(
        Command::new(postgres.join("psql"))
            .args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-f"])
            .arg(root().join("demo/history.sql"))
            .arg(database),
    )?;
    Ok(said.lines().any(|line| line == "t"))
}
