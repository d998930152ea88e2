//! The database's URL alone, for what needs no other setting.

use super::said;
use crate::StartError;
use config::{Config, File};
use secrecy::SecretString;
use std::path::PathBuf;

/// From `DATABASE_URL` or `CLAVIGER_DATABASE_URL`, which win, or the file.
pub(crate) fn database_url(file: Option<&PathBuf>) -> Result<SecretString, StartError> {
    let set = ["DATABASE_URL", "CLAVIGER_DATABASE_URL"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok());
    if let Some(url) = set {
        return Ok(url.into());
    }
    let mut builder = Config::builder();
    if let Some(file) = file {
        builder = builder.add_source(File::from(file.clone()).required(true));
    }
    let read = builder.build().map_err(said)?;
    read.get_string("database_url").map(Into::into).map_err(said)
}
