//! Why a sign-in failed.

use axum::http::StatusCode;
use claviger_domain::authz::said;

/// The maximum length of a provider's message that is shown and logged.
const MAX_MESSAGE_CHARS: usize = 300;
/// The maximum number of audiences that are named.
const MAX_NAMED: usize = 10;

/// An error in the provider's words (RFC 6749, sections 4.1.2.1 and 5.2): its code and its description, limited in length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderWords {
    pub code: String,
    pub description: Option<String>,
}

impl ProviderWords {
    pub fn new(code: &str, description: Option<&str>) -> Self {
        Self {
            code: bounded(code),
            description: description.and_then(said).map(|text| bounded(&text)),
        }
    }

    /// What the person reads of it. It is escaped when it is shown.
    fn quoted(&self) -> String {
        match &self.description {
            Some(text) => format!("It says: “{text}” ({}).", self.code),
            None => format!("It says: {}.", self.code),
        }
    }
}

impl std::fmt::Display for ProviderWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.description {
            Some(text) => write!(f, "{}: {text}", self.code),
            None => f.write_str(&self.code),
        }
    }
}

/// External text on one line, limited in length.
pub(crate) fn bounded(text: &str) -> String {
    let mut clean: String = text
        .chars()
        .map(|c| if c.is_control() || is_direction(c) { ' ' } else { c })
        .take(MAX_MESSAGE_CHARS)
        .collect();
    if text.chars().nth(MAX_MESSAGE_CHARS).is_some() {
        clean.push('…');
    }
    clean
}

/// Characters that would reorder the text around them.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    #[error("the identity provider cannot be reached: {0}")]
    Unreachable(String),
    #[error("the identity provider's metadata cannot be used: {0}")]
    Metadata(String),
    #[error(
        "oidc_issuer is {configured:?}, but the identity provider there calls itself {found:?}; set oidc_issuer to that text, \
         to the letter, if it is the provider you mean"
    )]
    IssuerText { configured: String, found: String },
    #[error("the identity provider refused this console's registration: {0}")]
    Misconfigured(ProviderWords),
    #[error("the identity provider refused: {0}")]
    Refused(ProviderWords),
    #[error("the state does not belong to this browser")]
    State,
    #[error("authorization code rejected: {0}")]
    Code(ProviderWords),
    #[error("the identity provider returned no id token")]
    NoIdToken,
    #[error("the id token has expired")]
    Expired,
    #[error("ID token audience mismatch: {found} instead of {ours}")]
    Audience { ours: String, found: String },
    #[error(
        "the id token is also for {untrusted}; add the audiences that you trust to oidc_trusted_audiences"
    )]
    UntrustedAudience { untrusted: String },
    #[error("the id token was issued to {found} (azp), not to {ours}")]
    Party { ours: String, found: String },
    #[error("the id token comes from the issuer {found:?}, not from {expected:?}")]
    Issuer { expected: String, found: String },
    #[error("the nonce of the id token differs from the request")]
    Nonce,
    #[error("the id token is signed with a key that the identity provider does not publish")]
    UnknownKey,
    #[error("the claim {name} of the id token {why}")]
    Claim { name: &'static str, why: String },
    #[error("the id token cannot be trusted: {0}")]
    IdToken(String),
    #[error("userinfo is about {found}, the id token about {expected}")]
    UserInfo { expected: String, found: String },
    #[error("the id token is {minutes} minutes old; at most {allowed} minutes are accepted")]
    Stale { minutes: i64, allowed: u32 },
    #[error("the identity provider has signed this person out")]
    SignedOut,
    #[error("the session cannot be stored: {0}")]
    Session(String),
}

impl SignInError {
    /// Several audiences on one line.
    pub(super) fn audiences(names: &[&str]) -> String {
        let mut listed: Vec<String> =
            names.iter().take(MAX_NAMED).map(|name| format!("{:?}", bounded(name))).collect();
        if names.len() > MAX_NAMED {
            listed.push(format!("{} more", names.len() - MAX_NAMED));
        }
        if listed.is_empty() { "nobody".into() } else { listed.join(", ") }
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unreachable(_) | Self::Session(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Metadata(_) | Self::IssuerText { .. } | Self::Misconfigured(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Self::Refused(_) => StatusCode::FORBIDDEN,
            Self::State => StatusCode::BAD_REQUEST,
            _ => StatusCode::UNAUTHORIZED,
        }
    }

    /// Whether the operators have to do something about it.
    pub fn is_ours(&self) -> bool {
        self.status() == StatusCode::INTERNAL_SERVER_ERROR
            || matches!(
                self,
                Self::Audience { .. } | Self::UntrustedAudience { .. } | Self::Issuer { .. }
            )
    }

    /// What the person reads: what happened and what to do. The log has the rest.
    pub fn explain(&self) -> String {
        match self {
            Self::Unreachable(_) => {
                "Your identity provider cannot be reached. Try again in a moment; if that does not help, tell your security team.".into()
            }
            Self::Metadata(_) => {
                "Claviger cannot use the metadata of your identity provider. Tell your security team; the server's log has the error.".into()
            }
            Self::IssuerText { configured, found } => format!(
                "Claviger is configured for the issuer “{}”, but the identity provider there calls itself “{}”. Your security team can set oidc_issuer to exactly that text.",
                bounded(configured), bounded(found)
            ),
            Self::Misconfigured(words) => format!(
                "Your identity provider refused Claviger's own registration, not you. Tell your security team: the client id, the client secret, the redirect address or the scopes are not what the provider expects. {}",
                words.quoted()
            ),
            Self::Refused(words) => {
                format!("Sign-in was denied by your identity provider. {}", words.quoted())
            }
            Self::State => {
                "This sign-in was started in another browser, or too long ago. Start again.".into()
            }
            Self::Code(words) => format!(
                "Your identity provider no longer knows this sign-in. Start again. {}",
                words.quoted()
            ),
            Self::NoIdToken => {
                "Your identity provider sent no id token. Ask your security team to allow the openid scope.".into()
            }
            Self::Expired => {
                "The id token has expired. Start again; if that does not help, the clocks of the servers differ.".into()
            }
            Self::Audience { ours, found } => format!(
                "The id token was made for another application: {found}. Ask your security team to check the client id “{ours}”."
            ),
            Self::UntrustedAudience { untrusted } => format!(
                "The id token was also made for {untrusted}. If your security team trusts these, they can add them to oidc_trusted_audiences."
            ),
            Self::Party { found, .. } => format!(
                "The id token was issued to another application: “{}” (azp). Ask your security team to check the client id.",
                bounded(found)
            ),
            Self::Issuer { expected, found } => format!(
                "The id token comes from another issuer: “{}” instead of “{}”. Ask your security team to check oidc_issuer.",
                bounded(found), bounded(expected)
            ),
            Self::Nonce => "The id token does not belong to this sign-in. Start again.".into(),
            Self::UnknownKey => {
                "The id token is signed with an unknown key. Start again in a moment; if that does not help, tell your security team.".into()
            }
            Self::Claim { name, why } => format!(
                "The claim {name} of the id token {why}. Tell your security team: it is set at the identity provider."
            ),
            Self::IdToken(_) => {
                "The id token cannot be trusted. Tell your security team.".into()
            }
            Self::UserInfo { .. } => {
                "Your identity provider returned the profile of another person. Tell your security team.".into()
            }
            Self::Stale { allowed, .. } => {
                format!("Your sign-in is older than {allowed} minutes, and your groups may have changed.")
            }
            Self::SignedOut => "Your identity provider has signed you out.".into(),
            Self::Session(_) => {
                "Claviger cannot store your session now. Try again in a moment.".into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_words_are_bounded_and_on_one_line() {
        let words = ProviderWords::new("x", Some(&format!("a\r\nb\u{202e}{}", "c".repeat(1000))));
        let text = words.description.unwrap();
        assert!(
            text.starts_with("a  b c") && text.chars().count() == MAX_MESSAGE_CHARS + 1,
            "{text}"
        );
        assert_eq!(ProviderWords::new("x", Some(" \n")).description, None);
    }

    #[test]
    fn many_audiences_are_counted() {
        let many: Vec<String> = (0..30).map(|n| n.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(SignInError::audiences(&many).ends_with("20 more"));
    }
}
