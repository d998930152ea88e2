//! The machine's requirements: found, installed, or reported as missing.

pub mod chromium;
pub mod disk;
pub mod node;
pub mod postgres;
pub mod python;
pub mod wasm;

use crate::shell::{hex, is_root, run_quiet, step, which};
use anyhow::{Result, bail};
use sha2::{Digest, Sha256};
use std::{fs, path::Path, process::Command};

/// Installs Debian packages, if this is Debian and the user may.
pub fn apt(packages: &[&str], what_for: &str) -> Result<()> {
    let by_hand = format!("sudo apt-get install --no-install-recommends {}", packages.join(" "));
    let Some(apt) = which(&["apt-get"]) else {
        bail!(
            "{what_for} is missing. Install it with your system's package manager (on Debian: {by_hand})"
        );
    };
    let prefix: &[&str] = if is_root() {
        &[]
    } else if which(&["sudo"]).is_some()
        && Command::new("sudo").args(["-n", "true"]).output().is_ok_and(|o| o.status.success())
    {
        &["sudo", "-n"]
    } else {
        bail!("{what_for} is missing, and installing it needs root. Run: {by_hand}");
    };
    let apt_get = |arguments: &[&str]| {
        let mut words: Vec<&str> = prefix.to_vec();
        let program = apt.to_string_lossy().into_owned();
        words.push(&program);
        words.extend(arguments);
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).env("DEBIAN_FRONTEND", "noninteractive");
        run_quiet(&mut command)
    };
    step(&format!("Installing {} for {what_for}", packages.join(", ")), || {
        let install = ["install", "-y", "--no-install-recommends"];
        let arguments: Vec<&str> = install.iter().chain(packages).copied().collect();
        // A new machine has outdated package lists or none.
        if apt_get(&arguments).is_err() {
            apt_get(&["update"])?;
            apt_get(&arguments)?;
        }
        Ok(())
    })
}

/// Unpacks Debian packages into a folder, without installing them.
pub fn unpack(packages: &[&str], to: &Path) -> Result<()> {
    let downloaded = to.with_extension("packages");
    fs::create_dir_all(&downloaded)?;
    fs::create_dir_all(to)?;
    let mut download = Command::new("apt-get");
    download.arg("download").args(packages).current_dir(&downloaded);
    // A new machine has outdated package lists or none.
    if run_quiet(&mut download).is_err() {
        run_quiet(Command::new("apt-get").arg("update"))?;
        run_quiet(&mut download)?;
    }
    for package in fs::read_dir(&downloaded)?.flatten() {
        run_quiet(Command::new("dpkg-deb").arg("--extract").arg(package.path()).arg(to))?;
    }
    Ok(())
}

/// Runs the work again only if its input has changed.
pub fn unless_stamped(
    stamp: &Path,
    made_from: &[&Path],
    work: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let mut hash = Sha256::new();
    for file in made_from {
        hash.update(fs::read(file)?);
    }
    let hash = hex(&hash.finalize());
    if fs::read_to_string(stamp).is_ok_and(|was| was == hash) {
        return Ok(());
    }
    work()?;
    fs::write(stamp, hash)?;
    Ok(())
}
