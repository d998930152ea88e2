//! The HTTP client, and how the console's responses are read.

use crate::error::CliError;
use claviger_domain::problem::{Problem, ProblemCode};
use serde::de::DeserializeOwned;
use std::{
    env, fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// The HTTP client; it follows no redirects, because the API has none. It trusts the system's root certificates and those of
/// the PEM file.
pub(crate) fn http(ca_bundle: Option<&Path>) -> Result<reqwest::Client, CliError> {
    let certificates = ca_bundle.map(root_certificates).transpose()?.unwrap_or_default();
    Ok(reqwest::Client::builder()
        .tls_certs_merge(certificates)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_mins(1))
        .user_agent(concat!("clv/", env!("CARGO_PKG_VERSION")))
        .build()?)
}

/// The root certificates of this run: `CLV_CA_BUNDLE`, otherwise those that the sign-in stored.
pub(crate) fn ca_bundle(stored: Option<PathBuf>) -> Option<PathBuf> {
    let set = env::var_os("CLV_CA_BUNDLE").filter(|value| !value.is_empty());
    set.map(PathBuf::from).or(stored)
}

fn root_certificates(file: &Path) -> Result<Vec<reqwest::Certificate>, CliError> {
    let pem = fs::read(file).map_err(|error| CliError::file(file.display(), error))?;
    let fault = |what: &str| {
        let name = file.display();
        CliError::Input(format!("{name}: {what}. Name a PEM file with root certificates"))
    };
    let certificates = reqwest::Certificate::from_pem_bundle(&pem)
        .map_err(|_| fault("a certificate cannot be read"))?;
    if certificates.is_empty() {
        return Err(fault("it has no certificate"));
    }
    Ok(certificates)
}

/// Parses a response: the result, or the server's problem.
pub(crate) async fn read<T: DeserializeOwned>(answer: reqwest::Response) -> Result<T, CliError> {
    let status = answer.status();
    let bytes = answer.bytes().await?;
    if status.is_success() {
        return serde_json::from_slice(&bytes).map_err(|error| {
            CliError::Unreachable(format!("an answer that cannot be read: {error}"))
        });
    }
    let problem = serde_json::from_slice(&bytes).unwrap_or_else(|_| {
        Problem::new(
            ProblemCode::Unavailable,
            format!("The console answered {status}."),
            "Check its address; it may be another version than this client.",
        )
    });
    Err(CliError::Problem(problem))
}
