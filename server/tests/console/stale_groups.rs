//! A group that is removed at the provider is lost in Claviger within the cycle: in an open session, in `clv`, and when the
//! next session is issued.

use crate::common::{Answer, Browser, TestApp, idp::Asked};
use axum::body::Body;
use claviger_domain::grants::{Decision, GrantId, Vote};
use http::{Method, StatusCode, header};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::time::Duration as StdDuration;
use time::Duration;

/// Just before the end of the default cycle, and after it.
const BEFORE: Duration = Duration::minutes(14);
const AFTER: Duration = Duration::minutes(2);

async fn client(app: &TestApp, token: &str, method: Method, path: &str, body: Value) -> Answer {
    let request = http::Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    app.browser().send(request, Body::from(body.to_string())).await
}

/// As a script calls it, so that the status is the response's own.
async fn script(browser: &mut Browser, path: &str, form: &str) -> Answer {
    let request = http::Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "application/json")
        .header("sec-fetch-site", "same-origin");
    browser.send(request, Body::from(form.to_owned())).await
}

/// An active grant of Mira's.
async fn live(app: &TestApp) -> GrantId {
    let grant = app.asked().await;
    let mut approver = TestApp::mira();
    approver.person.subject = "tomas".into();
    approver.held[0].0 = claviger_domain::authz::Role::SecurityAdmin;
    let hash = app.hash(grant).await;
    let decision = Decision { verdict: Vote::Approve, reason: None, minutes: None, hash };
    app.services.grant_lifecycle().decide(&approver, &grant.to_string(), decision).await.unwrap();
    app.services.grant_lifecycle().claim(&TestApp::mira(), &grant.to_string()).await.unwrap();
    app.work().await;
    grant
}

#[sqlx::test(migrations = "../migrations")]
async fn an_open_session_loses_the_group_within_the_cycle(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in(&["admins"]).await;
    app.idp.change("ada", json!({"groups": []}));
    app.clock.advance(BEFORE);
    assert_eq!(browser.get("/inventory").await.status, StatusCode::OK, "the cycle is not over");
    app.clock.advance(AFTER);
    assert_eq!(browser.get("/inventory").await.status, StatusCode::FORBIDDEN);
    assert_eq!(script(&mut browser, "/api/sweep/start", "").await.status, StatusCode::FORBIDDEN);
    let (groups,): (Vec<String>,) =
        sqlx::query_as("select groups from person where subject = 'ada'")
            .fetch_one(&app.pool)
            .await
            .unwrap();
    assert!(groups.is_empty(), "nobody is told as an approver who is none any more");
    // The group is back in the next cycle.
    app.idp.change("ada", json!({"groups": ["admins"]}));
    app.clock.advance(Duration::minutes(15));
    assert_eq!(browser.get("/inventory").await.status, StatusCode::OK);
    assert_eq!(app.idp.asked(), Asked { refreshes: 2, ..Asked::default() });
}

#[sqlx::test(migrations = "../migrations")]
async fn the_cycle_is_a_setting(pool: PgPool) {
    let app = TestApp::with(pool, json!({"oidc_groups_minutes": 2})).await;
    let mut browser = app.signed_in(&["admins"]).await;
    app.idp.change("ada", json!({"groups": []}));
    app.clock.advance(Duration::minutes(1));
    assert_eq!(browser.get("/inventory").await.status, StatusCode::OK);
    app.clock.advance(Duration::minutes(1));
    assert_eq!(browser.get("/inventory").await.status, StatusCode::FORBIDDEN);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_live_grant_is_of_no_use_without_the_group(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let grant = live(&app).await;
    let resource = app.resource_id("payments/ledger").await;
    let mut browser = app.signed_in_as("mira", &["requesters"]).await;
    let form = format!("grant={grant}&resource={resource}");
    let shown = script(&mut browser, "/api/access/reveal", &form).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);
    app.idp.change("mira", json!({"groups": ["others"]}));
    app.clock.advance(BEFORE + AFTER);
    for (path, form) in [
        ("/api/access/reveal", form.clone()),
        ("/api/access/put", format!("{form}&value=x")),
        ("/api/access/rotate", form.clone()),
    ] {
        let answer = script(&mut browser, path, &form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {}", answer.body);
    }
    // The same for the client, with a fresh token without the group.
    let token = |groups: &[&str]| {
        app.idp.bearer(|token| {
            token.set_groups(groups);
            token.claims["sub"] = "mira".into();
        })
    };
    let of = json!({"resource": resource});
    let without = token(&["others"]);
    for path in ["credentials", "reveal"] {
        let path = format!("/v1/grants/{grant}/{path}");
        let answer = client(&app, &without, Method::POST, &path, of.clone()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {}", answer.body);
    }
    let path = format!("/v1/grants/{grant}/credentials");
    let again = client(&app, &token(&["requesters"]), Method::POST, &path, of).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);
    let refused: Vec<(String, String)> = sqlx::query_as(
        "select deed, body from audit_entry where succeeded = false and phase = 'done' order by seq",
    )
    .fetch_all(&app.pool)
    .await
    .unwrap();
    assert!(
        refused
            .iter()
            .any(|(audit_action, why)| audit_action == "reveal" && why.contains("payments/ledger")),
        "{refused:?}"
    );
    assert!(refused.iter().any(|(audit_action, _)| audit_action == "issue-session"), "{refused:?}");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_token_of_the_client_is_good_for_one_cycle(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let token = app.idp.bearer(|token| {
        token.set_groups(&["admins"]);
        token.claims["exp"] = json!(app.idp.now() + 86_400);
    });
    app.clock.advance(BEFORE);
    assert_eq!(client(&app, &token, Method::GET, "/v1/me", json!({})).await.status, StatusCode::OK);
    app.clock.advance(AFTER);
    for path in ["/v1/me", "/v1/grants", "/v1/queue"] {
        let answer = client(&app, &token, Method::GET, path, json!({})).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(
            answer.body.contains("older than 15 minutes") && answer.body.contains("clv login"),
            "{}",
            answer.body
        );
    }
    let newer = app.idp.bearer(|token| token.set_groups(&["admins"]));
    assert_eq!(client(&app, &newer, Method::GET, "/v1/me", json!({})).await.status, StatusCode::OK);
    for odd in [json!(null), json!("soon"), json!(app.idp.now() + 86_400)] {
        let token = app.idp.bearer(|token| token.claims["iat"] = odd.clone());
        let answer = client(&app, &token, Method::GET, "/v1/me", json!({})).await;
        assert!(
            answer.status == StatusCode::UNAUTHORIZED && answer.body.contains("claim iat"),
            "{odd}: {}",
            answer.body
        );
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn userinfo_is_read_where_there_is_no_refresh_token(pool: PgPool) {
    let app = TestApp::new(pool).await;
    app.idp.behaviour().gives_refresh = false;
    app.idp.behaviour().userinfo = Some(json!({"groups": ["admins"]}));
    let mut browser = app.browser();
    browser.sign_in(&app.idp, |token| token.claims["groups"] = json!(null)).await;
    app.clock.advance(BEFORE + AFTER);
    assert_eq!(browser.get("/inventory").await.status, StatusCode::OK);
    app.idp.change("ada", json!({"groups": null}));
    app.clock.advance(BEFORE + AFTER);
    assert_eq!(browser.get("/inventory").await.status, StatusCode::FORBIDDEN);
    // The access token has expired: the person has to sign in again.
    app.idp.behaviour().userinfo = None;
    app.clock.advance(BEFORE + AFTER);
    let answer = browser.get("/inventory?q=x").await;
    assert_eq!(answer.location(), "/auth/login?return_to=%2Finventory%3Fq%3Dx");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_refresh_without_an_id_token_asks_userinfo(pool: PgPool) {
    let app = TestApp::new(pool).await;
    app.idp.behaviour().refreshes_id_token = false;
    app.idp.behaviour().userinfo = Some(json!({"groups": ["admins"]}));
    let mut browser = app.signed_in(&["admins"]).await;
    app.clock.advance(BEFORE + AFTER);
    assert_eq!(browser.get("/inventory").await.status, StatusCode::OK);
    assert_eq!(app.idp.asked(), Asked { refreshes: 1, userinfos: 1, reuses: 0 });
    app.idp.change("ada", json!({"groups": ["others"]}));
    app.clock.advance(BEFORE + AFTER);
    assert_eq!(browser.get("/inventory").await.status, StatusCode::FORBIDDEN);
}

#[sqlx::test(migrations = "../migrations")]
async fn without_any_means_the_person_signs_in_again(pool: PgPool) {
    let app = TestApp::new(pool).await;
    app.idp.behaviour().gives_refresh = false;
    // Groups only in the id token: userinfo cannot show that they are gone.
    app.idp.behaviour().userinfo = Some(json!({"email": "ada@example.com"}));
    let mut browser = app.signed_in(&["admins"]).await;
    let mut other = browser.clone();
    app.clock.advance(BEFORE);
    assert_eq!(browser.get("/inventory").await.status, StatusCode::OK);
    app.clock.advance(AFTER);
    assert_eq!(
        script(&mut other, "/api/inventory/list", "query=").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(browser.get("/inventory").await.status, StatusCode::SEE_OTHER);
    let answer = browser.sign_in(&app.idp, |token| token.set_groups(&["admins"])).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/inventory").await.status, StatusCode::OK);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_refused_refresh_ends_the_session(pool: PgPool) {
    let app = TestApp::new(pool).await;
    for code in ["invalid_grant", "interaction_required", "access_denied"] {
        let mut browser = app.signed_in(&["admins"]).await;
        app.idp.behaviour().refuses = Some((400, json!({"error": code})));
        app.clock.advance(BEFORE + AFTER);
        assert_eq!(browser.get("/inventory").await.status, StatusCode::SEE_OTHER, "{code}");
        app.idp.behaviour().refuses = None;
        assert_eq!(
            browser.get("/inventory").await.status,
            StatusCode::SEE_OTHER,
            "{code}: for good"
        );
    }
    let (left,): (i64,) =
        sqlx::query_as("select count(*) from sign_in").fetch_one(&app.pool).await.unwrap();
    assert_eq!(left, 0);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_refreshed_token_that_is_wrong_ends_the_session(pool: PgPool) {
    let app = TestApp::new(pool).await;
    for wrong in [
        json!({"aud": "others"}),
        json!({"nonce": "another"}),
        json!({"iss": "https://evil.example"}),
        json!({"exp": 1}),
    ] {
        let mut browser = app.signed_in(&["admins"]).await;
        app.idp.change("ada", wrong.clone());
        app.clock.advance(BEFORE + AFTER);
        assert_eq!(browser.get("/inventory").await.status, StatusCode::SEE_OTHER, "{wrong}");
        app.idp.change("ada", json!({}));
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_provider_that_is_down_keeps_nobody_out_for_a_while_and_then_everybody(pool: PgPool) {
    let app = TestApp::with(pool, json!({"oidc_grace_minutes": 10})).await;
    let mut browser = app.signed_in(&["admins"]).await;
    app.idp.behaviour().is_down = true;
    app.clock.advance(Duration::minutes(16));
    assert_eq!(browser.get("/inventory").await.status, StatusCode::OK, "within the grace");
    app.clock.advance(Duration::minutes(10));
    let html = || http::Request::get("/inventory").header(header::ACCEPT, "text/html,*/*");
    let page = browser.send(html(), Body::empty()).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.body.contains("does not answer") && page.body.contains("<h1>"), "{}", page.body);
    let api = script(&mut browser, "/api/me", "").await;
    assert_eq!(api.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        serde_json::from_str::<Value>(&api.body).unwrap()["message"]
            .as_str()
            .unwrap()
            .contains("does not answer")
    );
    // The provider is back, and so is the session.
    app.idp.behaviour().is_down = false;
    app.clock.advance(Duration::minutes(1));
    assert_eq!(browser.get("/inventory").await.status, StatusCode::OK);
    // A rejected registration does not mean a rejected person.
    app.idp.behaviour().refuses = Some((401, json!({"error": "invalid_client"})));
    app.clock.advance(Duration::minutes(16));
    assert_eq!(browser.get("/inventory").await.status, StatusCode::OK, "within the grace");
    app.clock.advance(Duration::minutes(10));
    assert_eq!(browser.get("/inventory").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[sqlx::test(migrations = "../migrations")]
async fn many_tabs_and_replicas_use_a_refresh_token_once(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let browser = app.signed_in(&["admins"]).await;
    app.idp.behaviour().delay = StdDuration::from_millis(300);
    for round in 1..=2 {
        app.clock.advance(BEFORE + AFTER);
        let tabs = (0..8).map(|_| {
            let mut tab = browser.clone();
            async move { tab.get("/accounts").await.status }
        });
        let all = futures::future::join_all(tabs).await;
        assert!(all.iter().all(|status| *status == StatusCode::OK), "{all:?}");
        assert_eq!(app.idp.asked(), Asked { refreshes: round, ..Asked::default() });
    }
    // A browser that does not wait for the response: the new refresh token is kept nevertheless.
    app.clock.advance(BEFORE + AFTER);
    let mut hurried = browser.clone();
    let cancelled =
        tokio::time::timeout(StdDuration::from_millis(100), hurried.get("/accounts")).await;
    assert!(cancelled.is_err());
    tokio::time::sleep(StdDuration::from_millis(600)).await;
    app.clock.advance(BEFORE + AFTER);
    assert_eq!(browser.clone().get("/accounts").await.status, StatusCode::OK);
    assert_eq!(app.idp.asked(), Asked { refreshes: 4, ..Asked::default() });
}

#[sqlx::test(migrations = "../migrations")]
async fn the_providers_tokens_are_not_readable_in_the_database(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in(&["admins"]).await;
    let (sealed, rest): (Vec<u8>, String) =
        sqlx::query_as("select sealed, (to_jsonb(s) - 'sealed')::text || (select string_agg(data::text, '') from session) from sign_in s")
            .fetch_one(&app.pool)
            .await
            .unwrap();
    for word in ["refresh-", "access-ada", "eyJ"] {
        assert!(
            !sealed.windows(word.len()).any(|part| part == word.as_bytes()) && !rest.contains(word),
            "{word}: {rest}"
        );
    }
    // Another secret cannot decrypt them: the person signs in again.
    sqlx::query("update sign_in set sealed = '\\x01aabb'").execute(&app.pool).await.unwrap();
    app.clock.advance(BEFORE);
    assert_eq!(browser.get("/inventory").await.status, StatusCode::OK);
    app.clock.advance(AFTER);
    assert!(browser.get("/inventory").await.location().starts_with("/auth/login?"));
}

#[sqlx::test(migrations = "../migrations")]
async fn the_provider_signs_somebody_out_everywhere(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let with_sid = async |sid: &str| {
        let mut browser = app.browser();
        let answer = browser
            .sign_in(&app.idp, |token| {
                token.set_groups(&["admins"]);
                token.claims["sid"] = sid.into();
            })
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        browser
    };
    let told = async |token: &str| {
        app.browser().send_form("/auth/backchannel-logout", &format!("logout_token={token}")).await
    };
    let (mut laptop, mut phone) = (with_sid("s1").await, with_sid("s2").await);
    let mut ben = app.signed_in_as("ben", &["admins"]).await;
    let clv = app.idp.bearer(|token| token.set_groups(&["admins"]));

    let by_session = app.idp.logout_token(|token| token.claims["sid"] = "s1".into());
    let answer = told(&by_session).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(laptop.get("/inventory").await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        phone.get("/inventory").await.status,
        StatusCode::OK,
        "another session of the provider's"
    );
    assert_eq!(told(&by_session).await.status, StatusCode::BAD_REQUEST, "used a second time");

    let mut laptop = with_sid("s1").await;
    assert_eq!(client(&app, &clv, Method::GET, "/v1/me", json!({})).await.status, StatusCode::OK);
    assert_eq!(
        told(&app.idp.logout_token(|_| ())).await.status,
        StatusCode::OK,
        "all of the subject's"
    );
    for browser in [&mut laptop, &mut phone] {
        assert_eq!(browser.get("/inventory").await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(ben.get("/inventory").await.status, StatusCode::OK, "somebody else's");
    let answer = client(&app, &clv, Method::GET, "/v1/me", json!({})).await;
    assert!(
        answer.status == StatusCode::UNAUTHORIZED && answer.body.contains("has signed you out"),
        "{}",
        answer.body
    );
    app.clock.advance(Duration::minutes(1));
    let clv = app.idp.bearer(|token| token.set_groups(&["admins"]));
    assert_eq!(
        client(&app, &clv, Method::GET, "/v1/me", json!({})).await.status,
        StatusCode::OK,
        "signed in since"
    );

    let without_subject = app.idp.logout_token(|token| {
        token.claims["sub"] = json!(null);
        token.claims["sid"] = "s3".into();
    });
    let mut third = with_sid("s3").await;
    assert_eq!(told(&without_subject).await.status, StatusCode::OK);
    assert_eq!(third.get("/inventory").await.status, StatusCode::SEE_OTHER);
}

type Change = Box<dyn FnOnce(&mut crate::common::idp::Token)>;

#[sqlx::test(migrations = "../migrations")]
async fn what_is_no_logout_token_signs_nobody_out(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in(&["admins"]).await;
    let now = app.idp.now();
    let with =
        |name: &'static str, value: Value| -> Change { Box::new(move |t| t.claims[name] = value) };
    let bad: Vec<(&str, Change)> = vec![
        ("no event", with("events", json!({}))),
        ("another event", with("events", json!({"http://schemas.openid.net/event/other": {}}))),
        (
            "an event that is no object",
            with("events", json!({"http://schemas.openid.net/event/backchannel-logout": true})),
        ),
        ("a nonce", with("nonce", json!("n"))),
        ("another audience", with("aud", json!("others"))),
        ("an untrusted audience", with("aud", json!(["claviger", "others"]))),
        ("another issuer", with("iss", json!("https://evil.example"))),
        ("no iat", with("iat", json!(null))),
        ("old", with("iat", json!(now - 3600))),
        ("ahead", with("iat", json!(now + 3600))),
        ("expired", with("exp", json!(now - 60))),
        ("no jti", with("jti", json!(null))),
        ("nobody", with("sub", json!(null))),
        ("unsigned", Box::new(|t| t.unsigned = true)),
        ("a stranger's", Box::new(|t| t.by_stranger = true)),
        ("an access token", Box::new(|t| t.typ = Some("at+jwt"))),
    ];
    for (name, change) in bad {
        let token = app.idp.logout_token(change);
        let answer = app
            .browser()
            .send_form("/auth/backchannel-logout", &format!("logout_token={token}"))
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}: {}", answer.body);
    }
    let id_token = app.idp.bearer(|token| token.claims["aud"] = "claviger".into());
    for form in
        [format!("logout_token={id_token}"), "logout_token=".into(), String::new(), "a=b".into()]
    {
        let answer = app.browser().send_form("/auth/backchannel-logout", &form).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{form}");
    }
    assert_eq!(browser.get("/inventory").await.status, StatusCode::OK, "still signed in");
    // A logout token is not an id token either.
    let token = app.idp.logout_token(|token| token.claims["aud"] = "claviger-cli".into());
    assert_eq!(
        client(&app, &token, Method::GET, "/v1/me", json!({})).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn what_has_ended_is_cleared(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in(&["admins"]).await;
    let _idle = app.signed_in_as("ben", &["admins"]).await;
    for _ in 0..5 {
        app.clock.advance(Duration::minutes(14));
        assert_eq!(browser.get("/inventory").await.status, StatusCode::OK);
    }
    app.services.sign_ins().clear_ended_sessions().await.unwrap();
    let left: Vec<(String,)> =
        sqlx::query_as("select subject from sign_in").fetch_all(&app.pool).await.unwrap();
    assert_eq!(left, [("ada".to_owned(),)], "Ben's session has idled out, and his tokens with it");
    app.clock.advance(Duration::hours(13));
    app.services.sign_ins().clear_ended_sessions().await.unwrap();
    let (left,): (i64,) =
        sqlx::query_as("select count(*) from sign_in").fetch_one(&app.pool).await.unwrap();
    assert_eq!(left, 0);
}
