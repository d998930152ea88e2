//! Values are returned and stored unchanged, never reach a form without JavaScript, and never go to the wrong resource.

mod names;

use crate::{
    api::{as_person, call},
    common::{Answer, Browser, TestApp, US},
};
use axum::body::Body;
use claviger_domain::grants::view::{Candidate, Ending, GrantDetail, Requested, Revealed};
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, secret};
use http::{Method, StatusCode, header};
use serde_json::{Value, json};
use sqlx::PgPool;

const EU: &str = "eu-west-1";
const LEDGER: &str = "payments/ledger";

fn ledger_in(account: &str, region: &str) -> String {
    secret(account, region, LEDGER).arn.to_string()
}

/// Another account or Region gets a secret of the same name.
async fn copy_ledger(app: &TestApp, account: &str, region: &str) {
    sqlx::query(
        "insert into resource (id, arn, kind, account_id, region, name, facts, search, owner, owner_class, key_class,
            is_listed, fingerprint, first_seen_at, facts_changed_at)
         select gen_random_uuid(), $1, kind, $2, $3, name, replace(facts::text, arn, $1)::jsonb, search, owner,
            owner_class, key_class, is_listed, fingerprint, first_seen_at, facts_changed_at
         from resource where arn = $4",
    )
    .bind(ledger_in(account, region))
    .bind(account)
    .bind(region)
    .bind(ledger_in(PAYMENTS, US))
    .execute(&app.pool)
    .await
    .unwrap();
}

struct Client<'a> {
    app: &'a TestApp,
    token: String,
}

impl Client<'_> {
    async fn get(&self, path: &str) -> Answer {
        call(self.app, Some(&self.token), Method::GET, path, json!({})).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        call(self.app, Some(&self.token), Method::POST, path, body).await
    }

    async fn put(&self, path: &str, body: Value) -> Answer {
        call(self.app, Some(&self.token), Method::PUT, path, body).await
    }
}

fn mira(app: &TestApp) -> Client<'_> {
    Client { app, token: as_person(app, "mira", &["requesters"]) }
}

/// An active grant of Mira's for these resources.
pub async fn held(app: &TestApp, action: &str, resources: &[&str]) -> String {
    let access_request =
        json!({"resources": resources, "action": action, "minutes": 30, "purpose": "To see."});
    let made = mira(app).post("/v1/requests", access_request).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let made: Requested = serde_json::from_str(&made.body).unwrap();
    let grant = made.grants[0].to_string();
    let tomas = Client { app, token: as_person(app, "tomas", &["approvers"]) };
    let shown: GrantDetail =
        serde_json::from_str(&tomas.get(&format!("/v1/grants/{grant}")).await.body).unwrap();
    let yes = json!({"verdict": "approve", "hash": shown.hash});
    let decided = tomas.post(&format!("/v1/grants/{grant}/decision"), yes).await;
    assert_eq!(decided.status, StatusCode::OK, "{}", decided.body);
    let claimed = mira(app).post(&format!("/v1/grants/{grant}/claim"), json!({})).await;
    assert_eq!(claimed.status, StatusCode::OK, "{}", claimed.body);
    grant
}

/// Posts as the page's script does, or as a browser without JavaScript.
pub async fn form(
    browser: &mut Browser,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut request = http::Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::REFERER, "https://claviger.test/access/G-1")
        .header("sec-fetch-site", "same-origin");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    browser.send(request, Body::from(body.to_owned())).await
}

pub fn encoded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

const SCRIPT: [(&str, &str); 1] = [("accept", "application/json")];
const PLAIN: [(&str, &str); 1] = [("accept", "text/html,application/xhtml+xml")];

/// Texts that some parser or writer of JSON, HTML or forms would change.
const HARD: [&str; 12] = [
    r#"{"n":12345678901234567890123,"x":1.10,"y":-0.0,"z":1E400}"#,
    r#"{"z":1,"a":{"c":1.50,"b":[1.0,  2]},"z":2,"caf\u00e9":"\/ \u00e9 \ud83d\udd11"}"#,
    "-----BEGIN PRIVATE KEY-----\nMIIE\n  indented\n-----END PRIVATE KEY-----\n",
    "windows\r\nlines\r\n",
    "\u{feff}{\"a\": 1.10}",
    "  spaces and tabs \t",
    "\n\nbreaks\n\n",
    "a lone \r and a \u{0} and \u{7f} and \u{200b}",
    "</textarea><script>&amp;\"'`$HOME`",
    "{\"a\": 1,}",
    "a+b%20c=d&e",
    "\u{1f511} \u{e9} e\u{301} \u{202e}",
];

#[sqlx::test(migrations = "../migrations")]
async fn what_aws_has_comes_out_unchanged(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let grant = held(&app, "read", &[&app.resource_id(LEDGER).await]).await;
    let mut browser = app.signed_in_as("mira", &["requesters"]).await;
    let arn = ledger_in(PAYMENTS, US);
    let page = encoded(&[("grant", &grant), ("resource", &app.resource_id(LEDGER).await)]);
    let large = "9".repeat(65_536);
    for text in HARD.into_iter().chain(["", "\n", large.as_str()]) {
        app.aws.access.hold_text(&arn, text);
        let answers = [
            mira(&app).post(&format!("/v1/grants/{grant}/reveal"), json!({"resource": arn})).await,
            form(&mut browser, "/api/access/reveal", &SCRIPT, &page).await,
        ];
        for answer in answers {
            assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
            let shown: Revealed = serde_json::from_str(&answer.body).unwrap();
            let Revealed::Text(shown) = shown else { panic!("{text:?} is text") };
            assert_eq!(shown.as_str(), text);
        }
    }
    app.aws.access.hold_bytes(&arn, &[0, 159, 146, 150, 10]);
    let shown = form(&mut browser, "/api/access/reveal", &SCRIPT, &page).await;
    let shown: Revealed = serde_json::from_str(&shown.body).unwrap();
    assert!(shown == Revealed::Binary("AJ+Slgo=".to_owned().into()));
}

#[sqlx::test(migrations = "../migrations")]
async fn bytes_go_in_as_bytes(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let grant = held(&app, "write", &[&app.resource_id(LEDGER).await]).await;
    let id = app.resource_id(LEDGER).await;
    let path = format!("/v1/grants/{grant}/value");
    let put = mira(&app).put(&path, json!({"resource": id, "binary": "AJ+Slgo="})).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.body);
    let arn = ledger_in(PAYMENTS, US);
    assert_eq!(app.aws.access.binary_puts(), [(arn, vec![0, 159, 146, 150, 10])]);
    // Invalid input writes nothing, and no response repeats it.
    for body in [
        json!({"resource": id, "binary": "CANARY!"}),
        json!({"resource": id, "binary": "AA==", "value": "CANARY"}),
        json!({"resource": id}),
        json!({"resource": id, "binary": ""}),
    ] {
        let put = mira(&app).put(&path, body.clone()).await;
        assert_eq!(put.status, StatusCode::BAD_REQUEST, "{body}: {}", put.body);
        assert!(!put.body.contains("CANARY"), "{}", put.body);
    }
    assert_eq!((app.aws.access.binary_puts().len(), app.aws.access.puts().len()), (1, 0));
}

/// The client shows the server's answer about AWS sessions: nothing is being ended if none was issued.
#[sqlx::test(migrations = "../migrations")]
async fn an_end_tells_whether_sessions_are_ended(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let tomas = Client { app: &app, token: as_person(&app, "tomas", &["approvers"]) };
    let id = app.resource_id(LEDGER).await;
    let ended = |answer: Answer| -> Ending {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    };
    for was_used in [false, true] {
        for step in ["revoke", "give-back"] {
            let grant = held(&app, "read", &[&id]).await;
            if was_used {
                let shown = mira(&app)
                    .post(&format!("/v1/grants/{grant}/reveal"), json!({"resource": id}))
                    .await;
                assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);
            }
            let who = if step == "revoke" { &tomas } else { &mira(&app) };
            let path = format!("/v1/grants/{grant}/{step}");
            let ending = ended(who.post(&path, json!({"reason": "Left."})).await);
            assert_eq!(ending, Ending { was_active: true, ends_sessions: was_used }, "{step}");
        }
    }
    // A request that was never approved is withdrawn.
    let access_request =
        json!({"resources": [id], "action": "read", "minutes": 30, "purpose": "To see."});
    let made: Requested =
        serde_json::from_str(&mira(&app).post("/v1/requests", access_request).await.body).unwrap();
    let path = format!("/v1/grants/{}/give-back", made.grants[0]);
    let ending = ended(mira(&app).post(&path, json!({})).await);
    assert_eq!(ending, Ending { was_active: false, ends_sessions: false });
}

#[sqlx::test(migrations = "../migrations")]
async fn what_is_written_goes_in_unchanged(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let grant = held(&app, "write", &[&app.resource_id(LEDGER).await]).await;
    let mut browser = app.signed_in_as("mira", &["requesters"]).await;
    let id = app.resource_id(LEDGER).await;
    let last = || app.aws.access.puts().pop().unwrap().1;
    for text in HARD.into_iter().chain(["\n"]) {
        let body = json!({"resource": id, "value": text});
        let put = mira(&app).put(&format!("/v1/grants/{grant}/value"), body).await;
        assert_eq!(put.status, StatusCode::OK, "{}", put.body);
        assert_eq!(last(), text);
        let fields = encoded(&[("grant", &grant), ("resource", &id), ("value", text)]);
        let put = form(&mut browser, "/api/access/put", &SCRIPT, &fields).await;
        assert_eq!(put.status, StatusCode::OK, "{}", put.body);
        assert_eq!(last(), text);
    }
    // A browser without JavaScript sends every line break as CRLF. It can't send a lone CR.
    for text in HARD.into_iter().filter(|text| !text.contains('\r')) {
        let sent = text.replace('\n', "\r\n");
        let fields = [("grant", grant.as_str()), ("resource", &id), ("value", &sent)];
        let put = form(&mut browser, "/api/access/put", &PLAIN, &encoded(&fields)).await;
        assert_eq!((put.status, put.body.as_str()), (StatusCode::FOUND, ""));
        assert!(
            put.location().trim_end_matches('?').ends_with("/access/G-1"),
            "{}",
            put.location()
        );
        assert_eq!(last(), text);
        // CRLF has to be selected, with and without JavaScript.
        for (headers, typed) in [(&PLAIN, sent.as_str()), (&SCRIPT, text)] {
            let fields =
                [("grant", grant.as_str()), ("resource", &id), ("value", typed), ("crlf", "true")];
            form(&mut browser, "/api/access/put", headers, &encoded(&fields)).await;
            assert_eq!(last(), text.replace('\n', "\r\n"));
        }
    }
}

/// The browser sends the form itself, and is led back to the page, which says what became of the file.
#[sqlx::test(migrations = "../migrations")]
async fn a_file_goes_in_as_it_is(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let id = app.resource_id(LEDGER).await;
    let grant = held(&app, "write", &[&id]).await;
    let mut browser = app.signed_in_as("mira", &["requesters"]).await;
    let path = format!("/access/{grant}/file");
    let sender = browser.clone();
    let upload = async |kind: &str, file: &[u8], site: &str| {
        let mut body = Vec::new();
        for (name, value) in [("resource", id.as_bytes()), ("kind", kind.as_bytes())] {
            body.extend(
                format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").bytes(),
            );
            body.extend_from_slice(value);
            body.extend(b"\r\n");
        }
        body.extend(
            b"--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"CANARY\"\r\n\r\n",
        );
        body.extend_from_slice(file);
        body.extend(b"\r\n--cut--\r\n");
        let request = http::Request::post(&path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut")
            .header(header::ACCEPT, "text/html")
            .header("sec-fetch-site", site);
        sender.clone().send(request, axum::body::Body::from(body)).await
    };
    let done = upload("binary", &[0, 159, 13, 10], "same-origin").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert!(
        done.location().starts_with(&format!("/access/{grant}?uploaded=")),
        "{}",
        done.location()
    );
    assert_eq!(app.aws.access.binary_puts().pop().unwrap().1, [0, 159, 13, 10]);
    let text = upload("text", "CANARY é\r\n".as_bytes(), "same-origin").await;
    assert_eq!(app.aws.access.puts().pop().unwrap().1, "CANARY é\r\n");
    let shown = browser.get(&text.location()).await;
    assert!(shown.body.contains("File written as version"), "{}", shown.body);
    let mut refused = Vec::new();
    let large = vec![b'x'; 65_537];
    for (kind, file) in [("text", &b"CANARY\xff"[..]), ("text", b""), ("text", &large)] {
        refused.push(upload(kind, file, "same-origin").await);
    }
    assert_eq!(upload("text", b"x", "cross-site").await.status, StatusCode::FORBIDDEN);
    for (answer, says) in
        refused.iter().zip(["not text in UTF-8", "empty or too large", "empty or too large"])
    {
        let back = answer.location();
        assert!(
            back.starts_with(&format!("/access/{grant}?")) && !back.contains("CANARY"),
            "{back}"
        );
        let page = browser.get(&back).await.body;
        assert!(page.contains(says) && !page.contains("CANARY"), "{back}");
    }
    assert_eq!((app.aws.access.puts().len(), app.aws.access.binary_puts().len()), (1, 1));
}

#[sqlx::test(migrations = "../migrations")]
async fn other_texts_are_stored_as_typed_too(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in_as("mira", &["requesters"]).await;
    let id = app.resource_id(LEDGER).await;
    let fields = encoded(&[
        ("resources", &id),
        ("action", "read"),
        ("minutes", "5"),
        ("purpose", "First line.\r\nSecond line."),
    ]);
    let made = form(&mut browser, "/api/access/request", &PLAIN, &fields).await;
    assert_eq!(made.location(), "/access/G-1");
    let shown = mira(&app).get("/v1/grants/G-1").await;
    let shown: GrantDetail = serde_json::from_str(&shown.body).unwrap();
    assert_eq!(shown.purpose, "First line.\nSecond line.");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_form_without_scripts_never_gets_a_value(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let id = app.resource_id(LEDGER).await;
    let grant = held(&app, "read", &[&id]).await;
    let mut browser = app.signed_in_as("mira", &["requesters"]).await;
    let before = app.aws.access.orders().len();
    let fields = encoded(&[("grant", &grant), ("resource", &id)]);
    for headers in [
        &PLAIN[..],
        &[("accept", "TEXT/HTML")],
        &[("accept", "*/*"), ("sec-fetch-mode", "navigate")],
        &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")],
        &[("accept", "application/json"), ("accept", "text/html;q=0.1")],
    ] {
        let answer = form(&mut browser, "/api/access/reveal", headers, &fields).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{headers:?}");
        assert!(!answer.body.contains("CANARY") && answer.body.contains("needs scripts"));
        assert!(!answer.headers.contains_key(header::LOCATION));
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    }
    assert_eq!(app.aws.access.orders().len(), before, "AWS was not asked");
    let page = browser.get(&format!("/access/{grant}")).await;
    assert!(!page.body.contains("CANARY") && !page.body.contains(r#"action="/api/access/reveal""#));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_value_is_in_no_redirect_and_in_no_address(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let id = app.resource_id(LEDGER).await;
    let write = held(&app, "write", &[&id]).await;
    let rotate = held(&app, "rotate", &[&id]).await;
    let change = held(&app, "change", &[&id]).await;
    let mut browser = app.signed_in_as("mira", &["requesters"]).await;
    let large = format!("CANARY{}", "x".repeat(65_536));
    for (path, fields) in [
        ("/api/access/put", encoded(&[("grant", &write), ("resource", &id), ("value", "CANARY")])),
        ("/api/access/put", encoded(&[("grant", &write), ("resource", &id), ("value", &large)])),
        ("/api/access/put", encoded(&[("grant", &rotate), ("resource", &id), ("value", "CANARY")])),
        ("/api/access/put", encoded(&[("grant", &write), ("resourc", &id), ("value", "CANARY")])),
        (
            "/api/access/put",
            encoded(&[
                ("grant", &write),
                ("resource", &id),
                ("value", "CANARY"),
                ("crlf", "CANARY"),
            ]),
        ),
        (
            "/api/access/edit-keys",
            encoded(&[
                ("grant", &change),
                ("resource", &id),
                ("key_1", "password"),
                ("text_1", "CANARY"),
            ]),
        ),
        (
            "/api/access/edit-keys",
            encoded(&[
                ("grant", &change),
                ("resource", &id),
                ("key_1", "absent"),
                ("text_1", "CANARY"),
            ]),
        ),
        (
            "/api/access/edit-keys",
            encoded(&[
                ("grant", &change),
                ("resource", &id),
                ("text_1", "CANARY"),
                ("json_1", "true"),
            ]),
        ),
        (
            "/api/access/change-parameter",
            encoded(&[("grant", &change), ("resource", &id), ("value", "CANARY")]),
        ),
        (
            "/api/access/rotate",
            encoded(&[("grant", &rotate), ("resource", &id), ("value", "CANARY")]),
        ),
        ("/api/access/rotate", encoded(&[("grant", &write), ("resource", &id)])),
    ] {
        let answer = form(&mut browser, path, &PLAIN, &fields).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::FOUND, ""), "{path}");
        assert!(!format!("{:?}", answer.headers).contains("CANARY"), "{path} {:?}", answer.headers);
        let back = answer.location().replace("https://claviger.test", "");
        assert!(!browser.get(&back).await.body.contains("CANARY"), "{path}");
    }
    let tables: Vec<(String,)> = sqlx::query_as(
        "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
    )
    .fetch_all(&app.pool)
    .await
    .unwrap();
    for (table,) in tables {
        let (found,): (i64,) = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "select count(*) from {table} t where t::text like '%CANARY%'"
        )))
        .fetch_one(&app.pool)
        .await
        .unwrap();
        assert_eq!(found, 0, "{table}");
    }
}
