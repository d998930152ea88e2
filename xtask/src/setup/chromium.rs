//! A Chromium for the browser tests.

use super::apt;
use crate::shell::which;
use anyhow::{Context, Result};
use std::path::PathBuf;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Finds it (or the one that `XTASK_CHROMIUM` names), or installs it.
pub fn ensure() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("XTASK_CHROMIUM") {
        return Ok(named.into());
    }
    if let Some(found) = which(&NAMES) {
        return Ok(found);
    }
    apt(&["chromium", "fonts-liberation"], "the browser tests' Chromium")?;
    which(&NAMES).context("Chromium was installed but cannot be found; set XTASK_CHROMIUM")
}
