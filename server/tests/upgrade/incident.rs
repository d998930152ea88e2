//! `claviger revoke-all`, as the built program: without a replica, beside one, and for sessions that no database knows.

use crate::{
    aws::Aws,
    console::{Around, Served, bearer},
    dump,
    idp::TestIdp,
    process,
};
use claviger::SystemClock;
use claviger_domain::clock::Clock;
use claviger_testkit::{TestClock, samples::PAYMENTS};
use reqwest::{Method, header};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::sync::Arc;

const NAME: &str = "claviger_upgrade_incident";
/// The account of `ml/openai`, in which the rule approves short access by itself.
const RESEARCH: &str = "561840927734";

/// A grant of Mira with a session at AWS; `None` if access is refused when she starts it.
async fn used(console: &Served, idp: &TestIdp, name: &str, minutes: u32) -> (String, u16, Value) {
    let (mira, tomas) =
        (bearer(idp, "mira", &["requesters"]), bearer(idp, "tomas", &["approvers"]));
    let (get, post) = (Method::GET, Method::POST);
    let mut wanted = json!({
        "resources": [name], "action": "read", "minutes": minutes, "purpose": "A purpose.", "ticket": "PAY-7",
        "region": "us-east-1",
    });
    if name.starts_with("payments/") {
        wanted["account"] = "Payments Prod".into();
    }
    let made = console.done(&mira, post.clone(), "/v1/requests", wanted).await;
    let grant = format!("G-{}", made["grants"][0]);
    let path = format!("/v1/grants/{grant}");
    let shown = console.done(&mira, get, &path, json!({})).await;
    if shown["row"]["state"]["state"] == "requested" {
        let yes = json!({"verdict": "approve", "hash": shown["hash"]});
        console.done(&tomas, post.clone(), &format!("{path}/decision"), yes).await;
    }
    let (status, answer) =
        console.call(&mira, post.clone(), &format!("{path}/claim"), json!({})).await;
    if status == 200 {
        let body = json!({"resource": null});
        console.done(&mira, post, &format!("{path}/credentials"), body).await;
    }
    (grant, status, answer)
}

/// Runs the command; its exit, and what it printed.
fn revoke_all(around: &Around<'_>, more: &[&str]) -> (bool, String) {
    let mut arguments = vec!["revoke-all", "--reason", "An incident.", "--by", "Ada"];
    arguments.extend(more);
    let ran = around.run(&arguments);
    let said =
        String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    (ran.status.success(), said)
}

fn line<'a>(said: &'a str, account: &str, what: &str) -> &'a str {
    let start = format!("{account}\t{what}\t");
    said.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("{start}: {said}"))
}

// The emulated AWS answers while this test waits for the program.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_session_is_ended_and_each_confirmation_is_told() {
    dump::load(NAME).await;
    let database = process::url(None, NAME);
    let idp = TestIdp::start(Arc::new(TestClock::at(SystemClock.now()))).await;
    let aws = Aws::start().await;
    let around = Around { folder: NAME, database: &database, issuer: &idp.issuer, aws: &aws.url };
    let pool = PgPool::connect(&database).await.unwrap();

    let console = around.serve().await;
    let (reachable, ..) = used(&console, &idp, "payments/ledger", 30).await;
    let (unreachable, status, answer) = used(&console, &idp, "ml/openai", 5).await;
    assert_eq!(status, 200, "{answer}");
    drop(console);

    // No replica runs: the command does all of it. One account lost its roles.
    aws.reach(RESEARCH, false);
    let (succeeded, said) = revoke_all(&around, &["--wait-minutes", "0"]);
    assert!(!succeeded, "{said}");
    assert!(line(&said, PAYMENTS, &reachable).contains("mira\tconfirmed by AWS"), "{said}");
    let open = line(&said, RESEARCH, &unreachable);
    assert!(open.contains("not confirmed") && open.contains("claviger-remediation"), "{open}");
    assert!(said.contains("Access stays paused"), "{said}");

    // Nobody gets anything new, and everyone sees why.
    let console = around.serve().await;
    let (waiting, status, answer) = used(&console, &idp, "payments/ledger", 30).await;
    assert_eq!(status, 409, "{answer}");
    let said = answer["message"].as_str().unwrap();
    assert!(said.contains("Access is paused by Ada") && said.contains("An incident."), "{answer}");
    let cookie = console.sign_in(&idp, "ada", &["admins"]).await;
    let page = console.ask(Method::GET, "/inventory").header(header::COOKIE, &cookie);
    let page = page.send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Access paused by Ada") && page.contains("Resume access"), "{page}");

    // Again, beside a replica, and with the account's roles back: what is ended stays so, and the rest is confirmed.
    aws.reach(RESEARCH, true);
    let (succeeded, said) = revoke_all(&around, &["--wait-minutes", "1"]);
    assert!(succeeded && said.contains("was already paused. 0 active grants"), "{said}");
    assert!(line(&said, RESEARCH, &unreachable).contains("confirmed by AWS"), "{said}");

    // A security admin of the whole Organization resumes it, nobody else.
    let resume = async |subject: &str, group: &str| {
        let cookie = console.sign_in(&idp, subject, &[group]).await;
        let request = console
            .ask(Method::POST, "/api/access/resume")
            .header(header::COOKIE, cookie)
            .header(header::ACCEPT, "application/json")
            .header("sec-fetch-site", "same-origin")
            .form(&[] as &[(&str, &str)]);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(resume("tomas", "approvers").await, 403);
    assert_eq!(resume("ada", "admins").await, 200);
    let mira = bearer(&idp, "mira", &["requesters"]);
    console.done(&mira, Method::POST, &format!("/v1/grants/{waiting}/claim"), json!({})).await;

    // A session that the database does not know: the whole role is cut off from older sessions, and new ones work.
    let stolen = aws.steal(PAYMENTS, "G-999-0123456789ab");
    let (succeeded, said) = revoke_all(&around, &["--every-session", "--wait-minutes", "1"]);
    assert!(succeeded, "{said}");
    assert!(line(&said, PAYMENTS, "every session").contains("confirmed by AWS"), "{said}");
    assert!(aws.denies(&stolen), "{}", aws.denied(PAYMENTS));
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert!(!aws.denies(&aws.steal(PAYMENTS, "G-1000-0123456789ab")));

    let entries: i64 = sqlx::query_scalar(
        "select count(*) from audit_entry where subject = 'access' or (subject = '441205839201' and body like '%operator:Ada%')",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert!(entries > 3, "{entries}");
    let verified = around.run(&["audit", "verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}
