//! The HTTP client of the process.

use crate::{StartError, settings::CaBundle};
use std::time::Duration;

/// The only HTTP client of the process; it follows no redirects, as the OpenID Connect library advises. It goes through the
/// proxy that the environment names, and trusts the system's certificates and those of `ca_bundle`.
pub(crate) fn http_client(bundle: Option<&CaBundle>) -> Result<reqwest::Client, StartError> {
    let certificates = match bundle {
        None => Vec::new(),
        Some(bundle) => reqwest::Certificate::from_pem_bundle(bundle.pem())
            .map_err(|error| StartError::Settings(format!("ca_bundle: {error}")))?,
    };
    built(builder().tls_certs_merge(certificates))
}

/// For questions to ourselves, which no proxy can ask.
pub(crate) fn local_client() -> Result<reqwest::Client, StartError> {
    built(builder().no_proxy())
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(3))
        .timeout(Duration::from_secs(10))
}

fn built(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, StartError> {
    builder
        .build()
        .map_err(|error| StartError::Settings(format!("the HTTP client cannot be made: {error}")))
}
