//! Renews the sign-in with the refresh token.

use crate::{credential_store, error::CliError, without_controls};
use serde::Deserialize;

/// The response of the provider's token endpoint.
#[derive(Deserialize)]
pub(crate) struct TokenAnswer {
    pub(crate) id_token: Option<String>,
    pub(crate) refresh_token: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) error_description: Option<String>,
}

impl TokenAnswer {
    /// The provider's own message about a denial, on one line.
    pub(crate) fn refusal(&self) -> Option<String> {
        let error = self.error.as_ref()?;
        let text = match &self.error_description {
            Some(why) => format!("{error}: {why}"),
            None => error.clone(),
        };
        Some(without_controls(&text).take(300).collect())
    }
}

/// A newer token than this one: from another program, or from the refresh token. `None` if the person has to sign in
/// again.
pub(crate) async fn renew(http: &reqwest::Client, old: &str) -> Result<Option<String>, CliError> {
    let Ok(_) = credential_store::read() else { return Ok(None) };
    let _held = credential_store::hold()?;
    let Ok(mut kept) = credential_store::read() else { return Ok(None) };
    if kept.token != old {
        return Ok(Some(kept.token));
    }
    let Some(refresh) = &kept.refresh else { return Ok(None) };
    let asked = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.token.as_str()),
        ("client_id", refresh.client_id.as_str()),
    ];
    let answer = http.post(refresh.endpoint.clone()).form(&asked).send().await?;
    if answer.status().is_server_error() {
        return Err(CliError::Unreachable(format!(
            "the identity provider answered {}",
            answer.status()
        )));
    }
    let answer: TokenAnswer = answer.json().await?;
    let refresh = match (&answer.id_token, answer.refresh_token) {
        // A token that is still valid is not sent again.
        (Some(_), None) => Some(refresh.token.clone()),
        (_, renewed) => renewed,
    };
    // A refresh token that the provider has rejected stays rejected.
    kept.refresh =
        kept.refresh.zip(refresh).map(|(old, token)| credential_store::Refresh { token, ..old });
    if let Some(token) = &answer.id_token {
        kept.token.clone_from(token);
    }
    credential_store::write(&kept)?;
    Ok(answer.id_token)
}
