//! The identity provider: its metadata, and whether they suffice.

use super::{Line, in_time};
use crate::{send_error::error_chain, settings::Settings};
use http::StatusCode;
use serde::Deserialize;

/// The members of the metadata that we use.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    jwks_uri: Option<String>,
    end_session_endpoint: Option<String>,
    device_authorization_endpoint: Option<String>,
    scopes_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<serde_json::Value>,
}

pub(super) async fn test(settings: &Settings, http: &reqwest::Client) -> Vec<Line> {
    let address = settings.oidc_issuer.metadata_url();
    let metadata: Metadata = match in_time(get(http, &address)).await {
        Ok(metadata) => metadata,
        Err(error) => {
            return vec![Line::failed(
                "Identity provider",
                format!("{address}: {error}"),
                "Check oidc_issuer, and that this machine reaches it",
            )];
        }
    };
    let mut lines = Vec::new();
    let expected = settings.issuer();
    lines.push(if metadata.issuer == expected {
        Line::passed("Identity provider", format!("{expected} answers"))
    } else {
        Line::failed(
            "Identity provider",
            format!("its issuer is {:?}, but oidc_issuer is {expected:?}", metadata.issuer),
            "Set oidc_issuer to exactly the provider's issuer",
        )
    });
    lines.push(endpoints(settings, &metadata));
    lines.push(options(settings, &metadata));
    if let Some(uri) = &metadata.jwks_uri {
        lines.push(keys(http, uri).await);
    }
    lines
}

/// Why a document of the provider could not be read.
#[derive(Debug, thiserror::Error)]
enum GetError {
    #[error("{}", error_chain(.0))]
    Http(reqwest::Error),
    #[error("it responds with {0}")]
    Status(StatusCode),
}

impl From<reqwest::Error> for GetError {
    /// The line names the address already.
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error.without_url())
    }
}

async fn get<T: serde::de::DeserializeOwned>(
    http: &reqwest::Client,
    address: &str,
) -> Result<T, GetError> {
    let answer = http.get(address).send().await?;
    if !answer.status().is_success() {
        return Err(GetError::Status(answer.status()));
    }
    Ok(answer.json().await?)
}

fn endpoints(settings: &Settings, metadata: &Metadata) -> Line {
    const ABOUT: &str = "Identity provider's endpoints";
    let mut needed = vec![
        ("authorization_endpoint", &metadata.authorization_endpoint),
        ("token_endpoint", &metadata.token_endpoint),
        ("jwks_uri", &metadata.jwks_uri),
    ];
    if settings.oidc_cli_client_id.is_some() {
        needed.push(("device_authorization_endpoint", &metadata.device_authorization_endpoint));
    }
    let missing: Vec<&str> =
        needed.iter().filter(|(_, url)| url.is_none()).map(|(name, _)| *name).collect();
    if missing.is_empty() {
        Line::passed(ABOUT, "the provider lists every endpoint that Claviger needs")
    } else {
        let to_do =
            "Use a provider with the authorization code flow (and the device flow, for clv)";
        Line::failed(ABOUT, format!("its metadata does not list {}", missing.join(", ")), to_do)
    }
}

/// Optional members of the metadata, and what works without them.
fn options(settings: &Settings, metadata: &Metadata) -> Line {
    const ABOUT: &str = "Identity provider's options";
    let mut lacks = Vec::new();
    if metadata.end_session_endpoint.is_none() {
        lacks.push("signing out ends the console's session only".to_owned());
    }
    let methods = metadata.code_challenge_methods_supported.as_deref();
    if methods.is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
        lacks.push("it does not list PKCE with S256".to_owned());
    }
    if let Some(supported) = &metadata.scopes_supported {
        let asked = settings.oidc_scopes.iter().flatten();
        let unknown = asked.filter(|scope| !supported.contains(scope));
        lacks.extend(unknown.map(|scope| format!("it does not list the scope {scope}")));
    }
    if lacks.is_empty() {
        Line::passed(ABOUT, "sign-out, PKCE and scopes are supported")
    } else {
        Line::warning(
            ABOUT,
            lacks.join("; "),
            "Check the client's registration there and oidc_scopes",
        )
    }
}

async fn keys(http: &reqwest::Client, uri: &str) -> Line {
    const ABOUT: &str = "Identity provider's keys";
    let to_do = "Check that this machine reaches that address";
    match in_time(get::<Keys>(http, uri)).await {
        Ok(found) if found.keys.is_empty() => Line::failed(
            ABOUT,
            format!("{uri} has no key"),
            "Publish a signing key at the provider: without one, Claviger cannot verify a sign-in",
        ),
        Ok(found) => Line::passed(ABOUT, format!("{} at {uri}", found.keys.len())),
        Err(error) => Line::failed(ABOUT, format!("{uri}: {error}"), to_do),
    }
}
