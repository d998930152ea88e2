//! The client's API: tokens, denials, the workflow in JSON.

use crate::common::{Answer, PEOPLE, TestApp, idp::Token};
use axum::body::Body;
use claviger::api::paths;
use claviger_domain::grants::view::{GrantDetail, MyAccess, Requested, Revealed};
use claviger_testkit::samples::PAYMENTS;
use http::{Method, StatusCode, header};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::{collections::BTreeSet, fmt::Write};

pub async fn call(
    app: &TestApp,
    token: Option<&str>,
    method: Method,
    path: &str,
    body: Value,
) -> Answer {
    let mut request = http::Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    app.browser().send(request, Body::from(body.to_string())).await
}

pub fn as_person(app: &TestApp, subject: &str, groups: &[&str]) -> String {
    app.idp.bearer(|token| {
        token.set_groups(groups);
        token.claims["sub"] = subject.into();
        token.claims["name"] = subject.into();
        token.claims["email"] = format!("{subject}@example.com").into();
    })
}

#[sqlx::test(migrations = "../migrations")]
async fn without_a_good_token_nothing_is_answered(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let bad: Vec<(&str, Option<String>)> = vec![
        ("none", None),
        ("nonsense", Some("x.y.z".into())),
        (
            "the browser's audience",
            Some(app.idp.bearer(|t: &mut Token| t.claims["aud"] = "claviger".into())),
        ),
        ("expired", Some(app.idp.bearer(|t| t.claims["exp"] = 1.into()))),
        ("a stranger's", Some(app.idp.bearer(|t| t.by_stranger = true))),
        ("unsigned", Some(app.idp.bearer(|t| t.unsigned = true))),
        (
            "another issuer's",
            Some(app.idp.bearer(|t| t.claims["iss"] = "https://evil.example".into())),
        ),
    ];
    for path in paths().filter(|path| *path != "/v1/client") {
        let path = path.replace("{id}", "G-1");
        for method in [Method::GET, Method::POST, Method::PUT] {
            for (what, token) in &bad {
                let answer = call(&app, token.as_deref(), method.clone(), &path, json!({})).await;
                let refused = [StatusCode::UNAUTHORIZED, StatusCode::METHOD_NOT_ALLOWED]
                    .contains(&answer.status);
                assert!(refused, "{method} {path} with {what}: {}", answer.status);
            }
        }
    }
    // A browser's session is not valid here.
    let mut browser = app.signed_in(&["admins"]).await;
    assert_eq!(browser.get("/v1/me").await.status, StatusCode::UNAUTHORIZED);
}

/// A person's upload without a place.
pub fn upload_body() -> Value {
    json!({"repository": "github.com/example/shop", "commit": "0123abc", "consumers": []})
}

/// Every endpoint: method, route, body. If the route has an id, it is a new grant of Mira's.
async fn ways(app: &TestApp) -> Vec<(Method, &'static str, Value)> {
    let id = app.resource_id("payments/ledger").await;
    let of = json!({"resource": id});
    let access_request =
        json!({"resources": [id], "action": "read", "minutes": 5, "purpose": "So."});
    vec![
        (Method::GET, "/v1/client", json!({})),
        (Method::GET, "/v1/me", json!({})),
        (Method::GET, "/v1/search", json!({})),
        (Method::GET, "/v1/resources", json!({})),
        (Method::GET, "/v1/consumers/names", json!({})),
        (Method::POST, "/v1/consumers/declared", upload_body()),
        // Of pipelines, which have no roles.
        (Method::POST, "/v1/consumers/found", json!({"references": []})),
        (Method::POST, "/v1/requests", access_request),
        (Method::GET, "/v1/queue", json!({})),
        (Method::GET, "/v1/grants", json!({})),
        (Method::GET, "/v1/grants/{id}", json!({})),
        (Method::POST, "/v1/grants/{id}/decision", json!({"verdict": "approve", "hash": "{hash}"})),
        (Method::POST, "/v1/grants/{id}/claim", json!({})),
        (Method::POST, "/v1/grants/{id}/give-back", json!({})),
        (Method::POST, "/v1/grants/{id}/revoke", json!({"reason": "So."})),
        (Method::POST, "/v1/grants/{id}/credentials", of.clone()),
        (Method::POST, "/v1/grants/{id}/reveal", of.clone()),
        (Method::PUT, "/v1/grants/{id}/value", json!({"resource": id, "value": "x"})),
        (Method::POST, "/v1/grants/{id}/keys", of.clone()),
        (
            Method::PUT,
            "/v1/grants/{id}/keys",
            json!({"resource": id, "keys": [{"key": "a", "do": "change", "text": "x"}]}),
        ),
        (Method::POST, "/v1/grants/{id}/compare", of.clone()),
        (Method::PUT, "/v1/grants/{id}/parameter", json!({"resource": id, "tier": "Advanced"})),
        (
            Method::POST,
            "/v1/grants/{id}/parameter/preview",
            json!({"resource": id, "tier": "Advanced"}),
        ),
        (Method::POST, "/v1/grants/{id}/rotate", of.clone()),
        (Method::POST, "/v1/grants/{id}/console", of),
        (
            Method::POST,
            "/v1/secrets",
            json!({"account": PAYMENTS, "region": "us-east-1", "name": "payments/new", "reason": "So."}),
        ),
        (Method::POST, "/v1/secrets/{id}/value", json!({"value": "x"})),
        // Nothing is selected.
        (Method::GET, "/v1/secrets/code", json!({})),
    ]
}

#[sqlx::test(migrations = "../migrations")]
async fn the_permission_matrix_of_the_client(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut table = format!("{:32}", "");
    let mut tokens = Vec::new();
    for (name, groups) in PEOPLE {
        let _ = write!(table, "{name:>11}");
        let subject = if name == "holder" { "mira" } else { "ada" };
        tokens.push(groups.map(|groups| as_person(&app, subject, groups)));
    }
    let ways = ways(&app).await;
    for (method, route, body) in &ways {
        let _ = write!(table, "\n{:32}", format!("{method} {route}"));
        for token in &tokens {
            let template = route.replace("{id}", "{grant}");
            let (path, body) = app.with_grant(&template, &body.to_string()).await;
            let body = serde_json::from_str(&body).unwrap();
            let answer = call(&app, token.as_deref(), method.clone(), &path, body).await;
            let _ = write!(table, "{:>11}", answer.status.as_u16());
            app.work().await;
        }
    }
    insta::assert_snapshot!(table);

    let listed: BTreeSet<&str> = ways.iter().map(|(_, route, _)| *route).collect();
    let missing: Vec<&str> = paths().filter(|path| !listed.contains(path)).collect();
    assert!(missing.is_empty(), "not in the permission matrix: {missing:?}");
}

#[sqlx::test(migrations = "../migrations")]
async fn the_journey_in_json(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let (mira, tomas) =
        (as_person(&app, "mira", &["requesters"]), as_person(&app, "tomas", &["approvers"]));
    let get = async |token: &str, path: &str| {
        call(&app, Some(token), Method::GET, path, json!({})).await.body
    };
    let post = async |token: &str, path: &str, body: Value| {
        call(&app, Some(token), Method::POST, path, body).await
    };
    let client: Value =
        serde_json::from_str(&call(&app, None, Method::GET, "/v1/client", json!({})).await.body)
            .unwrap();
    assert_eq!(client["client_id"], "claviger-cli");
    assert!(get(&mira, "/v1/me").await.contains("mira"));
    assert!(get(&mira, "/v1/search?q=ledger").await.contains("payments/ledger"));
    let id = app.resource_id("payments/ledger").await;
    let access_request =
        json!({"resources": [id], "action": "read", "minutes": 30, "purpose": "To see."});
    let made: Requested =
        serde_json::from_str(&post(&mira, "/v1/requests", access_request).await.body).unwrap();
    let grant = made.grants[0];
    assert!(get(&tomas, "/v1/queue").await.contains("payments/ledger"));
    let shown: GrantDetail =
        serde_json::from_str(&get(&tomas, &format!("/v1/grants/{grant}")).await).unwrap();
    let yes = json!({"verdict": "approve", "hash": shown.hash});
    let decision = format!("/v1/grants/{grant}/decision");
    assert_eq!(post(&mira, &decision, yes.clone()).await.status, StatusCode::FORBIDDEN, "her own");
    assert_eq!(
        post(&tomas, &decision, json!({"verdict": "maybe", "hash": shown.hash})).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(post(&tomas, &decision, yes).await.status, StatusCode::OK);
    assert_eq!(
        post(&mira, &format!("/v1/grants/{grant}/claim"), json!({})).await.status,
        StatusCode::OK
    );

    let credentials = post(
        &mira,
        &format!("/v1/grants/{grant}/credentials"),
        json!({"resource": "payments/ledger"}),
    )
    .await;
    assert_eq!(credentials.headers[header::CACHE_CONTROL], "no-store");
    let credentials: Value = serde_json::from_str(&credentials.body).unwrap();
    assert!(credentials["access_key_id"].as_str().unwrap().starts_with("ASIA"));
    assert_eq!(credentials["region"], "us-east-1");
    time::OffsetDateTime::parse(
        credentials["expiration"].as_str().unwrap(),
        &time::format_description::well_known::Rfc3339,
    )
    .unwrap();
    let shown = post(&mira, &format!("/v1/grants/{grant}/reveal"), json!({"resource": id})).await;
    let Revealed::Text(text) = serde_json::from_str(&shown.body).unwrap() else {
        panic!("text stays text")
    };
    assert!(text.starts_with(r#"{"username":"app""#));
    let theirs = post(&tomas, &format!("/v1/grants/{grant}/credentials"), json!({})).await;
    assert_eq!(theirs.status, StatusCode::FORBIDDEN);
    assert_eq!(
        post(&tomas, &format!("/v1/grants/{grant}/revoke"), json!({"reason": "So."})).await.status,
        StatusCode::OK
    );
    let late = post(&mira, &format!("/v1/grants/{grant}/credentials"), json!({})).await;
    assert!(
        late.status == StatusCode::CONFLICT && late.body.contains("It was revoked"),
        "{}",
        late.body
    );
    let mine: MyAccess = serde_json::from_str(&get(&mira, "/v1/grants").await).unwrap();
    assert_eq!((mine.live.len(), mine.past.len()), (0, 1));
}
