//! The id of an HTTP request: what ties a response, the log and the jobs that the request queued together.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, sync::Arc};

/// Longer ids are not accepted: one is in every line of the log and in every queued job.
const MAX_CHARS: usize = 64;

/// The header that carries it, in requests and in responses.
pub const REQUEST_ID_HEADER: &str = "x-request-id";

/// 1 to 64 of `[A-Za-z0-9._-]`: safe in a log, a header and a page. It comes from a proxy or is created by the server; it
/// identifies a request and grants nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HttpRequestId(Arc<str>);

/// A text that is no id of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a request id has 1 to {MAX_CHARS} letters, digits, dots, hyphens or underscores")]
pub struct InvalidRequestId;

impl FromStr for HttpRequestId {
    type Err = InvalidRequestId;

    fn from_str(text: &str) -> Result<Self, InvalidRequestId> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if (1..=MAX_CHARS).contains(&text.len()) && text.bytes().all(is_allowed) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidRequestId)
        }
    }
}

impl TryFrom<String> for HttpRequestId {
    type Error = InvalidRequestId;

    fn try_from(text: String) -> Result<Self, InvalidRequestId> {
        text.parse()
    }
}

impl From<HttpRequestId> for String {
    fn from(id: HttpRequestId) -> Self {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for HttpRequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_plain_texts_are_ids() {
        let longest = "a".repeat(MAX_CHARS);
        for id in ["018f3c1e-77a0-7c4e-9d6d-7f4f3f0a9a10", "lb.1_2-x", "a", longest.as_str()] {
            assert_eq!(id.parse::<HttpRequestId>().unwrap().to_string(), id);
        }
        let too_long = "a".repeat(MAX_CHARS + 1);
        for text in ["", " ", "a b", "a\nb", "\u{1b}[31m", "é", "<b>", "a=b", too_long.as_str()] {
            assert_eq!(text.parse::<HttpRequestId>(), Err(InvalidRequestId), "{text}");
        }
    }
}
