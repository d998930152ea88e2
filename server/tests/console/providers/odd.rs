//! Unusual, wrong and rejecting behavior of providers.

use crate::common::{
    Answer, Browser, TestApp,
    idp::{Asked, TestIdp, merge},
};
use claviger::SystemClock;
use claviger_domain::clock::Clock;
use claviger_testkit::TestClock;
use http::{StatusCode, header};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::sync::Arc;

async fn signed_in_with(app: &TestApp, claims: &Value) -> (Browser, Answer) {
    let mut browser = app.browser();
    let answer = browser
        .sign_in(&app.idp, |token| {
            token.set_groups(&["admins"]);
            merge(&mut token.claims, claims);
        })
        .await;
    (browser, answer)
}

#[sqlx::test(migrations = "../migrations")]
async fn no_claim_that_we_do_not_use_ends_a_sign_in(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let odd = [
        json!("2026-11-27T10:00:00Z"),
        json!("true"),
        json!(1),
        json!(1.5),
        json!(-1),
        json!(true),
        json!({}),
        json!([]),
        json!({"en": {"deep": null}}),
        json!([null, {"a": []}]),
        json!(""),
    ];
    let unused = [
        "updated_at",
        "email_verified",
        "address",
        "birthdate",
        "phone_number",
        "phone_number_verified",
        "given_name",
        "family_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "zoneinfo",
        "locale",
        "amr",
        "acr",
        "auth_time",
        "at_hash",
        "c_hash",
        "s_hash",
        "jti",
        "sub_jwk",
        "sid",
        "_claim_sources",
        "name#ja",
        "name",
        "email",
        "login_hint",
    ];
    for value in odd {
        let claims: Value = unused.iter().map(|name| ((*name).to_owned(), value.clone())).collect();
        let (mut browser, answer) = signed_in_with(&app, &claims).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{value}: {}", answer.body);
        assert_eq!(browser.get("/accounts").await.status, StatusCode::OK, "{value}");
        // The same in userinfo.
        app.idp.behaviour().userinfo = Some(claims);
        let (mut browser, answer) =
            signed_in_with(&app, &json!({"groups": null, "email": null, "name": null})).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{value}: {}", answer.body);
        let page = browser.get("/accounts").await;
        assert!(page.body.contains("sent no claim “groups”"), "{value}: {}", page.body);
        app.idp.behaviour().userinfo = None;
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_claim_that_we_use_is_named_where_it_cannot_be_read(pool: PgPool) {
    let app = TestApp::new(pool).await;
    for (claims, says) in [
        (json!({"sub": 7}), "The claim sub of the id token is a number"),
        (json!({"aud": {"claviger": 1}}), "The claim aud of the id token is an object"),
        (json!({"exp": "tomorrow"}), "The claim exp of the id token is text"),
        (json!({"iss": ["x"]}), "The claim iss of the id token is a list"),
        (json!({"azp": 1}), "The claim azp of the id token is a number"),
        (json!({"nonce": {}}), "The claim nonce of the id token is an object"),
        (json!({"iat": []}), "The claim iat of the id token is a list"),
    ] {
        let (_, answer) = signed_in_with(&app, &claims).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{claims}");
        assert!(answer.body.contains(says), "{claims}: {}", answer.body);
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn metadata_and_answers_of_odd_shapes_are_read(pool: PgPool) {
    let app = TestApp::new(pool).await;
    {
        let mut behaviour = app.idp.behaviour();
        behaviour.metadata = json!({
            "response_types_supported": "code", "subject_types_supported": null, "acr_values_supported": {"a": 1},
            "claims_parameter_supported": "false", "ui_locales_supported": [1, null], "grant_types_supported": [1],
            "scopes_supported": ["openid", 7, null, "groups"], "op_policy_uri": "", "service_documentation": 5,
            "display_values_supported": "page", "userinfo_signing_alg_values_supported": ["XX"], "op_tos_uri": "not a url",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "something_new"],
            "id_token_signing_alg_values_supported": ["EdDSA", "ML-DSA-44", 5],
        });
        behaviour.answer = json!({"expires_in": "3600", "scope": ["openid"], "token_type": 7, "refresh_token": null, "x": {}});
    }
    let (mut browser, answer) = signed_in_with(&app, &json!({})).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(browser.get("/accounts").await.status, StatusCode::OK);
    let (form, authorization) = app.idp.last_form();
    assert_eq!(
        (form["client_secret"].as_str(), authorization),
        ("secret", None),
        "the secret in the form alone"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn groups_come_from_userinfo_where_the_id_token_has_none(pool: PgPool) {
    for is_signed in [false, true] {
        let app = TestApp::new(pool.clone()).await;
        app.idp.behaviour().userinfo_is_signed = is_signed;
        app.idp.behaviour().userinfo = Some(json!({"groups": ["admins"], "updated_at": "then"}));
        let (mut browser, answer) = signed_in_with(&app, &json!({"groups": null})).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert_eq!(browser.get("/accounts").await.status, StatusCode::OK);
        // About another person.
        app.idp.behaviour().userinfo = Some(json!({"sub": "eve", "groups": ["admins"]}));
        let (_, answer) = signed_in_with(&app, &json!({"groups": null})).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.body.contains("another person"), "{}", answer.body);
        // A provider that rejects returns no groups.
        app.idp.behaviour().userinfo = None;
        let (mut browser, _) = signed_in_with(&app, &json!({"groups": null})).await;
        let page = browser.get("/accounts").await;
        assert!(
            page.status == StatusCode::FORBIDDEN && page.body.contains("sent no claim “groups”"),
            "{}",
            page.body
        );
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn somebody_without_a_role_reads_what_arrived_and_whom_to_ask(pool: PgPool) {
    let app = TestApp::with(
        pool,
        json!({"oidc_groups_claim": "realm_access.roles", "access_contact": "#security-help"}),
    )
    .await;
    let (mut browser, _) =
        signed_in_with(&app, &json!({"realm_access": {"roles": ["offline_access", "<b>x</b>"]}}))
            .await;
    for path in ["/inventory", "/accounts", "/findings", "/changes"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
        assert!(page.body.contains("offline_access, &lt;b&gt;x&lt;/b&gt;"), "{}", page.body);
        assert!(
            page.body.contains("“realm_access.roles”") && page.body.contains("#security-help"),
            "{}",
            page.body
        );
        assert!(page.body.contains("action=\"/auth/logout\""), "{}", page.body);
    }
    // Entra ID's overage.
    let app = TestApp::new(app.pool.clone()).await;
    let overage = json!({"groups": null, "_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://graph.windows.net/x"}}});
    for claims in [overage, json!({"groups": null, "hasgroups": true})] {
        let (mut browser, _) = signed_in_with(&app, &claims).await;
        let page = browser.get("/inventory").await;
        assert!(page.body.contains("Entra ID left your groups out"), "{}", page.body);
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_client_without_a_role_is_told_the_same(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let token = app.idp.bearer(|token| token.set_groups(&["guests"]));
    let request =
        http::Request::get("/v1/me").header(header::AUTHORIZATION, format!("Bearer {token}"));
    let answer = app.browser().send(request, axum::body::Body::empty()).await;
    let me: Value = serde_json::from_str(&answer.body).unwrap();
    assert!(me["no_role"].as_str().unwrap().contains("“groups”: guests."), "{me}");
}

#[sqlx::test(migrations = "../migrations")]
async fn further_audiences_are_named_until_they_are_trusted(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let zitadel = json!({"aud": ["claviger", "2849", "2850"], "azp": "claviger"});
    let (_, answer) = signed_in_with(&app, &zitadel).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    for said in ["2849", "2850", "oidc_trusted_audiences"] {
        assert!(answer.body.contains(said), "{said}: {}", answer.body);
    }
    let app =
        TestApp::with(app.pool.clone(), json!({"oidc_trusted_audiences": ["2849", "2850"]})).await;
    assert_eq!(signed_in_with(&app, &zitadel).await.1.status, StatusCode::SEE_OTHER);
    for bad in [
        json!({"aud": ["claviger", "2849", "other"], "azp": "claviger"}),
        json!({"aud": ["claviger", "2849"], "azp": "2849"}),
        json!({"aud": ["2849", "2850"], "azp": "claviger"}),
    ] {
        assert_eq!(signed_in_with(&app, &bad).await.1.status, StatusCode::UNAUTHORIZED, "{bad}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_wrong_issuer_is_not_a_network_failure(pool: PgPool) {
    let clock = Arc::new(TestClock::at(SystemClock.now()));
    for (path, written) in [("/", ""), ("", "/"), ("/realms/main", "/realms/main/")] {
        let idp = TestIdp::at(clock.clone(), path).await;
        let configured = format!("{}{written}", idp.origin);
        let found = idp.issuer.clone();
        let app =
            TestApp::over(pool.clone(), clock.clone(), idp, json!({"oidc_issuer": configured}))
                .await;
        let answer = app.browser().get("/auth/login").await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{}", answer.body);
        for said in [&configured, &found] {
            assert!(answer.body.contains(&format!("“{said}”")), "{said}: {}", answer.body);
        }
        assert!(!answer.body.contains("cannot be reached"), "{}", answer.body);
    }
    // The exact issuer, with its slash.
    let idp = TestIdp::at(clock.clone(), "/").await;
    let app = TestApp::over(pool.clone(), clock.clone(), idp, json!({})).await;
    assert_eq!(signed_in_with(&app, &json!({})).await.1.status, StatusCode::SEE_OTHER);
    let client = app.browser().get("/v1/client").await;
    assert!(client.body.contains(&format!("\"{}\"", app.idp.issuer)), "{}", client.body);
    // A URL without metadata.
    let idp = TestIdp::at(clock.clone(), "/realms/main").await;
    let elsewhere = json!({"oidc_issuer": format!("{}/realms/other", idp.origin)});
    let app = TestApp::over(pool, clock, idp, elsewhere).await;
    let answer = app.browser().get("/auth/login").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!answer.body.contains("cannot be reached"), "{}", answer.body);
}

#[sqlx::test(migrations = "../migrations")]
async fn the_providers_own_words_are_shown_and_bounded(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.browser();
    let long = "x".repeat(5_000);
    for (query, status, says) in [
        (
            "error=access_denied&error_description=Assign+%3Cscript%3Ealert(1)%3C/script%3E+first"
                .to_owned(),
            403,
            "“Assign &lt;script&gt;alert(1)&lt;/script&gt; first”",
        ),
        (
            "error=invalid_scope&error_description=Unknown+scope+groups".into(),
            500,
            "refused Claviger's own registration",
        ),
        (
            "error=invalid_scope&error_description=Unknown+scope+groups".into(),
            500,
            "Unknown scope groups",
        ),
        ("error=unauthorized_client".into(), 500, "refused Claviger's own registration"),
        ("error=temporarily_unavailable".into(), 503, "cannot be reached"),
        (format!("error=access_denied&error_description={long}"), 403, "Sign-in was denied"),
    ] {
        let (state, _) = browser.begin_sign_in(&app.idp, |_| ()).await;
        let answer = browser.get(&format!("/auth/callback?{query}&state={state}")).await;
        assert_eq!(answer.status.as_u16(), status, "{query}");
        let body = answer.body.replace("&#x27;", "'").replace("&#39;", "'");
        assert!(body.contains(says), "{query}: {body}");
        assert!(!body.contains("<script>alert") && !body.contains(&"x".repeat(301)));
    }
    // This browser did not start it: an attacker's text is not shown.
    let answer = app
        .browser()
        .get("/auth/callback?error=access_denied&error_description=Call+0900&state=x")
        .await;
    assert!(answer.status == StatusCode::BAD_REQUEST && !answer.body.contains("0900"));
}

#[sqlx::test(migrations = "../migrations")]
async fn the_token_endpoints_refusals_are_told_apart(pool: PgPool) {
    let app = TestApp::new(pool).await;
    for (status, body, expected, says) in [
        (
            401,
            json!({"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."}),
            500,
            "AADSTS7000215",
        ),
        (400, json!({"error": "invalid_client"}), 500, "refused Claviger's own registration"),
        (400, json!({"error": "unauthorized_client"}), 500, "refused Claviger's own registration"),
        (
            400,
            json!({"error": "invalid_grant", "error_description": "Code expired"}),
            401,
            "Code expired",
        ),
        (400, json!({"error": "invalid_grant"}), 401, "no longer knows this sign-in"),
        (503, json!({"error": "x"}), 503, "cannot be reached"),
        (429, json!({}), 503, "cannot be reached"),
        (400, json!({"odd": true}), 500, "cannot use the metadata"),
    ] {
        app.idp.behaviour().refuses = Some((status, body.clone()));
        let (_, answer) = signed_in_with(&app, &json!({})).await;
        assert_eq!(answer.status.as_u16(), expected, "{body}: {}", answer.body);
        let page = answer.body.replace("&#x27;", "'").replace("&#39;", "'");
        assert!(page.contains(says), "{body}: {page}");
        if expected == 500 {
            assert!(!page.contains("no longer knows this sign-in"), "{body}");
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn an_answer_from_another_issuer_is_refused(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.browser();
    let (state, _) = browser.begin_sign_in(&app.idp, |_| ()).await;
    let answer = browser
        .get(&format!("/auth/callback?code=good&state={state}&iss=https://evil.example"))
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.body.contains("evil.example"), "{}", answer.body);
}

#[sqlx::test(migrations = "../migrations")]
async fn the_sign_out_leads_to_another_origin_and_fits_its_server(pool: PgPool) {
    let app = TestApp::new(pool).await;
    app.idp.behaviour().metadata =
        json!({"end_session_endpoint": "https://elsewhere.example/logout?tenant=a"});
    let many: Vec<String> = (0..200).map(|n| format!("3e0c52c8-6f0a-4b6f-9a3c-{n:012}")).collect();
    let all: Vec<&str> = many.iter().map(String::as_str).chain(["admins"]).collect();
    for (groups, hint) in
        [(vec!["admins"], "id_token_hint="), (all, "logout_hint=ada%40example.com")]
    {
        let (mut browser, answer) = signed_in_with(&app, &json!({"groups": groups})).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let page = browser.get("/accounts").await;
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert!(policy.contains("form-action 'self';"), "{policy}");
        let answer = browser.post("/auth/logout", "").await;
        let target = answer.refresh();
        assert!(
            target.starts_with("https://elsewhere.example/logout?tenant=a&client_id=claviger&"),
            "{target}"
        );
        assert!(target.contains(hint) && target.len() < 4_000, "{} {target}", target.len());
        // Without the header the link works, and neither is subject to the form's policy.
        assert!(
            answer.body.contains("https://elsewhere.example/logout?tenant=a&amp;client_id"),
            "{}",
            answer.body
        );
        assert!(!answer.headers.contains_key(header::LOCATION));
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn the_sign_out_says_whether_the_provider_was_asked(pool: PgPool) {
    let app = TestApp::new(pool).await;
    app.idp.behaviour().metadata = json!({"end_session_endpoint": null});
    let mut browser = app.signed_in(&["admins"]).await;
    let answer = browser.post("/auth/logout", "").await;
    assert_eq!(answer.location(), "/signed-out?here");
    assert!(browser.get("/signed-out?here").await.body.contains("may still keep you signed in"));
    assert!(browser.get("/signed-out").await.body.contains("and at your identity provider"));
}

#[sqlx::test(migrations = "../migrations")]
async fn empty_names_and_addresses_are_none(pool: PgPool) {
    let app = TestApp::new(pool).await;
    for (n, blank) in ["", " ", "\t", "\u{a0}", "\u{200b}"].into_iter().enumerate() {
        let claims = json!({"sub": format!("p{n}"), "name": blank, "email": blank});
        let (mut browser, answer) = signed_in_with(&app, &claims).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{blank:?}");
        assert!(browser.get("/accounts").await.body.contains(&format!("p{n}")), "{blank:?}");
    }
    let (with_address,): (i64,) =
        sqlx::query_as("select count(*) from person where email is not null")
            .fetch_one(&app.pool)
            .await
            .unwrap();
    assert_eq!(with_address, 0);
    assert_eq!(
        app.idp.asked(),
        Asked { userinfos: 5, ..Asked::default() },
        "userinfo might know them"
    );
}
