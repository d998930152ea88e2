//! Requests to the provider outside of OAuth: its metadata, its keys, userinfo.

use crate::auth::SignInError;
use http::{StatusCode, header};

/// No provider publishes or returns more than this.
const MAX_BYTES: usize = 1024 * 1024;

/// The response, unless the provider fails.
pub(super) struct Answer {
    pub status: StatusCode,
    /// In lower case; empty if it is absent.
    pub content_type: String,
    pub body: Vec<u8>,
}

/// Requests JSON. `whom` is named if there is no response.
pub(super) async fn ask(
    request: reqwest::RequestBuilder,
    whom: &str,
) -> Result<Answer, SignInError> {
    let unreachable = |error: reqwest::Error| {
        SignInError::Unreachable(format!("{whom}: {}", chain(&error.without_url())))
    };
    let request = request.header(header::ACCEPT, "application/json");
    let mut answer = request.send().await.map_err(unreachable)?;
    let status = answer.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(SignInError::Unreachable(format!("{whom} answered {status}")));
    }
    let content_type = answer.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = content_type.to_ascii_lowercase();
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(unreachable)? {
        if body.len() + part.len() > MAX_BYTES {
            return Err(SignInError::Metadata(format!(
                "{whom} answered with more than {MAX_BYTES} bytes"
            )));
        }
        body.extend_from_slice(&part);
    }
    Ok(Answer { status, content_type, body })
}

/// An error with all its causes.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut at = error.source();
    while let Some(source) = at {
        text.push_str(": ");
        text.push_str(&source.to_string());
        at = source.source();
    }
    text
}
