//! The HTTP client, and how the console's responses are read.

use crate::error::CliError;
use claviger_domain::problem::{Problem, ProblemCode};
use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// The HTTP client; it follows no redirects, because the API has none.
pub(crate) fn http() -> Result<reqwest::Client, CliError> {
    Ok(reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_mins(1))
        .user_agent(concat!("clv/", env!("CARGO_PKG_VERSION")))
        .build()?)
}

/// Parses a response: the result, or the server's problem.
pub(crate) async fn read<T: DeserializeOwned>(answer: reqwest::Response) -> Result<T, CliError> {
    let status = answer.status();
    let bytes = answer.bytes().await?;
    if status == StatusCode::OK {
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
