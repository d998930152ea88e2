//! What people and programs do all the while, over a load balancer: pages, server functions, grants, live events.

use crate::dump;
use reqwest::{Client, Method, RequestBuilder, header};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

/// A pause after each request: the load is to be steady, not to fill the machine.
const PAUSE: Duration = Duration::from_millis(40);

/// Everything that the load saw.
#[derive(Default)]
pub struct Seen {
    pub requests: AtomicUsize,
    pub failures: Mutex<Vec<String>>,
    /// Grants that were requested, approved, started, used and given back.
    pub grants: Mutex<Vec<String>>,
    /// The text of all server-sent events.
    pub events: Mutex<String>,
    /// How often the stream of events was opened.
    pub streams: AtomicUsize,
    pub is_over: AtomicBool,
}

/// A client with kept connections, as browsers and `clv` have them.
#[derive(Clone)]
pub struct Load {
    pub url: String,
    pub http: Client,
    pub seen: Arc<Seen>,
    /// Tokens of someone who requests, and of someone who approves.
    pub mira: String,
    pub tomas: String,
}

impl Load {
    fn is_over(&self) -> bool {
        self.seen.is_over.load(Ordering::Relaxed)
    }

    fn with_cookie(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.url))
            .header(header::COOKIE, dump::cookie())
            .header("sec-fetch-site", "same-origin")
    }

    /// Sends it, and notes a failure.
    async fn send(&self, what: &str, request: RequestBuilder) -> Option<Value> {
        self.seen.requests.fetch_add(1, Ordering::Relaxed);
        let read = async {
            let answer = request.send().await?.error_for_status()?;
            answer.text().await
        };
        let read: Result<String, reqwest::Error> = read.await;
        tokio::time::sleep(PAUSE).await;
        match read {
            Ok(text) => Some(serde_json::from_str(&text).unwrap_or(Value::Null)),
            Err(error) => {
                self.seen.failures.lock().unwrap().push(format!("{what}: {error:?}"));
                None
            }
        }
    }

    async fn call(&self, token: &str, method: Method, path: &str, body: Value) -> Option<Value> {
        let request =
            self.http.request(method, format!("{}{path}", self.url)).bearer_auth(token).json(&body);
        self.send(path, request).await
    }

    /// Pages of someone with a session.
    pub async fn pages(self) {
        while !self.is_over() {
            for page in ["/inventory", "/findings", "/approvals", "/accounts"] {
                self.send(page, self.with_cookie(Method::GET, page)).await;
            }
        }
    }

    /// Server functions, as the pages' scripts call them.
    pub async fn functions(self) {
        while !self.is_over() {
            for (path, id) in
                [("/api/remediation/plan", "P-3"), ("/api/exceptions/exception", "W-2")]
            {
                let request = self.with_cookie(Method::POST, path).form(&[("id", id)]);
                self.send(path, request.header(header::ACCEPT, "application/json")).await;
            }
        }
    }

    /// A grant from the request to its end, again and again.
    pub async fn grants(self) {
        while !self.is_over() {
            if let Some(grant) = self.grant().await {
                self.seen.grants.lock().unwrap().push(grant);
            }
        }
    }

    /// One grant to its end; `None` if a request failed.
    pub async fn grant(&self) -> Option<String> {
        let grant = self.started().await?;
        let path = format!("/v1/grants/{grant}/give-back");
        self.call(&self.mira, Method::POST, &path, json!({})).await?;
        Some(grant)
    }

    /// A grant that is active and has a session; `None` if a request failed.
    pub async fn started(&self) -> Option<String> {
        let (get, post) = (Method::GET, Method::POST);
        let wanted = json!({
            "resources": ["payments/ledger"], "account": "Payments Prod", "region": "us-east-1", "action": "read",
            "minutes": 30, "purpose": "A purpose.", "ticket": "PAY-7",
        });
        let made = self.call(&self.mira, post.clone(), "/v1/requests", wanted).await?;
        let grant = format!("G-{}", made["grants"][0]);
        let path = format!("/v1/grants/{grant}");
        let shown = self.call(&self.tomas, get, &path, json!({})).await?;
        let yes = json!({"verdict": "approve", "hash": shown["hash"]});
        self.call(&self.tomas, post.clone(), &format!("{path}/decision"), yes).await?;
        for step in ["claim", "credentials"] {
            let body = json!({"resource": null});
            self.call(&self.mira, post.clone(), &format!("{path}/{step}"), body).await?;
        }
        Some(grant)
    }

    /// The stream of events: a browser connects again when it ends.
    pub async fn events(self) {
        while !self.is_over() {
            match self.with_cookie(Method::GET, "/events").send().await {
                Ok(mut answer) if answer.status().is_success() => {
                    self.seen.streams.fetch_add(1, Ordering::Relaxed);
                    while let Ok(Some(part)) = answer.chunk().await {
                        self.seen.events.lock().unwrap().push_str(&String::from_utf8_lossy(&part));
                    }
                }
                other => {
                    let failure = format!("/events: {:?}", other.map(|answer| answer.status()));
                    self.seen.failures.lock().unwrap().push(failure);
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
