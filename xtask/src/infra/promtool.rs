//! promtool reads the alert rules and runs their unit tests.

use super::Outcome;
use crate::shell::{data, root, run_quiet, which};
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

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
        fs::create_dir_all(&folder)?;
        run_quiet(Command::new("apt-get").args(["download", "prometheus"]).current_dir(&folder))?;
        let package = package(&folder)?;
        run_quiet(Command::new("dpkg-deb").arg("--extract").arg(&package).arg(&folder))?;
        fs::remove_file(package)?;
    }
    Ok(tool)
}

fn package(folder: &Path) -> Result<PathBuf> {
    let mut files = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    files
        .find(|file| file.extension().is_some_and(|end| end == "deb"))
        .context("apt-get downloaded no package")
}
