//! Metrics and health of a server as a separate process: while AWS throttles, and while the database hangs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]
#![expect(clippy::float_cmp, reason = "the numbers are whole")]

mod process;

use claviger_testkit::simulator::{Behaviour, FaultKind, Faults, SimulatedOrganization, Simulator};
use process::{Console, count, fresh, until, url};
use sqlx::PgPool;
use std::{
    net::TcpListener as FreePort,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::watch,
};

const SCANNED: &str = "select count(*) from sweep where finished_at is not null";
const OPEN_JOBS: &str = "select count(*) from graphile_worker.jobs";
const CANARY: &str = "canary-value-4711";

fn free_address() -> String {
    FreePort::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// A request without a client that keeps connections or follows redirects: status and body.
async fn get(address: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// The sum of the samples of a metric whose line contains all of these.
fn sum(text: &str, name: &str, with: &[&str]) -> f64 {
    let samples = text.lines().filter(|line| {
        line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']))
            && with.iter().all(|part| line.contains(part))
    });
    samples.map(|line| line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap()).sum()
}

/// The URL of an empty database.
async fn database(name: &str) -> String {
    fresh(name, None).await;
    url(None, name)
}

#[tokio::test]
async fn numbers_change_while_aws_throttles_and_name_no_secret() {
    let database = database("claviger_metrics").await;
    let faults = Faults::throttling(7, 300, 60);
    let behaviour = Behaviour { faults: Some(faults), ..Behaviour::default() };
    let aws = Simulator::start(
        SimulatedOrganization::new(3, &["us-east-1", "eu-west-1"], 40, 10),
        behaviour,
    )
    .await;
    let metrics = free_address();
    let more = [
        ("CLAVIGER_METRICS_LISTEN", metrics.as_str()),
        ("CLAVIGER_EXTERNAL_ID", CANARY),
        ("CLAVIGER_QUOTA_PERCENT", "100"),
    ];
    let console = Console::start("metrics-throttled", &database, &aws, &more);
    let pool = PgPool::connect_lazy(&database).unwrap();
    until(&console, &pool, SCANNED, |scanned| scanned > 0).await;
    until(&console, &pool, OPEN_JOBS, |open| open == 0).await;
    let throttled: u32 = aws
        .faults()
        .iter()
        .filter(|(kind, _)| *kind == FaultKind::Throttle)
        .map(|(_, made)| *made)
        .sum();
    assert!(throttled > 0, "the simulator throttled nothing: {:?}", aws.faults());
    // An earlier scrape is shared for five seconds, so this one is the first.
    let (status, text) = get(&metrics, "/metrics").await;
    assert_eq!(status, 200, "{text}");
    assert!(text.ends_with("# EOF\n"), "{text}");
    let requests = |with: &[&str]| sum(&text, "claviger_aws_requests_total", with);
    assert_eq!(requests(&["outcome=\"throttled\""]), f64::from(throttled), "{text}");
    #[expect(clippy::cast_precision_loss, reason = "some hundreds")]
    let answered = aws.calls() as f64;
    assert_eq!(requests(&[]), answered, "every request is counted once: {text}");
    assert!(requests(&["operation=\"AssumeRole\"", "service=\"STS\"", "outcome=\"ok\""]) > 0.0);
    let measured = sum(&text, "claviger_aws_request_duration_seconds_count", &[]);
    assert_eq!(measured, answered, "{text}");

    let accounts = count(&pool, "select count(*) from account where left_at is null").await;
    let scanned = text
        .lines()
        .filter(|line| line.starts_with("claviger_scan_complete_timestamp_seconds{account=\""))
        .count();
    assert_eq!(i64::try_from(scanned).unwrap(), accounts, "{text}");
    assert_eq!(sum(&text, "claviger_accounts_unscanned", &[]), 0.0);
    assert_eq!(sum(&text, "claviger_queue_jobs", &["state=\"due\""]), 0.0);
    assert_eq!(sum(&text, "claviger_database_reachable", &[]), 1.0);
    assert!(sum(&text, "claviger_findings", &[]) > 0.0, "evaluated: {text}");
    assert!(text.contains("claviger_rotation_overdue_secrets{team="), "{text}");
    assert!(sum(&text, "claviger_database_connections", &["pool=\"people\""]) > 0.0);

    // No secret, no person, no value: only accounts and teams.
    let names: Vec<(String,)> = sqlx::query_as(
        "select name from resource union select email from account union select arn from resource",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert!(names.len() > 300, "{}", names.len());
    let labels: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
    for (name,) in names {
        assert!(!labels.contains(&name.as_str()), "{name} is a label");
        assert!(name.len() < 8 || !text.contains(&name), "{name} is in the metrics");
    }
    assert!(!text.contains(CANARY) && !text.contains('@') && !text.contains("arn:"));

    // Metrics are on their own address only.
    let public = console.url.trim_start_matches("http://").to_owned();
    assert_ne!(get(&public, "/metrics").await.0, 200);
    assert_eq!(get(&metrics, "/inventory").await.0, 404);
}

/// Passes connections on to PostgreSQL until it is frozen: then nothing is answered, and nothing is closed.
async fn freezable(frozen: watch::Receiver<bool>) -> String {
    let server = process::server();
    let target = (server.get_host().to_owned(), server.get_port());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let target = Arc::new(target);
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let (target, mut frozen) = (Arc::clone(&target), frozen.clone());
            tokio::spawn(async move {
                drop(frozen.wait_for(|frozen| !frozen).await);
                let mut server = TcpStream::connect((target.0.as_str(), target.1)).await.unwrap();
                let mut until_frozen = frozen.clone();
                let is_frozen = async move {
                    drop(until_frozen.wait_for(|frozen| *frozen).await);
                };
                tokio::select! {
                    _ = copy_bidirectional(&mut client, &mut server) => {}
                    // Held open, silent.
                    () = is_frozen => std::future::pending::<()>().await,
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn a_database_that_hangs_is_said_in_time_and_the_process_lives() {
    let database = database("claviger_health").await;
    let (freeze, frozen) = watch::channel(false);
    let proxy = freezable(frozen).await;
    let (server, name) = database.rsplit_once('/').unwrap();
    let (credentials, _) = server.rsplit_once('@').unwrap();
    let through_proxy = format!("{credentials}@{proxy}/{name}");
    let aws =
        Simulator::start(SimulatedOrganization::new(1, &["us-east-1"], 5, 2), Behaviour::default())
            .await;
    let metrics = free_address();
    let more = [("CLAVIGER_METRICS_LISTEN", metrics.as_str())];
    let console = Console::start("metrics-health", &through_proxy, &aws, &more);
    let pool = PgPool::connect_lazy(&database).unwrap();
    until(&console, &pool, SCANNED, |scanned| scanned > 0).await;
    let public = console.url.trim_start_matches("http://").to_owned();
    for path in ["/healthz", "/livez"] {
        assert_eq!(get(&public, path).await, (200, "alive".to_owned()), "{path}");
    }
    assert_eq!(get(&public, "/readyz").await, (200, "ready".to_owned()));

    freeze.send(true).unwrap();
    for _ in 0..3 {
        let began = Instant::now();
        let (status, body) = get(&public, "/readyz").await;
        let took = began.elapsed();
        assert!(took < Duration::from_secs(1), "{took:?}");
        assert_eq!((status, body.as_str()), (503, "the database does not answer"));
    }
    let began = Instant::now();
    assert_eq!(get(&public, "/livez").await.0, 200);
    assert!(began.elapsed() < Duration::from_millis(500), "it does not ask the database");
    // What the process knows by itself is still told.
    let (status, text) = get(&metrics, "/metrics").await;
    assert_eq!(status, 200);
    assert!(text.contains("claviger_database_reachable 0.0"), "{text}");
    assert!(text.contains("claviger_aws_requests_total{") && !text.contains("claviger_queue_jobs"));
}
