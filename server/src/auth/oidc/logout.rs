//! The provider's sign-out: RP-Initiated Logout 1.0, and Back-Channel Logout 1.0.

use super::{
    FRESH_FOR, Oidc, SignInError, Tokens,
    claims::{missing, moment, text, wrong},
    jwt,
};
use claviger_domain::error_line::ErrorLine;
use claviger_services::ProviderLogout;
use serde_json::Value;
use time::{Duration, OffsetDateTime};
use url::Url;

/// Many servers accept no longer URL. An id token with 200 groups alone has 10,000 characters.
const MAX_URL: usize = 4_000;
/// The event that makes a token a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// A logout token is sent immediately; an older one is invalid.
const TOKEN_TTL: Duration = Duration::minutes(10);
/// The standard's name of the return parameter.
const STANDARD_RETURN: &str = "post_logout_redirect_uri";

impl Oidc {
    /// The provider's sign-out endpoint, if it has one. If the provider does not answer, the last known one.
    pub(in crate::auth) async fn end_session(&self, tokens: Option<&Tokens>) -> Option<String> {
        let endpoint = match &self.settings.oidc_logout_url {
            Some(url) => url.clone(),
            None => match self.discover(FRESH_FOR).await {
                Ok(found) => found.metadata.end_session_endpoint.clone()?,
                Err(error) => {
                    tracing::warn!(error = %ErrorLine(&error), "signed out here only: the provider's sign-out address is not known");
                    let found = self.found.read().await;
                    found.last.as_ref()?.metadata.end_session_endpoint.clone()?
                }
            },
        };
        let back = self.settings.public_url.join("signed-out").ok()?;
        let hint = tokens.map(|tokens| tokens.id_token.as_str()).filter(|hint| !hint.is_empty());
        let whole =
            self.end_session_url(&endpoint, &back, hint.map(|hint| ("id_token_hint", hint)));
        if whole.as_str().len() <= MAX_URL {
            return Some(whole.into());
        }
        let hint = tokens.and_then(|tokens| tokens.logout_hint.as_deref());
        Some(self.end_session_url(&endpoint, &back, hint.map(|hint| ("logout_hint", hint))).into())
    }

    fn end_session_url(&self, endpoint: &Url, back: &Url, hint: Option<(&str, &str)>) -> Url {
        let parameter = &self.settings.oidc_logout_return_parameter;
        let mut url = endpoint.clone();
        let mut query = url.query_pairs_mut();
        query.append_pair("client_id", &self.settings.oidc_client_id);
        query.append_pair(parameter, back.as_str());
        // If the return parameter has another name (Cognito), it is not the standard's sign-out.
        if let Some((name, value)) = hint.filter(|_| parameter == STANDARD_RETURN) {
            query.append_pair(name, value);
        }
        drop(query);
        url
    }

    /// Validates a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.6).
    pub(in crate::auth) async fn validate_logout(
        &self,
        token: &str,
        now: OffsetDateTime,
    ) -> Result<ProviderLogout, SignInError> {
        let claims = self.verified(token, jwt::Kind::LogoutToken).await?;
        let settings = &self.settings;
        let mut clients = vec![settings.oidc_client_id.as_str()];
        clients.extend(settings.oidc_cli_client_id.as_deref());
        self.expected(&clients, now).validate_source(&claims)?;
        let is_logout =
            claims.get("events").and_then(|events| events.get(EVENT)).is_some_and(Value::is_object);
        if !is_logout {
            return Err(wrong("events", "does not say that it is a logout"));
        }
        if claims.contains_key("nonce") {
            return Err(wrong("nonce", "has no place in a logout token"));
        }
        let issued = moment(&claims, "iat")?.ok_or_else(|| missing("iat"))?;
        if now - issued > TOKEN_TTL
            || moment(&claims, "exp")?.is_some_and(|exp| now > exp + Duration::seconds(30))
        {
            return Err(SignInError::Expired);
        }
        let read = |name| text(&claims, name).map(|found| found.map(ToOwned::to_owned));
        let logout = ProviderLogout {
            subject: read("sub")?,
            provider_session: read("sid")?,
            token_id: read("jti")?.ok_or_else(|| missing("jti"))?,
            remembered_until: now + TOKEN_TTL.max(settings.groups_cycle()) * 2,
        };
        if logout.subject.is_none() && logout.provider_session.is_none() {
            return Err(missing("sub"));
        }
        Ok(logout)
    }
}
