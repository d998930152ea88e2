//! A vendor's API: keys that are created, listed, used and deleted. It fails and lies as a test tells it to.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{delete, get},
};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::net::TcpListener;

/// Longer than the tests' timeout.
const TOO_LONG: Duration = Duration::from_millis(1500);

/// What goes wrong with one kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// Nothing is done, status 500.
    Error,
    /// It is done, and the answer comes too late.
    LateAnswer,
    /// It is done, and the answer is no JSON.
    Garbage,
    /// It is done, and the answer is JSON without what is asked for.
    Incomplete,
    /// Nothing is done, and the answer is that of success.
    Pretends,
    /// Creation: the answer has the id of the first key. Deletion: the newest key is deleted.
    OtherKey,
    /// An answer that leads to another host.
    Redirect,
    /// An answer that has the request's credential in it.
    Echo,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    id: String,
    name: String,
    secret: String,
}

#[derive(Debug, Default)]
struct Inner {
    keys: Vec<Key>,
    made: u32,
    wrongs: Vec<(&'static str, Wrong)>,
    log: Vec<String>,
}

#[derive(Clone)]
pub struct Vendor {
    /// Such as `http://127.0.0.1:4000`.
    pub address: String,
    inner: Arc<Mutex<Inner>>,
}

impl Vendor {
    pub async fn start() -> Self {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let vendor = Self { address, inner: Arc::default() };
        let router = Router::new()
            .route("/v1/keys", get(list).post(create))
            .route("/v1/keys/{id}", delete(remove))
            .route("/v1/me", get(me))
            .with_state(vendor.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        vendor
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn add(&self, id: &str, name: &str, secret: &str) {
        self.lock().keys.push(Key { id: id.into(), name: name.into(), secret: secret.into() });
    }

    /// From now on, calls of this kind (`create`, `find`, `test`, `revoke`) go wrong so.
    pub fn break_call(&self, call: &'static str, wrong: Wrong) {
        self.lock().wrongs.push((call, wrong));
    }

    pub fn repair(&self) {
        self.lock().wrongs.clear();
    }

    /// The keys that work.
    pub fn secrets(&self) -> Vec<String> {
        self.lock().keys.iter().map(|key| key.secret.clone()).collect()
    }

    pub fn names(&self) -> Vec<String> {
        self.lock().keys.iter().map(|key| key.name.clone()).collect()
    }

    /// The calls so far, such as `create` and `revoke 1`.
    pub fn log(&self) -> Vec<String> {
        self.lock().log.clone()
    }

    /// How often a kind of call was made.
    pub fn count(&self, call: &str) -> usize {
        self.lock().log.iter().filter(|line| line.split(' ').next() == Some(call)).count()
    }

    /// Returns when a call of this kind has come.
    pub async fn reached(&self, call: &str) {
        while self.count(call) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Does a call, if nothing is wrong with it.
    async fn answer(
        &self,
        call: &'static str,
        line: String,
        headers: &HeaderMap,
        success: (StatusCode, Value),
        work: impl FnOnce(&mut Inner, Option<Wrong>) -> (StatusCode, Value),
    ) -> Response {
        let (wrong, answer) = {
            let mut inner = self.lock();
            inner.log.push(line);
            let wrong = inner.wrongs.iter().find(|(name, _)| *name == call).map(|(_, it)| *it);
            let answer = match wrong {
                Some(Wrong::Error) => (StatusCode::INTERNAL_SERVER_ERROR, json!({})),
                Some(Wrong::Pretends) => success,
                Some(Wrong::Redirect) => (StatusCode::TEMPORARY_REDIRECT, json!({})),
                Some(Wrong::Echo) => (StatusCode::FORBIDDEN, Value::Null),
                _ => work(&mut inner, wrong),
            };
            (wrong, answer)
        };
        match wrong {
            Some(Wrong::LateAnswer) => {
                tokio::time::sleep(TOO_LONG).await;
                answer.0.into_response()
            }
            Some(Wrong::Garbage) => (answer.0, "<html>canary-old").into_response(),
            Some(Wrong::Incomplete) => (answer.0, Json(json!({"ok": true}))).into_response(),
            Some(Wrong::Redirect) => {
                (answer.0, [("location", format!("{}/v1/stolen", self.address))]).into_response()
            }
            Some(Wrong::Echo) => (answer.0, bearer(headers)).into_response(),
            _ => (answer.0, Json(answer.1)).into_response(),
        }
    }
}

fn bearer(headers: &HeaderMap) -> String {
    let text = headers.get("authorization").and_then(|it| it.to_str().ok()).unwrap_or_default();
    text.trim_start_matches("Bearer ").to_owned()
}

fn is_admin(headers: &HeaderMap) -> bool {
    bearer(headers) == "canary-admin"
}

async fn create(
    State(vendor): State<Vendor>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let name = body["name"].as_str().unwrap_or_default().to_owned();
    assert!(headers.contains_key("idempotency-key"), "the header of the description is sent");
    let success = (StatusCode::CREATED, json!({"id": 99, "secret": "canary-that-does-not-work"}));
    let may = is_admin(&headers);
    let work = |inner: &mut Inner, wrong: Option<Wrong>| {
        if !may {
            return (StatusCode::FORBIDDEN, json!({}));
        }
        if inner.keys.iter().any(|key| key.name == name) {
            return (StatusCode::CONFLICT, json!({}));
        }
        inner.made += 1;
        let (id, secret) = (inner.made + 1, format!("canary-{}", inner.made));
        inner.keys.push(Key { id: id.to_string(), name: name.clone(), secret: secret.clone() });
        let answered = if wrong == Some(Wrong::OtherKey) { 1 } else { id };
        (StatusCode::CREATED, json!({"id": answered, "secret": secret}))
    };
    vendor.answer("create", "create".into(), &headers, success, work).await
}

async fn list(State(vendor): State<Vendor>, headers: HeaderMap) -> Response {
    let success = (StatusCode::OK, json!({"keys": []}));
    let work = |inner: &mut Inner, _| {
        let keys: Vec<Value> =
            inner.keys.iter().map(|key| json!({"id": key.id, "name": key.name})).collect();
        (StatusCode::OK, json!({"keys": keys}))
    };
    vendor.answer("find", "find".into(), &headers, success, work).await
}

async fn me(State(vendor): State<Vendor>, headers: HeaderMap) -> Response {
    let success = (StatusCode::OK, json!({"key_id": "99"}));
    let secret = bearer(&headers);
    let work = |inner: &mut Inner, _| match inner.keys.iter().find(|key| key.secret == secret) {
        Some(key) => (StatusCode::OK, json!({"key_id": key.id})),
        None => (StatusCode::UNAUTHORIZED, json!({})),
    };
    vendor.answer("test", "test".into(), &headers, success, work).await
}

async fn remove(
    State(vendor): State<Vendor>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let may = is_admin(&headers);
    let line = format!("revoke {id}");
    let work = |inner: &mut Inner, wrong: Option<Wrong>| {
        if !may {
            return (StatusCode::FORBIDDEN, json!({}));
        }
        let before = inner.keys.len();
        if wrong == Some(Wrong::OtherKey) {
            inner.keys.pop();
        } else {
            inner.keys.retain(|key| key.id != id);
        }
        let is_gone = inner.keys.len() < before;
        (if is_gone { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }, Value::Null)
    };
    vendor.answer("revoke", line, &headers, (StatusCode::NO_CONTENT, Value::Null), work).await
}
