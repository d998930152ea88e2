//! Outgoing calls other than AWS's APIs: email, webhooks, the AWS console's sign-in.

use crate::{
    StartError,
    mail_server::mail_server,
    send_error::SendError,
    settings::Settings,
    slack::{Slack, text_of},
};
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use claviger_aws::IssuedSession;
use claviger_domain::{
    ids::Region,
    notifications::{Channel, ChatPost},
    partition::Partition,
};
use claviger_services::grants::{
    ChatMessage, Federation, FederationError, Messenger, OutgoingNotice, SendFault,
};
use hmac::{Hmac, Mac};
use http::{StatusCode, header};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{self, response::Category},
};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde::Deserialize;
use sha2::Sha256;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use url::Url;

/// Email by SMTP, and Slack or a webhook that is compatible with it, if configured.
pub struct Notifier {
    http: reqwest::Client,
    mail: Option<(AsyncSmtpTransport<Tokio1Executor>, Mailbox)>,
    webhook: Option<SecretString>,
    slack: Option<Slack>,
    events: Option<SignedWebhook>,
    console: Url,
}

/// A webhook whose receiver can verify the sender, by the Standard Webhooks specification.
struct SignedWebhook {
    url: SecretString,
    key: SecretBox<[u8]>,
}

impl SignedWebhook {
    /// From the settings: both, or neither.
    fn read(settings: &Settings) -> Result<Option<Self>, StartError> {
        let wrong = |text: &str| StartError::Settings(text.into());
        let (url, secret) = match (&settings.event_webhook_url, &settings.event_webhook_secret) {
            (None, None) => return Ok(None),
            (Some(url), Some(secret)) => (url, secret),
            _ => return Err(wrong("event_webhook_url and event_webhook_secret belong together")),
        };
        let expected = "event_webhook_secret: use whsec_ and the base64 of 24 to 64 bytes";
        let text = secret.expose_secret().strip_prefix("whsec_").ok_or_else(|| wrong(expected))?;
        let key = BASE64_STANDARD.decode(text).map_err(|_| wrong(expected))?;
        if !(24..=64).contains(&key.len()) {
            return Err(wrong(expected));
        }
        Ok(Some(Self { url: url.clone(), key: key.into_boxed_slice().into() }))
    }

    /// The header `webhook-signature`.
    fn sign(&self, id: &str, timestamp: i64, body: &str) -> Result<String, SendError> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.expose_secret())?;
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        Ok(format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes())))
    }
}

async fn send_checked(request: reqwest::RequestBuilder) -> Result<(), SendError> {
    let status = request.send().await?.status();
    if status.is_success() { Ok(()) } else { Err(SendError::Refused(status)) }
}

impl Notifier {
    pub fn new(settings: &Settings, http: reqwest::Client) -> Result<Self, StartError> {
        let wrong = |what: &str, why: &dyn std::fmt::Display| {
            StartError::Settings(format!("{what}: {why}"))
        };
        let mail = match &settings.smtp_url {
            Some(url) => {
                let transport = mail_server(url.expose_secret(), settings.ca_bundle.as_ref())?;
                let from = settings
                    .mail_from
                    .parse::<Mailbox>()
                    .map_err(|error| wrong("mail_from", &error))?;
                Some((transport, from))
            }
            None => None,
        };
        webhook_address("webhook_url", settings.webhook_url.as_ref())?;
        webhook_address("event_webhook_url", settings.event_webhook_url.as_ref())?;
        Ok(Self {
            slack: Slack::read(settings, http.clone())?,
            http,
            mail,
            webhook: settings.webhook_url.clone(),
            events: SignedWebhook::read(settings)?,
            console: settings.public_url.clone(),
        })
    }

    /// Connects to the mail server and signs in, but sends no email. `None` if none is configured.
    pub(crate) async fn probe_mail(&self) -> Option<Result<(), SendError>> {
        let (transport, _) = self.mail.as_ref()?;
        Some(match transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(SendError::NoCommands),
            Err(error) => Err(error.into()),
        })
    }

    /// Sends a HEAD request to a webhook, because people would see a POST.
    pub(crate) async fn probe_webhook(
        &self,
        channel: Channel,
    ) -> Option<Result<StatusCode, SendError>> {
        let url = match channel {
            Channel::Chat => self.webhook.as_ref()?,
            Channel::Events => &self.events.as_ref()?.url,
            Channel::Email => return None,
        };
        let answer = self.http.head(url.expose_secret()).send().await;
        Some(answer.map(|answer| answer.status()).map_err(SendError::from))
    }

    /// Asks Slack whether it knows the token. `None` if none is configured.
    pub(crate) async fn probe_slack(&self) -> Option<Result<(), SendError>> {
        Some(self.slack.as_ref()?.probe().await)
    }

    fn link(&self, path: &str) -> String {
        self.console.join(path).map_or_else(|_| self.console.to_string(), String::from)
    }
}

/// The URL itself is a secret: it is never shown.
fn webhook_address(name: &str, url: Option<&SecretString>) -> Result<(), StartError> {
    let Some(url) = url else { return Ok(()) };
    match Url::parse(url.expose_secret()) {
        Ok(url) if matches!(url.scheme(), "https" | "http") && url.has_host() => Ok(()),
        _ => Err(StartError::Settings(format!(
            "{name} is to be an address such as https://hooks.example.com/services/…"
        ))),
    }
}

/// A rejected mailbox stays rejected; a rejected sign-in may succeed later.
fn mail_fault(error: &smtp::Error) -> SendFault {
    let is_about_mailbox = error.status().is_some_and(|code| code.category == Category::MailSystem);
    SendFault { reason: error.to_string(), for_good: error.is_permanent() && is_about_mailbox }
}

#[async_trait]
impl Messenger for Notifier {
    fn sends(&self, channel: Channel) -> bool {
        match channel {
            Channel::Email => self.mail.is_some(),
            Channel::Chat => self.slack.is_some() || self.webhook.is_some(),
            Channel::Events => self.events.is_some(),
        }
    }

    async fn email(&self, to: &str, title: &str, body: &str, link: &str) -> Result<(), SendFault> {
        let Some((transport, from)) = &self.mail else { return Ok(()) };
        let Ok(to) = to.parse::<Mailbox>() else {
            return Err(SendFault::for_good(
                "the address that the identity provider gives is not an email address",
            ));
        };
        let message = Message::builder()
            .from(from.clone())
            .to(to)
            // A line break would start another header; the library rejects it, so none gets there.
            .subject(title.replace(['\r', '\n'], " "))
            .header(ContentType::TEXT_PLAIN)
            .body(format!("{body}\n\n{}\n", self.link(link)))
            .map_err(|error| error.to_string())?;
        transport.send(message).await.map(drop).map_err(|error| mail_fault(&error))
    }

    fn replaces(&self) -> bool {
        self.slack.is_some()
    }

    async fn channel(&self, message: ChatMessage<'_>) -> Result<Option<ChatPost>, SendFault> {
        let link = self.link(message.link);
        if let Some(slack) = &self.slack {
            return slack.post(message, &link).await.map(Some);
        }
        let Some(webhook) = &self.webhook else { return Ok(None) };
        let request = self.http.post(webhook.expose_secret());
        let body = serde_json::json!({ "text": text_of(message, &link) });
        send_checked(request.json(&body)).await?;
        Ok(None)
    }

    async fn update(&self, post: &ChatPost, message: ChatMessage<'_>) -> Result<(), SendFault> {
        match &self.slack {
            Some(slack) => slack.update(post, message, &self.link(message.link)).await,
            None => Ok(()),
        }
    }

    async fn event(&self, notice: &OutgoingNotice, now: OffsetDateTime) -> Result<(), SendFault> {
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
        Ok(send_checked(request).await?)
    }
}

/// The AWS console's federation endpoint.
pub struct FederationClient {
    http: reqwest::Client,
    endpoint: Url,
    issuer: Url,
}

impl FederationClient {
    /// The configured endpoint, otherwise that of Claviger's own partition.
    pub fn new(settings: &Settings, http: reqwest::Client) -> Self {
        let endpoint =
            settings.federation_url.clone().unwrap_or_else(|| federation_of(&settings.aws_region));
        Self { http, endpoint, issuer: settings.public_url.clone() }
    }
}

#[expect(clippy::expect_used, reason = "host names that a test reads")]
fn federation_of(region: &Region) -> Url {
    let host = Partition::of_region(region).sign_in_host();
    Url::parse(&format!("https://{host}/federation")).expect("a URL")
}

#[derive(Deserialize)]
struct SignInToken {
    #[serde(rename = "SigninToken")]
    token: String,
}

#[async_trait]
impl Federation for FederationClient {
    async fn sign_in_link(
        &self,
        session: &IssuedSession,
        destination: &str,
    ) -> Result<String, FederationError> {
        let credentials = serde_json::json!({
            "sessionId": session.access_key_id,
            "sessionKey": session.secret_access_key.expose_secret(),
            "sessionToken": session.session_token.expose_secret(),
        });
        let failed = |error: reqwest::Error| FederationError(error.without_url().to_string());
        let answer = self
            .http
            // In the body, so that no proxy logs it.
            .post(self.endpoint.clone())
            .form(&[("Action", "getSigninToken"), ("Session", &credentials.to_string())])
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .map_err(failed)?;
        let token: SignInToken = answer.json().await.map_err(failed)?;
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
    fn people_sign_in_where_their_partition_is() {
        for (region, host) in [
            ("eu-west-1", "signin.aws.amazon.com"),
            ("us-gov-west-1", "signin.amazonaws-us-gov.com"),
            ("cn-north-1", "signin.amazonaws.cn"),
        ] {
            let url = federation_of(&region.parse().unwrap());
            assert_eq!((url.host_str(), url.path()), (Some(host), "/federation"));
        }
    }
}
