//! What leaves the console beside AWS's APIs: email, the team's channel, the AWS console's sign-in.

use crate::{StartError, settings::Settings};
use async_trait::async_trait;
use claviger_aws::IssuedSession;
use claviger_services::access::{Federation, Messenger};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

/// Email by SMTP, and a Slack-compatible webhook; each where it is configured.
pub struct Outside {
    http: reqwest::Client,
    mail: Option<(AsyncSmtpTransport<Tokio1Executor>, Mailbox)>,
    webhook: Option<SecretString>,
    console: Url,
}

impl Outside {
    pub fn new(settings: &Settings, http: reqwest::Client) -> Result<Self, StartError> {
        let wrong = |what: &str, why: &dyn std::fmt::Display| {
            StartError::Settings(format!("{what}: {why}"))
        };
        let mail = match &settings.smtp_url {
            Some(url) => {
                let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
                    .map_err(|error| wrong("smtp_url", &error))?
                    .build();
                let from = settings
                    .mail_from
                    .parse::<Mailbox>()
                    .map_err(|error| wrong("mail_from", &error))?;
                Some((transport, from))
            }
            None => None,
        };
        Ok(Self {
            http,
            mail,
            webhook: settings.webhook_url.clone(),
            console: settings.public_url.clone(),
        })
    }

    fn link(&self, path: &str) -> String {
        self.console.join(path).map_or_else(|_| self.console.to_string(), String::from)
    }
}

#[async_trait]
impl Messenger for Outside {
    async fn email(&self, to: &str, title: &str, body: &str, link: &str) -> Result<(), String> {
        let Some((transport, from)) = &self.mail else { return Ok(()) };
        let Ok(to) = to.parse::<Mailbox>() else {
            tracing::warn!("a person's address is none; no email is sent");
            return Ok(());
        };
        let message = Message::builder()
            .from(from.clone())
            .to(to)
            // A line break would begin another header; the library refuses it, so none gets there.
            .subject(title.replace(['\r', '\n'], " "))
            .header(ContentType::TEXT_PLAIN)
            .body(format!("{body}\n\n{}\n", self.link(link)))
            .map_err(|error| error.to_string())?;
        transport.send(message).await.map(drop).map_err(|error| error.to_string())
    }

    async fn channel(&self, title: &str, body: &str, link: &str) -> Result<(), String> {
        let Some(webhook) = &self.webhook else { return Ok(()) };
        let text =
            format!("*{}*\n{}\n<{}|Open in Claviger>", plain(title), plain(body), self.link(link));
        let answer = self
            .http
            .post(webhook.expose_secret())
            .json(&serde_json::json!({ "text": text }))
            .send()
            .await
            // The address is a secret of its own.
            .map_err(|error| error.without_url().to_string())?;
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(format!("the webhook answered {}", answer.status()))
        }
    }
}

/// What Slack would take for markup.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The AWS console's federation endpoint.
pub struct SignInEndpoint {
    http: reqwest::Client,
    endpoint: Url,
    issuer: Url,
}

impl SignInEndpoint {
    pub fn new(settings: &Settings, http: reqwest::Client) -> Self {
        Self {
            http,
            endpoint: settings.federation_url.clone(),
            issuer: settings.public_url.clone(),
        }
    }
}

#[derive(Deserialize)]
struct SignInToken {
    #[serde(rename = "SigninToken")]
    token: String,
}

#[async_trait]
impl Federation for SignInEndpoint {
    async fn sign_in_link(
        &self,
        session: &IssuedSession,
        destination: &str,
    ) -> Result<String, String> {
        let credentials = serde_json::json!({
            "sessionId": session.access_key_id,
            "sessionKey": session.secret_access_key.expose_secret(),
            "sessionToken": session.session_token.expose_secret(),
        });
        let answer = self
            .http
            // In the body, so that no proxy's log has it.
            .post(self.endpoint.clone())
            .form(&[("Action", "getSigninToken"), ("Session", &credentials.to_string())])
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .map_err(|error| error.without_url().to_string())?;
        let token: SignInToken =
            answer.json().await.map_err(|error| error.without_url().to_string())?;
        let mut link = self.endpoint.clone();
        link.query_pairs_mut()
            .append_pair("Action", "login")
            .append_pair("Issuer", self.issuer.as_str())
            .append_pair("Destination", destination)
            .append_pair("SigninToken", &token.token);
        Ok(link.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_is_markup() {
        assert_eq!(plain("<!channel> & <http://x|y>"), "&lt;!channel&gt; &amp; &lt;http://x|y&gt;");
    }
}
