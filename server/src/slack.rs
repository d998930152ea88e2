//! Slack's Web API: messages that are replaced when the request that they are about changes.

use crate::{StartError, send_error::SendError, settings::Settings};
use claviger_domain::notifications::ChatPost;
use claviger_services::grants::{ChatMessage, SendFault};
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use url::Url;

/// A bot in one channel.
pub(crate) struct Slack {
    http: reqwest::Client,
    api: Url,
    token: SecretString,
    channel: String,
}

/// Every method answers 200, with `ok` and a word for the error: <https://docs.slack.dev/apis/web-api/>.
#[derive(Deserialize)]
struct Answer {
    ok: bool,
    error: Option<String>,
    channel: Option<String>,
    ts: Option<String>,
}

/// Errors of `chat.update` after which the message stays as it is: <https://docs.slack.dev/reference/methods/chat.update>.
const STAYS: [&str; 4] =
    ["message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found"];

impl Slack {
    /// From the settings: both, or neither.
    pub(crate) fn read(
        settings: &Settings,
        http: reqwest::Client,
    ) -> Result<Option<Self>, StartError> {
        let wrong = |text: &str| Err(StartError::Settings(text.into()));
        let (token, channel) = match (&settings.slack_token, &settings.slack_channel) {
            (None, None) => return Ok(None),
            (Some(token), Some(channel)) => (token, channel),
            _ => return wrong("slack_token and slack_channel belong together"),
        };
        if settings.webhook_url.is_some() {
            return wrong(
                "webhook_url and slack_token both name the team's chat: configure one of them",
            );
        }
        // A name would lead to another channel once somebody renames it.
        let is_id = channel.starts_with(['C', 'G'])
            && channel.len() > 1
            && channel.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        if !is_id {
            return wrong(
                "slack_channel: use the channel's id, such as C0123456789 (in Slack: the channel's details)",
            );
        }
        let api = &settings.slack_api_url;
        if !matches!(api.scheme(), "https" | "http") || !api.path().ends_with('/') {
            return wrong("slack_api_url: use an address such as https://slack.com/api/");
        }
        Ok(Some(Self { http, api: api.clone(), token: token.clone(), channel: channel.clone() }))
    }

    /// Posts a message; `link` is the console's whole address.
    pub(crate) async fn post(
        &self,
        message: ChatMessage<'_>,
        link: &str,
    ) -> Result<ChatPost, SendFault> {
        let mut body = json!({
            "channel": self.channel,
            "text": text_of(message, link),
            "unfurl_links": false,
            "unfurl_media": false,
        });
        if let Some(thread) = message.thread {
            body["channel"] = json!(thread.channel);
            body["thread_ts"] = json!(thread.message);
        }
        let answer = self.call("chat.postMessage", &body).await?;
        match answer {
            Answer { ok: true, channel: Some(channel), ts: Some(message), .. } => {
                Ok(ChatPost { channel, message })
            }
            answer => Err(refused(&answer).into()),
        }
    }

    /// Replaces a message.
    pub(crate) async fn update(
        &self,
        post: &ChatPost,
        message: ChatMessage<'_>,
        link: &str,
    ) -> Result<(), SendFault> {
        let body = json!({
            "channel": post.channel,
            "ts": post.message,
            "text": text_of(message, link),
        });
        let answer = self.call("chat.update", &body).await?;
        if answer.ok {
            return Ok(());
        }
        let for_good = answer.error.as_deref().is_some_and(|error| STAYS.contains(&error));
        Err(SendFault { reason: refused(&answer), for_good })
    }

    /// Whether Slack knows the token. Nothing is posted.
    pub(crate) async fn probe(&self) -> Result<(), SendError> {
        let answer = self.call("auth.test", &json!({})).await?;
        if answer.ok { Ok(()) } else { Err(SendError::Slack(refused(&answer))) }
    }

    async fn call(&self, method: &str, body: &serde_json::Value) -> Result<Answer, SendError> {
        let url = self.api.join(method).map_err(|error| SendError::Slack(error.to_string()))?;
        let request = self.http.post(url).bearer_auth(self.token.expose_secret()).json(body);
        let answer = request.send().await?;
        let status = answer.status();
        if status == StatusCode::TOO_MANY_REQUESTS || !status.is_success() {
            return Err(SendError::Slack(format!("Slack answered {status}")));
        }
        Ok(answer.json().await?)
    }
}

fn refused(answer: &Answer) -> String {
    let error = answer.error.as_deref().unwrap_or("an answer without the message");
    let what = match error {
        "not_in_channel" | "channel_not_found" => ": invite the bot to slack_channel",
        "invalid_auth" | "not_authed" | "account_inactive" | "token_revoked" | "token_expired" => {
            ": check slack_token"
        }
        "missing_scope" => ": the bot needs the scope chat:write",
        "is_archived" => ": the channel is archived",
        _ => "",
    };
    format!("Slack refused it with {error}{what}")
}

/// The text, in which nothing of ours is markup but its own.
pub(crate) fn text_of(message: ChatMessage<'_>, link: &str) -> String {
    format!(
        "*{}*\n{}\n<{link}|Open in Claviger>",
        escape_mrkdwn(message.title),
        escape_mrkdwn(message.body),
    )
}

/// Characters that Slack would interpret as markup.
fn escape_mrkdwn(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_is_markup() {
        assert_eq!(
            escape_mrkdwn("<!channel> & <http://x|y>"),
            "&lt;!channel&gt; &amp; &lt;http://x|y&gt;"
        );
    }
}
