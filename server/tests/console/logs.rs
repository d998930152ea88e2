//! The log: each line of a request has its id, so have the jobs that it queued, and no line has a value or a token.

use crate::{
    api::{as_person, call},
    common::{
        TestApp, US,
        log::{lines_with, watch},
    },
    values::{encoded, form, held},
};
use axum::body::Body;
use claviger::worker::{JobAttempt, run_queued_job};
use claviger_domain::{grants::view::Revealed, job::QueuedJob, scan::RegionScanFault};
use claviger_testkit::samples::{PAYMENTS, account, secret};
use http::{Method, Request, StatusCode, header};
use serde_json::json;
use sqlx::PgPool;

const ID: &str = "x-request-id";

fn scan_request(id: &str) -> http::request::Builder {
    Request::post("/api/sweep/start")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .header(ID, id)
}

/// Takes the jobs with their request ids off the queue.
async fn queued_jobs(pool: &PgPool) -> Vec<QueuedJob> {
    let taken: Vec<(serde_json::Value,)> =
        sqlx::query_as("delete from graphile_worker._private_jobs returning payload::jsonb")
            .fetch_all(pool)
            .await
            .unwrap();
    taken.into_iter().map(|(payload,)| serde_json::from_value(payload).unwrap()).collect()
}

#[sqlx::test(migrations = "../migrations")]
async fn every_response_has_the_id_of_its_request(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let too_long = "a".repeat(65);
    let mut seen = Vec::new();
    for sent in [None, Some("lb-17.a_b"), Some("two words"), Some(""), Some(too_long.as_str())] {
        for path in ["/healthz", "/sign-in", "/v1/me", "/nowhere"] {
            let mut request = Request::get(path);
            if let Some(sent) = sent {
                request = request.header(ID, sent);
            }
            let answer = app.browser().send(request, Body::empty()).await;
            let id = answer.headers[ID].to_str().unwrap().to_owned();
            if sent == Some("lb-17.a_b") {
                assert_eq!(id, "lb-17.a_b", "{path}: a proxy's id is kept");
            } else {
                assert!(id.len() == 36 && Some(id.as_str()) != sent, "{path}: {id} for {sent:?}");
                assert!(!seen.contains(&id), "{path}: each request has its own");
                seen.push(id);
            }
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_job_and_the_jobs_that_it_queues_have_the_id_of_the_request(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in(&["admins"]).await;
    let id = "scan-request-4711";
    watch(id);
    let answer = browser.send(scan_request(id), Body::empty()).await;
    assert!(answer.status.is_success() || answer.status.is_redirection(), "{}", answer.body);
    let requested = lines_with(id);
    let line = requested.iter().find(|line| line.contains("a scan was requested")).unwrap();
    assert!(line.contains(&format!("request.id={id}")) && line.contains("http.route="), "{line}");

    let mut kinds = Vec::new();
    for number in 1.. {
        let mut jobs = queued_jobs(&app.pool).await;
        if jobs.is_empty() {
            break;
        }
        for queued in jobs.drain(..) {
            assert_eq!(queued.request_id.as_ref().map(ToString::to_string).as_deref(), Some(id));
            kinds.push(queued.job.kind());
            let attempt = JobAttempt { id: number, number: 1, is_last: false };
            run_queued_job(&app.services, queued, attempt).await.unwrap();
        }
    }
    assert!(kinds.contains(&"plan_sweep") && kinds.contains(&"scan"), "{kinds:?}");
    let lines = lines_with(id);
    let planned = lines.iter().find(|line| line.contains("a scan was planned")).unwrap();
    for field in ["job.kind=\"plan_sweep\"", "job.id=1", &format!("request.id={id}")] {
        assert!(planned.contains(field), "{field} is not in {planned}");
    }
    // The next request is another one.
    app.services.scans().scan_if_due(claviger_domain::scan::ScanTrigger::Start).await.unwrap();
    assert!(queued_jobs(&app.pool).await.iter().all(|queued| queued.request_id.is_none()));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_failed_aws_call_is_one_readable_line(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in(&["admins"]).await;
    let id = "failing-scan-4712";
    watch(id);
    app.aws.close(&account(PAYMENTS), Some(RegionScanFault::RoleNotAssumable));
    browser.send(scan_request(id), Body::empty()).await;
    while let jobs @ [_, ..] = queued_jobs(&app.pool).await.as_slice() {
        for queued in jobs {
            let attempt = JobAttempt { id: 1, number: 1, is_last: false };
            let _ = run_queued_job(&app.services, queued.clone(), attempt).await;
        }
    }
    let lines = lines_with(id);
    let failures: Vec<_> = lines.iter().filter(|line| line.contains(" WARN ")).collect();
    assert!(!failures.is_empty(), "{lines:?}");
    for line in failures {
        assert!(line.len() < 600 && !line.contains('\n'), "{line}");
        for dump in ["SdkError", "AwsError", "Error {", "Some("] {
            assert!(!line.contains(dump), "{dump} in {line}");
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_failed_job_is_one_line_with_its_kind_and_a_panic_as_well(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let id = "broken-job-4713";
    watch(id);
    sqlx::query("alter table account rename to account_away").execute(&app.pool).await.unwrap();
    let payload = json!({"job": "evaluate", "account": PAYMENTS, "request_id": id});
    for is_last in [false, true] {
        let queued: QueuedJob = serde_json::from_value(payload.clone()).unwrap();
        let attempt = JobAttempt { id: 7, number: 3, is_last };
        run_queued_job(&app.services, queued, attempt).await.unwrap_err();
        let lines = lines_with(id);
        let level = if is_last { "ERROR" } else { " WARN" };
        let failed: Vec<_> =
            lines.iter().filter(|l| l.contains(level) && l.contains("the job failed")).collect();
        assert_eq!(failed.len(), 1, "{lines:?}");
        for field in ["job.kind=\"evaluate\"", "job.id=7", "job.attempt=3", "account"] {
            assert!(failed[0].contains(field), "{field} is not in {}", failed[0]);
        }
        assert!(!failed[0].contains('\n') && !failed[0].contains("Error {"), "{}", failed[0]);
    }
}

/// In JSON, on a page whose parts are read in tasks of their own, and in a server function.
#[sqlx::test(migrations = "../migrations")]
async fn an_unexpected_error_quotes_the_request(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let token = as_person(&app, "mira", &["requesters"]);
    let mut browser = app.signed_in(&["admins"]).await;
    sqlx::query("alter table resource rename to resource_away").execute(&app.pool).await.unwrap();
    sqlx::query("alter table access_grant rename to access_grant_away")
        .execute(&app.pool)
        .await
        .unwrap();
    let api = Request::get("/v1/grants/G-1")
        .header(ID, "quoted-1")
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    let api = app.browser().send(api, Body::empty()).await;
    assert_eq!(api.status, StatusCode::INTERNAL_SERVER_ERROR, "{}", api.body);
    assert!(api.body.contains("Request ID: quoted-1."), "{}", api.body);
    watch("quoted-2");
    let page =
        browser.send(Request::get("/access/G-1").header(ID, "quoted-2"), Body::empty()).await;
    assert!(page.body.contains("Request ID: quoted-2."), "{}", page.body);
    let lines = lines_with("quoted-2");
    assert!(lines.iter().any(|line| line.contains("ERROR")), "the log has it: {lines:?}");
    // What is expected needs no id.
    let refused = call(&app, Some(&token), Method::GET, "/v1/grants/nonsense", json!({})).await;
    assert!(!refused.body.contains("Request ID"), "{}", refused.body);
}

#[sqlx::test(migrations = "../migrations")]
async fn no_value_and_no_token_is_logged_at_any_level(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let (read, written) = ("canary-read-8f21", "canary-written-77ad");
    let read_in_base64 = "Y2FuYXJ5LXJlYWQtOGYyMQ";
    let token = as_person(&app, "mira", &["requesters"]);
    let signature = token.rsplit('.').next().unwrap().to_owned();
    let id = app.resource_id("payments/ledger").await;
    let grant = held(&app, "read", &[&id]).await;
    let writing = held(&app, "write", &[&id]).await;
    let mut browser = app.signed_in_as("mira", &["requesters"]).await;
    let cookie = browser.cookies.values().next().unwrap().clone();
    let words = [read, written, read_in_base64, signature.as_str(), cookie.as_str()];
    for word in words {
        watch(word);
    }
    // That the log is seen at all.
    watch("reveal");
    let arn = secret(PAYMENTS, US, "payments/ledger").arn;
    app.aws.access.hold_text(arn.as_str(), read);
    let path = format!("/v1/grants/{grant}/reveal");
    let answer = call(&app, Some(&token), Method::POST, &path, json!({"resource": id})).await;
    let shown: Revealed = serde_json::from_str(&answer.body).unwrap();
    assert!(shown == Revealed::Text(read.to_owned().into()));
    let fields = encoded(&[("grant", &grant), ("resource", &id)]);
    let script = [("accept", "application/json")];
    form(&mut browser, "/api/access/reveal", &script, &fields).await;
    let path = format!("/v1/grants/{grant}/credentials");
    call(&app, Some(&token), Method::POST, &path, json!({"resource": id})).await;
    let path = format!("/v1/grants/{writing}/value");
    let put = json!({"resource": id, "value": written});
    let put = call(&app, Some(&token), Method::PUT, &path, put).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.body);
    let fields = encoded(&[("grant", &writing), ("resource", &id), ("value", written)]);
    form(&mut browser, "/api/access/put", &script, &fields).await;
    // What fails says more.
    app.aws.close(&account(PAYMENTS), Some(RegionScanFault::Denied));
    let path = format!("/v1/grants/{writing}/value");
    call(&app, Some(&token), Method::PUT, &path, json!({"resource": id, "value": written})).await;
    call(&app, Some(&token), Method::PUT, &path, json!({"resource": [], "value": written})).await;
    browser.get(&format!("/access/{grant}")).await;
    app.work().await;
    for word in words {
        assert_eq!(lines_with(word), Vec::<String>::new(), "{word}");
    }
    assert!(
        lines_with("reveal")
            .iter()
            .any(|line| line.contains("INFO") || line.contains("TRACE") || line.contains("DEBUG"))
    );
}
