//! Secrets from files: `CLAVIGER_EXTERNAL_ID_FILE` names the file that has `external_id`, as Docker and Kubernetes mount them.

use super::SettingsError;
use std::fs;

/// The settings that a file of their own can have.
pub(super) const SECRETS: &[&str] = &[
    "database_url",
    "oidc_client_secret",
    "session_secret",
    "smtp_url",
    "webhook_url",
    "event_webhook_url",
    "event_webhook_secret",
    "external_id",
];

/// The setting whose file this variable names.
pub(super) fn secret_of(variable: &str) -> Option<&'static str> {
    let secret = variable.strip_suffix("_file")?;
    SECRETS.iter().find(|name| **name == secret).copied()
}

/// The file's content, without the line break that editors and `echo` add. The error never contains any of it.
pub(in crate::settings) fn content(label: &str, path: &str) -> Result<String, SettingsError> {
    let fault = |what: String| SettingsError(format!("{label}: {what}"));
    let text = fs::read_to_string(path).map_err(|error| {
        fault(format!("{path}: {error}. Name a file that Claviger's user may read"))
    })?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        return Err(fault(format!("{path} is empty")));
    }
    Ok(line.to_owned())
}
