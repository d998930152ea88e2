//! Every field of `/v1` that a client of the release reads or writes.

use crate::{RELEASE, dump, upgrade::Upgraded};
use claviger::SystemClock;
use claviger_domain::clock::Clock;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Objects whose keys people choose.
const OPEN: [&str; 3] = ["tags", "detail", "env"];

/// The path of every key in a response.
pub fn keys(of: &str, answer: &Value, found: &mut BTreeSet<String>) {
    match answer {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = format!("{of}.{name}");
                if !OPEN.contains(&name.as_str()) {
                    keys(&path, value, found);
                }
                found.insert(path);
            }
        }
        Value::Array(items) => {
            for item in items {
                keys(&format!("{of}[]"), item, found);
            }
        }
        _ => {}
    }
}

/// The server's responses to a client, call by call.
async fn answered(upgraded: &Upgraded) -> BTreeSet<String> {
    let console = &upgraded.console;
    let (mira, ada) = (upgraded.token("mira", "requesters"), upgraded.token("ada", "admins"));
    let stranger = upgraded.token("nobody", "strangers");
    let (get, post, put) = (Method::GET, Method::POST, Method::PUT);
    let mut found = BTreeSet::new();
    for (token, path) in [
        (&mira, "/v1/client"),
        (&mira, "/v1/me"),
        (&stranger, "/v1/me"),
        (&ada, "/v1/search?q="),
        (&ada, "/v1/resources?name=payments/ledger&account=Payments%20Prod&region=us-east-1"),
        (&ada, "/v1/queue"),
        (&mira, "/v1/grants"),
    ] {
        let route = path.split('?').next().unwrap();
        let answer = console.done(token, get.clone(), path, json!({})).await;
        keys(&format!("GET {route} "), &answer, &mut found);
    }
    let grants: i64 = upgraded.one("select max(id) from access_grant").await;
    for n in 1..=grants {
        let answer = console.done(&ada, get.clone(), &format!("/v1/grants/G-{n}"), json!({})).await;
        keys("GET /v1/grants/{id} ", &answer, &mut found);
    }
    // A request has an effect under each of its names.
    let access_request = json!({
        "resources": ["payments/ledger"], "account": "Payments Prod", "region": "us-east-1", "action": "write",
        "minutes": 45, "purpose": "A purpose.", "ticket": "PAY-7", "starts_at": "", "break_glass": false, "extends": "",
    });
    let made = console.done(&mira, post.clone(), "/v1/requests", access_request.clone()).await;
    keys("POST /v1/requests ", &made, &mut found);
    let id = &made["grants"][0];
    let grant = format!("/v1/grants/G-{id}");
    let shown = console.done(&ada, get.clone(), &grant, json!({})).await;
    assert_eq!(
        (&shown["row"]["action"], &shown["row"]["minutes"], &shown["purpose"], &shown["ticket"]),
        (&json!("write"), &json!(45), &json!("A purpose."), &json!("PAY-7"))
    );
    let yes =
        json!({"verdict": "approve", "minutes": 15, "reason": "A reason.", "hash": shown["hash"]});
    let call = async |token: &str, method: &Method, what: &str, body: Value| {
        console.call(token, method.clone(), &format!("{grant}/{what}"), body).await
    };
    assert_eq!(call(&ada, &post, "decision", yes).await.0, 200);
    let shown = console.done(&ada, get.clone(), &grant, json!({})).await;
    assert_eq!(
        (&shown["row"]["minutes"], &shown["decided"][0]["reason"]),
        (&json!(15), &json!("A reason."))
    );
    assert_eq!(call(&mira, &post, "claim", json!({})).await.0, 200);
    let of = json!({"resource": "payments/ledger"});
    for (method, what, body) in [
        (&post, "credentials", of.clone()),
        (&put, "value", json!({"resource": "payments/ledger", "value": "CANARY"})),
        (&put, "value", json!({"resource": "payments/ledger", "binary": "Q0FOQVJZ"})),
    ] {
        let (status, answer) = call(&mira, method, what, body).await;
        assert_eq!(status, 200, "{what}: {answer}");
        keys(&format!("{method} /v1/grants/{{id}}/{what} "), &answer, &mut found);
    }
    // There is no AWS console: a problem has its fields.
    let (status, problem) = call(&mira, &post, "console", of).await;
    assert!(status >= 400, "{problem}");
    keys("problem ", &problem, &mut found);
    let (status, ending) = call(&ada, &post, "revoke", json!({"reason": "So."})).await;
    assert_eq!(status, 200, "{ending}");
    keys("POST /v1/grants/{id}/revoke ", &ending, &mut found);

    // Reading and rotating need their own grants; an extension names its predecessor, a requested action its start.
    for (action, what) in [("read", "reveal"), ("rotate", "rotate")] {
        let mut access_request = access_request.clone();
        access_request["action"] = action.into();
        access_request["break_glass"] = (action == "read").into();
        let made = console.done(&mira, post.clone(), "/v1/requests", access_request).await;
        let grant = format!("/v1/grants/G-{}", made["grants"][0]);
        if action == "rotate" {
            let shown = console.done(&ada, get.clone(), &grant, json!({})).await;
            let yes = json!({"verdict": "approve", "hash": shown["hash"]});
            console.done(&ada, post.clone(), &format!("{grant}/decision"), yes).await;
            console.done(&mira, post.clone(), &format!("{grant}/claim"), json!({})).await;
        }
        let of = json!({"resource": "payments/ledger"});
        let answer = console.done(&mira, post.clone(), &format!("{grant}/{what}"), of).await;
        keys(&format!("POST /v1/grants/{{id}}/{what} "), &answer, &mut found);
        let ending =
            console.done(&mira, post.clone(), &format!("{grant}/give-back"), json!({})).await;
        keys("POST /v1/grants/{id}/give-back ", &ending, &mut found);
    }
    let tomorrow = (SystemClock.now() + time::Duration::days(1)).date();
    let mut later = access_request;
    later["starts_at"] = format!("{tomorrow}T15:00").into();
    later["extends"] = format!("G-{id}").into();
    let made = console.done(&mira, post, "/v1/requests", later).await;
    let path = format!("/v1/grants/G-{}", made["grants"][0]);
    let shown = console.done(&ada, get, &path, json!({})).await;
    assert!(shown["starts_at"].is_array() || shown["starts_at"].is_string(), "{shown}");
    assert_eq!(&shown["extends"], id);
    found
}

#[tokio::test]
async fn every_field_of_the_release_is_answered() {
    let upgraded = Upgraded::start("claviger_upgrade_v1").await;
    let now = answered(&upgraded).await;
    let missing = missing(".v1.txt", &now);
    assert!(missing.is_empty(), "clients of {RELEASE} read these: {missing:#?}");
}

/// Writes the names of this release if requested, and returns which of a release's own names are missing.
pub fn missing(ending: &str, now: &BTreeSet<String>) -> Vec<String> {
    if std::env::var("UPDATE_NAMES").is_ok_and(|release| release == RELEASE) {
        let text: Vec<&str> = now.iter().map(String::as_str).collect();
        std::fs::write(dump::file(ending), text.join("\n") + "\n").unwrap();
    }
    let then = std::fs::read_to_string(dump::file(ending)).unwrap();
    let then: Vec<&str> = then.lines().collect();
    assert!(!then.is_empty(), "{ending} is empty");
    then.into_iter().filter(|name| !now.contains(*name)).map(ToOwned::to_owned).collect()
}
