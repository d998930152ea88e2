//! Outgoing messages: a webhook, an email, a sign-in link. Each to a small server of the test.

use axum::{Form, Json, Router, extract::State, routing::post};
use claviger::{
    notifier::{FederationClient, Notifier},
    settings::Settings,
};
use claviger_aws::IssuedSession;
use claviger_services::grants::{Federation, Messenger, OutgoingNotice};
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
    to("/hook").channel("Ben asks <!here>", "Because & so.", "/approvals/G-1").await.unwrap();
    assert_eq!(
        heard.lock().unwrap()[0]["text"],
        "*Ben asks &lt;!here&gt;*\nBecause &amp; so.\n<https://claviger.test/approvals/G-1|Open in Claviger>"
    );
    let fault = to("/broken").channel("a", "b", "/c").await.unwrap_err();
    assert!(fault.reason.contains("500") && !fault.for_good, "{fault}");
    let gone =
        Notifier::new(&settings(json!({"webhook_url": "http://127.0.0.1:9/secret-path"})), http())
            .unwrap();
    let fault = gone.channel("a", "b", "/c").await.unwrap_err();
    assert!(!fault.reason.contains("secret-path"), "the address is a secret of its own: {fault}");
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
