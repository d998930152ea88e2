//! A file as the value of a new secret: by the browser's own form, with scripts and without.

use crate::{
    common::{Answer, Browser, TestApp, US},
    values::encoded,
};
use claviger_testkit::samples::PAYMENTS;
use http::{StatusCode, header};
use sqlx::PgPool;

/// A text that is only ever a value, and bytes that are no text.
const CANARY: &str = "CANARY-of-a-file";

/// A form with a file, as a browser sends it.
async fn upload(browser: &Browser, path: &str, fields: &[(&str, &str)], file: &[u8]) -> Answer {
    let mut body = Vec::new();
    for (name, value) in fields {
        let head = format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(value.as_bytes());
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(
        b"--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"CANARY\"\r\n\r\n",
    );
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--cut--\r\n");
    let request = http::Request::post(path)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut")
        .header(header::ACCEPT, "text/html")
        .header("sec-fetch-site", "same-origin");
    browser.clone().send(request, axum::body::Body::from(body)).await
}

fn shape<'a>(name: &'a str, stage: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("account", PAYMENTS),
        ("region", US),
        ("kind", "secret"),
        ("name", name),
        ("tags", stage),
        ("format", "text"),
        ("reason", "The new ledger needs it."),
    ]
}

/// The hash of the preview, as the page has it.
async fn preview(browser: &mut Browser, fields: &[(&str, &str)]) -> String {
    let page = browser.get(&format!("/secrets/new?{}", encoded(fields))).await.body;
    let at = page.find("name=\"preview\"").unwrap_or_else(|| panic!("{page}"));
    let rest = &page[at..];
    let value = rest.split("value=\"").nth(1).unwrap();
    value.split('"').next().unwrap().to_owned()
}

#[sqlx::test(migrations = "../migrations")]
async fn a_secret_is_created_from_a_file(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in_as("mira", &["requesters"]).await;
    let fields = shape("payments/new", "owner=payments\nstage=test");
    let page = browser.get(&format!("/secrets/new?{}", encoded(&fields))).await.body;
    assert!(page.contains("action=\"/secrets/new/file\""), "{page}");
    let hash = preview(&mut browser, &fields).await;
    let with = |name: &'static str, tags: &'static str| {
        let mut fields = shape(name, tags);
        fields.push(("accept_failing", "true"));
        fields
    };
    let tags = "owner=payments\r\nstage=test";
    let file = [CANARY.as_bytes(), &[0xff, 0, 13, 10]].concat();

    let mut refused = Vec::new();
    let mut form = with("payments/new", tags);
    refused.push((upload(&browser, "/secrets/new/file", &form, &file).await, "since the preview"));
    form.push(("preview", &hash));
    let large = vec![b'x'; 65_537];
    refused.push((upload(&browser, "/secrets/new/file", &form, &large).await, "value: It has"));
    refused.push((upload(&browser, "/secrets/new/file", &form, b"").await, "value: Enter a value"));
    for (answer, says) in &refused {
        let back = answer.location();
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert!(back.starts_with("/secrets/new?") && back.contains("payments%2Fnew"), "{back}");
        let page = browser.get(&back).await.body;
        assert!(page.contains(says) && page.contains("The new ledger needs it."), "{says}: {page}");
        assert!(!back.contains("CANARY") && !page.contains("CANARY"), "{back}");
    }
    assert!(app.aws.created_values().is_empty());

    let done = upload(&browser, "/secrets/new/file", &form, &file).await;
    assert_eq!(done.location(), "/creations/C-1", "{}", done.body);
    assert_eq!(app.aws.created_values(), [(true, file)]);
    let page = browser.get("/creations/C-1").await.body;
    assert!(page.contains("Created") && !page.contains("CANARY"));
    let form = [("preview", hash.as_str())];
    let stranger = app.browser();
    let answer = upload(&stranger, "/secrets/new/file", &form, b"x").await;
    let to = answer.headers.get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
    assert!(!answer.status.is_success() && to.is_none_or(|to| !to.starts_with("/creations")));
    assert_eq!(app.aws.created_values().len(), 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn an_approved_shape_takes_a_file(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in_as("mira", &["requesters"]).await;
    let mut fields = shape("payments/new", "owner=payments\nstage=live");
    let page = browser.get(&format!("/secrets/new?{}", encoded(&fields))).await.body;
    assert!(!page.contains("/secrets/new/file"), "the value comes after the approval");
    let hash = preview(&mut browser, &fields).await;
    fields.push(("preview", &hash));
    fields.push(("accept_failing", "true"));
    let sent = crate::values::form(
        &mut browser,
        "/api/creations/submit",
        &[("accept", "application/json")],
        &encoded(&fields),
    )
    .await;
    assert!(sent.status.is_success() || sent.status.is_redirection(), "{}", sent.body);
    let early = upload(&browser, "/creations/C-1/file", &[], CANARY.as_bytes()).await;
    let page = browser.get(&early.location()).await.body;
    assert!(early.location().starts_with("/creations/C-1?"), "{}", early.location());
    assert!(page.contains("the creation is waiting now") && !page.contains("CANARY"));

    let mut tomas = app.signed_in_as("tomas", &["approvers"]).await;
    let shown = tomas.get("/creations/C-1").await.body;
    let hash = shown.split("name=\"hash\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let body = encoded(&[("creation", "C-1"), ("step", "approve"), ("hash", hash)]);
    let script = [("accept", "application/json")];
    let approved = crate::values::form(&mut tomas, "/api/creations/move", &script, &body).await;
    assert!(approved.status.is_success(), "{}", approved.body);

    let page = browser.get("/creations/C-1").await.body;
    assert!(page.contains("action=\"/creations/C-1/file\""), "{page}");
    let large = upload(&browser, "/creations/C-1/file", &[], &vec![0xff; 65_537]).await.location();
    assert!(browser.get(&large).await.body.contains("value: It has"), "{large}");
    let other = upload(&tomas, "/creations/C-1/file", &[], CANARY.as_bytes()).await.location();
    assert!(tomas.get(&other).await.body.contains("Only the requester"), "{other}");
    assert!(app.aws.created_values().is_empty());
    let done = upload(&browser, "/creations/C-1/file", &[], CANARY.as_bytes()).await;
    assert_eq!(done.location(), "/creations/C-1", "{}", done.body);
    assert_eq!(app.aws.created_values(), [(false, CANARY.into())]);
}
