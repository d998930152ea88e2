//! promtool reads the alert rules and runs their unit tests.

use super::Outcome;
use crate::{
    setup,
    shell::{data, root, run_quiet, which},
};
use anyhow::Result;
use std::{path::PathBuf, process::Command};

/// In the order in which they run.
pub const PARTS: [&str; 2] = ["promtool check rules", "promtool test rules"];

/// A promtool that can be run.
pub struct Promtool(PathBuf);

impl Promtool {
    /// Named by `PROMTOOL`, installed, or unpacked from Debian's package `prometheus`: installing it would start a server.
    pub fn prepare() -> Result<Self, String> {
        let given = std::env::var_os("PROMTOOL").map(PathBuf::from);
        let found = given.or_else(|| which(&["promtool"])).map_or_else(unpacked, Ok);
        let tool = found.map_err(|error| {
            format!("promtool cannot be had ({error:#}). Install it, or set PROMTOOL to its path")
        })?;
        match run_quiet(Command::new(&tool).arg("--version")) {
            Ok(_) => Ok(Self(tool)),
            Err(error) => Err(format!("promtool cannot be run: {error:#}")),
        }
    }

    /// The rules and their expressions are valid.
    pub fn check(&self) -> Outcome {
        self.outcome(["check", "rules", "alerts.yaml"])
    }

    /// Each alert fires when it should, and not before.
    pub fn test(&self) -> Outcome {
        self.outcome(["test", "rules", "alerts.test.yaml"])
    }

    fn outcome(&self, arguments: [&str; 3]) -> Outcome {
        let mut command = Command::new(&self.0);
        command.current_dir(root().join("infra/monitoring")).args(arguments);
        match run_quiet(&mut command) {
            Ok(_) => Outcome::Passed,
            Err(error) => Outcome::Failed(format!("{error:#}")),
        }
    }
}

fn unpacked() -> Result<PathBuf> {
    let folder = data().join("promtool");
    let tool = folder.join("usr/bin/promtool");
    if !tool.is_file() {
        setup::unpack(&["prometheus"], &folder)?;
    }
    Ok(tool)
}
