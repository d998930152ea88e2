//! A Chromium for the browser tests.

use super::apt;
use crate::shell::which;
use anyhow::{Context, Result};
use std::path::PathBuf;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Debian's package of Chromium without windows: the same pages for a third less processor time.
const SHELL: &str = "chromium-headless-shell";

/// Finds one (or the one that `XTASK_CHROMIUM` names), or installs it: without windows where there is such a package.
pub fn ensure() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("XTASK_CHROMIUM") {
        return Ok(named.into());
    }
    let known: Vec<&str> = [SHELL].into_iter().chain(NAMES).collect();
    if let Some(found) = which(&known) {
        return Ok(found);
    }
    let _ = apt(&[SHELL, "fonts-liberation"], "the browser tests' Chromium");
    which(&known).map_or_else(ensure_whole, Ok)
}

/// With everything that people have, for measuring.
pub fn ensure_whole() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("XTASK_CHROMIUM") {
        return Ok(named.into());
    }
    if let Some(found) = which(&NAMES) {
        return Ok(found);
    }
    apt(&["chromium", "fonts-liberation"], "the browser tests' Chromium")?;
    which(&NAMES).context("Chromium was installed but cannot be found; set XTASK_CHROMIUM")
}
