//! Declared consumers over HTTP: the size of an upload, and the secret's page.

use crate::{
    api::{as_person, call},
    common::TestApp,
};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;

const PATH: &str = "/v1/consumers/declared";

/// An upload with so many entries and so many bytes in the path of each.
fn upload(arn: &str, entries: u32, path: usize) -> Value {
    let consumers: Vec<Value> = (1..=entries)
        .map(|line| json!({"path": "a".repeat(path), "line": line, "arn": arn, "kind": "secret", "by": "arn"}))
        .collect();
    json!({"repository": "github.com/example/shop", "commit": "0123456789abcdef", "consumers": consumers})
}

#[sqlx::test(migrations = "../migrations")]
async fn a_secret_shows_what_repositories_declare(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let token = as_person(&app, "mira", &["requesters"]);
    let names = call(&app, Some(&token), Method::GET, "/v1/consumers/names", json!({})).await;
    let names: Value = serde_json::from_str(&names.body).unwrap();
    let rows = names["rows"].as_array().unwrap();
    let arn = rows.iter().find(|row| row["name"] == "payments/ledger").unwrap()["arn"].clone();
    let arn = arn.as_str().unwrap();

    let mut browser = app.signed_in_as("mira", &["requesters"]).await;
    let id = app.resource_id("payments/ledger").await;
    let tab = format!("/inventory/{id}/access");
    let none = browser.get(&tab).await;
    assert!(none.body.contains("clv scan --upload"), "{}", none.body);

    let sent = call(&app, Some(&token), Method::POST, PATH, upload(arn, 3, 7)).await;
    assert_eq!(sent.body, r#"{"stored":3,"unknown":0}"#);
    let shown = browser.get(&tab).await;
    for part in ["github.com/example/shop", "aaaaaaa:1", "aaaaaaa:3", "0123456789ab<"] {
        assert!(shown.body.contains(part), "{part}: {}", shown.body);
    }
    // More than a page shows.
    call(&app, Some(&token), Method::POST, PATH, upload(arn, 201, 7)).await;
    assert!(browser.get(&tab).await.body.contains("Showing 200 of 201 locations"));
}

#[sqlx::test(migrations = "../migrations")]
async fn an_upload_is_bounded(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let token = as_person(&app, "mira", &["requesters"]);
    let arn = "arn:aws:secretsmanager:us-east-1:441205839201:secret:none-AbCdEf";
    for (entries, path, status) in [
        // Larger than any other request may be.
        (2_000, 300, StatusCode::OK),
        (2_000, 600, StatusCode::PAYLOAD_TOO_LARGE),
        (10_001, 1, StatusCode::PAYLOAD_TOO_LARGE),
        (1, 1_025, StatusCode::BAD_REQUEST),
        (1, 0, StatusCode::BAD_REQUEST),
    ] {
        let answer = call(&app, Some(&token), Method::POST, PATH, upload(arn, entries, path)).await;
        assert_eq!(answer.status, status, "{entries} entries: {}", answer.body);
    }
    // Every other request of the client has the limit of all.
    let long = json!({"reason": "x".repeat(600 * 1024)});
    let path = "/v1/grants/G-1/revoke";
    let answer = call(&app, Some(&token), Method::POST, path, long).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}
