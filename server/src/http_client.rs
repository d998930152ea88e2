//! The HTTP client of the process.

use crate::StartError;
use std::time::Duration;

/// The only HTTP client of the process; it follows no redirects, as the OpenID Connect library advises.
pub(crate) fn http_client() -> Result<reqwest::Client, StartError> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(3))
        .timeout(Duration::from_secs(10))
        .build()
        .map_err(|error| StartError::Settings(format!("the HTTP client cannot be made: {error}")))
}
