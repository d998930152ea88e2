//! What an unauthenticated client can do to the sign-in, and what works while the database is unavailable.

use crate::common::{Answer, TestApp};
use axum::{body::Body, extract::ConnectInfo};
use http::{Request, StatusCode, header};
use sqlx::PgPool;
use std::net::SocketAddr;
use tower::ServiceExt;

async fn rows(app: &TestApp) -> i64 {
    sqlx::query_scalar("select (select count(*) from session) + (select count(*) from used_state)")
        .fetch_one(&app.pool)
        .await
        .unwrap()
}

async fn login_from(app: &TestApp, address: &str) -> http::Response<Body> {
    let mut request = Request::get("/auth/login")
        .header(header::HOST, "claviger.test")
        .body(Body::empty())
        .unwrap();
    request.extensions_mut().insert(ConnectInfo(address.parse::<SocketAddr>().unwrap()));
    app.router().oneshot(request).await.unwrap()
}

#[sqlx::test(migrations = "../migrations")]
async fn a_stranger_stores_nothing(pool: PgPool) {
    let app = TestApp::new(pool).await;
    for _ in 0..120 {
        let answer = app.browser().get("/auth/login").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
        for attribute in
            ["__Host-", "HttpOnly", "Secure", "SameSite=Lax", "Path=/; ", "Max-Age=600"]
        {
            assert!(cookie.contains(attribute), "{cookie}");
        }
    }
    for _ in 0..20 {
        let answer = app.browser().get("/auth/callback?code=good&state=made-up").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        app.browser().get("/sign-in").await;
        app.browser().get("/signed-out").await;
        app.browser().get("/inventory").await;
        app.browser().get("/events").await;
        app.browser().post("/auth/logout", "").await;
    }
    assert_eq!(rows(&app).await, 0);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_state_is_good_once_even_where_its_cookie_was_copied(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.browser();
    let (state, _) = browser.begin_sign_in(&app.idp, |_| ()).await;
    let mut copy = browser.clone();
    let callback = format!("/auth/callback?code=good&state={state}");
    assert_eq!(browser.get(&callback).await.status, StatusCode::SEE_OTHER);
    assert_eq!(copy.get(&callback).await.status, StatusCode::BAD_REQUEST);
    // Nor after it has expired, when its row is deleted.
    let mut late = app.browser();
    let (state, _) = late.begin_sign_in(&app.idp, |_| ()).await;
    app.clock.advance(time::Duration::minutes(11));
    app.services.sign_ins().clear_ended_sessions().await.unwrap();
    let answer = late.get(&format!("/auth/callback?code=good&state={state}")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[sqlx::test(migrations = "../migrations")]
async fn several_tabs_sign_in_side_by_side(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.browser();
    let (first, _) = browser.begin_sign_in(&app.idp, |_| ()).await;
    let (second, _) = browser.begin_sign_in(&app.idp, |_| ()).await;
    assert_eq!(
        browser.get(&format!("/auth/callback?error=access_denied&state={first}")).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        browser.get(&format!("/auth/callback?code=good&state={second}")).await.status,
        StatusCode::SEE_OTHER
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn an_address_that_signs_in_too_often_waits(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut refused = None;
    for n in 0..200 {
        let answer = login_from(&app, "198.51.100.7:4000").await;
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            assert!(n >= 60, "60 sign-ins are allowed, refused after {n}");
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("no limit");
    let wait: u64 = refused.headers()[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(login_from(&app, "198.51.100.8:4000").await.status(), StatusCode::SEE_OTHER);
}

/// While PostgreSQL is unavailable every response is 503 and never 500.
#[sqlx::test(migrations = "../migrations")]
async fn without_the_database_nothing_is_a_fault_of_ours(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut signed = app.signed_in(&["admins"]).await;
    let mut under_way = app.browser();
    let (state, _) = under_way.begin_sign_in(&app.idp, |token| token.set_groups(&["admins"])).await;
    let bearer = app.idp.bearer(|token| token.set_groups(&["admins"]));
    app.pool.close().await;

    let answer = under_way.get(&format!("/auth/callback?code=good&state={state}")).await;
    away(&answer, "/auth/callback");
    // It needs no database, and the person may return before the database does.
    let login = app.browser().get("/auth/login").await;
    assert_eq!(login.status, StatusCode::SEE_OTHER);
    assert_eq!(signed.get("/auth/login").await.status, StatusCode::SEE_OTHER);
    assert_eq!(app.browser().get("/sign-in").await.status, StatusCode::OK);
    away(&signed.clone().post("/auth/logout", "").await, "/auth/logout");
    for path in [
        "/inventory",
        "/overview",
        "/audit",
        "/events",
        "/export/inventory/csv",
        "/api/me",
        "/readyz",
    ] {
        away(&signed.get(path).await, path);
    }
    for path in
        claviger::api::paths().filter(|path| !path.contains('{') && !path.ends_with("client"))
    {
        for method in ["GET", "POST"] {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header(header::AUTHORIZATION, format!("Bearer {bearer}"))
                .header(header::CONTENT_TYPE, "application/json");
            let answer = signed.send(request, Body::from("{}")).await;
            assert_ne!(
                answer.status,
                StatusCode::INTERNAL_SERVER_ERROR,
                "{method} {path}: {}",
                answer.body
            );
        }
    }
}

fn away(answer: &Answer, path: &str) {
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}: {}", answer.body);
}
