//! The access workflow over HTTP, without JavaScript: forms and their redirects.

use crate::common::{Browser, TestApp};
use http::{StatusCode, header};
use sqlx::PgPool;

/// Posts a form as a browser without JavaScript does.
pub async fn submit(
    browser: &mut Browser,
    path: &str,
    from: &str,
    form: &str,
) -> crate::common::Answer {
    let request = http::Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "text/html")
        .header(header::REFERER, format!("https://claviger.test{from}"))
        .header("sec-fetch-site", "same-origin");
    browser.send(request, axum::body::Body::from(form.to_owned())).await
}

pub fn field<'a>(body: &'a str, name: &str) -> &'a str {
    let at = body.find(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name}"));
    body[at..].split('"').nth(3).unwrap()
}

#[sqlx::test(migrations = "../migrations")]
async fn asked_decided_claimed_and_revealed_without_scripts(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut mira = app.signed_in_as("mira", &["requesters"]).await;
    let mut tomas = app.signed_in_as("tomas", &["approvers"]).await;
    let id = app.resource_id("payments/ledger").await;
    let form = mira.get(&format!("/access/request?resource={id}")).await;
    assert!(form.body.contains("Allowed") && form.body.contains("E.g. tomas"), "{}", form.body);
    let made = submit(
        &mut mira,
        "/api/access/request",
        "/access/request",
        &format!(
            "resources={}&action=read&extends=&minutes=30&purpose=To+see.",
            field(&form.body, "resources")
        ),
    )
    .await;
    assert_eq!(made.location(), "/access/G-1");

    let inbox = tomas.get("/inbox").await;
    assert!(inbox.body.contains("mira requests to read payments/ledger"));
    // The address of notifications that were sent earlier.
    let page = tomas.get("/approvals/G-1").await;
    assert!(page.body.contains("To see.") && page.body.contains("0 of 1 approvals"));
    let hash = field(&page.body, "hash").to_owned();
    let answer = submit(
        &mut tomas,
        "/api/access/decide",
        "/approvals/G-1",
        &format!("grant=G-1&verdict=approve&hash={hash}"),
    )
    .await;
    assert_eq!(answer.status, StatusCode::FOUND);
    // A double click: the second one changes nothing, and says so.
    let again = submit(
        &mut tomas,
        "/api/access/decide",
        "/approvals/G-1",
        &format!("grant=G-1&verdict=approve&hash={hash}"),
    )
    .await;
    assert!(again.location().contains("__err"), "{}", again.location());

    assert!(mira.get("/access/G-1").await.body.contains("Start access"));
    submit(&mut mira, "/api/access/claim", "/access/G-1", "grant=G-1").await;
    let page = mira.get("/access/G-1").await;
    assert!(page.body.contains("30 min left") && page.body.contains("clv configure --grant G-1"));
    assert!(!page.body.contains("CANARY"), "no page holds a value");

    let shown = mira.post("/api/access/reveal", &format!("grant=G-1&resource={id}")).await;
    assert_eq!(shown.headers[header::CACHE_CONTROL], "no-store");
    assert!(shown.body.contains("CANARY"), "the one answer that does: {}", shown.body);
    for page in ["/access/G-1", "/access", "/inbox", &format!("/inventory/{id}")] {
        assert!(!mira.get(page).await.body.contains("CANARY"), "{page}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_fault_is_shown_where_the_form_stands(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut tomas = app.signed_in_as("tomas", &["approvers"]).await;
    let grant = app.asked().await;
    let from = format!("/approvals/{grant}");
    let denied = submit(
        &mut tomas,
        "/api/access/decide",
        &from,
        &format!("grant={grant}&verdict=deny&hash=0&reason=So"),
    )
    .await;
    let back = denied.location().replace("https://claviger.test", "");
    let page = tomas.get(&back).await;
    assert!(page.body.contains("changed since you opened it"), "{}", page.body);
}
