//! The OpenID Connect client: discovery, code flow with PKCE, state and nonce, re-reading, sign-out.

mod ask;
mod calls;
mod claims;
mod groups;
mod jwt;
mod logout;
mod metadata;
mod pipelines;
mod reread;

pub use groups::{Arrived, ClaimPath, Source};
pub(super) use reread::Reread;

use super::{
    SignInError,
    error::{ProviderWords, bounded},
    seal::{Sealer, TOKENS, Tokens},
};
use crate::{StartError, settings::Settings};
use calls::{TokenAnswer, UserInfo};
use claims::{Expected, loose, missing, moment, text};
use claviger_domain::{
    authz::{Person, said},
    error_line::ErrorLine,
};
use metadata::Metadata;
use oauth2::{
    AuthorizationCode, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    TokenResponse as _,
};
use openidconnect::Nonce;
use pipelines::PipelineIssuer;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use time::OffsetDateTime;
use tokio::sync::RwLock;
use uuid::Uuid;

/// How long the provider's metadata and keys are cached.
const FRESH_FOR: Duration = Duration::from_mins(10);
/// An unknown key makes us read the keys again, but not more often than this.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(15);
/// A request does not wait again for a provider that does not answer.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// The claims of a response.
type Claims = Map<String, Value>;

/// A sign-in in progress; kept in the browser's cookie until the provider answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pending {
    pub state: String,
    nonce: String,
    verifier: String,
    pub return_to: String,
}

/// The person and the groups, as the provider returned them at one time.
#[derive(Debug, Clone)]
pub struct Identity {
    pub person: Person,
    pub groups: Vec<String>,
    pub arrived: Arrived,
    /// The provider's name for its session (`sid`).
    pub provider_session: Option<String>,
}

/// A completed sign-in.
pub struct SignedIn {
    pub identity: Identity,
    pub(super) tokens: Tokens,
}

/// The person of a client's token.
pub struct BearerIdentity {
    pub identity: Identity,
    pub issued_at: OffsetDateTime,
}

struct Discovered {
    metadata: Metadata,
    at: Instant,
}

#[derive(Default)]
struct Found {
    last: Option<Arc<Discovered>>,
    /// When the provider last did not answer, and why.
    silent: Option<(Instant, String)>,
}

/// The relying party. It reads the provider's metadata on demand, so that the server starts without the provider.
pub struct Oidc {
    settings: Arc<Settings>,
    http: reqwest::Client,
    groups: ClaimPath,
    sealer: Sealer,
    found: RwLock<Found>,
    pipelines: Vec<PipelineIssuer>,
}

impl Oidc {
    pub fn new(settings: Arc<Settings>, http: reqwest::Client) -> Result<Self, StartError> {
        let groups = ClaimPath::read(&settings.oidc_groups_claim)
            .map_err(|why| StartError::Settings(format!("oidc_groups_claim: {why}")))?;
        let secret = settings.session_secret.as_ref().unwrap_or(&settings.oidc_client_secret);
        let sealer = Sealer::new(secret, TOKENS)
            .map_err(|_| StartError::Settings("session_secret cannot be used".into()))?;
        let pipelines = pipelines::issuers(&settings.pipelines);
        Ok(Self { settings, http, groups, sealer, found: RwLock::default(), pipelines })
    }

    /// The tokens as stored.
    pub(super) fn seal(&self, sign_in: Uuid, tokens: &Tokens) -> Result<Vec<u8>, SignInError> {
        self.sealer
            .seal(sign_in.as_bytes(), tokens)
            .map_err(|_| SignInError::Session("the provider's tokens cannot be encrypted".into()))
    }

    /// The tokens of a sign-in; `None` if they were encrypted with another secret.
    pub(super) fn open(&self, sign_in: Uuid, sealed: &[u8]) -> Option<Tokens> {
        self.sealer.open(sign_in.as_bytes(), sealed).ok()
    }

    /// The URL to redirect the browser to, and the state to keep until it returns.
    pub async fn begin(&self, return_to: String) -> Result<(String, Pending), SignInError> {
        let found = self.discover(FRESH_FOR).await?;
        let client = calls::client(&self.settings, &found.metadata, self.callback()?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let nonce = Nonce::new_random();
        let mut request = client
            .authorize_url(CsrfToken::new_random)
            .set_pkce_challenge(challenge)
            .add_extra_param("nonce", nonce.secret().clone())
            .add_scope(Scope::new("openid".into()));
        for scope in self.scopes_of(&found.metadata) {
            request = request.add_scope(Scope::new(scope));
        }
        for (name, value) in &self.settings.oidc_authorize_parameters {
            request = request.add_extra_param(name, value);
        }
        let (url, state) = request.url();
        let pending = Pending {
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
            return_to,
        };
        Ok((url.into(), pending))
    }

    /// What a client (`clv`) requests.
    pub async fn scopes(&self) -> Result<Vec<String>, SignInError> {
        if let Some(scopes) = &self.settings.oidc_scopes {
            return Ok(scopes.clone());
        }
        Ok(self.scopes_of(&self.discover(FRESH_FOR).await?.metadata))
    }

    /// The configured scopes; or the defaults, without `groups` if the provider does not support it: Entra ID and Google
    /// reject unknown scopes.
    fn scopes_of(&self, metadata: &Metadata) -> Vec<String> {
        if let Some(scopes) = &self.settings.oidc_scopes {
            return scopes.iter().filter(|scope| *scope != "openid").cloned().collect();
        }
        let has = |scope: &&str| {
            let listed = metadata.scopes_supported.as_ref();
            *scope != "groups" || listed.is_none_or(|listed| listed.iter().any(|s| s == scope))
        };
        ["profile", "email", "groups"].into_iter().filter(has).map(Into::into).collect()
    }

    /// The error with which the provider redirected the browser back.
    pub fn refusal(code: &str, description: Option<&str>) -> SignInError {
        calls::provider_error(ProviderWords::new(code, description))
    }

    /// Exchanges the code and validates the id token.
    pub async fn finish(
        &self,
        code: String,
        pending: Pending,
        now: OffsetDateTime,
    ) -> Result<SignedIn, SignInError> {
        let found = self.discover(FRESH_FOR).await?;
        let answer = calls::client(&self.settings, &found.metadata, self.callback()?)
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier))
            .request_async(&calls::over(&self.http))
            .await
            .map_err(calls::token_error)?;
        let mut tokens = Tokens::new(pending.nonce);
        keep(&mut tokens, &answer);
        let token = answer.id_token.as_deref().ok_or(SignInError::NoIdToken)?;
        let claims = self.verified(token, jwt::Kind::IdToken).await?;
        let subject = self.expected(&[&self.settings.oidc_client_id], now).validate(&claims)?;
        if text(&claims, "nonce")? != tokens.nonce.as_deref() {
            return Err(SignInError::Nonce);
        }
        let info = self.more(&subject, &claims, &tokens).await?;
        tokens.logout_hint = logout_hint(&claims);
        let identity = self.identity(subject, &claims, info.as_ref(), None);
        Ok(SignedIn { identity, tokens })
    }

    /// Validates the id token that a client (`clv`) sends with each request. Its audience is the client's
    /// own; the device flow has no nonce. It is valid for one cycle, because its groups may change.
    pub async fn validate_bearer(
        &self,
        token: &str,
        now: OffsetDateTime,
    ) -> Result<BearerIdentity, SignInError> {
        let id = self.settings.oidc_cli_client_id.as_deref().ok_or(SignInError::NoIdToken)?;
        let claims = self.verified(token, jwt::Kind::IdToken).await?;
        let subject = self.expected(&[id], now).validate(&claims)?;
        let issued_at = moment(&claims, "iat")?.ok_or_else(|| missing("iat"))?;
        let age = now - issued_at;
        if age >= self.settings.groups_cycle() {
            let (minutes, allowed) = (age.whole_minutes(), self.settings.oidc_groups_minutes);
            return Err(SignInError::Stale { minutes, allowed });
        }
        let identity = self.identity(subject, &claims, None, None);
        Ok(BearerIdentity { identity, issued_at })
    }

    fn expected<'a>(&'a self, clients: &'a [&'a str], now: OffsetDateTime) -> Expected<'a> {
        Expected {
            issuer: self.settings.oidc_issuer.as_str(),
            clients,
            trusted: &self.settings.oidc_trusted_audiences,
            now,
        }
    }

    /// The claims of a token that the provider signed. It may have changed its keys since we read them.
    async fn verified(&self, token: &str, kind: jwt::Kind) -> Result<Claims, SignInError> {
        let verify = |found: &Discovered| {
            jwt::verify(token, kind, &found.metadata.keys, &found.metadata.algorithms)
        };
        match verify(&*self.discover(FRESH_FOR).await?) {
            Err(SignInError::UnknownKey) => verify(&*self.discover(LOOK_AGAIN_AFTER).await?),
            verified => verified,
        }
    }

    /// Userinfo, if the id token lacks the groups or the person's data. Without the groups nobody gets access.
    async fn more(
        &self,
        subject: &str,
        claims: &Claims,
        tokens: &Tokens,
    ) -> Result<Option<Claims>, SignInError> {
        let groups = self.groups_in(claims, Source::IdToken);
        let has_groups = groups.is_some_and(|found| !found.arrived.overage);
        let is_whole = has_groups
            && loose(claims, "email").and_then(said).is_some()
            && loose(claims, "name").and_then(said).is_some();
        let Some(access_token) = tokens.access_token.as_deref().filter(|_| !is_whole) else {
            return Ok(None);
        };
        let found = self.discover(FRESH_FOR).await?;
        match calls::userinfo(&self.http, &found.metadata, access_token).await {
            Ok(UserInfo::Claims(info)) => about(subject, info).map(Some),
            Ok(UserInfo::Denied(why)) => {
                tracing::debug!(
                    auth.reason = why,
                    "userinfo is not available: the id token is used alone"
                );
                Ok(None)
            }
            Err(error) if has_groups => {
                tracing::warn!(error = %ErrorLine(&error), "userinfo cannot be read");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn groups_in(&self, claims: &Claims, source: Source) -> Option<groups::Found> {
        let separator = self.settings.oidc_groups_separator.as_deref();
        groups::read(&self.groups, separator, claims, source)
    }

    /// The person of the responses: the id token first, then userinfo, then the previous data.
    fn identity(
        &self,
        subject: String,
        id_token: &Claims,
        info: Option<&Claims>,
        before: Option<&Identity>,
    ) -> Identity {
        let first = |name: &str| {
            let of = |claims: &Claims| loose(claims, name).and_then(said);
            of(id_token).or_else(|| info.and_then(of))
        };
        let whole = || Some(format!("{} {}", first("given_name")?, first("family_name")?));
        let name = first("name")
            .or_else(|| before.map(|before| before.person.name.clone()))
            .or_else(whole)
            .or_else(|| first("preferred_username"));
        let email =
            first("email").or_else(|| before.and_then(|before| before.person.email.clone()));
        let from_token = self.groups_in(id_token, Source::IdToken);
        let from_info = info.and_then(|info| self.groups_in(info, Source::UserInfo));
        let found = match (from_token, from_info) {
            (Some(token), Some(info)) if token.arrived.overage && !info.arrived.overage => info,
            (Some(token), _) => token,
            (None, Some(info)) => info,
            (None, None) => groups::Found {
                names: Vec::new(),
                arrived: Arrived {
                    claim: self.settings.oidc_groups_claim.clone(),
                    ..Arrived::default()
                },
            },
        };
        Identity {
            person: Person::new(&subject, name.as_deref(), email.as_deref()),
            groups: found.names,
            arrived: found.arrived,
            provider_session: loose(id_token, "sid")
                .map(ToOwned::to_owned)
                .or_else(|| before.and_then(|before| before.provider_session.clone())),
        }
    }

    /// The provider's metadata and keys, no older than this.
    async fn discover(&self, fresh_for: Duration) -> Result<Arc<Discovered>, SignInError> {
        let is_fresh = |found: &&Arc<Discovered>| found.at.elapsed() < fresh_for;
        if let Some(found) = self.found.read().await.last.as_ref().filter(is_fresh) {
            return Ok(Arc::clone(found));
        }
        let mut slot = self.found.write().await;
        if let Some(found) = slot.last.as_ref().filter(is_fresh) {
            return Ok(Arc::clone(found));
        }
        if let Some((at, why)) = &slot.silent
            && at.elapsed() < ASK_AGAIN_AFTER
        {
            return Err(SignInError::Unreachable(why.clone()));
        }
        let asked = metadata::discover(&self.http, &self.settings.oidc_issuer).await;
        slot.silent = match &asked {
            Err(SignInError::Unreachable(why)) => Some((Instant::now(), why.clone())),
            _ => None,
        };
        let found = Arc::new(Discovered { metadata: asked?, at: Instant::now() });
        slot.last = Some(Arc::clone(&found));
        Ok(found)
    }

    fn callback(&self) -> Result<RedirectUrl, SignInError> {
        let callback = self.settings.public_url.join("auth/callback");
        callback.map(RedirectUrl::from_url).map_err(|error| SignInError::Session(error.to_string()))
    }
}

/// Stores the tokens of a response. A provider that does not rotate refresh tokens omits them.
fn keep(tokens: &mut Tokens, answer: &TokenAnswer) {
    tokens.access_token = Some(answer.access_token().secret().clone());
    if let Some(refresh) = answer.refresh_token() {
        tokens.refresh_token = Some(refresh.secret().clone());
    }
    if let Some(id_token) = &answer.id_token {
        tokens.id_token.clone_from(id_token);
    }
}

/// Userinfo, if its subject is that of the id token.
fn about(subject: &str, info: Claims) -> Result<Claims, SignInError> {
    match loose(&info, "sub") {
        Some(found) if found == subject => Ok(info),
        found => Err(SignInError::UserInfo {
            expected: subject.to_owned(),
            found: bounded(found.unwrap_or("nobody")),
        }),
    }
}

/// The provider's hint for the person: its own, if it sent one (Entra ID's `login_hint`).
fn logout_hint(claims: &Claims) -> Option<String> {
    ["login_hint", "preferred_username", "email", "sub"]
        .into_iter()
        .find_map(|name| loose(claims, name).and_then(said))
        .filter(|hint| hint.len() <= 256)
}
