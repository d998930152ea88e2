//! Email and webhooks. Nothing is sent, because people would see it.

use super::{Line, in_time};
use crate::notifier::Notifier;
use claviger_domain::notifications::Channel;
use http::StatusCode;

pub(super) async fn test(notifier: &Notifier) -> Vec<Line> {
    let (mail, slack, chat, events) = tokio::join!(
        mail(notifier),
        slack(notifier),
        webhook(notifier, "Webhook (webhook_url)", Channel::Chat),
        webhook(notifier, "Event webhook (event_webhook_url)", Channel::Events),
    );
    [mail, slack, chat, events].into_iter().flatten().collect()
}

async fn mail(notifier: &Notifier) -> Option<Line> {
    const ABOUT: &str = "Mail";
    let tested = in_time(async { notifier.probe_mail().await.transpose() }).await;
    match tested {
        Ok(None) => None,
        Ok(Some(())) => Some(Line::passed(ABOUT, "connected and signed in; no mail was sent")),
        Err(error) => Some(Line::failed(
            ABOUT,
            error,
            "Check smtp_url: smtps:// for TLS from the start, smtp://…?tls=required for STARTTLS, user and password",
        )),
    }
}

async fn slack(notifier: &Notifier) -> Option<Line> {
    const ABOUT: &str = "Slack (slack_token)";
    let tested = in_time(async { notifier.probe_slack().await.transpose() }).await;
    match tested {
        Ok(None) => None,
        Ok(Some(())) => Some(Line::passed(
            ABOUT,
            "Slack knows the token; whether the bot is in slack_channel shows with the first message",
        )),
        Err(error) => Some(Line::failed(ABOUT, error, "Check slack_token and slack_api_url")),
    }
}

async fn webhook(notifier: &Notifier, about: &str, channel: Channel) -> Option<Line> {
    let tested = in_time(async { notifier.probe_webhook(channel).await.transpose() }).await;
    let status = match tested {
        Ok(None) => return None,
        Ok(Some(status)) => status,
        Err(error) => {
            let to_do = "Check its address and certificate, and that this machine reaches it";
            return Some(Line::failed(about, error, to_do));
        }
    };
    let said = format!("the response to a HEAD request is {status}");
    Some(
        if status.is_server_error() || status == StatusCode::NOT_FOUND || status == StatusCode::GONE
        {
            Line::warning(
                about,
                said,
                "Check its address. Some receivers accept only POST requests",
            )
        } else {
            // Receivers reject everything but a POST, so this tests only the connection.
            Line::passed(
                about,
                format!("reachable ({said}). Whether it accepts messages shows with the first one"),
            )
        },
    )
}
