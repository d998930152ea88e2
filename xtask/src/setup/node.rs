//! Node.js and the npm packages: the demo's identity provider, Playwright, the two fonts; and packages that one command needs.

use super::unless_stamped;
use crate::shell::{data, root, run_quiet, step, which};
use anyhow::{Context, Result, bail};
use std::{fs, path::PathBuf, process::Command};

/// Installs the packages of the lock file, and returns Node.js.
pub fn ensure() -> Result<PathBuf> {
    let node = which(&["node", "nodejs"])
        .context("Node.js 20 or newer is missing: install nodejs and npm")?;
    let version = run_quiet(Command::new(&node).arg("--version"))?;
    let major: u32 =
        version.trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok()).unwrap_or(0);
    if major < 20 {
        bail!("Node.js {} is too old: 20 or newer is needed", version.trim());
    }
    let npm = which(&["npm"]).context("npm is missing: install it beside Node.js")?;
    let root = root();
    fs::create_dir_all(data())?;
    let (lock, stamp) = (root.join("package-lock.json"), data().join("npm.stamp"));
    if !root.join("node_modules").is_dir() {
        let _ = fs::remove_file(&stamp);
    }
    unless_stamped(&stamp, &[&lock], || {
        step("Installing the npm packages", || {
            run_quiet(Command::new(npm).arg("ci").current_dir(&root)).map(drop)
        })
    })?;
    Ok(node)
}

/// Installs the packages of another lock file into a folder of the data folder, and returns that folder. None of their scripts is
/// run.
pub fn packages(name: &str, source: &str) -> Result<PathBuf> {
    let npm = which(&["npm"]).context("npm is missing: install it beside Node.js")?;
    let (folder, source) = (data().join(name), root().join(source));
    fs::create_dir_all(&folder)?;
    let lock = source.join("package-lock.json");
    let stamp = folder.join("npm.stamp");
    if !folder.join("node_modules").is_dir() {
        let _ = fs::remove_file(&stamp);
    }
    unless_stamped(&stamp, &[&lock], || {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(source.join(file), folder.join(file))?;
        }
        step(&format!("Installing npm packages into {}", folder.display()), || {
            let mut install = Command::new(npm);
            install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
            run_quiet(install.current_dir(&folder)).map(drop)
        })
    })?;
    Ok(folder)
}
