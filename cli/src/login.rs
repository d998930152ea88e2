//! Signing in by the device authorization flow (RFC 8628): the browser may be on another machine.

use crate::{
    api::{Api, http, read},
    fault::Fault,
    keep, say,
};
use claviger_domain::view::Me;
use serde::Deserialize;
use std::time::{Duration, Instant};
use url::Url;

#[derive(Deserialize)]
struct Registration {
    issuer: String,
    client_id: String,
    scopes: Vec<String>,
}

#[derive(Deserialize)]
struct Provider {
    issuer: String,
    device_authorization_endpoint: Option<Url>,
    token_endpoint: Url,
}

#[derive(Deserialize)]
struct Pending {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: Option<String>,
    expires_in: u64,
    interval: Option<u64>,
}

#[derive(Deserialize)]
struct Token {
    id_token: Option<String>,
    error: Option<String>,
}

/// What RFC 8628 adds when the provider says `slow_down`.
const SLOWER: Duration = Duration::from_secs(5);

pub(crate) async fn login(console: Url) -> Result<(), Fault> {
    let http = http()?;
    let at = |url: &Url, path: &str| {
        url.join(path).map_err(|error| Fault::SignIn(format!("{path}: {error}")))
    };
    let client: Registration = read(http.get(at(&console, "/v1/client")?).send().await?).await?;
    let issuer = client.issuer.trim_end_matches('/');
    let discovery = format!("{issuer}/.well-known/openid-configuration");
    let provider: Provider = http.get(discovery).send().await?.error_for_status()?.json().await?;
    if provider.issuer.trim_end_matches('/') != issuer {
        return Err(Fault::SignIn("the identity provider calls itself by another name".into()));
    }
    let begin = provider.device_authorization_endpoint.ok_or_else(|| {
        Fault::SignIn("the identity provider has no device authorization flow".into())
    })?;
    let scopes = format!("openid {}", client.scopes.join(" "));
    let asked = [("client_id", client.client_id.as_str()), ("scope", scopes.as_str())];
    let device: Pending =
        http.post(begin).form(&asked).send().await?.error_for_status()?.json().await?;
    let link = device.verification_uri_complete.as_ref().unwrap_or(&device.verification_uri);
    say(format_args!("Open {link}\nand check that it shows the code {}", device.user_code));

    let token = wait(&http, &provider.token_endpoint, &client.client_id, &device).await?;
    let api = Api::over(http, console.clone(), token.clone());
    let me: Me = api.get("/v1/me").await?;
    keep::write(&keep::SignIn { console, token })?;
    say(format_args!("Signed in as {}.", me.name));
    Ok(())
}

/// Asks the provider, at its pace, until the person has signed in.
async fn wait(
    http: &reqwest::Client,
    endpoint: &Url,
    client_id: &str,
    device: &Pending,
) -> Result<String, Fault> {
    let began = Instant::now();
    let mut pause = Duration::from_secs(device.interval.unwrap_or(5));
    while began.elapsed() < Duration::from_secs(device.expires_in) {
        tokio::time::sleep(pause).await;
        let asked = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("device_code", device.device_code.as_str()),
            ("client_id", client_id),
        ];
        let token: Token = http.post(endpoint.clone()).form(&asked).send().await?.json().await?;
        match (token.id_token, token.error.as_deref()) {
            (Some(token), _) => return Ok(token),
            (None, Some("authorization_pending")) => {}
            (None, Some("slow_down")) => pause += SLOWER,
            (None, Some("access_denied")) => return Err(Fault::SignIn("it was refused".into())),
            (None, Some("expired_token")) => break,
            (None, Some(other)) => return Err(Fault::SignIn(other.to_owned())),
            (None, None) => return Err(Fault::SignIn("no id token came back".into())),
        }
    }
    Err(Fault::SignIn("the code has expired".into()))
}
