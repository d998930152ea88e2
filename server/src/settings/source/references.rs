//! Secrets that are elsewhere: `CLAVIGER_EXTERNAL_ID_FILE` names the file that has `external_id`, as Docker and Kubernetes
//! mount them, and `CLAVIGER_EXTERNAL_ID_ARN` the secret of Secrets Manager.

use super::SettingsError;
use crate::settings::catalog::{self, Kind};
use secrecy::SecretString;
use std::{fs, path::Path};
use zeroize::Zeroizing;

/// Where the value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Elsewhere {
    File,
    SecretsManager,
}

/// The setting that this name refers to, and where its value is.
pub(super) fn secret_of(name: &str) -> Option<(&str, Elsewhere)> {
    let (secret, elsewhere) = name
        .strip_suffix("_file")
        .map(|secret| (secret, Elsewhere::File))
        .or_else(|| name.strip_suffix("_arn").map(|secret| (secret, Elsewhere::SecretsManager)))?;
    catalog::is(secret, Kind::Secret).then_some((secret, elsewhere))
}

/// The file's content, without the line break that editors and `echo` add. The error never contains any of it.
pub(super) fn content(label: &str, path: &Path) -> Result<SecretString, SettingsError> {
    let fault = |what: String| SettingsError(format!("{label}: {what}"));
    let text = fs::read_to_string(path).map(Zeroizing::new).map_err(|error| {
        fault(format!("{}: {error}. Name a file that Claviger's user may read", path.display()))
    })?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        return Err(fault(format!("{} is empty", path.display())));
    }
    Ok(line.into())
}
