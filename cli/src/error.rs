//! Errors, and what to do about them.

use claviger_domain::problem::{Problem, ProblemCode};

#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The server's own message.
    #[error("{0}")]
    Problem(Problem),
    #[error("you are not signed in. Sign in with `clv login https://…`")]
    NotSignedIn,
    #[error(
        "the console cannot be reached: {0}. Check the network and the address, then try again"
    )]
    Unreachable(String),
    #[error("the sign-in failed: {0}. Run `clv login` again")]
    SignIn(String),
    #[error("{0}")]
    Input(String),
    #[error("{0}")]
    NotFound(String),
    /// Several match; each is listed with its command.
    #[error("{0}")]
    Ambiguous(String),
    #[error("{what}: {error}")]
    File { what: String, error: std::io::Error },
}

impl From<reqwest::Error> for CliError {
    fn from(error: reqwest::Error) -> Self {
        let mut text = error.to_string();
        let mut at = std::error::Error::source(&error);
        while let Some(source) = at {
            text = source.to_string();
            at = source.source();
        }
        Self::Unreachable(text)
    }
}

impl CliError {
    /// The exit code; `clv --help` and the guide list them.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::File { .. } => 1,
            Self::Input(_) => 2,
            Self::NotSignedIn | Self::SignIn(_) => 3,
            Self::NotFound(_) => 5,
            Self::Ambiguous(_) => 6,
            Self::Unreachable(_) => 8,
            Self::Problem(problem) => match problem.code {
                ProblemCode::InvalidInput => 2,
                ProblemCode::SignInNeeded => 3,
                ProblemCode::Forbidden => 4,
                ProblemCode::NotFound => 5,
                ProblemCode::Ambiguous => 6,
                ProblemCode::Conflict => 7,
                ProblemCode::Unavailable | ProblemCode::Internal => 8,
            },
        }
    }

    pub(crate) fn file(what: impl std::fmt::Display, error: std::io::Error) -> Self {
        Self::File { what: what.to_string(), error }
    }
}
