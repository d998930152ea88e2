//! Why something that leaves the console was not accepted.

use claviger_services::grants::SendFault;
use http::StatusCode;

/// An error with its causes: `reqwest` alone reports only that the request failed.
pub(crate) fn error_chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// Why a mail server or a webhook did not accept something.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    /// The URL itself is a secret, and is left out.
    #[error("{}", error_chain(.0))]
    Http(reqwest::Error),
    #[error("the webhook answered {0}")]
    Refused(StatusCode),
    #[error("{0}")]
    Slack(String),
    #[error(transparent)]
    Key(#[from] hmac::digest::InvalidLength),
    #[error(transparent)]
    Mail(#[from] lettre::transport::smtp::Error),
    #[error("the server answers, but does not accept commands")]
    NoCommands,
}

impl From<SendError> for SendFault {
    fn from(error: SendError) -> Self {
        error.to_string().into()
    }
}

impl From<reqwest::Error> for SendError {
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error.without_url())
    }
}
