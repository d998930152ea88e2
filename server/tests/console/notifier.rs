//! Outgoing messages: a webhook, an email, a sign-in link. Each to a small server of the test.

use axum::{Form, Json, Router, extract::State, routing::post};
use claviger::{
    notifier::{FederationClient, Notifier},
    settings::Settings,
};
use claviger_aws::IssuedSession;
use claviger_services::grants::{ChatMessage, Federation, Messenger, OutgoingNotice};
use http::HeaderMap;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

fn settings(more: Value) -> Settings {
    let mut all = json!({
        "database_url": "unused",
        "oidc_issuer": "https://id.example.com",
        "oidc_client_id": "claviger",
        "oidc_client_secret": "secret",
        "public_url": "https://claviger.test",
    });
    for (key, value) in more.as_object().unwrap() {
        all[key] = value.clone();
    }
    serde_json::from_value(all).unwrap()
}

fn http() -> reqwest::Client {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::builder().build().unwrap()
}

type Heard<T> = Arc<Mutex<Vec<T>>>;

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

#[tokio::test]
async fn the_channel_hears_text_without_markup() {
    let heard: Heard<Value> = Heard::default();
    let router = Router::new()
        .route(
            "/hook",
            post(async |State(heard): State<Heard<Value>>, Json(body): Json<Value>| {
                heard.lock().unwrap().push(body);
            }),
        )
        .route("/broken", post(async || http::StatusCode::INTERNAL_SERVER_ERROR))
        .with_state(heard.clone());
    let url = serve(router).await;
    let to = |path: &str| {
        Notifier::new(&settings(json!({"webhook_url": format!("{url}{path}")})), http()).unwrap()
    };
    to("/hook").channel(says("Ben asks <!here>", "Because & so.", "/approvals/G-1")).await.unwrap();
    assert_eq!(
        heard.lock().unwrap()[0]["text"],
        "*Ben asks &lt;!here&gt;*\nBecause &amp; so.\n<https://claviger.test/approvals/G-1|Open in Claviger>"
    );
    let fault = to("/broken").channel(says("a", "b", "/c")).await.unwrap_err();
    assert!(fault.reason.contains("500") && !fault.for_good, "{fault}");
    let gone =
        Notifier::new(&settings(json!({"webhook_url": "http://127.0.0.1:9/secret-path"})), http())
            .unwrap();
    let fault = gone.channel(says("a", "b", "/c")).await.unwrap_err();
    assert!(!fault.reason.contains("secret-path"), "the address is a secret of its own: {fault}");
}

fn says<'a>(title: &'a str, body: &'a str, link: &'a str) -> ChatMessage<'a> {
    ChatMessage { title, body, link, thread: None }
}

/// Slack answers 200 to everything, and says in the body how it went.
#[tokio::test]
async fn a_message_in_slack_is_posted_replaced_and_answered() {
    let heard: Heard<(HeaderMap, String, Value)> = Heard::default();
    let method = async |State(heard): State<Heard<(HeaderMap, String, Value)>>,
                        uri: http::Uri,
                        headers: HeaderMap,
                        Json(body): Json<Value>| {
        let answer = match (uri.path(), body["text"].as_str().unwrap_or_default()) {
            ("/api/auth.test", _) => json!({"ok": true}),
            (_, text) if text.contains("refuse") => json!({"ok": false, "error": "not_in_channel"}),
            (_, text) if text.contains("deleted") => {
                json!({"ok": false, "error": "message_not_found"})
            }
            _ => json!({"ok": true, "channel": "C042", "ts": "1764.0001"}),
        };
        heard.lock().unwrap().push((headers, uri.path().to_owned(), body));
        Json(answer)
    };
    let router = Router::new()
        .route("/api/{method}", post(method))
        .route("/busy/{method}", post(async || http::StatusCode::TOO_MANY_REQUESTS))
        .with_state(heard.clone());
    let url = serve(router).await;
    let at = |api: &str| {
        let of = json!({"slack_token": "xoxb-secret", "slack_channel": "C042", "slack_api_url": format!("{url}/{api}/")});
        Notifier::new(&settings(of), http()).unwrap()
    };
    let slack = at("api");
    assert!(slack.replaces());
    let sent = slack.channel(says("Ben asks <!here>", "Because & so.", "/approvals/G-1")).await;
    let sent = sent.unwrap().unwrap();
    assert_eq!((sent.channel.as_str(), sent.message.as_str()), ("C042", "1764.0001"));
    slack.update(&sent, says("Ben asks", "Approved.", "/access/G-1")).await.unwrap();
    let below = ChatMessage { thread: Some(&sent), ..says("Revoked", "By Ada.", "/access/G-1") };
    slack.channel(below).await.unwrap();
    let calls = std::mem::take(&mut *heard.lock().unwrap());
    let methods: Vec<&str> = calls.iter().map(|(_, path, _)| path.as_str()).collect();
    assert_eq!(methods, ["/api/chat.postMessage", "/api/chat.update", "/api/chat.postMessage"]);
    for (headers, _, body) in &calls {
        assert_eq!(headers["authorization"], "Bearer xoxb-secret");
        assert_eq!(body["channel"], "C042");
    }
    assert_eq!(
        calls[0].2["text"],
        "*Ben asks &lt;!here&gt;*\nBecause &amp; so.\n<https://claviger.test/approvals/G-1|Open in Claviger>"
    );
    assert_eq!(calls[1].2["ts"], "1764.0001");
    assert_eq!(calls[2].2["thread_ts"], "1764.0001");
    let refused = slack.channel(says("refuse", "", "/")).await.unwrap_err();
    assert!(refused.reason.contains("not_in_channel: invite the bot"), "{refused}");
    assert!(!refused.for_good, "somebody may invite it");
    assert!(slack.update(&sent, says("refuse", "", "/")).await.is_err_and(|fault| !fault.for_good));
    assert!(slack.update(&sent, says("deleted", "", "/")).await.is_err_and(|fault| fault.for_good));
    let busy = at("busy").channel(says("a", "b", "/c")).await.unwrap_err();
    assert!(busy.reason.contains("429") && !busy.for_good, "{busy}");
    assert!(!busy.reason.contains("xoxb"), "the token is a secret: {busy}");
}

#[test]
fn slack_is_configured_whole_or_not_at_all() {
    let (token, channel) = (("slack_token", "xoxb-secret"), ("slack_channel", "C042"));
    for (wrong, expected) in [
        (vec![token], "belong together"),
        (vec![channel], "belong together"),
        (vec![token, ("slack_channel", "#access")], "the channel's id"),
        (vec![token, ("slack_channel", "general")], "the channel's id"),
        (vec![token, channel, ("webhook_url", "https://hooks.example.com/x")], "one of them"),
        (vec![token, channel, ("slack_api_url", "https://slack.com/api")], "slack_api_url"),
        (vec![token, channel, ("slack_api_url", "file:///api/")], "slack_api_url"),
    ] {
        let of: serde_json::Map<String, Value> =
            wrong.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
        let error = Notifier::new(&settings(Value::Object(of)), http()).err().unwrap().to_string();
        assert!(error.contains(expected) && !error.contains("xoxb"), "{error}");
    }
}

#[tokio::test]
async fn programs_hear_what_they_can_verify() {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use hmac::Mac;
    let heard: Heard<(HeaderMap, String)> = Heard::default();
    let router = Router::new()
        .route(
            "/hook",
            post(
                async |State(heard): State<Heard<(HeaderMap, String)>>,
                       headers: HeaderMap,
                       body: String| {
                    heard.lock().unwrap().push((headers, body));
                },
            ),
        )
        .with_state(heard.clone());
    let url = format!("{}/hook", serve(router).await);
    let key = [7_u8; 32];
    let secret = format!("whsec_{}", BASE64_STANDARD.encode(key));
    let notifier = Notifier::new(
        &settings(json!({"event_webhook_url": url, "event_webhook_secret": secret})),
        http(),
    )
    .unwrap();
    let notice = OutgoingNotice {
        id: 12,
        kind: "findings-new".into(),
        created_at: time::macros::datetime!(2026-11-25 12:00 UTC),
        recipient: None,
        grant_id: None,
        title: "2 new findings".into(),
        body: "a, b.".into(),
        link: "/findings?policy=owner".into(),
    };
    notifier.event(&notice, time::macros::datetime!(2026-11-25 12:01 UTC)).await.unwrap();
    let (headers, body) = heard.lock().unwrap().remove(0);
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
    mac.update(
        format!("{}.{}.{body}", header("webhook-id"), header("webhook-timestamp")).as_bytes(),
    );
    let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    assert_eq!(header("webhook-signature"), format!("v1,{signature}"));
    assert_eq!(header("webhook-id"), "claviger-12");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (&body["type"], &body["data"]["url"]),
        (&json!("findings-new"), &json!("https://claviger.test/findings?policy=owner"))
    );
    for wrong in [
        json!({"event_webhook_url": url}),
        json!({"event_webhook_url": url, "event_webhook_secret": "secret"}),
        json!({"event_webhook_url": url, "event_webhook_secret": "whsec_c2hvcnQ="}),
    ] {
        let fault = Notifier::new(&settings(wrong), http()).err().unwrap().to_string();
        assert!(fault.contains("event_webhook_secret"), "{fault}");
    }
}

/// Speaks just enough SMTP to take one message.
async fn mailbox() -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let taken = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let (mut heard, mut in_data) = (String::new(), false);
        write.write_all(b"220 test\r\n").await.unwrap();
        while let Some(line) = lines.next_line().await.unwrap() {
            heard.push_str(&line);
            heard.push('\n');
            let answer = match line.as_str() {
                "." => {
                    in_data = false;
                    "250 taken"
                }
                _ if in_data => continue,
                "DATA" => {
                    in_data = true;
                    "354 go on"
                }
                "QUIT" => {
                    write.write_all(b"221 bye\r\n").await.unwrap();
                    break;
                }
                _ => "250 fine",
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
            if answer == "250 taken" {
                break;
            }
        }
        heard
    });
    (url, taken)
}

#[tokio::test]
async fn an_email_is_plain_text_with_a_link() {
    let (url, taken) = mailbox().await;
    let more = json!({"smtp_url": url, "mail_from": "Claviger <claviger@example.com>"});
    let notifier = Notifier::new(&settings(more), http()).unwrap();
    // A title cannot start another header.
    let title = "Ben asks\r\nBcc: eve@example.com";
    notifier.email("tomas@example.com", title, "For 30 minutes.", "/approvals/G-1").await.unwrap();
    let heard = taken.await.unwrap();
    assert!(heard.contains("RCPT TO:<tomas@example.com>") && !heard.contains("\nBcc:"), "{heard}");
    assert!(
        heard.contains("For 30 minutes.") && heard.contains("https://claviger.test/approvals/G-1")
    );
    // Invalid addresses stay invalid.
    assert!(notifier.email("nonsense", "a", "b", "/c").await.unwrap_err().for_good);
}

#[tokio::test]
async fn what_cannot_be_an_address_is_said_at_the_start() {
    for (more, says) in [
        (json!({"smtp_url": "http://mail"}), "smtp_url"),
        (json!({"smtp_url": "smtp://mail", "mail_from": "nonsense"}), "mail_from"),
        (json!({"webhook_url": "hooks.example.com/secret-path"}), "webhook_url"),
        (json!({"webhook_url": "ftp://hooks.example.com/secret-path"}), "webhook_url"),
    ] {
        let fault = Notifier::new(&settings(more), http()).err().unwrap().to_string();
        assert!(fault.contains(says) && !fault.contains("secret-path"), "{fault}");
    }
}

#[tokio::test]
async fn a_mailbox_that_the_server_does_not_know_is_given_up_and_a_sign_in_is_not() {
    for (command, answer, for_good) in [
        ("RCPT", "550 no such user", true),
        ("RCPT", "451 try later", false),
        ("MAIL", "530 sign in first", false),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            write.write_all(b"220 test\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                let said = if line.starts_with(command) { answer } else { "250 fine" };
                if write.write_all(format!("{said}\r\n").as_bytes()).await.is_err() {
                    break;
                }
            }
        });
        let notifier = Notifier::new(&settings(json!({"smtp_url": url})), http()).unwrap();
        let fault = notifier.email("gone@example.com", "a", "b", "/c").await.unwrap_err();
        assert_eq!(fault.for_good, for_good, "{answer}: {fault}");
        assert!(fault.reason.contains(answer.split_once(' ').unwrap().1), "{fault}");
    }
}

#[tokio::test]
async fn a_sign_in_link_is_asked_for_in_a_body_and_leads_to_the_secret() {
    type Form1 = Form<HashMap<String, String>>;
    let heard: Heard<HashMap<String, String>> = Heard::default();
    let router = Router::new()
        .route(
            "/federation",
            post(async |State(heard): State<Heard<HashMap<String, String>>>, Form(form): Form1| {
                heard.lock().unwrap().push(form);
                Json(json!({"SigninToken": "a-token"}))
            }),
        )
        .with_state(heard.clone());
    let url = format!("{}/federation", serve(router).await);
    let endpoint = FederationClient::new(&settings(json!({"federation_url": url})), http());
    let session = IssuedSession {
        account: "441205839201".parse().unwrap(),
        access_key_id: "ASIA".into(),
        secret_access_key: "key".to_owned().into(),
        session_token: "token".to_owned().into(),
        expires_at: time::OffsetDateTime::UNIX_EPOCH,
    };
    let link = endpoint.sign_in_link(&session, "https://console.aws.amazon.com/x").await.unwrap();
    assert!(link.contains("Action=login") && link.contains("SigninToken=a-token"), "{link}");
    assert!(link.contains("Destination=https%3A%2F%2Fconsole.aws.amazon.com%2Fx"));
    let form = heard.lock().unwrap()[0].clone();
    assert_eq!(form["Action"], "getSigninToken");
    let asked: Value = serde_json::from_str(&form["Session"]).unwrap();
    assert_eq!((&asked["sessionId"], &asked["sessionToken"]), (&json!("ASIA"), &json!("token")));
}
