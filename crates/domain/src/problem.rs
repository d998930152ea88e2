//! An error as people read it: what happened and what to do. Never source code.

use crate::http_request::HttpRequestId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The kind of a problem; it determines the HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemCode {
    SignInNeeded,
    Forbidden,
    NotFound,
    InvalidInput,
    /// The name matches several things.
    Ambiguous,
    /// The state has changed, or does not allow it yet.
    Conflict,
    Unavailable,
    Internal,
}

impl ProblemCode {
    /// The HTTP status of the problem.
    pub fn status(self) -> u16 {
        match self {
            Self::SignInNeeded => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::InvalidInput => 400,
            Self::Ambiguous | Self::Conflict => 409,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }
}

/// An error for the reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Problem {
    pub code: ProblemCode,
    /// What happened, as a sentence.
    pub message: String,
    /// What to do about it, as a sentence.
    pub hint: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.message, self.hint)
    }
}

impl Problem {
    pub fn new(code: ProblemCode, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: hint.into() }
    }

    pub fn sign_in_needed() -> Self {
        Self::new(ProblemCode::SignInNeeded, "You are not signed in.", "Sign in and try again.")
    }

    pub fn forbidden(what: &str) -> Self {
        Self::new(
            ProblemCode::Forbidden,
            format!("You don't have permission to {what}."),
            "Ask your security team to add your group to a role.",
        )
    }

    /// The same response for what does not exist and for what is outside the caller's scope.
    pub fn not_found(what: &str) -> Self {
        Self::new(
            ProblemCode::NotFound,
            format!("Not found, or outside your scope: {what}."),
            "It may have been removed, or it is in an account outside your scope.",
        )
    }

    /// A call whose body the function does not accept.
    pub fn malformed_call() -> Self {
        Self::new(
            ProblemCode::InvalidInput,
            "The request cannot be read.",
            "Reload the page and try again.",
        )
    }

    pub fn unavailable(what: &str) -> Self {
        Self::new(
            ProblemCode::Unavailable,
            format!("Can't reach {what} right now."),
            "Try again in a moment.",
        )
    }

    pub fn internal() -> Self {
        Self::new(
            ProblemCode::Internal,
            "Something went wrong on our side.",
            "Try again; if it stays, the server's log names the fault.",
        )
    }

    /// With the id of the request, so that people can quote it and operators find it in the log.
    #[must_use]
    pub fn quoting(mut self, request: &HttpRequestId) -> Self {
        self.hint = format!("{} Request ID: {request}.", self.hint);
        self
    }
}
