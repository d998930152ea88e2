//! Only the database's URL, for commands that need no other setting.

use super::source;
use crate::StartError;
use secrecy::SecretString;
use std::path::PathBuf;

/// From `DATABASE_URL`, `CLAVIGER_DATABASE_URL` or the file that one of them with `_FILE` names, which take precedence, or the
/// configuration file.
pub(crate) fn database_url(file: Option<&PathBuf>) -> Result<SecretString, StartError> {
    let set = ["DATABASE_URL", "CLAVIGER_DATABASE_URL"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok());
    if let Some(url) = set {
        return Ok(url.into());
    }
    for name in ["DATABASE_URL_FILE", "CLAVIGER_DATABASE_URL_FILE"] {
        if let Ok(path) = std::env::var(name) {
            return source::content(name, &path)
                .map(SecretString::from)
                .map_err(|error| StartError::Settings(error.to_string()));
        }
    }
    let missing = || {
        StartError::Settings(
            "the database is not named: set DATABASE_URL or DATABASE_URL_FILE, or database_url in the file".into(),
        )
    };
    let file = file.ok_or_else(missing)?;
    let text = source::text(file)?;
    let url = source::text_of(&text, "database_url").map_err(StartError::Settings)?;
    url.map(SecretString::from).ok_or_else(missing)
}
