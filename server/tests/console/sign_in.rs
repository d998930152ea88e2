//! Sign-in and sign-out, and every way in which they must fail.

use crate::common::{TestApp, idp};
use http::{Request, StatusCode, header};
use serde_json::json;
use sqlx::PgPool;
use time::Duration;

const COOKIE: &str = "__Host-claviger";

#[sqlx::test(migrations = "../migrations")]
async fn a_person_signs_in_and_comes_back_to_where_they_were(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.browser();
    let answer = browser.get("/inventory?q=ledger&kind=secret").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/sign-in?return_to=%2Finventory%3Fq%3Dledger%26kind%3Dsecret");
    let before = browser.get(&answer.location()).await;
    assert!(
        before.body.contains("/auth/login?return_to=%2Finventory%3Fq%3Dledger%26kind%3Dsecret"),
        "{}",
        before.body
    );
    let answer = browser.sign_in(&app.idp, |token| token.set_groups(&["admins"])).await;
    assert_eq!(
        (answer.status, answer.location().as_str()),
        (StatusCode::SEE_OTHER, "/inventory?kind=secret")
    );
    let page = browser.get("/inventory").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("payments/ledger") && page.body.contains("Ada Okafor"));
}

#[sqlx::test(migrations = "../migrations")]
async fn the_session_cookie_is_guarded_and_its_id_changes_at_the_sign_in(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.browser();
    // Session fixation: someone else created the session before this person signs in.
    let planted = app.signed_in_as("mallory", &[]).await.cookies[COOKIE].clone();
    browser.cookies.insert(COOKIE.to_owned(), planted.clone());
    let mut attacker = browser.clone();
    let (state, _) = browser.begin_sign_in(&app.idp, |token| token.set_groups(&["admins"])).await;
    let before = planted;
    let answer = browser.get(&format!("/auth/callback?code=good&state={state}")).await;
    let cookie = answer
        .headers
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|cookie| cookie.to_str().ok())
        .find(|cookie| cookie.starts_with("__Host-claviger="))
        .unwrap();
    for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"));
    assert_ne!(browser.cookies[COOKIE], before);
    let answer = attacker.get("/inventory").await;
    assert_eq!(
        answer.status,
        StatusCode::SEE_OTHER,
        "anyone who knew the id before is nobody after"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn an_id_token_that_is_wrong_lets_nobody_in(pool: PgPool) {
    type Change = fn(&mut idp::Token);
    let app = TestApp::new(pool).await;
    let cases: [(&str, Change, &str); 8] = [
        ("expired", |t| t.claims["exp"] = json!(idp::unix_now() - 90), "has expired"),
        ("another audience", |t| t.claims["aud"] = json!("somebody-else"), "another application"),
        ("another issuer", |t| t.claims["iss"] = json!("https://evil.example"), "another issuer"),
        (
            "another nonce",
            |t| t.claims["nonce"] = json!("replayed"),
            "does not belong to this sign-in",
        ),
        ("no nonce", |t| t.claims["nonce"] = json!(null), "does not belong to this sign-in"),
        ("an unknown key", |t| t.by_stranger = true, "unknown key"),
        ("no signature", |t| t.unsigned = true, "cannot be trusted"),
        (
            "no subject",
            |t| t.claims["sub"] = json!(null),
            "The claim sub of the id token is missing",
        ),
    ];
    for (name, change, says) in cases {
        let mut browser = app.browser();
        let answer = browser
            .sign_in(&app.idp, |token| {
                token.set_groups(&["admins"]);
                change(token);
            })
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}: {}", answer.body);
        assert!(answer.body.contains(says), "{name}: {}", answer.body);
        assert_eq!(browser.get("/inventory").await.status, StatusCode::SEE_OTHER, "{name}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_state_is_good_once_and_in_its_own_browser(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.browser();
    let (state, _) = browser.begin_sign_in(&app.idp, |_| ()).await;
    let callback = format!("/auth/callback?code=good&state={state}");
    assert_eq!(
        app.browser().get(&callback).await.status,
        StatusCode::BAD_REQUEST,
        "another browser"
    );
    assert_eq!(
        browser.get("/auth/callback?code=good&state=made-up").await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(browser.get("/auth/callback").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(browser.get(&callback).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get(&callback).await.status, StatusCode::BAD_REQUEST, "replayed");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_provider_that_refuses_or_is_not_there_is_said(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.browser();
    let (state, _) = browser.begin_sign_in(&app.idp, |_| ()).await;
    let refused = browser.get(&format!("/auth/callback?error=access_denied&state={state}")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("Sign-in was denied"));
    let (state, _) = browser.begin_sign_in(&app.idp, |_| ()).await;
    let refused = browser.get(&format!("/auth/callback?code=bad&state={state}")).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);

    let cold = TestApp::new(app.pool.clone()).await;
    cold.idp.stop();
    tokio::task::yield_now().await;
    let answer = cold.browser().get("/auth/login").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains("cannot be reached"), "{}", answer.body);
    assert!(
        !answer.body.contains("127.0.0.1"),
        "no inner address reaches the page: {}",
        answer.body
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn a_session_that_idles_ends(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in(&["admins"]).await;
    app.clock.advance(Duration::minutes(58));
    assert_eq!(browser.get("/inventory").await.status, StatusCode::OK);
    app.clock.advance(Duration::minutes(59));
    assert_eq!(browser.get("/inventory").await.status, StatusCode::OK, "it was used meanwhile");
    app.clock.advance(Duration::minutes(61));
    assert_eq!(browser.get("/inventory").await.status, StatusCode::SEE_OTHER);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_session_in_use_ends_all_the_same(pool: PgPool) {
    let app = TestApp::with(pool, json!({"session_idle_minutes": 60 * 24})).await;
    let mut browser = app.signed_in(&["admins"]).await;
    app.clock.advance(Duration::hours(11));
    assert_eq!(browser.get("/inventory").await.status, StatusCode::OK);
    app.clock.advance(Duration::hours(1));
    assert_eq!(browser.get("/inventory").await.status, StatusCode::SEE_OTHER);
    let (left,): (i64,) =
        sqlx::query_as("select count(*) from session").fetch_one(&app.pool).await.unwrap();
    assert_eq!(left, 0, "it is gone from the table too");
}

#[sqlx::test(migrations = "../migrations")]
async fn signing_out_ends_the_session_here_and_at_the_provider(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in(&["admins"]).await;
    let kept = browser.clone();
    let answer = browser.post("/auth/logout", "").await;
    let target = answer.refresh();
    assert!(target.starts_with(&format!("{}/end?", app.idp.issuer)), "{target}");
    assert!(
        target.contains("id_token_hint=")
            && target.contains("post_logout_redirect_uri=https%3A%2F%2Fclaviger.test%2Fsigned-out")
    );
    assert_eq!(
        kept.clone().get("/inventory").await.status,
        StatusCode::SEE_OTHER,
        "a kept cookie is worth nothing"
    );
    let rows: (i64, i64) =
        sqlx::query_as("select (select count(*) from session), (select count(*) from sign_in)")
            .fetch_one(&app.pool)
            .await
            .unwrap();
    assert_eq!(rows, (0, 0));
    assert_eq!(browser.get("/signed-out").await.status, StatusCode::OK);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_foreign_sites_form_does_nothing(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in(&["admins"]).await;
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        for path in ["/auth/logout", "/api/sweep/start"] {
            let request = Request::post(path)
                .header(name, value)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let answer = browser.send(request, axum::body::Body::empty()).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {name}");
        }
    }
    let (sweeps,): (i64,) =
        sqlx::query_as("select count(*) from sweep").fetch_one(&app.pool).await.unwrap();
    assert_eq!(sweeps, 1);
    let by_get = browser.get("/api/sweep/start").await;
    assert!(!by_get.status.is_success(), "nothing is changed by GET");
    assert_eq!(browser.get("/inventory").await.status, StatusCode::OK, "still signed in");
}
