//! An inventory near its limit causes a warning, and one above it a clear error; the server runs nevertheless.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod process;

use claviger_testkit::{
    simulator::{Behaviour, SimulatedOrganization, Simulator},
    test_folder, write_site,
};
use process::{Console, command, count, fresh, until, url};
use sqlx::PgPool;
use std::time::Duration;

const ROWS: i64 = 8;

/// Starts a server with this limit, and returns its log when it is ready.
async fn log_of(name: &str, database: &str, aws: &Simulator, limit: &str) -> String {
    let console = Console::start(name, database, aws, &[("CLAVIGER_INVENTORY_LIMIT", limit)]);
    for _ in 0..600 {
        if console.log().contains("serving") {
            return console.log();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it does not serve: {}", console.log())
}

/// What `claviger check --online` reports about the size.
fn checked(database: &str, limit: &str) -> String {
    let site = test_folder!("limit-check");
    write_site(&site);
    let output = command(database)
        .args(["check", "--online"])
        .env("CLAVIGER_OIDC_ISSUER", "http://127.0.0.1:9")
        .env("CLAVIGER_SITE_DIR", &site)
        .env("CLAVIGER_LISTEN", "127.0.0.1:0")
        .env("CLAVIGER_INVENTORY_LIMIT", limit)
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .env("AWS_ACCESS_KEY_ID", "AKIA")
        .env("AWS_SECRET_ACCESS_KEY", "unused")
        .env("AWS_MAX_ATTEMPTS", "1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let line = lines.lines().find(|line| line.contains("Inventory size:"));
    line.unwrap_or_else(|| panic!("no line: {lines}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_start_and_the_check_say_how_near_the_limit_is() {
    const NAME: &str = "claviger_limit";
    fresh(NAME, None).await;
    let database = url(None, NAME);
    let aws =
        Simulator::start(SimulatedOrganization::new(1, &["us-east-1"], 5, 3), Behaviour::default())
            .await;
    let pool = PgPool::connect_lazy(&database).unwrap();
    let first = Console::start("limit-first", &database, &aws, &[]);
    let scanned = "select count(*) from sweep where finished_at is not null";
    until(&first, &pool, scanned, |scanned| scanned >= 1).await;
    drop(first);
    assert_eq!(count(&pool, "select count(*) from resource").await, ROWS);

    let wide = log_of("limit-wide", &database, &aws, "11").await;
    assert!(wide.contains("the inventory is in memory"), "{wide}");
    assert!(!wide.contains("inventory_limit"), "{wide}");
    let near = log_of("limit-near", &database, &aws, "8").await;
    assert!(near.contains("the inventory is in memory"), "{near}");
    assert!(near.contains("four fifths of inventory_limit"), "{near}");
    let beyond = log_of("limit-beyond", &database, &aws, "7").await;
    assert!(!beyond.contains("the inventory is in memory"), "{beyond}");
    assert!(beyond.contains("at most 7") && beyond.contains("found 8"), "{beyond}");

    for (limit, word, says) in [
        ("11", "ok", "8 of at most 11"),
        ("10", "warning", "four fifths"),
        ("8", "warning", "four fifths"),
        ("7", "failed", "found 8"),
    ] {
        let line = checked(&database, limit);
        assert!(line.starts_with(word) && line.contains(says), "{limit}: {line}");
    }
}
