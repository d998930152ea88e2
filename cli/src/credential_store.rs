//! The stored sign-in: a file that only its owner can read.

use crate::error::CliError;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::PathBuf,
};
use url::Url;

/// A server with the identity provider's token for it.
#[derive(Serialize, Deserialize)]
pub(crate) struct SignIn {
    pub(crate) console: Url,
    pub(crate) token: String,
    /// How to renew the token without the person; `None` if the provider issued no refresh token.
    #[serde(default)]
    pub(crate) refresh: Option<Refresh>,
    /// The absolute path of the root certificates that `clv login` was told to trust.
    #[serde(default)]
    pub(crate) ca_bundle: Option<PathBuf>,
}

/// The parameters for renewing a token.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Refresh {
    pub(crate) token: String,
    pub(crate) endpoint: Url,
    pub(crate) client_id: String,
}

fn file() -> Result<PathBuf, CliError> {
    let set =
        |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("CLV_HOME")
        .or_else(|| set("XDG_CONFIG_HOME").map(|folder| folder.join("claviger")))
        .or_else(|| set("HOME").map(|home| home.join(".config/claviger")))
        .ok_or_else(|| CliError::Input("neither CLV_HOME nor HOME is set".into()))?;
    Ok(folder.join("sign-in.json"))
}

pub(crate) fn read() -> Result<SignIn, CliError> {
    let text = fs::read_to_string(file()?).map_err(|_| CliError::NotSignedIn)?;
    serde_json::from_str(&text).map_err(|_| CliError::NotSignedIn)
}

pub(crate) fn write(sign_in: &SignIn) -> Result<(), CliError> {
    let file = file()?;
    let said = |error| CliError::file(file.display(), error);
    if let Some(folder) = file.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(said)?;
    }
    let text =
        serde_json::to_string(sign_in).map_err(|error| CliError::Input(error.to_string()))?;
    // Written atomically: a program that reads it in the meantime finds the old one. A new file also has the required mode.
    let new = file.with_extension(format!("{}.new", std::process::id()));
    let _ = fs::remove_file(&new);
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)
        .and_then(|mut open| open.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&new, &file))
        .map_err(said)
}

/// Held during a renewal: several programs may need one at once, and a rotating refresh token is valid only once.
pub(crate) struct Held {
    _file: fs::File,
}

/// Waits until no other program renews.
pub(crate) fn hold() -> Result<Held, CliError> {
    let file = file()?.with_extension("lock");
    let said = |error| CliError::file(file.display(), error);
    let open = fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&file)
        .map_err(said)?;
    open.lock().map_err(said)?;
    Ok(Held { _file: open })
}

pub(crate) fn forget() -> Result<(), CliError> {
    let file = file()?;
    match fs::remove_file(&file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(CliError::file(file.display(), error))
        }
        _ => Ok(()),
    }
}
