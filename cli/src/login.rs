//! Sign-in with the device authorization flow (RFC 8628): the browser may be on another machine.

use crate::{
    api::Api,
    credential_store,
    error::CliError,
    http::{http, read},
    renewal::TokenAnswer,
    say,
};
use claviger_domain::inventory::view::Me;
use serde::Deserialize;
use std::{
    path::{self, PathBuf},
    time::{Duration, Instant},
};
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

/// Who is signed in, with a note for people without a role.
#[derive(Deserialize)]
struct SignedIn {
    #[serde(flatten)]
    me: Me,
    no_role: Option<String>,
}

/// The seconds that RFC 8628 adds when the provider says `slow_down`.
const SLOWER: Duration = Duration::from_secs(5);

pub(crate) async fn login(console: Url, ca_bundle: Option<PathBuf>) -> Result<(), CliError> {
    // Later commands run in other folders.
    let absolute = |file: PathBuf| {
        path::absolute(&file).map_err(|error| CliError::file(file.display(), error))
    };
    let ca_bundle = ca_bundle.map(absolute).transpose()?;
    let http = http(ca_bundle.as_deref())?;
    let at = |url: &Url, path: &str| {
        url.join(path).map_err(|error| CliError::SignIn(format!("{path}: {error}")))
    };
    let client: Registration = read(http.get(at(&console, "/v1/client")?).send().await?).await?;
    // The issuer is compared exactly, with or without a slash at its end.
    let issuer = client.issuer.strip_suffix('/').unwrap_or(&client.issuer);
    let discovery = format!("{issuer}/.well-known/openid-configuration");
    let provider: Provider = http.get(discovery).send().await?.error_for_status()?.json().await?;
    if provider.issuer != client.issuer {
        return Err(CliError::SignIn(format!(
            "the console names the issuer {}, but the identity provider calls itself {}",
            client.issuer, provider.issuer
        )));
    }
    let begin = provider.device_authorization_endpoint.ok_or_else(|| {
        CliError::SignIn("the identity provider has no device authorization flow".into())
    })?;
    let scopes = format!("openid {}", client.scopes.join(" "));
    let asked = [("client_id", client.client_id.as_str()), ("scope", scopes.as_str())];
    let answer = http.post(begin).form(&asked).send().await?;
    let is_good = answer.status().is_success();
    let body = answer.bytes().await?;
    if !is_good {
        let refusal =
            serde_json::from_slice::<TokenAnswer>(&body).ok().and_then(|told| told.refusal());
        let refusal = refusal.unwrap_or_else(|| "the identity provider refused to begin".into());
        return Err(CliError::SignIn(refusal));
    }
    let device: Pending = serde_json::from_slice(&body).map_err(|error| {
        CliError::SignIn(format!("the identity provider's response cannot be read: {error}"))
    })?;
    let link = device.verification_uri_complete.as_ref().unwrap_or(&device.verification_uri);
    say(format_args!("Open {link}\nand check that it shows the code {}", device.user_code));

    let (token, refresh) =
        wait(&http, &provider.token_endpoint, &client.client_id, &device).await?;
    let refresh = refresh.map(|token| credential_store::Refresh {
        token,
        endpoint: provider.token_endpoint,
        client_id: client.client_id,
    });
    let api = Api::over(http, console.clone(), token.clone());
    let SignedIn { me, no_role } = api.get("/v1/me").await?;
    credential_store::write(&credential_store::SignIn { console, token, refresh, ca_bundle })?;
    say(format_args!("Signed in as {}.", me.name));
    if let Some(why) = no_role {
        say(why);
    }
    Ok(())
}

/// Polls the provider, at its interval, until the person has signed in. Returns the id token and the refresh token.
async fn wait(
    http: &reqwest::Client,
    endpoint: &Url,
    client_id: &str,
    device: &Pending,
) -> Result<(String, Option<String>), CliError> {
    let began = Instant::now();
    let mut pause = Duration::from_secs(device.interval.unwrap_or(5));
    while began.elapsed() < Duration::from_secs(device.expires_in) {
        tokio::time::sleep(pause).await;
        let asked = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("device_code", device.device_code.as_str()),
            ("client_id", client_id),
        ];
        let token: TokenAnswer =
            http.post(endpoint.clone()).form(&asked).send().await?.json().await?;
        let refusal = token.refusal();
        match (token.id_token, token.error.as_deref()) {
            (Some(id_token), _) => return Ok((id_token, token.refresh_token)),
            (None, Some("authorization_pending")) => {}
            (None, Some("slow_down")) => pause += SLOWER,
            (None, Some("access_denied")) => {
                return Err(CliError::SignIn("you or the identity provider denied it".into()));
            }
            (None, Some("expired_token")) => break,
            (None, Some(other)) => {
                return Err(CliError::SignIn(refusal.unwrap_or_else(|| other.into())));
            }
            (None, None) => {
                return Err(CliError::SignIn("the identity provider returned no id token".into()));
            }
        }
    }
    Err(CliError::SignIn("the code has expired".into()))
}
