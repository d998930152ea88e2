//! An identity provider with the responses that a test sets, signed.

use axum::{
    Form, Json, Router,
    extract::{FromRequest, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use claviger_domain::clock::Clock;
use claviger_testkit::TestClock;
use openidconnect::{
    JsonWebKeyId, PrivateSigningKey,
    core::{CoreEdDsaPrivateSigningKey, CoreJwsSigningAlgorithm},
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::net::TcpListener;

pub const CLIENT: &str = "claviger";
pub const CLI: &str = "claviger-cli";
const BACKCHANNEL: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The id token that the provider will issue.
#[derive(Clone)]
pub struct Token {
    pub claims: Value,
    /// Signed with an unpublished key.
    pub by_stranger: bool,
    /// Not signed at all.
    pub unsigned: bool,
    /// The header's `typ`.
    pub typ: Option<&'static str>,
}

impl Token {
    pub fn good(issuer: &str, nonce: &str, now: i64) -> Self {
        Self::of(json!({
            "iss": issuer, "aud": CLIENT, "sub": "ada", "nonce": nonce, "iat": now, "exp": now + 300,
            "name": "Ada Okafor", "email": "ada@example.com", "groups": [],
        }))
    }

    fn of(claims: Value) -> Self {
        Self { claims, by_stranger: false, unsigned: false, typ: None }
    }

    pub fn set_groups(&mut self, groups: &[&str]) {
        self.claims["groups"] = json!(groups);
    }
}

pub fn unix_now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// The provider's behavior; a test can change it at any time.
#[expect(clippy::struct_excessive_bools, reason = "each is a behaviour of its own")]
pub struct Behaviour {
    /// Whether it issues refresh tokens.
    pub gives_refresh: bool,
    /// Whether it rotates refresh tokens, and ends the sign-in if one is used twice.
    pub rotates: bool,
    /// Whether a refresh returns an id token.
    pub refreshes_id_token: bool,
    /// What userinfo returns besides the subject; `None` rejects the access token.
    pub userinfo: Option<Value>,
    /// Whether userinfo is signed.
    pub userinfo_is_signed: bool,
    /// Every endpoint responds with 503.
    pub is_down: bool,
    /// The error of the token endpoint: status and body.
    pub refuses: Option<(u16, Value)>,
    /// Additional members of the token endpoint's response.
    pub answer: Value,
    /// How long the token endpoint takes.
    pub delay: Duration,
    /// Overrides of the default metadata; null removes a member.
    pub metadata: Value,
    /// By RS256, as most providers, instead of `EdDSA`.
    pub by_rsa: bool,
    /// Changed claims of people since they signed in, by subject; null removes a claim.
    changes: BTreeMap<String, Value>,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            gives_refresh: true,
            rotates: true,
            refreshes_id_token: true,
            userinfo: None,
            userinfo_is_signed: false,
            is_down: false,
            refuses: None,
            answer: json!({}),
            delay: Duration::ZERO,
            metadata: json!({}),
            by_rsa: false,
            changes: BTreeMap::new(),
        }
    }
}

/// The requests so far.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub refreshes: usize,
    pub userinfos: usize,
    /// Refresh tokens that were used a second time.
    pub reuses: usize,
}

struct Shared {
    origin: String,
    issuer: String,
    clock: Arc<TestClock>,
    next: Mutex<Option<(Token, String)>>,
    behaviour: Mutex<Behaviour>,
    /// The sign-ins by their refresh tokens; `None` if used up.
    refreshable: Mutex<HashMap<String, Option<Token>>>,
    asked: Mutex<Asked>,
    keys_asked: AtomicUsize,
    /// The form and the Authorization header of the last call of the token endpoint.
    last_form: Mutex<(HashMap<String, String>, Option<String>)>,
}

pub struct TestIdp {
    pub issuer: String,
    pub origin: String,
    shared: Arc<Shared>,
    serving: tokio::task::JoinHandle<()>,
}

impl TestIdp {
    pub async fn start(clock: Arc<TestClock>) -> Self {
        Self::at(clock, "").await
    }

    /// A provider whose issuer has this path, such as `/` or `/realms/main`.
    pub async fn at(clock: Arc<TestClock>, path: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let issuer = format!("{origin}{path}");
        let shared = Arc::new(Shared {
            origin: origin.clone(),
            issuer: issuer.clone(),
            clock,
            next: Mutex::default(),
            behaviour: Mutex::default(),
            refreshable: Mutex::default(),
            asked: Mutex::default(),
            keys_asked: AtomicUsize::default(),
            last_form: Mutex::default(),
        });
        let router = Router::new().fallback(serve).with_state(Arc::clone(&shared));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { issuer, origin, shared, serving }
    }

    pub fn behaviour(&self) -> MutexGuard<'_, Behaviour> {
        self.shared.behaviour.lock().unwrap()
    }

    pub fn asked(&self) -> Asked {
        *self.shared.asked.lock().unwrap()
    }

    /// How often its keys were read.
    pub fn keys_asked(&self) -> usize {
        self.shared.keys_asked.load(Ordering::Relaxed)
    }

    /// The last form that the token endpoint received, and the Authorization header with it.
    pub fn last_form(&self) -> (HashMap<String, String>, Option<String>) {
        self.shared.last_form.lock().unwrap().clone()
    }

    /// Changes a person from now on: claims that override those of the sign-in.
    pub fn change(&self, subject: &str, claims: Value) {
        self.behaviour().changes.insert(subject.to_owned(), claims);
    }

    pub fn now(&self) -> i64 {
        self.shared.clock.now().unix_timestamp()
    }

    /// The next code returns this token, to anyone with the verifier of this challenge.
    pub fn expect(&self, token: Token, challenge: &str) {
        *self.shared.next.lock().unwrap() = Some((token, challenge.to_owned()));
    }

    /// A signed token for the client.
    pub fn bearer(&self, change: impl FnOnce(&mut Token)) -> String {
        let mut token = Token::good(&self.issuer, "unused", self.now());
        token.claims["aud"] = json!(CLI);
        change(&mut token);
        self.shared.sign(&token)
    }

    /// A signed logout token.
    pub fn logout_token(&self, change: impl FnOnce(&mut Token)) -> String {
        let now = self.now();
        let mut token = Token::of(json!({
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": format!("jti-{}", fresh()),
            "sub": "ada", "events": {BACKCHANNEL: {}},
        }));
        token.typ = Some("logout+jwt");
        change(&mut token);
        self.shared.sign(&token)
    }

    /// From now on the provider does not respond.
    pub fn stop(&self) {
        self.serving.abort();
    }
}

impl Drop for TestIdp {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Merges members over others; null removes a member.
pub fn merge(into: &mut Value, over: &Value) {
    let (Some(into), Some(over)) = (into.as_object_mut(), over.as_object()) else { return };
    for (name, value) in over {
        if value.is_null() {
            into.remove(name);
        } else {
            into.insert(name.clone(), value.clone());
        }
    }
}

fn fresh() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

async fn serve(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    if shared.behaviour.lock().unwrap().is_down {
        return (StatusCode::SERVICE_UNAVAILABLE, "<h1>Back soon</h1>").into_response();
    }
    let metadata = shared.metadata();
    let url = format!("{}{}", shared.origin, request.uri().path());
    let base = shared.issuer.strip_suffix('/').unwrap_or(&shared.issuer);
    let is = |name: &str| metadata.get(name).and_then(Value::as_str) == Some(&url);
    if url == format!("{base}/.well-known/openid-configuration") {
        Json(Value::Object(metadata)).into_response()
    } else if is("jwks_uri") {
        shared.keys_asked.fetch_add(1, Ordering::Relaxed);
        let keys = [serde_json::to_value(key(1).as_verification_key()).unwrap(), rsa_jwk()];
        // Invalid input is ignored.
        Json(json!({"keys": [keys[0], keys[1], {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"}]}))
            .into_response()
    } else if is("token_endpoint") {
        token(&shared, request).await
    } else if is("userinfo_endpoint") {
        userinfo(&shared, &request)
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

async fn token(shared: &Shared, request: Request) -> Response {
    let authorization =
        request.headers().get(header::AUTHORIZATION).map(|v| v.to_str().unwrap().to_owned());
    let Form(form): Form<HashMap<String, String>> = Form::from_request(request, &()).await.unwrap();
    *shared.last_form.lock().unwrap() = (form.clone(), authorization);
    let (delay, refuses) = {
        let behaviour = shared.behaviour.lock().unwrap();
        (behaviour.delay, behaviour.refuses.clone())
    };
    let is_refresh = form.get("grant_type").is_some_and(|grant| grant == "refresh_token");
    if is_refresh {
        shared.asked.lock().unwrap().refreshes += 1;
    }
    tokio::time::sleep(delay).await;
    if let Some((status, body)) = refuses {
        return (StatusCode::from_u16(status).unwrap(), Json(body)).into_response();
    }
    let granted = if is_refresh { shared.refreshed(&form) } else { shared.exchanged(&form) };
    match granted {
        Some(token) => {
            Json(shared.answer(&token, is_refresh, form.get("refresh_token"))).into_response()
        }
        None => (
            StatusCode::BAD_REQUEST,
            Json(json!({"error": "invalid_grant", "error_description": "The grant is not known."})),
        )
            .into_response(),
    }
}

fn userinfo(shared: &Shared, request: &Request) -> Response {
    shared.asked.lock().unwrap().userinfos += 1;
    let token = request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let subject = token.and_then(|token| token.strip_prefix("Bearer access-"));
    let behaviour = shared.behaviour.lock().unwrap();
    let (Some(subject), Some(said)) = (subject, &behaviour.userinfo) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let mut claims = json!({"sub": subject});
    merge(&mut claims, said);
    if let Some(changed) = behaviour.changes.get(subject) {
        merge(&mut claims, changed);
    }
    let is_signed = behaviour.userinfo_is_signed;
    drop(behaviour);
    if is_signed {
        let body = shared.sign(&Token::of(claims));
        return ([(header::CONTENT_TYPE, "application/jwt")], body).into_response();
    }
    Json(claims).into_response()
}

impl Shared {
    fn metadata(&self) -> Map<String, Value> {
        let (issuer, origin) = (&self.issuer, &self.origin);
        let mut metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{origin}/auth"),
            "token_endpoint": format!("{origin}/token"),
            "userinfo_endpoint": format!("{origin}/userinfo"),
            "jwks_uri": format!("{origin}/jwks"),
            "end_session_endpoint": format!("{origin}/end"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA", "RS256", "none", "HS256"],
        });
        merge(&mut metadata, &self.behaviour.lock().unwrap().metadata);
        metadata.as_object().unwrap().clone()
    }

    /// A code is valid once, for anyone with its verifier.
    fn exchanged(&self, form: &HashMap<String, String>) -> Option<Token> {
        let (token, challenge) = self.next.lock().unwrap().take()?;
        let verifier = form.get("code_verifier")?;
        let is_good =
            form["code"] == "good" && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == challenge;
        is_good.then_some(token)
    }

    fn refreshed(&self, form: &HashMap<String, String>) -> Option<Token> {
        let mut refreshable = self.refreshable.lock().unwrap();
        let behaviour = self.behaviour.lock().unwrap();
        let held = refreshable.get_mut(form.get("refresh_token")?)?;
        let Some(token) = held.clone() else {
            // Someone has a copy: all of this person's tokens are invalid from now on.
            self.asked.lock().unwrap().reuses += 1;
            refreshable.clear();
            return None;
        };
        if behaviour.rotates {
            *held = None;
        }
        let mut token = token;
        let now = self.clock.now().unix_timestamp();
        merge(&mut token.claims, &json!({"iat": now, "exp": now + 300, "nonce": null}));
        if let Some(changed) = behaviour.changes.get(token.claims["sub"].as_str().unwrap_or("")) {
            merge(&mut token.claims, changed);
        }
        Some(token)
    }

    fn answer(&self, token: &Token, is_refresh: bool, used: Option<&String>) -> Value {
        let behaviour = self.behaviour.lock().unwrap();
        let subject = token.claims["sub"].as_str().unwrap_or("nobody");
        let mut answer =
            json!({"access_token": format!("access-{subject}"), "token_type": "Bearer"});
        if behaviour.gives_refresh && (behaviour.rotates || !is_refresh) {
            let refresh = format!("refresh-{}", fresh());
            self.refreshable.lock().unwrap().insert(refresh.clone(), Some(token.clone()));
            answer["refresh_token"] = json!(refresh);
        } else if let Some(used) = used {
            self.refreshable.lock().unwrap().insert(used.clone(), Some(token.clone()));
        }
        let with_id_token = !is_refresh || behaviour.refreshes_id_token;
        merge(&mut answer, &behaviour.answer);
        drop(behaviour);
        if with_id_token {
            answer["id_token"] = json!(self.sign(token));
        }
        answer
    }

    fn sign(&self, token: &Token) -> String {
        let by_rsa = self.behaviour.lock().unwrap().by_rsa;
        let (alg, kid) = match (token.by_stranger, by_rsa) {
            (true, _) => ("EdDSA", "stranger"),
            (false, true) => ("RS256", "rsa"),
            (false, false) => ("EdDSA", "known"),
        };
        let mut header =
            if token.unsigned { json!({"alg": "none"}) } else { json!({"alg": alg, "kid": kid}) };
        if let Some(typ) = token.typ {
            header["typ"] = json!(typ);
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(&token.claims));
        if token.unsigned {
            return format!("{message}.");
        }
        let signature = if alg == "RS256" {
            rsa_sign(message.as_bytes())
        } else {
            let signer = key(if token.by_stranger { 2 } else { 1 });
            signer.sign(&CoreJwsSigningAlgorithm::EdDsa, message.as_bytes()).unwrap()
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
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

/// The RSA key of this run.
fn rsa() -> &'static aws_lc_rs::rsa::KeyPair {
    static KEY: OnceLock<aws_lc_rs::rsa::KeyPair> = OnceLock::new();
    KEY.get_or_init(|| aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap())
}

fn rsa_sign(message: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; rsa().public_modulus_len()];
    let random = aws_lc_rs::rand::SystemRandom::new();
    rsa().sign(&aws_lc_rs::signature::RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
    signature
}

/// A token with any header, signed by RS256 with the key that each provider publishes.
pub fn signed(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = rsa_sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Its public key, as DER.
pub fn rsa_public() -> Vec<u8> {
    use aws_lc_rs::signature::KeyPair as _;
    rsa().public_key().as_ref().to_vec()
}

/// The public part: DER has the modulus after nine bytes, and the exponent is 65537.
fn rsa_jwk() -> Value {
    use aws_lc_rs::signature::KeyPair as _;
    let der = rsa().public_key().as_ref();
    let modulus = URL_SAFE_NO_PAD.encode(&der[9..9 + 256]);
    json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "rsa", "n": modulus, "e": "AQAB", "x5c": ["AA"]})
}
