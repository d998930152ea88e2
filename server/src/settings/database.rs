//! Only the database's URL, for commands that need no other setting.

use super::source;
use crate::StartError;
use secrecy::SecretString;
use std::path::PathBuf;

/// From `DATABASE_URL` or `CLAVIGER_DATABASE_URL`, which take precedence, or the file.
pub(crate) fn database_url(file: Option<&PathBuf>) -> Result<SecretString, StartError> {
    let set = ["DATABASE_URL", "CLAVIGER_DATABASE_URL"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok());
    if let Some(url) = set {
        return Ok(url.into());
    }
    let missing = || {
        StartError::Settings(
            "the database is not named: set DATABASE_URL, or database_url in the file".into(),
        )
    };
    let file = file.ok_or_else(missing)?;
    let text = std::fs::read_to_string(file)
        .map_err(|error| StartError::Settings(format!("{}: {error}", file.display())))?;
    let url = source::text_of(&text, "database_url").map_err(StartError::Settings)?;
    url.map(SecretString::from).ok_or_else(missing)
}
