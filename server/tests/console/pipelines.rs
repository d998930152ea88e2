//! Pipelines that declare consumers with the id token of their job, over HTTP.

use crate::{
    api::{as_person, call, upload_body},
    common::{
        Answer, TestApp,
        idp::{TestIdp, rsa_public, signed},
    },
};
use claviger::SystemClock;
use claviger_domain::clock::Clock as _;
use claviger_testkit::TestClock;
use hmac::Mac as _;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::sync::Arc;

const PATH: &str = "/v1/consumers/found";
const CONSOLE: &str = "https://claviger.test";

struct Pipelines {
    app: TestApp,
    github: TestIdp,
    gitlab: TestIdp,
}

impl Pipelines {
    /// A console that lists the owner `acme` of one issuer, and the group `group/sub` of the other.
    async fn new(pool: PgPool) -> Self {
        let clock = Arc::new(TestClock::at(SystemClock.now()));
        let people = TestIdp::start(clock.clone()).await;
        let github = TestIdp::at(clock.clone(), "/_services/token").await;
        let gitlab = TestIdp::start(clock.clone()).await;
        let sources = [format!("{}/acme", github.issuer), format!("{}/group/sub", gitlab.issuer)];
        let app = TestApp::over(pool, clock, people, json!({"pipelines": sources})).await;
        Self { app, github, gitlab }
    }

    fn github_claims(&self) -> Value {
        let now = self.app.idp.now();
        json!({
            "iss": self.github.issuer, "aud": CONSOLE, "sub": "repo:acme/shop:ref:refs/heads/main",
            "iat": now, "nbf": now, "exp": now + 300, "jti": "1", "sha": "0123456789abcdef",
            "repository": "acme/shop", "repository_owner": "acme", "ref": "refs/heads/main", "run_id": "4711",
        })
    }

    fn gitlab_claims(&self) -> Value {
        let now = self.app.idp.now();
        json!({
            "iss": self.gitlab.issuer, "aud": CONSOLE, "sub": "project_path:group/sub/shop:ref_type:branch:ref:main",
            "iat": now, "nbf": now - 5, "exp": now + 3600, "sha": "0123456789abcdef",
            "project_path": "group/sub/shop", "namespace_path": "group/sub", "ref": "main", "pipeline_id": "12",
        })
    }

    async fn send(&self, token: &str, body: Value) -> Answer {
        call(&self.app, Some(token), Method::POST, PATH, body).await
    }
}

/// Signed as both providers do.
fn rs256(claims: &Value) -> String {
    signed(&json!({"alg": "RS256", "kid": "rsa", "typ": "JWT"}), claims)
}

fn with(mut claims: Value, change: Value) -> Value {
    crate::common::idp::merge(&mut claims, &change);
    claims
}

fn found(named: &str) -> Value {
    json!({"references": [{"path": "src/main.py", "line": 3, "kind": "secret", "named": named}]})
}

#[sqlx::test(migrations = "../migrations")]
async fn a_secret_shows_which_pipeline_declared_it(pool: PgPool) {
    let all = Pipelines::new(pool).await;
    for claims in [all.github_claims(), all.gitlab_claims()] {
        let known = all.send(&rs256(&claims), found("payments/ledger")).await;
        assert_eq!((known.status, known.body.as_str()), (StatusCode::OK, r#"{"references":1}"#));
        // With a slash at the end of the address, and in a list.
        let claims = with(claims, json!({"aud": [format!("{CONSOLE}/")]}));
        let unknown = all.send(&rs256(&claims), found("no/such/secret")).await;
        assert_eq!((unknown.status, unknown.body), (known.status, known.body));
        all.send(&rs256(&claims), found("payments/ledger")).await;
    }
    let mut browser = all.app.signed_in_as("mira", &["requesters"]).await;
    let id = all.app.resource_id("payments/ledger").await;
    let shown = browser.get(&format!("/inventory/{id}/access")).await.body;
    for part in [
        "Pipeline of 127.0.0.1/acme/shop",
        "Pipeline of 127.0.0.1/group/sub/shop",
        "src/main.py:3",
        "0123456789ab<",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let mut auditor = all.app.signed_in_as("aud", &["auditors"]).await;
    let log = auditor.get("/audit").await.body;
    assert!(log.contains("Pipeline of 127.0.0.1/acme/shop"), "{log}");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_token_that_is_wrong_lets_nobody_in(pool: PgPool) {
    let all = Pipelines::new(pool).await;
    let good = all.github_claims();
    let now = all.app.idp.now();
    let changed = |change: Value| rs256(&with(good.clone(), change));
    let by = |header: Value| signed(&header, &good);
    let part = |at: usize| rs256(&good).split('.').nth(at).unwrap().to_owned();
    let unsigned = {
        let whole = by(json!({"alg": "none"}));
        format!("{}.", whole.rsplit_once('.').unwrap().0)
    };
    let bad = [
        ("none", String::new()),
        ("nonsense", "x.y.z".into()),
        ("another audience", changed(json!({"aud": "https://other.example"}))),
        ("the issuer's own audience", changed(json!({"aud": "https://github.com/acme"}))),
        ("an audience beside ours", changed(json!({"aud": [CONSOLE, "https://other.example"]}))),
        ("no audience", changed(json!({"aud": null}))),
        ("another issuer", changed(json!({"iss": "https://token.actions.githubusercontent.com"}))),
        ("an issuer with a slash", changed(json!({"iss": format!("{}/", all.github.issuer)}))),
        ("the issuer of people", changed(json!({"iss": all.app.idp.issuer}))),
        ("no issuer", changed(json!({"iss": null}))),
        ("expired", changed(json!({"exp": now - 60}))),
        ("no end", changed(json!({"exp": null}))),
        ("not yet valid", changed(json!({"nbf": now + 3600}))),
        ("issued an hour ago", changed(json!({"iat": now - 3600, "nbf": now - 3600}))),
        ("no time of issue", changed(json!({"iat": null}))),
        ("issued in the future", changed(json!({"iat": now + 3600}))),
        ("the other provider's claims", changed(json!({"repository": null}))),
        (
            "another owner's repository",
            changed(json!({"repository": "acme/shop", "repository_owner": "evil"})),
        ),
        ("no owner", changed(json!({"repository_owner": null}))),
        ("no commit", changed(json!({"sha": null}))),
        ("unsigned", unsigned),
        ("by a shared key", hs256(&good)),
        ("another algorithm", by(json!({"alg": "RS512", "kid": "rsa"}))),
        ("an unknown key", by(json!({"alg": "RS256", "kid": "other"}))),
        ("a critical header", by(json!({"alg": "RS256", "kid": "rsa", "crit": ["x"]}))),
        ("another type", by(json!({"alg": "RS256", "kid": "rsa", "typ": "logout+jwt"}))),
        ("other claims than were signed", {
            let other = with(good.clone(), json!({"repository": "acme/other"}));
            let body = rs256(&other).split('.').nth(1).unwrap().to_owned();
            format!("{}.{body}.{}", part(0), part(2))
        }),
        ("a person's", as_person(&all.app, "ada", &["admins"])),
    ];
    let mut answers = Vec::new();
    for (what, token) in &bad {
        let answer = all.send(token, found("payments/ledger")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what}: {}", answer.body);
        answers.push(answer.body);
    }
    // A stranger does not learn what was wrong.
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(all.send(&rs256(&good), found("payments/ledger")).await.status, StatusCode::OK);
}

/// With the issuer's public key as the secret.
fn hs256(claims: &Value) -> String {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encode(&json!({"alg": "HS256", "kid": "rsa"})), encode(claims));
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(&rsa_public()).unwrap();
    mac.update(message.as_bytes());
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

#[sqlx::test(migrations = "../migrations")]
async fn a_pipeline_uploads_for_its_own_listed_repository_only(pool: PgPool) {
    let all = Pipelines::new(pool.clone()).await;
    let github = |owner: &str, name: &str| {
        let change = json!({"repository": format!("{owner}/{name}"), "repository_owner": owner});
        rs256(&with(all.github_claims(), change))
    };
    let gitlab = |group: &str| {
        let change = json!({"project_path": format!("{group}/shop"), "namespace_path": group});
        rs256(&with(all.gitlab_claims(), change))
    };
    let mut refused = Vec::new();
    for token in [
        github("evil", "shop"),
        github("acme-evil", "shop"),
        github("group", "sub"),
        gitlab("group"),
        gitlab("group/subway"),
        gitlab("acme"),
        gitlab("evil/group/sub"),
    ] {
        let answer = all.send(&token, found("payments/ledger")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
        refused.push(answer.body);
    }
    refused.dedup();
    assert_eq!(refused.len(), 1, "{refused:?}");
    // In another case it is the same owner.
    let upper = all.send(&github("ACME", "shop"), found("payments/ledger")).await;
    assert_eq!(upper.status, StatusCode::OK, "{}", upper.body);
    let token = rs256(&all.github_claims());
    for (change, says) in [
        (json!({"repository": "127.0.0.1/acme/other"}), "names \\\"127.0.0.1/acme/other"),
        (json!({"repository": "acme/shop"}), "the token is of 127.0.0.1/acme/shop"),
        (json!({"commit": "fedcba9876543210"}), "the token is of the commit 0123456789abcdef"),
    ] {
        let answer = all.send(&token, with(found("payments/ledger"), change)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
        assert!(answer.body.contains(says), "{says}: {}", answer.body);
    }
    // The token is for nothing else.
    for (method, path) in [
        (Method::GET, "/v1/me"),
        (Method::GET, "/v1/consumers/names"),
        (Method::POST, "/v1/consumers/declared"),
        (Method::POST, "/v1/requests"),
    ] {
        let answer = call(&all.app, Some(&token), method, path, upload_body()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}: {}", answer.body);
    }
    let stored: i64 =
        sqlx::query_scalar("select count(distinct repository) from declared_consumer")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(stored, 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_repository_that_uploads_too_often_has_to_wait(pool: PgPool) {
    let all = Pipelines::new(pool).await;
    let token = rs256(&all.github_claims());
    for _ in 0..30 {
        let answer = all.send(&token, found("payments/ledger")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
    let answer = all.send(&token, found("payments/ledger")).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.body);
    let wait = answer.headers["retry-after"].to_str().unwrap();
    assert!((1..=120).contains(&wait.parse::<u64>().unwrap()), "{wait}");
    assert!(answer.body.contains("uploaded too often"), "{}", answer.body);
    // Others go on.
    let other = rs256(&all.gitlab_claims());
    assert_eq!(all.send(&other, found("payments/ledger")).await.status, StatusCode::OK);
}

#[sqlx::test(migrations = "../migrations")]
async fn without_the_setting_no_pipeline_uploads(pool: PgPool) {
    let clock = Arc::new(TestClock::at(SystemClock.now()));
    let people = TestIdp::start(clock.clone()).await;
    let github = TestIdp::at(clock.clone(), "/_services/token").await;
    let gitlab = TestIdp::start(clock.clone()).await;
    let app = TestApp::over(pool, clock, people, json!({})).await;
    let all = Pipelines { app, github, gitlab };
    let answer = all.send(&rs256(&all.github_claims()), found("payments/ledger")).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    assert_eq!(all.github.keys_asked(), 0, "only configured issuers are asked");
}

#[sqlx::test(migrations = "../migrations")]
async fn strangers_do_not_make_the_console_ask_an_issuer_again_and_again(pool: PgPool) {
    let all = Pipelines::new(pool).await;
    let good = all.github_claims();
    for number in 0..10 {
        let unknown = signed(&json!({"alg": "RS256", "kid": format!("k-{number}")}), &good);
        let answer = all.send(&unknown, found("payments/ledger")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(all.github.keys_asked(), 1);
    assert_eq!(all.gitlab.keys_asked(), 0);
    // An issuer that does not answer is not asked again at once either.
    all.gitlab.behaviour().metadata = json!({"jwks_uri": "https://keys.example/jwks"});
    for _ in 0..3 {
        let answer = all.send(&rs256(&all.gitlab_claims()), found("payments/ledger")).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
        all.gitlab.behaviour().metadata = json!({});
    }
    assert_eq!(all.gitlab.keys_asked(), 0);
    assert_eq!(all.send(&rs256(&good), found("payments/ledger")).await.status, StatusCode::OK);
}

#[sqlx::test(migrations = "../migrations")]
async fn keys_come_from_the_issuers_own_origin_in_a_bounded_answer(pool: PgPool) {
    let all = Pipelines::new(pool).await;
    let padding = "x".repeat(1024 * 1024);
    all.gitlab.behaviour().metadata = json!({"padding": padding});
    all.github.behaviour().metadata = json!({"issuer": "https://other.example"});
    for claims in [all.github_claims(), all.gitlab_claims()] {
        let answer = all.send(&rs256(&claims), found("payments/ledger")).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
    }
}
