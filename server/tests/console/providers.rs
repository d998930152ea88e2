//! Sign-in and sign-out with the responses of real providers, with the settings of docs/identity-providers.md.

mod odd;

use crate::common::{
    Browser, TestApp,
    idp::{TestIdp, merge},
};
use claviger::SystemClock;
use claviger_domain::clock::Clock;
use claviger_testkit::TestClock;
use http::StatusCode;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::{collections::BTreeMap, sync::Arc};
use time::Duration;
use url::Url;

const GUIDE: &str = include_str!("../../../docs/identity-providers.md");

/// A provider's responses, from its documentation and its servers.
struct Shape(Value);

impl Shape {
    fn of(text: &str, origin: &str, issuer: &str) -> Self {
        let text = text.replace("{origin}", origin).replace("{issuer}", issuer);
        Self(serde_json::from_str(&text).unwrap())
    }

    fn part(&self, name: &str) -> Value {
        self.0.get(name).cloned().unwrap_or_default()
    }
}

/// The settings below a heading of the document.
fn documented(heading: &str) -> Value {
    let (_, rest) = GUIDE.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = rest.split("\n## ").next().unwrap();
    let (_, rest) = section.split_once("```toml\n").unwrap();
    let (text, _) = rest.split_once("```").unwrap();
    toml::from_str(text).unwrap()
}

/// Signs in, loses the group at the provider, and signs out.
async fn journey(pool: PgPool, heading: &str, shape: &str) {
    let path =
        serde_json::from_str::<Value>(shape).unwrap()["issuer_path"].as_str().unwrap().to_owned();
    let clock = Arc::new(TestClock::at(SystemClock.now()));
    let idp = TestIdp::at(clock.clone(), &path).await;
    let shape = Shape::of(shape, &idp.origin, &idp.issuer);
    let mut settings = documented(heading);
    let written = settings["oidc_issuer"].as_str().unwrap().to_owned();
    assert_eq!(
        written.ends_with('/'),
        idp.issuer.ends_with('/'),
        "the guide has the issuer to the letter"
    );
    settings["oidc_issuer"] = json!(idp.issuer);
    {
        let mut behaviour = idp.behaviour();
        behaviour.by_rsa = true;
        behaviour.metadata = shape.part("metadata");
        behaviour.metadata.as_object_mut().unwrap().remove("issuer");
        behaviour.answer = shape.part("answer");
        behaviour.rotates = shape.part("rotates").as_bool().unwrap();
        behaviour.userinfo = Some(shape.part("userinfo"));
    }
    let app = TestApp::over(pool, clock, idp, settings.clone()).await;

    let mut browser = app.browser();
    let begun = browser.get("/auth/login?return_to=/accounts").await;
    let url = Url::parse(&begun.location()).unwrap();
    let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    assert!(
        begun
            .location()
            .starts_with(shape.part("metadata")["authorization_endpoint"].as_str().unwrap())
    );
    for scope in asked["scope"].split(' ') {
        let known = shape.part("metadata")["scopes_supported"].clone();
        assert!(
            known.as_array().unwrap().contains(&json!(scope)),
            "{heading} refuses the scope {scope}"
        );
    }
    if let Some(parameters) = settings["oidc_authorize_parameters"].as_object() {
        for (name, value) in parameters {
            assert_eq!(Some(asked[name].as_str()), value.as_str(), "{name}");
        }
    }
    let (issuer, now) = (app.idp.issuer.clone(), app.idp.now());
    let mut token = crate::common::idp::Token::good(&issuer, &asked["nonce"], now);
    token.claims = json!({"iss": issuer, "aud": "claviger", "iat": now, "exp": now + 3600, "nonce": asked["nonce"]});
    merge(&mut token.claims, &shape.part("id_token"));
    let subject = token.claims["sub"].as_str().unwrap().to_owned();
    app.idp.expect(token, &asked["code_challenge"]);
    let mut callback = format!("/auth/callback?code=good&state={}", asked["state"]);
    if shape.part("callback_iss") == json!(true) {
        let more = format!("&iss={issuer}&session_state=x");
        callback.push_str(&more);
    }
    let answer = browser.get(&callback).await;
    assert_eq!(
        (answer.status, answer.location().as_str()),
        (StatusCode::SEE_OTHER, "/accounts"),
        "{heading}: {}",
        answer.body
    );
    let page = browser.get("/accounts").await;
    assert_eq!(page.status, StatusCode::OK, "{heading}");
    assert!(page.body.contains("Ada Okafor") && page.body.contains("ada@example.com"), "{heading}");

    // Nothing has changed: after a cycle the session continues.
    let mut leaver = browser.clone();
    app.clock.advance(Duration::minutes(16));
    assert_eq!(browser.get("/accounts").await.status, StatusCode::OK, "{heading}");
    assert!(app.idp.asked().refreshes == 1, "{heading}: {:?}", app.idp.asked());
    let before = browser.clone();
    let target = browser.post("/auth/logout", "").await;
    match shape.part("sign_out") {
        Value::String(expected) => {
            assert!(target.refresh().starts_with(&expected), "{heading}: {}", target.refresh());
        }
        _ => assert_eq!(target.location(), "/signed-out?here", "{heading}"),
    }
    assert_eq!(before.clone().get("/accounts").await.status, StatusCode::SEE_OTHER, "{heading}");

    // Again, and now the group is gone.
    let mut gone = sign_in_again(&app, &shape, &mut leaver).await;
    assert_eq!(gone.get("/accounts").await.status, StatusCode::OK, "{heading}");
    match (shape.part("lost"), shape.part("refused")) {
        (lost @ Value::Object(_), _) => {
            app.idp.change(&subject, lost);
            app.clock.advance(Duration::minutes(15));
            let page = gone.get("/accounts").await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{heading}");
            assert!(page.body.contains("No access yet"), "{heading}: {}", page.body);
        }
        (_, refused) => {
            app.idp.behaviour().refuses = Some((400, refused));
            app.clock.advance(Duration::minutes(15));
            assert_eq!(gone.get("/accounts").await.status, StatusCode::SEE_OTHER, "{heading}");
        }
    }
}

async fn sign_in_again(app: &TestApp, shape: &Shape, browser: &mut Browser) -> Browser {
    let answer = browser
        .sign_in(&app.idp, |token| {
            let kept = token.claims.clone();
            token.claims = json!({
                "iss": kept["iss"], "aud": "claviger", "iat": kept["iat"], "exp": kept["exp"], "nonce": kept["nonce"],
            });
            merge(&mut token.claims, &shape.part("id_token"));
        })
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    browser.clone()
}

macro_rules! journeys {
    ($($name:ident: $heading:literal, $file:literal;)*) => {$(
        #[sqlx::test(migrations = "../migrations")]
        async fn $name(pool: PgPool) {
            journey(pool, $heading, include_str!(concat!("providers/", $file, ".json"))).await;
        }
    )*};
}

journeys! {
    okta: "Okta", "okta";
    entra_id: "Microsoft Entra ID", "entra";
    keycloak: "Keycloak", "keycloak";
    google: "Google", "google";
    auth0: "Auth0", "auth0";
    cognito: "Amazon Cognito", "cognito";
    zitadel: "Zitadel", "zitadel";
    canaille: "canaille", "canaille";
}
