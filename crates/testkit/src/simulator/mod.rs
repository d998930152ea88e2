//! An AWS Organization of any size behind AWS's protocols, with AWS's quotas, latency and failures.
//!
//! Its own secrets are computed from account, Region and number, so that a million of them need no memory. Those that
//! calls create are stored with what calls change about them.

mod answers;
mod edge_cases;
mod faults;
mod hub;
mod organization;
mod quota;
mod stored;
#[cfg(test)]
mod tests;

pub use faults::{FaultKind, Faults};
pub use hub::{QUOTA_PERCENT, hub};
pub use organization::{REGIONS, SimulatedOrganization, Truth, as_inventoried};
pub use stored::{StoredRotation, StoredSecret, StoredVersion};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
    serve::ListenerExt,
};
use quota::Quotas;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use stored::StoredSecrets;

/// The simulator's settings.
#[derive(Debug, Clone, Default)]
pub struct Behaviour {
    /// The latency of each response, without its own work.
    pub latency: Duration,
    /// Whether AWS's quotas are enforced.
    pub quotas: bool,
    pub faults: Option<Faults>,
}

/// When a call is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallMoment {
    /// Nothing has happened yet.
    Received,
    /// What it asks for is done, and nobody knows yet.
    Done,
}

/// Sees each call by its operation, and says whether it goes on. Otherwise the connection breaks.
pub type Watch = Arc<dyn Fn(&str, CallMoment) -> bool + Send + Sync>;

/// Running on loopback until dropped.
pub struct Simulator {
    inner: Arc<Inner>,
    address: SocketAddr,
    server: tokio::task::JoinHandle<()>,
}

struct Inner {
    organization: Arc<SimulatedOrganization>,
    behaviour: std::sync::RwLock<Behaviour>,
    quotas: Quotas,
    stored: StoredSecrets,
    watch: Mutex<Option<Watch>>,
    /// By operation.
    calls: Mutex<BTreeMap<String, u64>>,
    throttled: AtomicU64,
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Simulator {
    pub async fn start(organization: SimulatedOrganization, behaviour: Behaviour) -> Self {
        Self::start_at(0, organization, behaviour).await
    }

    /// On a loopback port; 0 means any free port.
    pub async fn start_at(
        port: u16,
        organization: SimulatedOrganization,
        behaviour: Behaviour,
    ) -> Self {
        let inner = Arc::new(Inner {
            organization: Arc::new(organization),
            behaviour: std::sync::RwLock::new(behaviour),
            quotas: Quotas::default(),
            stored: StoredSecrets::default(),
            watch: Mutex::default(),
            calls: Mutex::default(),
            throttled: AtomicU64::new(0),
        });
        let listener =
            tokio::net::TcpListener::bind(("127.0.0.1", port)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        // A response of several parts must not wait for the acknowledgment of its first.
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("a TCP stream"));
        let app = Router::new()
            .route("/", post(answer))
            // Account Management has a path for each operation.
            .route("/listRegions", post(answer))
            // Not an AWS call: the calls so far.
            .route("/calls", get(counts))
            .fallback(|| async { StatusCode::NOT_FOUND })
            .with_state(Arc::clone(&inner));
        let server = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("the simulator serves until it is dropped");
        });
        Self { inner, address, server }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn organization(&self) -> &SimulatedOrganization {
        &self.inner.organization
    }

    /// Changes its settings.
    pub fn behave(&self, behaviour: Behaviour) {
        *self.inner.behaviour.write().expect("nobody panics while holding it") = behaviour;
    }

    /// From now on this sees each call that is signed for an account.
    pub fn watch(&self, watch: Option<Watch>) {
        *self.inner.watch.lock().expect("nobody panics while holding it") = watch;
    }

    /// A secret that a call has created.
    pub fn stored(&self, account: u64, region: &str, name: &str) -> Option<StoredSecret> {
        self.inner.stored.get(account, region, name)
    }

    /// Changes it behind everyone's back.
    ///
    /// # Panics
    /// If there is no such secret.
    pub fn change_stored(
        &self,
        account: u64,
        region: &str,
        name: &str,
        change: impl FnOnce(&mut StoredSecret),
    ) {
        self.inner.stored.change(account, region, name, change);
    }

    /// The failures so far, by kind.
    pub fn faults(&self) -> Vec<(FaultKind, u32)> {
        let behaviour = self.inner.behaviour.read().expect("nobody panics while holding it");
        behaviour.faults.as_ref().map(Faults::made).unwrap_or_default()
    }

    /// The number of answered calls, including `AssumeRole`.
    pub fn calls(&self) -> u64 {
        self.calls_by_operation().values().sum()
    }

    /// The number of answered calls, by operation.
    pub fn calls_by_operation(&self) -> BTreeMap<String, u64> {
        self.inner.calls.lock().expect("nobody panics while holding it").clone()
    }

    /// The number of calls rejected because of a quota.
    pub fn throttled(&self) -> u64 {
        self.inner.throttled.load(Ordering::Relaxed)
    }
}

/// A received call.
struct Call<'a> {
    /// Such as `ListSecrets`.
    operation: &'a str,
    /// Who signed it: an account's session, or the hub.
    account: Option<u64>,
    region: String,
    input: Value,
}

async fn answer(
    State(inner): State<Arc<Inner>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let target = match headers.get("x-amz-target").and_then(|value| value.to_str().ok()) {
        Some(target) => target,
        None if uri.path() == "/listRegions" => "ListRegions",
        None => "",
    };
    let body_text = if target.is_empty() { String::from_utf8_lossy(&body) } else { "".into() };
    // Services of the query protocol have the operation in the body.
    let operation = match target.rsplit('.').next() {
        Some("") | None => field(&body_text, "Action").unwrap_or_default(),
        Some(operation) => operation,
    };
    inner.count(operation);
    let behaviour = inner.behaviour.read().expect("nobody panics while holding it").clone();
    if !behaviour.latency.is_zero() {
        tokio::time::sleep(behaviour.latency).await;
    }
    let (account, region) = signer(&headers);
    if target.is_empty() {
        return sts(&inner, &behaviour, operation, &body_text);
    }
    let input = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let call = Call { operation, account, region, input };
    if behaviour.quotas && !inner.quotas.allows(&call) {
        inner.throttled.fetch_add(1, Ordering::Relaxed);
        return refusal(StatusCode::BAD_REQUEST, "ThrottlingException");
    }
    let fault = behaviour.faults.as_ref().and_then(|faults| faults.next(operation));
    match fault {
        Some(FaultKind::Throttle) => {
            return refusal(StatusCode::BAD_REQUEST, "ThrottlingException");
        }
        Some(FaultKind::RetryAfter) => {
            let mut response = refusal(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable");
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            return response;
        }
        Some(FaultKind::ServerError) => {
            return refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalServiceError");
        }
        Some(FaultKind::ExpiredToken) => {
            return refusal(StatusCode::BAD_REQUEST, "ExpiredTokenException");
        }
        Some(FaultKind::Hang) => tokio::time::sleep(Faults::HANG).await,
        Some(FaultKind::Reset) => return broken(),
        _ => {}
    }
    let tricks = answers::Tricks {
        empty_page: fault == Some(FaultKind::EmptyPage),
        repeated_page: fault == Some(FaultKind::RepeatedPage),
    };
    if !inner.goes_on(operation, CallMoment::Received) {
        return broken();
    }
    let answered = match inner.stored.answer(&call) {
        Some(answer) => answer.map(|value| value.to_string()),
        None => answers::answer(&inner.organization, &call, tricks),
    };
    if !inner.goes_on(operation, CallMoment::Done) {
        return broken();
    }
    match answered {
        Ok(mut text) => {
            if fault == Some(FaultKind::Truncate) {
                text.truncate(text.len() / 2);
            }
            ([(header::CONTENT_TYPE, "application/x-amz-json-1.1")], text).into_response()
        }
        Err(code) => refusal(StatusCode::BAD_REQUEST, code),
    }
}

/// A field of a form, as sent.
fn field<'a>(form: &'a str, name: &str) -> Option<&'a str> {
    form.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// STS: the only supported service of the query protocol. Its errors are like those of any other.
fn sts(inner: &Inner, behaviour: &Behaviour, operation: &str, form: &str) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/xml")];
    if operation == "GetCallerIdentity" {
        return (kind, answers::IDENTITY).into_response();
    }
    let arn = field(form, "RoleArn").filter(|_| operation == "AssumeRole").unwrap_or_default();
    let account = arn.split("%3A").nth(4).and_then(|id| id.parse::<u64>().ok());
    let fault = behaviour.faults.as_ref().and_then(|faults| faults.next("AssumeRole"));
    // The opt-in roles are not deployed.
    let is_opt_in = arn.ends_with("claviger-consumers") || arn.ends_with("claviger-iam");
    let refused = fault == Some(FaultKind::Vanish) || is_opt_in;
    if let Some(account) = account.filter(|account| inner.organization.has(*account) && !refused) {
        return (kind, answers::session(account)).into_response();
    }
    let text = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
    (StatusCode::FORBIDDEN, kind, text).into_response()
}

/// The calls so far, by operation.
async fn counts(State(inner): State<Arc<Inner>>) -> Response {
    let calls = inner.calls.lock().expect("nobody panics while holding it").clone();
    let text = serde_json::json!(calls).to_string();
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

impl Inner {
    fn goes_on(&self, operation: &str, moment: CallMoment) -> bool {
        let watch = self.watch.lock().expect("nobody panics while holding it").clone();
        watch.is_none_or(|watch| watch(operation, moment))
    }

    fn count(&self, operation: &str) {
        let mut calls = self.calls.lock().expect("nobody panics while holding it");
        match calls.get_mut(operation) {
            Some(count) => *count += 1,
            None => {
                calls.insert(operation.to_owned(), 1);
            }
        }
    }
}

/// The account and Region of a signature: keys of issued sessions contain the account.
fn signer(headers: &HeaderMap) -> (Option<u64>, String) {
    let signed = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let scope = signed.and_then(|text| text.split("Credential=").nth(1)).unwrap_or_default();
    let mut parts = scope.split('/');
    let key = parts.next().unwrap_or_default();
    let account = key.strip_prefix(answers::KEY).and_then(|id| id.parse().ok());
    (account, parts.nth(1).unwrap_or_default().to_owned())
}

fn refusal(status: StatusCode, code: &str) -> Response {
    let text = format!("{{\"__type\":\"{code}\",\"message\":\"asked for by the simulator\"}}");
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.1")], text).into_response()
}

/// Announces a body and breaks off.
fn broken() -> Response {
    let pieces: [Result<&str, std::io::Error>; 2] =
        [Ok("{\"Secre"), Err(std::io::ErrorKind::ConnectionReset.into())];
    let body = Body::from_stream(futures::stream::iter(pieces));
    ([(header::CONTENT_TYPE, "application/x-amz-json-1.1")], body).into_response()
}
