//! promtool reads the alert rules and runs their unit tests.

use super::Outcome;
use crate::shell::{root, run_quiet};
use std::process::Command;

/// In the order in which they run.
pub const PARTS: [&str; 2] = ["promtool check rules", "promtool test rules"];

/// Of the Debian package `prometheus`, or named by `PROMTOOL`.
fn promtool() -> Command {
    let mut command = Command::new(std::env::var_os("PROMTOOL").unwrap_or("promtool".into()));
    command.current_dir(root().join("infra/monitoring"));
    command
}

/// Whether promtool can be run; otherwise why not.
pub fn prepare() -> Result<(), String> {
    match run_quiet(promtool().arg("--version")) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!(
            "promtool cannot be run ({error:#}). Install the package prometheus, or set PROMTOOL to its path"
        )),
    }
}

fn outcome(arguments: [&str; 3]) -> Outcome {
    match run_quiet(promtool().args(arguments)) {
        Ok(_) => Outcome::Passed,
        Err(error) => Outcome::Failed(format!("{error:#}")),
    }
}

/// The rules and their expressions are valid.
pub fn check() -> Outcome {
    outcome(["check", "rules", "alerts.yaml"])
}

/// Each alert fires when it should, and not before.
pub fn test() -> Outcome {
    outcome(["test", "rules", "alerts.test.yaml"])
}
