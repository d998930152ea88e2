//! What a person reads when something cannot be done: what happened and what to do. Never a source text.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The kind of a problem; it decides the HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemCode {
    SignInNeeded,
    Forbidden,
    NotFound,
    InvalidInput,
    /// What was named can mean several things.
    Ambiguous,
    /// Things are no longer as they were, or not yet as they have to be.
    Conflict,
    Unavailable,
    Internal,
}

impl ProblemCode {
    /// The HTTP status that goes with it.
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

/// The reader's side of an error.
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

    /// The same answer for what is not there and for what is outside one's scope.
    pub fn not_found(what: &str) -> Self {
        Self::new(
            ProblemCode::NotFound,
            format!("Not found, or outside your scope: {what}."),
            "It may have been removed, or it is in an account outside your scope.",
        )
    }

    /// A call whose body is not what the function takes.
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
}
