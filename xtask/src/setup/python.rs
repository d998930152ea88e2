//! Python environments: the pinned AWS emulators, and the programs that the benchmarks compare with.

use super::{apt, unless_stamped};
use crate::shell::{data, root, run_quiet, step, which};
use anyhow::{Context, Result};
use std::{fs, path::PathBuf, process::Command};

/// The environment with the AWS emulators: its folder of executables.
pub fn ensure() -> Result<PathBuf> {
    environment("venv", "python.stamp", "demo/requirements.txt", "the AWS emulators")
}

/// The system's Python.
pub fn interpreter() -> Result<PathBuf> {
    which(&["python3"]).context("Python 3.11 or newer is missing: install python3 and python3-venv")
}

/// Creates an environment in the data folder if it is missing, and returns its folder of executables.
pub fn environment(name: &str, stamp: &str, requirements: &str, with: &str) -> Result<PathBuf> {
    let python = interpreter()?;
    let venv = data().join(name);
    let requirements = root().join(requirements);
    fs::create_dir_all(data())?;
    let stamp = data().join(stamp);
    if !venv.join("bin/python").exists() {
        let _ = fs::remove_file(&stamp);
    }
    unless_stamped(&stamp, &[&requirements], || {
        step(&format!("Making the Python environment with {with}"), || {
            let make =
                || run_quiet(Command::new(&python).args(["-m", "venv", "--clear"]).arg(&venv));
            if make().is_err() {
                apt(&["python3-venv"], "Python's venv")?;
                make()?;
            }
            let mut install = Command::new(venv.join("bin/pip"));
            install
                .args(["install", "--quiet", "--disable-pip-version-check", "-r"])
                .arg(&requirements);
            run_quiet(&mut install).map(drop)
        })
    })?;
    Ok(venv.join("bin"))
}
