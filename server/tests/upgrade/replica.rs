//! A replica as a process that the platform starts and stops, and a receiver of its events.

use crate::console::Around;
use axum::{Router, extract::State, http::HeaderMap, routing::post};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// Long enough for every expected event.
const PATIENCE: Duration = Duration::from_mins(1);
/// A replica that was told to stop is gone within this time; the platforms kill it after 30 seconds (ECS, Kubernetes).
const STOPPED: Duration = Duration::from_secs(15);
const DRAIN_SECONDS: &str = "3";

/// A free address of loopback.
pub fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// One replica. Killed when dropped.
pub struct Replica {
    process: Child,
    log: PathBuf,
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Replica {
    /// With the public address that people use, the one that it listens at, and where programs receive its events.
    pub fn start(around: &Around<'_>, public: &str, listen: &str, log: &str, events: &str) -> Self {
        let mut command = around.command(public);
        let log = claviger_testkit::test_folder!(around.folder).join(log);
        let process = command
            .args(["serve", "--listen", listen])
            .env("CLAVIGER_DRAIN_SECONDS", DRAIN_SECONDS)
            .env("CLAVIGER_EVENT_WEBHOOK_URL", events)
            .env("CLAVIGER_TAKEOVER_SECONDS", "4")
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Self { process, log }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// As ECS, Kubernetes and systemd stop a process.
    pub async fn stop(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        assert!(told.unwrap().success());
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                break status;
            }
            assert!(began.elapsed() < STOPPED, "still running: {}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert!(status.success(), "{status}: {}", self.log());
    }
}

/// Where programs receive events: how often each message came, by its id.
pub type Heard = Arc<Mutex<BTreeMap<String, usize>>>;

/// The URL of a receiver that notes what it hears.
pub async fn receiver(heard: Heard) -> String {
    let app = Router::new()
        .route(
            "/events",
            post(async |State(heard): State<Heard>, headers: HeaderMap| {
                let id = headers["webhook-id"].to_str().unwrap().to_owned();
                *heard.lock().unwrap().entry(id).or_default() += 1;
            }),
        )
        .with_state(heard);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

/// The ids of messages that came more than once.
pub fn doubled(heard: &Heard) -> Vec<String> {
    let heard = heard.lock().unwrap();
    heard.iter().filter(|(_, times)| **times != 1).map(|(id, _)| id.clone()).collect()
}

pub async fn until(what: &str, replicas: &[Replica], is: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !is().await {
        let logs: Vec<String> = replicas.iter().map(Replica::log).collect();
        assert!(began.elapsed() < PATIENCE, "waited in vain: {what}: {}", logs.join("\n---\n"));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
