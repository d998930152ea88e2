//! A Python environment with the pinned AWS emulators.

use super::{apt, unless_stamped};
use crate::shell::{data, root, run_quiet, step, which};
use anyhow::{Context, Result};
use std::{fs, path::PathBuf, process::Command};

/// Makes the environment if it is not there, and returns its folder of programs.
pub fn ensure() -> Result<PathBuf> {
    let python = which(&["python3"])
        .context("Python 3.11 or newer is missing: install python3 and python3-venv")?;
    let venv = data().join("venv");
    let requirements = root().join("demo/requirements.txt");
    fs::create_dir_all(data())?;
    let stamp = data().join("python.stamp");
    if !venv.join("bin/python").exists() {
        let _ = fs::remove_file(&stamp);
    }
    unless_stamped(&stamp, &[&requirements], || {
        step("Making the Python environment with the AWS emulators", || {
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
