//! What leaves the console beside AWS's APIs: email, the team's channel, the AWS console's sign-in.

use crate::{StartError, settings::Settings};
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use claviger_aws::IssuedSession;
use claviger_services::access::{Federation, Messenger, OutgoingNotice};
use hmac::{Hmac, Mac};
use http::header;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde::Deserialize;
use sha2::Sha256;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use url::Url;

/// Email by SMTP, and a Slack-compatible webhook; each where it is configured.
pub struct Outside {
    http: reqwest::Client,
    mail: Option<(AsyncSmtpTransport<Tokio1Executor>, Mailbox)>,
    webhook: Option<SecretString>,
    events: Option<SignedWebhook>,
    console: Url,
}

/// A webhook whose receiver can tell that it is ours, by the Standard Webhooks specification.
struct SignedWebhook {
    url: SecretString,
    key: SecretBox<[u8]>,
}

impl SignedWebhook {
    /// From the settings: both, or neither.
    fn read(settings: &Settings) -> Result<Option<Self>, String> {
        let (url, secret) = match (&settings.event_webhook_url, &settings.event_webhook_secret) {
            (None, None) => return Ok(None),
            (Some(url), Some(secret)) => (url, secret),
            _ => return Err("event_webhook_url and event_webhook_secret belong together".into()),
        };
        let expected = "event_webhook_secret: use whsec_ and the base64 of 24 to 64 bytes";
        let text = secret.expose_secret().strip_prefix("whsec_").ok_or(expected)?;
        let key = BASE64_STANDARD.decode(text).map_err(|_| expected)?;
        if !(24..=64).contains(&key.len()) {
            return Err(expected.into());
        }
        Ok(Some(Self { url: url.clone(), key: key.into_boxed_slice().into() }))
    }

    /// The header `webhook-signature`.
    fn sign(&self, id: &str, timestamp: i64, body: &str) -> Result<String, String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.expose_secret())
            .map_err(|error| error.to_string())?;
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        Ok(format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes())))
    }
}

async fn heard(request: reqwest::RequestBuilder) -> Result<(), String> {
    // The address is a secret of its own.
    let answer = request.send().await.map_err(|error| error.without_url().to_string())?;
    if answer.status().is_success() {
        Ok(())
    } else {
        Err(format!("the webhook answered {}", answer.status()))
    }
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
            events: SignedWebhook::read(settings).map_err(StartError::Settings)?,
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
        let request = self.http.post(webhook.expose_secret());
        heard(request.json(&serde_json::json!({ "text": text }))).await
    }

    async fn event(&self, notice: &OutgoingNotice, now: OffsetDateTime) -> Result<(), String> {
        let Some(webhook) = &self.events else { return Ok(()) };
        let id = format!("claviger-{}", notice.id);
        let at = notice.created_at.format(&Rfc3339).map_err(|error| error.to_string())?;
        let body = serde_json::json!({
            "type": notice.kind,
            "timestamp": at,
            "data": {"title": notice.title, "text": notice.body, "url": self.link(&notice.link)},
        })
        .to_string();
        let now = now.unix_timestamp();
        let signature = webhook.sign(&id, now, &body)?;
        let request = self
            .http
            .post(webhook.url.expose_secret())
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", now)
            .header("webhook-signature", signature)
            .body(body);
        heard(request).await
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
