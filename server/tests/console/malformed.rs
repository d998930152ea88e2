//! Malformed calls of server functions: every registered function, every kind of error.

use crate::common::{Browser, TestApp};
use axum::body::Body;
use http::{Method, StatusCode, header};
use sqlx::PgPool;
use std::fmt::Write;

const FORM: &str = "application/x-www-form-urlencoded";

/// The error, the method, the content type and the body.
fn faults() -> Vec<(&'static str, Method, &'static str, Vec<u8>)> {
    let long = |name: &str, bytes: usize| [name.as_bytes(), &vec![b'a'; bytes]].concat();
    vec![
        ("no body", Method::POST, FORM, Vec::new()),
        ("fields of another form", Method::POST, FORM, b"colour=red&size=3".to_vec()),
        ("no field has a name", Method::POST, FORM, b"=&=&==".to_vec()),
        ("brackets that do not close", Method::POST, FORM, b"query[=1&id]=2&reason[[[=3".to_vec()),
        (
            "a list for a text",
            Method::POST,
            FORM,
            b"id[]=1&id[]=2&query[a][b]=1&grant[]=1&resources[]=1".to_vec(),
        ),
        (
            "a text for a number",
            Method::POST,
            FORM,
            b"minutes=soon&up_to=x&before=x&token=x".to_vec(),
        ),
        ("percent signs alone", Method::POST, FORM, b"id=%zz&query=%&text=%f".to_vec()),
        ("no UTF-8 in the body", Method::POST, FORM, b"\xff\xfe=\x80&query=\xc3".to_vec()),
        (
            "no UTF-8 behind the percent",
            Method::POST,
            FORM,
            b"query=%ff%fe&id=%c3&text=%80".to_vec(),
        ),
        (
            "a null character",
            Method::POST,
            FORM,
            b"query=%00&id=%00&grant=%00&text=%00&document=%00".to_vec(),
        ),
        (
            "JSON instead of a form",
            Method::POST,
            "application/json",
            br#"{"query": 1, "id": [null]}"#.to_vec(),
        ),
        (
            "a form that is said to be JSON",
            Method::POST,
            "application/json",
            b"colour=red".to_vec(),
        ),
        (
            "multipart",
            Method::POST,
            "multipart/form-data; boundary=x",
            b"--x\r\n\r\n--x--".to_vec(),
        ),
        ("no known type", Method::POST, "", b"colour=red".to_vec()),
        ("deeply nested", Method::POST, FORM, b"query[a][b][c][d][e][f][g][h][i]=1".to_vec()),
        ("larger than anything is", Method::POST, FORM, long("colour=", 600 * 1024)),
        ("GET", Method::GET, "", Vec::new()),
        ("PUT", Method::PUT, FORM, b"query=".to_vec()),
        ("DELETE", Method::DELETE, "", Vec::new()),
    ]
}

async fn answer(
    browser: &Browser,
    path: &str,
    (_, method, kind, body): &(&str, Method, &str, Vec<u8>),
    accept: &str,
) -> StatusCode {
    let mut browser = browser.clone();
    let mut request = http::Request::builder()
        .method(method.clone())
        .uri(path)
        .header(header::ACCEPT, accept)
        .header("sec-fetch-site", "same-origin");
    if !kind.is_empty() {
        request = request.header(header::CONTENT_TYPE, *kind);
    }
    browser.send(request, Body::from(body.clone())).await.status
}

fn functions() -> Vec<String> {
    let mut paths: Vec<String> =
        leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    paths.sort();
    paths.dedup();
    assert!(paths.len() > 40, "the server functions are registered: {}", paths.len());
    paths
}

#[sqlx::test(migrations = "../migrations")]
async fn malformed_calls_are_the_callers_fault(pool: PgPool) {
    let app = TestApp::new(pool).await;
    // Without a session, and with one without permissions: a call that happens to be valid has no effect.
    let anonymous = app.browser();
    let nobody = app.signed_in(&[]).await;
    let mut wrong = String::new();
    for path in functions() {
        for fault in &faults() {
            let status = answer(&anonymous, &path, fault, "application/json").await.as_u16();
            // A body above the limit has its own status, and so has a method that the function does not take.
            if ![400, 401, 405, 413].contains(&status) {
                let _ = writeln!(wrong, "{path}, {}, without a session: {status}", fault.0);
            }
            let status = answer(&nobody, &path, fault, "application/json").await;
            if status.is_server_error() {
                let _ = writeln!(wrong, "{path}, {}, with a session: {status}", fault.0);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[sqlx::test(migrations = "../migrations")]
async fn what_lacks_its_fields_is_400_for_anyone_who_may_do_everything(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let admin = app.signed_in(&["admins"]).await;
    let bytes = ("no UTF-8", Method::POST, FORM, b"\xff\xfe".to_vec());
    let get = ("GET", Method::GET, "", Vec::new());
    for path in functions() {
        // No function accepts these.
        for (fault, expected) in
            [(&bytes, StatusCode::BAD_REQUEST), (&get, StatusCode::METHOD_NOT_ALLOWED)]
        {
            let status = answer(&admin, &path, fault, "application/json").await;
            assert_eq!(status, expected, "{path}: {}", fault.0);
        }
    }
    let lacking =
        ["inventory/list", "access/grant", "remediation/submit", "exceptions/ask", "theme"];
    for path in lacking {
        let empty = ("no body", Method::POST, FORM, Vec::new());
        let path = format!("/api/{path}");
        let status = answer(&admin, &path, &empty, "application/json").await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
        // A form without JavaScript and without a referrer: the same, and the error names no page.
        let status = answer(&admin, &path, &empty, "text/html").await;
        assert!(!status.is_server_error(), "{path}: {status}");
    }
}
