//! Why a sign-in did not come about.

use axum::http::StatusCode;

#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    #[error("the identity provider cannot be reached: {0}")]
    Unreachable(String),
    #[error("the identity provider refused: {0}")]
    Refused(String),
    #[error("the state is not one that this browser was given")]
    State,
    #[error("the token endpoint refused the code: {0}")]
    Code(String),
    #[error("no id token came back")]
    NoIdToken,
    #[error("the id token has expired")]
    Expired,
    #[error("the id token is for somebody else: {0}")]
    Audience(String),
    #[error("the id token comes from another issuer: {0}")]
    Issuer(String),
    #[error("the id token carries another nonce")]
    Nonce,
    #[error("the id token is signed with a key that the identity provider does not publish")]
    UnknownKey,
    #[error("the id token cannot be trusted: {0}")]
    IdToken(String),
    #[error("the session cannot be kept: {0}")]
    Session(String),
}

impl SignInError {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unreachable(_) | Self::Session(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Refused(_) => StatusCode::FORBIDDEN,
            Self::State => StatusCode::BAD_REQUEST,
            Self::Code(_)
            | Self::NoIdToken
            | Self::Expired
            | Self::Audience(_)
            | Self::Issuer(_)
            | Self::Nonce
            | Self::UnknownKey
            | Self::IdToken(_) => StatusCode::UNAUTHORIZED,
        }
    }

    /// What the person reads: what happened and what to do. The log has the rest.
    pub fn explain(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => {
                "Your identity provider cannot be reached. Try again in a moment; if it stays, tell your security team."
            }
            Self::Refused(_) => "Your identity provider did not let you in.",
            Self::State => {
                "This sign-in was begun in another browser, or too long ago. Begin again."
            }
            Self::Code(_) => "Your identity provider no longer knows this sign-in. Begin again.",
            Self::NoIdToken => {
                "Your identity provider sent no id token. Ask your security team to allow the openid scope."
            }
            Self::Expired => {
                "The proof of who you are has expired. Begin again; if it stays, the clocks of the servers differ."
            }
            Self::Audience(_) => {
                "The proof of who you are was made for another application. Ask your security team to check the client id."
            }
            Self::Issuer(_) => {
                "The proof of who you are comes from another issuer. Ask your security team to check the issuer."
            }
            Self::Nonce => "The proof of who you are does not belong to this sign-in. Begin again.",
            Self::UnknownKey => {
                "The proof of who you are is signed with an unknown key. Begin again in a moment; if it stays, tell your security team."
            }
            Self::IdToken(_) => {
                "The proof of who you are cannot be trusted. Tell your security team."
            }
            Self::Session(_) => "Your session cannot be kept right now. Try again in a moment.",
        }
    }
}
