//! The ready descriptions against an API that behaves as GitHub's documentation says.

use super::*;
use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    routing::{delete, get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rotation_http::READY;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::net::TcpListener;

#[derive(Debug, Default)]
struct GitHub {
    /// Deploy keys: id, title, key.
    keys: Vec<(u32, String, String)>,
    tokens: Vec<String>,
    made: u32,
    /// A deploy key that is made may write.
    makes_writers: bool,
}

type Shared = Arc<Mutex<GitHub>>;

async fn started(router: Router<Shared>) -> (String, Shared) {
    let shared = Shared::default();
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = router.with_state(shared.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, shared)
}

fn bearer(headers: &HeaderMap) -> String {
    // GitHub answers requests without a User-Agent with 403.
    assert!(headers.contains_key("user-agent") && headers["x-github-api-version"] == "2022-11-28");
    headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ").to_owned()
}

fn frame(
    name: &str,
    address: &str,
    secret: &str,
    admin: &str,
) -> Frame<MemorySecrets, HttpRotation> {
    let (_, text) = READY.iter().find(|(ready, _)| *ready == name).unwrap();
    let text = text.replace("https://api.github.com", address);
    let description = Description::parse(&format!("wait_seconds = 0\n{text}")).unwrap();
    let secrets = MemorySecrets::with(&[(SECRET, secret), (ADMIN, admin)]);
    Frame { secrets, rotation: HttpRotation::new(description, Some(ADMIN.into())).unwrap() }
}

async fn rotate(
    frame: &Frame<MemorySecrets, HttpRotation>,
    version: &str,
) -> Result<(), StepError> {
    frame.secrets.begin(SECRET, version);
    for step in STEPS {
        frame.run(&event(step, version)).await?;
    }
    Ok(())
}

fn deploy_keys() -> Router<Shared> {
    async fn list(State(github): State<Shared>, headers: HeaderMap) -> Json<Value> {
        assert_eq!(bearer(&headers), "canary-admin");
        let keys = &github.lock().unwrap().keys;
        Json(
            keys.iter()
                .map(|(id, title, key)| json!({"id": id, "title": title, "key": key}))
                .collect(),
        )
    }
    async fn create(
        State(github): State<Shared>,
        headers: HeaderMap,
        Json(body): Json<Value>,
    ) -> (StatusCode, Json<Value>) {
        assert_eq!(bearer(&headers), "canary-admin");
        let mut github = github.lock().unwrap();
        // GitHub drops the comment.
        let key: Vec<&str> = body["key"].as_str().unwrap().split(' ').take(2).collect();
        github.made += 1;
        let id = github.made + 100;
        github.keys.push((id, body["title"].as_str().unwrap().to_owned(), key.join(" ")));
        (StatusCode::CREATED, Json(json!({"id": id, "read_only": body["read_only"]})))
    }
    async fn one(
        State(github): State<Shared>,
        Path((_, _, id)): Path<(String, String, u32)>,
    ) -> (StatusCode, Json<Value>) {
        let github = github.lock().unwrap();
        let is_there = github.keys.iter().any(|(own, ..)| *own == id);
        let answer = json!({"id": id, "read_only": !github.makes_writers});
        (if is_there { StatusCode::OK } else { StatusCode::NOT_FOUND }, Json(answer))
    }
    async fn remove(
        State(github): State<Shared>,
        Path((_, _, id)): Path<(String, String, u32)>,
    ) -> StatusCode {
        let mut github = github.lock().unwrap();
        let before = github.keys.len();
        github.keys.retain(|(own, ..)| *own != id);
        if github.keys.len() < before { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
    }
    Router::new()
        .route("/repos/{owner}/{repository}/keys", get(list).post(create))
        .route("/repos/{owner}/{repository}/keys/{id}", get(one).delete(remove))
}

const DEPLOY_KEY: &str = r#"{"owner":"acme","repository":"shop","key_id":"7","private_key":"canary","public_key":"ssh-ed25519 AAAA"}"#;

#[tokio::test]
async fn a_deploy_key_is_made_here_and_registered_at_github() {
    let (address, github) = started(deploy_keys()).await;
    github.lock().unwrap().keys.push((7, "by hand".into(), "ssh-ed25519 AAAA".into()));
    let frame = frame("github-deploy-key", &address, DEPLOY_KEY, r#"{"token":"canary-admin"}"#);
    rotate(&frame, "second").await.unwrap();
    let member = |name| frame.secrets.member(SECRET, "AWSCURRENT", name).unwrap();
    assert_eq!(member("key_id"), "101");
    assert!(member("private_key").starts_with("-----BEGIN OPENSSH PRIVATE KEY-----\n"));
    let keys = github.lock().unwrap().keys.clone();
    let [(101, title, key)] = keys.as_slice() else { panic!("{keys:?}") };
    assert!(title.starts_with("claviger-") && title.ends_with("-second"), "{title}");
    assert!(member("public_key").starts_with(key.as_str()));
    rotate(&frame, "third").await.unwrap();
    assert_eq!(github.lock().unwrap().keys.len(), 1);
}

#[tokio::test]
async fn a_deploy_key_that_may_write_does_not_become_current() {
    let (address, github) = started(deploy_keys()).await;
    github.lock().unwrap().makes_writers = true;
    let frame = frame("github-deploy-key", &address, DEPLOY_KEY, r#"{"token":"canary-admin"}"#);
    let error = rotate(&frame, "second").await.unwrap_err().to_string();
    assert!(error.contains("/read_only is not as expected"), "{error}");
}

fn installations() -> Router<Shared> {
    async fn create(
        State(github): State<Shared>,
        Path(installation): Path<String>,
        headers: HeaderMap,
    ) -> (StatusCode, Json<Value>) {
        let jwt = bearer(&headers);
        assert_eq!((installation.as_str(), jwt.split('.').count()), ("42", 3));
        let mut github = github.lock().unwrap();
        github.made += 1;
        let token = format!("canary-token-{}", github.made);
        github.tokens.push(token.clone());
        let answer = json!({"token": token, "expires_at": "2026-11-29T13:00:00Z"});
        (StatusCode::CREATED, Json(answer))
    }
    async fn repositories(State(github): State<Shared>, headers: HeaderMap) -> StatusCode {
        let is_there = github.lock().unwrap().tokens.contains(&bearer(&headers));
        if is_there { StatusCode::OK } else { StatusCode::UNAUTHORIZED }
    }
    async fn revoke(State(github): State<Shared>, headers: HeaderMap) -> StatusCode {
        let token = bearer(&headers);
        let mut github = github.lock().unwrap();
        if !github.tokens.contains(&token) {
            return StatusCode::UNAUTHORIZED;
        }
        github.tokens.retain(|own| *own != token);
        StatusCode::NO_CONTENT
    }
    Router::new()
        .route("/app/installations/{id}/access_tokens", post(create))
        .route("/installation/repositories", get(repositories))
        .route("/installation/token", delete(revoke))
}

#[tokio::test]
async fn a_token_of_an_app_is_made_with_its_key_and_the_old_one_is_revoked() {
    use aws_lc_rs::{
        encoding::{AsDer, Pkcs8V1Der},
        rsa::{KeyPair, KeySize},
    };
    let (address, github) = started(installations()).await;
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let der = STANDARD.encode(der.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----\n");
    let admin = json!({"app_id": 12, "private_key": pem}).to_string();
    let secret = r#"{"installation_id":"42","token":"none"}"#;
    let frame = frame("github-app-token", &address, secret, &admin);
    rotate(&frame, "second").await.unwrap();
    assert_eq!(github.lock().unwrap().tokens, ["canary-token-1"]);
    rotate(&frame, "third").await.unwrap();
    assert_eq!(github.lock().unwrap().tokens, ["canary-token-2"]);
    let member = |name| frame.secrets.member(SECRET, "AWSCURRENT", name).unwrap();
    assert_eq!(member("token"), "canary-token-2");
    assert_eq!(member("expires_at"), "2026-11-29T13:00:00Z");
}
