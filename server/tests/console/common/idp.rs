//! An identity provider that signs whatever a test asks it to sign.

use axum::{
    Form, Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use openidconnect::{
    JsonWebKeyId, PrivateSigningKey,
    core::{CoreEdDsaPrivateSigningKey, CoreJwsSigningAlgorithm},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use tokio::net::TcpListener;

pub const CLIENT: &str = "claviger";
pub const CLI: &str = "claviger-cli";

/// The id token that the provider will hand out.
pub struct Token {
    pub claims: Value,
    /// Signed with a key that is not published.
    pub by_stranger: bool,
    /// Not signed at all.
    pub unsigned: bool,
}

impl Token {
    pub fn good(issuer: &str, nonce: &str) -> Self {
        let now = unix_now();
        Self {
            claims: json!({
                "iss": issuer, "aud": CLIENT, "sub": "ada", "nonce": nonce, "iat": now, "exp": now + 300,
                "name": "Ada Okafor", "email": "ada@example.com", "groups": [],
            }),
            by_stranger: false,
            unsigned: false,
        }
    }

    pub fn set_groups(&mut self, groups: &[&str]) {
        self.claims["groups"] = json!(groups);
    }
}

pub fn unix_now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

struct Shared {
    issuer: String,
    next: Mutex<Option<(Token, String)>>,
}

pub struct TestIdp {
    pub issuer: String,
    shared: Arc<Shared>,
    serving: tokio::task::JoinHandle<()>,
}

impl TestIdp {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared { issuer: issuer.clone(), next: Mutex::default() });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .with_state(Arc::clone(&shared));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { issuer, shared, serving }
    }

    /// The next code is worth this token, to whoever knows the verifier of this challenge.
    pub fn expect(&self, token: Token, challenge: &str) {
        *self.shared.next.lock().unwrap() = Some((token, challenge.to_owned()));
    }

    /// A token of the client's own, signed.
    pub fn bearer(&self, change: impl FnOnce(&mut Token)) -> String {
        let mut token = Token::good(&self.issuer, "unused");
        token.claims["aud"] = json!(CLI);
        change(&mut token);
        sign(&token)
    }

    /// From now on nobody answers.
    pub fn stop(&self) {
        self.serving.abort();
    }
}

impl Drop for TestIdp {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn configuration(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let issuer = &shared.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/auth"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "end_session_endpoint": format!("{issuer}/end"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA", "none", "HS256"],
    }))
}

async fn keys() -> Json<Value> {
    Json(json!({ "keys": [serde_json::to_value(key(1).as_verification_key()).unwrap()] }))
}

async fn token(
    State(shared): State<Arc<Shared>>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let refuse =
        || (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response();
    // A code is good once.
    let Some((token, challenge)) = shared.next.lock().unwrap().take() else { return refuse() };
    let verifier = form.get("code_verifier").cloned().unwrap_or_default();
    if form["code"] != "good" || URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != challenge {
        return refuse();
    }
    Json(json!({ "access_token": "a", "token_type": "Bearer", "id_token": sign(&token) }))
        .into_response()
}

fn sign(token: &Token) -> String {
    let signer = key(if token.by_stranger { 2 } else { 1 });
    let kid = if token.by_stranger { "stranger" } else { "known" };
    let header =
        if token.unsigned { json!({"alg": "none"}) } else { json!({"alg": "EdDSA", "kid": kid}) };
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&header), part(&token.claims));
    if token.unsigned {
        return format!("{message}.");
    }
    let signature = signer.sign(&CoreJwsSigningAlgorithm::EdDsa, message.as_bytes()).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A key made from a number: PKCS #8 around 32 equal bytes.
fn key(seed: u8) -> CoreEdDsaPrivateSigningKey {
    let mut der = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    der.extend([seed; 32]);
    let (begin, end) =
        (format!("-----BEGIN {} KEY-----", "PRIVATE"), format!("-----END {} KEY-----", "PRIVATE"));
    let pem = format!("{begin}\n{}\n{end}\n", STANDARD.encode(der));
    let kid = if seed == 1 { "known" } else { "stranger" };
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new(kid.into()))).unwrap()
}
