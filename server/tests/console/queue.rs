//! The work queue over HTTP, without JavaScript; and that reading changes nothing.

use crate::{
    access::{field, submit},
    common::{Browser, TestApp},
};
use axum::body::Body;
use claviger_testkit::samples::PAYMENTS;
use http::{StatusCode, header};
use sqlx::PgPool;
use std::collections::BTreeMap;

#[sqlx::test(migrations = "../migrations")]
async fn a_decision_leads_to_the_next_item_of_the_same_list(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut tomas = app.signed_in_as("tomas", &["approvers"]).await;
    let [first, second] = [app.asked().await, app.asked().await];
    assert_eq!(tomas.get("/").await.location(), "/queue");
    assert_eq!(tomas.get("/approvals").await.location(), "/queue?kind=access");
    let list = tomas.get("/queue?kind=access").await;
    assert!(list.body.contains("2 items need your decision."), "{}", list.body);
    let from = format!("/queue/access/{first}?kind=access");
    assert!(list.body.contains(&format!("href=\"{from}\"")), "{}", list.body);
    let page = tomas.get(&from).await;
    assert_eq!(field(&page.body, "queue"), "access");
    let form = |grant: &str, hash: &str, queue: &str| {
        format!("grant={grant}&verdict=approve&hash={hash}{queue}")
    };
    let hash = app.hash(first).await;
    let form_of_first = form(&first.to_string(), &hash, "&queue=access");
    let done = submit(&mut tomas, "/api/access/decide", &from, &form_of_first).await;
    let next = format!("/queue/access/{second}?kind=access&done=approved");
    assert_eq!((done.status, done.location()), (StatusCode::FOUND, next.clone()));
    let page = tomas.get(&next).await;
    assert!(page.body.contains("Approved. 1 left."), "{}", page.body);
    // A second click decides nothing, and says so where the form stands.
    let again = submit(&mut tomas, "/api/access/decide", &from, &form_of_first).await;
    assert!(again.location().contains("__err"), "{}", again.location());
    // The last one leads to the empty list.
    let hash = app.hash(second).await;
    let form_of_second = form(&second.to_string(), &hash, "&queue=all");
    let done = submit(&mut tomas, "/api/access/decide", &next, &form_of_second).await;
    assert_eq!(done.location(), "/queue?done=approved");
    let page = tomas.get("/queue?done=approved").await;
    for text in ["Approved. Nothing left to decide.", "all caught up."] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    // Outside of the queue the page stays.
    let (third, from) = (app.asked().await, "/access/G-3");
    let form_of_third = form(&third.to_string(), &app.hash(third).await, "");
    let done = submit(&mut tomas, "/api/access/decide", from, &form_of_third).await;
    assert!(done.location().ends_with("/access/G-3?"), "{}", done.location());
}

#[sqlx::test(migrations = "../migrations")]
async fn single_keys_can_be_turned_off_without_scripts(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in(&["admins"]).await;
    let off = "data-shortcuts=\"off\"";
    assert!(!browser.get("/queue").await.body.contains(off));
    submit(&mut browser, "/api/shortcuts", "/queue", "shortcuts=off").await;
    assert!(browser.get("/queue").await.body.contains(off));
    submit(&mut browser, "/api/shortcuts", "/queue", "shortcuts=on").await;
    assert!(!browser.get("/queue").await.body.contains(off));
}

/// Every row of every table, as a hash by table.
async fn everything(pool: &PgPool) -> BTreeMap<String, String> {
    let tables: Vec<(String,)> = sqlx::query_as(
        "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('public', 'graphile_worker')",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut found = BTreeMap::new();
    for (table,) in tables {
        let rows = format!(
            "select md5(coalesce(string_agg(t::text, e'\\n' order by t::text), '')) from {table} t"
        );
        let (hash,): (String,) =
            sqlx::query_as(sqlx::AssertSqlSafe(rows)).fetch_one(pool).await.unwrap();
        found.insert(table, hash);
    }
    found
}

async fn prefetch(browser: &mut Browser, path: &str) -> StatusCode {
    let request = http::Request::get(path)
        .header(header::ACCEPT, "text/html")
        .header("sec-purpose", "prefetch;prerender")
        .header("sec-fetch-site", "same-origin");
    browser.send(request, Body::empty()).await.status
}

#[sqlx::test(migrations = "../migrations")]
async fn a_page_that_is_only_prefetched_changes_nothing(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut tomas = app.signed_in_as("tomas", &["approvers"]).await;
    let grant = app.asked().await;
    let id = app.resource_id("payments/ledger").await;
    app.work().await;
    let (before, unread) = (everything(&app.pool).await, "1 unread.");
    assert!(before.len() > 30, "the tables were not found");
    let of_grant = ["/queue/access", "/queue/review", "/approvals", "/access"];
    let paths = of_grant.iter().map(|place| format!("{place}/{grant}"));
    let others =
        ["/queue", "/queue?kind=access", "/inbox", "/inbox?show=unread", "/access", "/reviews"];
    let governance = [
        "/overview",
        "/findings",
        "/policies",
        "/exceptions",
        "/remediation",
        "/changes",
        "/inventory",
    ];
    let others = others.iter().chain(&governance).map(ToString::to_string);
    let single = [format!("/inventory/{id}"), format!("/accounts/{PAYMENTS}")];
    for path in paths.chain(others).chain(single) {
        assert_eq!(prefetch(&mut tomas, &path).await, StatusCode::OK, "{path}");
        let after = everything(&app.pool).await;
        let changed: Vec<&String> = before
            .iter()
            .filter(|(table, rows)| after[*table] != **rows)
            .map(|(table, _)| table)
            .collect();
        assert!(changed.is_empty(), "{path} changed {changed:?}");
    }
    assert!(tomas.get("/inbox").await.body.contains(unread), "nothing was marked as read");
    // An export is in the audit log: it is not answered ahead.
    for path in ["/export/findings/csv", "/export/inventory/csv"] {
        assert_eq!(prefetch(&mut tomas, path).await, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(everything(&app.pool).await, before, "{path}");
    }
}
