//! The OpenID Connect client: discovery, code flow with PKCE, state and nonce, RP-initiated logout.

use super::SignInError;
use crate::settings::Settings;
use openidconnect::{
    AdditionalClaims, AuthorizationCode, ClaimsVerificationError, Client, ClientId, ClientSecret,
    CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, IdToken, IdTokenFields, IssuerUrl, LogoutRequest, Nonce, NonceVerifier,
    PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout,
    RedirectUrl, Scope, SignatureVerificationError, StandardErrorResponse, StandardTokenResponse,
    TokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType,
        CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm, CoreRevocableToken, CoreRevocationErrorResponse,
        CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;
use time::OffsetDateTime;
use tokio::sync::RwLock;

/// How long the provider's metadata and keys are kept.
const FRESH_FOR: std::time::Duration = std::time::Duration::from_mins(10);
/// An unknown key makes us look again, but not more often than this.
const LOOK_AGAIN_AFTER: std::time::Duration = std::time::Duration::from_secs(15);
/// More groups than this would make the session's row unwieldy.
const MAX_GROUPS: usize = 1000;

/// Every claim beside the standard ones; the groups are among them.
#[derive(Debug, Clone, Deserialize, Serialize)]
struct OtherClaims(Map<String, Value>);

impl AdditionalClaims for OtherClaims {}

type TokenFields = IdTokenFields<
    OtherClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type OidcClient = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<TokenFields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

type OurIdToken = IdToken<
    OtherClaims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// A sign-in under way; kept in the browser's session until the provider answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pending {
    pub state: String,
    nonce: String,
    verifier: String,
    pub return_to: String,
}

/// Who is signed in, as the session keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignedIn {
    pub subject: String,
    pub name: String,
    pub email: Option<String>,
    pub groups: Vec<String>,
    /// The hint for the provider's sign-out.
    id_token: String,
    #[serde(with = "time::serde::rfc3339")]
    pub signed_in_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub seen_at: OffsetDateTime,
}

struct Discovered {
    metadata: ProviderMetadataWithLogout,
    at: std::time::Instant,
}

/// The relying party. It looks the provider up when it needs it, so that the server starts without it.
pub struct Oidc {
    settings: Arc<Settings>,
    http: reqwest::Client,
    discovered: RwLock<Option<Arc<Discovered>>>,
}

impl Oidc {
    pub fn new(settings: Arc<Settings>, http: reqwest::Client) -> Self {
        Self { settings, http, discovered: RwLock::default() }
    }

    /// The provider's origin: where the sign-out's form post may lead.
    pub fn origin(&self) -> String {
        self.settings.oidc_issuer.origin().ascii_serialization()
    }

    /// Where to send the browser, and what to remember until it comes back.
    pub async fn begin(&self, return_to: String) -> Result<(String, Pending), SignInError> {
        let found = self.discover(FRESH_FOR).await?;
        let client = self.client(&found.metadata)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .set_pkce_challenge(challenge);
        for scope in &self.settings.oidc_scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (url, state, nonce) = request.url();
        let pending = Pending {
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
            return_to,
        };
        Ok((url.into(), pending))
    }

    /// Exchanges the code and judges the id token.
    pub async fn finish(
        &self,
        code: String,
        pending: Pending,
        now: OffsetDateTime,
    ) -> Result<SignedIn, SignInError> {
        let found = self.discover(FRESH_FOR).await?;
        let client = self.client(&found.metadata)?;
        let http = self.http_client();
        let answer = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| SignInError::Unreachable(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier))
            .request_async(&http)
            .await
            .map_err(|error| match error {
                openidconnect::RequestTokenError::ServerResponse(refused) => {
                    SignInError::Code(refused.error().to_string())
                }
                openidconnect::RequestTokenError::Request(error) => {
                    SignInError::Unreachable(error.to_string())
                }
                other => SignInError::Code(other.to_string()),
            })?;
        let token = answer.id_token().ok_or(SignInError::NoIdToken)?;
        let nonce = Nonce::new(pending.nonce);
        match self.judge(&found.metadata, token, &nonce, now) {
            // The provider may have changed its keys since we looked.
            Err(SignInError::UnknownKey) => {
                let found = self.discover(LOOK_AGAIN_AFTER).await?;
                self.judge(&found.metadata, token, &nonce, now)
            }
            judged => judged,
        }
    }

    /// Judges the id token that a client (`clv`) sends with each request. Its audience is the client's
    /// own; the device flow has no nonce.
    pub async fn judge_bearer(
        &self,
        token: &str,
        now: OffsetDateTime,
    ) -> Result<SignedIn, SignInError> {
        let id = self.settings.oidc_cli_client_id.as_ref().ok_or(SignInError::NoIdToken)?;
        let token: OurIdToken =
            token.parse().map_err(|_| SignInError::IdToken("not a token".into()))?;
        let judge = |found: Arc<Discovered>| {
            let id = ClientId::new(id.clone());
            let client: OidcClient =
                Client::from_provider_metadata(found.metadata.clone(), id, None)
                    .set_redirect_uri(self.callback()?);
            let no_nonce = |_: Option<&Nonce>| Ok(());
            self.read(&client, &found.metadata, &token, no_nonce, now)
        };
        match judge(self.discover(FRESH_FOR).await?) {
            Err(SignInError::UnknownKey) => judge(self.discover(LOOK_AGAIN_AFTER).await?),
            judged => judged,
        }
    }

    fn judge(
        &self,
        metadata: &ProviderMetadataWithLogout,
        token: &OurIdToken,
        nonce: &Nonce,
        now: OffsetDateTime,
    ) -> Result<SignedIn, SignInError> {
        let client = self.client(metadata)?;
        self.read(&client, metadata, token, nonce, now)
    }

    fn read(
        &self,
        client: &OidcClient,
        metadata: &ProviderMetadataWithLogout,
        token: &OurIdToken,
        nonce: impl NonceVerifier,
        now: OffsetDateTime,
    ) -> Result<SignedIn, SignInError> {
        // What the provider says it signs with, as long as nobody but the provider can.
        let algorithms = metadata
            .id_token_signing_alg_values_supported()
            .iter()
            .filter(|a| is_asymmetric(a))
            .cloned();
        // A client without a secret verifies with the provider's keys alone.
        let verifier = client.id_token_verifier().set_allowed_algs(algorithms);
        let claims = token.claims(&verifier, nonce).map_err(refusal)?;
        let subject = claims.subject().to_string();
        let name = claims
            .name()
            .and_then(|name| name.get(None))
            .map(|name| name.to_string())
            .or_else(|| claims.email().map(|email| email.to_string()))
            .unwrap_or_else(|| subject.clone());
        Ok(SignedIn {
            name,
            email: claims.email().map(|email| email.to_string()),
            groups: groups(&claims.additional_claims().0, &self.settings.oidc_groups_claim),
            subject,
            id_token: token.to_string(),
            signed_in_at: now,
            seen_at: now,
        })
    }

    /// Where the provider ends its own session, if it offers that.
    pub async fn end_session(&self, signed: Option<&SignedIn>) -> Option<String> {
        let found = self.discover(FRESH_FOR).await.ok()?;
        let endpoint = found.metadata.additional_metadata().end_session_endpoint.clone()?;
        let back = self.settings.public_url.join("signed-out").ok()?;
        let mut request = LogoutRequest::from(endpoint)
            .set_client_id(ClientId::new(self.settings.oidc_client_id.clone()))
            .set_post_logout_redirect_uri(PostLogoutRedirectUrl::from_url(back));
        let hint = signed.and_then(|signed| signed.id_token.parse::<OurIdToken>().ok());
        if let Some(hint) = &hint {
            request = request.set_id_token_hint(hint);
        }
        Some(request.http_get_url().into())
    }

    /// The provider's metadata and keys, not older than this.
    async fn discover(
        &self,
        fresh_for: std::time::Duration,
    ) -> Result<Arc<Discovered>, SignInError> {
        let is_fresh = |found: &Arc<Discovered>| found.at.elapsed() < fresh_for;
        if let Some(found) = self.discovered.read().await.as_ref().filter(|found| is_fresh(found)) {
            return Ok(Arc::clone(found));
        }
        let mut slot = self.discovered.write().await;
        if let Some(found) = slot.as_ref().filter(|found| is_fresh(found)) {
            return Ok(Arc::clone(found));
        }
        // Issuers are compared to the letter.
        let issuer = IssuerUrl::new(self.settings.issuer())
            .map_err(|error| SignInError::Unreachable(error.to_string()))?;
        let http = self.http_client();
        let metadata = ProviderMetadataWithLogout::discover_async(issuer, &http)
            .await
            .map_err(|error| SignInError::Unreachable(chain(&error)))?;
        let found = Arc::new(Discovered { metadata, at: std::time::Instant::now() });
        *slot = Some(Arc::clone(&found));
        Ok(found)
    }

    fn client(&self, metadata: &ProviderMetadataWithLogout) -> Result<OidcClient, SignInError> {
        let secret = ClientSecret::new(self.settings.oidc_client_secret.expose_secret().to_owned());
        let id = ClientId::new(self.settings.oidc_client_id.clone());
        Ok(Client::from_provider_metadata(metadata.clone(), id, Some(secret))
            .set_redirect_uri(self.callback()?))
    }

    fn callback(&self) -> Result<RedirectUrl, SignInError> {
        let callback = self.settings.public_url.join("auth/callback");
        callback.map(RedirectUrl::from_url).map_err(|error| SignInError::Session(error.to_string()))
    }

    /// The library's view of our HTTP client.
    fn http_client(
        &self,
    ) -> impl Fn(HttpRequest) -> futures::future::BoxFuture<'static, Result<HttpResponse, ProviderFault>>
    {
        let http = self.http.clone();
        move |request| {
            let http = http.clone();
            Box::pin(async move {
                let request = reqwest::Request::try_from(request)?;
                let response = http.execute(request).await?;
                let mut answer = http::Response::builder().status(response.status());
                if let Some(headers) = answer.headers_mut() {
                    headers.clone_from(response.headers());
                }
                Ok(answer.body(response.bytes().await?.to_vec())?)
            })
        }
    }
}

/// A call to the provider that did not come about.
#[derive(Debug, thiserror::Error)]
enum ProviderFault {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Answer(#[from] http::Error),
}

fn refusal(error: ClaimsVerificationError) -> SignInError {
    match error {
        ClaimsVerificationError::Expired(_) => SignInError::Expired,
        ClaimsVerificationError::InvalidAudience(text) => SignInError::Audience(text),
        ClaimsVerificationError::InvalidIssuer(text) => SignInError::Issuer(text),
        ClaimsVerificationError::InvalidNonce(_) => SignInError::Nonce,
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey,
        ) => SignInError::UnknownKey,
        other => SignInError::IdToken(other.to_string()),
    }
}

fn is_asymmetric(algorithm: &CoreJwsSigningAlgorithm) -> bool {
    use CoreJwsSigningAlgorithm as A;
    !matches!(algorithm, A::HmacSha256 | A::HmacSha384 | A::HmacSha512 | A::None)
}

/// The groups: a list of texts, or a single one. Anything else is no group.
fn groups(claims: &Map<String, Value>, name: &str) -> Vec<String> {
    match claims.get(name) {
        Some(Value::Array(items)) => items
            .iter()
            .filter_map(|item| item.as_str().map(ToOwned::to_owned))
            .take(MAX_GROUPS)
            .collect(),
        Some(Value::String(one)) => vec![one.clone()],
        _ => Vec::new(),
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut at = error.source();
    while let Some(source) = at {
        text.push_str(": ");
        text.push_str(&source.to_string());
        at = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn groups_are_texts_or_none() {
        let read = |value: Value| groups(value.as_object().unwrap(), "groups");
        assert_eq!(read(json!({"groups": ["a", 1, "b"]})), ["a", "b"]);
        assert_eq!(read(json!({"groups": "a"})), ["a"]);
        assert!(read(json!({"groups": {"a": true}})).is_empty());
        assert!(read(json!({"roles": ["a"]})).is_empty());
    }

    #[test]
    fn nobody_but_the_provider_signs() {
        assert!(is_asymmetric(&CoreJwsSigningAlgorithm::EcdsaP256Sha256));
        assert!(!is_asymmetric(&CoreJwsSigningAlgorithm::HmacSha256));
        assert!(!is_asymmetric(&CoreJwsSigningAlgorithm::None));
    }
}
