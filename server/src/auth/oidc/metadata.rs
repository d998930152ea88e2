//! What the provider publishes about itself: its metadata and its keys.

use super::{
    ask::{Answer, ask},
    jwt::is_asymmetric,
};
use crate::{
    auth::{SignInError, error::bounded},
    settings::Issuer,
};
use openidconnect::core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use serde_json::{Map, Value};
use url::Url;

/// The metadata that we use. Other members are ignored, whatever their type.
#[derive(Debug)]
pub(super) struct Metadata {
    pub authorization_endpoint: Url,
    pub token_endpoint: Url,
    pub userinfo_endpoint: Option<Url>,
    pub end_session_endpoint: Option<Url>,
    /// `None` if the provider does not list them.
    pub scopes_supported: Option<Vec<String>>,
    /// Whether the client secret is sent only in the form.
    pub secret_in_form: bool,
    /// The allowed signing algorithms of id tokens.
    pub algorithms: Vec<CoreJwsSigningAlgorithm>,
    pub keys: CoreJsonWebKeySet,
}

/// Reads the metadata, and then the keys.
pub(super) async fn discover(
    http: &reqwest::Client,
    issuer: &Issuer,
) -> Result<Metadata, SignInError> {
    let url = issuer.metadata_url();
    let found = fetch(http, &url).await?;
    let is_secure = issuer.url().scheme() == "https";
    let endpoint = |name: &str| {
        let url = found.get(name).and_then(Value::as_str).and_then(|text| Url::parse(text).ok());
        // Codes, tokens and secrets are sent there.
        url.filter(|url| url.scheme() == "https" || !is_secure)
    };
    let needed = |name: &str| {
        endpoint(name).ok_or_else(|| {
            SignInError::Metadata(format!("{url} has no {name} that is an https URL"))
        })
    };
    match found.get("issuer").and_then(Value::as_str) {
        Some(text) if text == issuer.as_str() => {}
        Some(text) => {
            return Err(SignInError::IssuerText {
                configured: issuer.as_str().to_owned(),
                found: text.to_owned(),
            });
        }
        None => return Err(SignInError::Metadata(format!("{url} names no issuer"))),
    }
    let keys = key_set(http, needed("jwks_uri")?.as_str()).await?;
    let methods = texts(&found, "token_endpoint_auth_methods_supported").unwrap_or_default();
    let has = |method: &str| methods.iter().any(|m| m == method);
    let listed = texts(&found, "id_token_signing_alg_values_supported");
    Ok(Metadata {
        authorization_endpoint: needed("authorization_endpoint")?,
        token_endpoint: needed("token_endpoint")?,
        userinfo_endpoint: endpoint("userinfo_endpoint"),
        end_session_endpoint: endpoint("end_session_endpoint"),
        scopes_supported: texts(&found, "scopes_supported"),
        secret_in_form: has("client_secret_post") && !has("client_secret_basic"),
        // Every provider has to support RS256.
        algorithms: listed
            .unwrap_or_else(|| vec!["RS256".into()])
            .into_iter()
            .filter_map(|name| serde_json::from_value(Value::String(name)).ok())
            .filter(is_asymmetric)
            .collect(),
        keys,
    })
}

/// The signing keys of an issuer of pipelines. Of its metadata nothing else is used, and its keys have the same origin.
pub(super) async fn keys_of(
    http: &reqwest::Client,
    issuer: &str,
) -> Result<CoreJsonWebKeySet, SignInError> {
    let url = format!("{issuer}/.well-known/openid-configuration");
    let found = fetch(http, &url).await?;
    if found.get("issuer").and_then(Value::as_str) != Some(issuer) {
        return Err(SignInError::Metadata(format!("{url} names another issuer")));
    }
    let origin = |text: &str| Url::parse(text).ok().map(|url| url.origin());
    let own = found.get("jwks_uri").and_then(Value::as_str);
    let own = own.filter(|keys| origin(keys).is_some() && origin(keys) == origin(issuer));
    let own = own.ok_or_else(|| {
        SignInError::Metadata(format!("{url} has no jwks_uri of the issuer's own origin"))
    })?;
    key_set(http, own).await
}

async fn key_set(http: &reqwest::Client, url: &str) -> Result<CoreJsonWebKeySet, SignInError> {
    let keys = fetch(http, url).await?;
    serde_json::from_value(Value::Object(keys))
        .map_err(|error| SignInError::Metadata(format!("jwks_uri: {error}")))
}

/// A list of texts; other values are ignored.
fn texts(found: &Map<String, Value>, name: &str) -> Option<Vec<String>> {
    let items = found.get(name)?.as_array()?;
    Some(items.iter().filter_map(|item| item.as_str().map(ToOwned::to_owned)).collect())
}

async fn fetch(http: &reqwest::Client, url: &str) -> Result<Map<String, Value>, SignInError> {
    let Answer { status, body, .. } = ask(http.get(url), url).await?;
    if !status.is_success() {
        return Err(SignInError::Metadata(format!("{url} answered {status}; check the issuer")));
    }
    serde_json::from_slice(&body).map_err(|_| {
        let start = bounded(&String::from_utf8_lossy(&body[..body.len().min(60)]));
        SignInError::Metadata(format!("{url} is not a JSON object, it begins with {start:?}"))
    })
}
