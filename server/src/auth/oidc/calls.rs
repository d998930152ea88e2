//! Calls to the provider's token endpoint and to userinfo.

use super::{
    ask::{Answer, ask, chain},
    jwt,
    metadata::Metadata,
};
use crate::{
    auth::{SignInError, error::ProviderWords},
    settings::Settings,
};
use futures::future::BoxFuture;
use oauth2::{
    AccessToken, AuthType, AuthUrl, ClientId, ClientSecret, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    StandardRevocableToken, TokenResponse, TokenUrl,
    basic::{
        BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
        BasicTokenType,
    },
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use std::time::Duration;

/// The relying party, as the OAuth library defines it.
pub(super) type Client = oauth2::Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// The token endpoint's response. Members that we do not use (`expires_in`, which some send as text) are ignored.
#[derive(Serialize, Deserialize)]
pub(super) struct TokenAnswer {
    access_token: AccessToken,
    #[serde(default, deserialize_with = "loose_refresh")]
    refresh_token: Option<RefreshToken>,
    #[serde(default, deserialize_with = "loose")]
    pub id_token: Option<String>,
    #[serde(skip, default = "bearer")]
    kind: BasicTokenType,
}

fn bearer() -> BasicTokenType {
    BasicTokenType::Bearer
}

/// Text, or `None`.
fn loose<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let value = Option::<Value>::deserialize(deserializer)?;
    Ok(value.and_then(|value| match value {
        Value::String(text) if !text.is_empty() => Some(text),
        _ => None,
    }))
}

fn loose_refresh<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<RefreshToken>, D::Error> {
    Ok(loose(deserializer)?.map(RefreshToken::new))
}

impl std::fmt::Debug for TokenAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenAnswer(…)")
    }
}

impl TokenResponse for TokenAnswer {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.kind
    }

    fn expires_in(&self) -> Option<Duration> {
        None
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

/// The relying party with the provider's endpoints.
pub(super) fn client(settings: &Settings, metadata: &Metadata, callback: RedirectUrl) -> Client {
    let secret = ClientSecret::new(settings.oidc_client_secret.expose_secret().to_owned());
    oauth2::Client::new(ClientId::new(settings.oidc_client_id.clone()))
        .set_client_secret(secret)
        .set_auth_uri(AuthUrl::from_url(metadata.authorization_endpoint.clone()))
        .set_token_uri(TokenUrl::from_url(metadata.token_endpoint.clone()))
        .set_redirect_uri(callback)
        .set_auth_type(if metadata.secret_in_form {
            AuthType::RequestBody
        } else {
            AuthType::BasicAuth
        })
}

/// A failed call to the provider.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProviderFault {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Answer(#[from] http::Error),
    #[error("it answered {0}")]
    Status(http::StatusCode),
}

/// An adapter of our HTTP client for the OAuth library. A failing provider is not a denial.
pub(super) fn over(
    http: &reqwest::Client,
) -> impl Fn(HttpRequest) -> BoxFuture<'static, Result<HttpResponse, ProviderFault>> + use<> {
    let http = http.clone();
    move |request| {
        let http = http.clone();
        Box::pin(async move {
            let request = reqwest::Request::try_from(request)?;
            let response = http.execute(request).await?;
            let status = response.status();
            if status.is_server_error() || status == http::StatusCode::TOO_MANY_REQUESTS {
                return Err(ProviderFault::Status(status));
            }
            let mut answer = http::Response::builder().status(status);
            if let Some(headers) = answer.headers_mut() {
                headers.clone_from(response.headers());
            }
            Ok(answer.body(response.bytes().await?.to_vec())?)
        })
    }
}

/// What a failed call to the token endpoint means.
pub(super) fn token_error(
    error: RequestTokenError<ProviderFault, BasicErrorResponse>,
) -> SignInError {
    match error {
        RequestTokenError::ServerResponse(refused) => provider_error(ProviderWords::new(
            refused.error().as_ref(),
            refused.error_description().map(String::as_str),
        )),
        RequestTokenError::Request(error) => SignInError::Unreachable(chain(&error)),
        RequestTokenError::Parse(error, _) => {
            SignInError::Metadata(format!("the token endpoint's answer cannot be read: {error}"))
        }
        RequestTokenError::Other(why) => {
            SignInError::Metadata(format!("the token endpoint's answer cannot be read: {why}"))
        }
    }
}

/// Who has to fix an error, by its code (RFC 6749, sections 4.1.2.1 and 5.2; OpenID Connect Core 1.0, section 3.1.2.6).
pub(super) fn provider_error(words: ProviderWords) -> SignInError {
    match words.code.as_str() {
        "invalid_client"
        | "unauthorized_client"
        | "unsupported_grant_type"
        | "unsupported_response_type"
        | "invalid_scope"
        | "invalid_request"
        | "invalid_target"
        | "invalid_resource"
        | "request_not_supported" => SignInError::Misconfigured(words),
        "server_error" | "temporarily_unavailable" | "slow_down" => {
            SignInError::Unreachable(words.to_string())
        }
        "invalid_grant" => SignInError::Code(words),
        _ => SignInError::Refused(words),
    }
}

/// The response of userinfo.
pub(super) enum UserInfo {
    Claims(Map<String, Value>),
    /// It does not accept the access token, or its response is invalid.
    Denied(String),
}

/// Calls userinfo (OpenID Connect Core 1.0, section 5.3). The caller has to compare the subject.
pub(super) async fn userinfo(
    http: &reqwest::Client,
    metadata: &Metadata,
    access_token: &str,
) -> Result<UserInfo, SignInError> {
    let Some(endpoint) = &metadata.userinfo_endpoint else {
        return Ok(UserInfo::Denied("the provider has none".into()));
    };
    let request = http.get(endpoint.clone()).bearer_auth(access_token);
    let Answer { status, content_type, body } = ask(request, "userinfo").await?;
    if !status.is_success() {
        return Ok(UserInfo::Denied(format!("userinfo answered {status}")));
    }
    if content_type.starts_with("application/jwt") {
        let token = String::from_utf8_lossy(&body);
        return jwt::verify(token.trim(), jwt::Kind::IdToken, &metadata.keys, &metadata.algorithms)
            .map(UserInfo::Claims);
    }
    Ok(match serde_json::from_slice(&body) {
        Ok(claims) => UserInfo::Claims(claims),
        Err(_) => UserInfo::Denied("userinfo is not a JSON object".into()),
    })
}
