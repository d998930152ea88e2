//! The server with the dump: it starts, its audit log is complete, its queue empties, and open items can be continued.

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
use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

/// Every job that a release since the first may have queued.
const JOBS: [&str; 11] = [
    "check_account",
    "collect_denials",
    "deliver",
    "end_sessions",
    "evaluate",
    "plan_sweep",
    "read_deep",
    "read_trail",
    "remediate",
    "scan",
    "send",
];
/// A worker takes over what its first attempt left undone within this time.
const PATIENCE: Duration = Duration::from_secs(90);

pub struct Upgraded {
    pub idp: TestIdp,
    pub console: Served,
    pool: PgPool,
    _aws: Aws,
}

impl Upgraded {
    /// The dump in a database of this name, with this release's server.
    pub async fn start(name: &str) -> Self {
        dump::load(name).await;
        let database = process::url(None, name);
        let idp = TestIdp::start(Arc::new(TestClock::at(SystemClock.now()))).await;
        let aws = Aws::start().await;
        let console = around(name, &database, &idp, &aws).serve().await;
        let pool = PgPool::connect(&database).await.unwrap();
        Self { idp, console, pool, _aws: aws }
    }

    pub fn token(&self, subject: &str, group: &str) -> String {
        bearer(&self.idp, subject, &[group])
    }

    pub async fn one<T>(&self, sql: &'static str) -> T
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap()
    }

    /// Like a page's script; `None` if the response has no body.
    async fn function(&self, cookie: &str, path: &str, form: &[(&str, &str)]) -> Value {
        let answer = self
            .console
            .ask(Method::POST, path)
            .header(header::COOKIE, cookie)
            .header(header::ACCEPT, "application/json")
            .header("sec-fetch-site", "same-origin")
            .form(form)
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }
}

fn around<'a>(name: &'a str, database: &'a str, idp: &'a TestIdp, aws: &'a Aws) -> Around<'a> {
    Around { folder: name, database, issuer: &idp.issuer, aws: &aws.url }
}

#[tokio::test]
async fn the_queue_of_the_dump_empties_and_its_audit_log_is_whole() {
    const NAME: &str = "claviger_upgrade_queue";
    dump::load(NAME).await;
    let database = process::url(None, NAME);
    let pool = PgPool::connect(&database).await.unwrap();
    let queued: Vec<(i64, String)> = sqlx::query_as(
        "select id, payload ->> 'job' from graphile_worker._private_jobs order by id",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let kinds: BTreeSet<&str> = queued.iter().map(|(_, kind)| kind.as_str()).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), JOBS);
    let last = queued.last().unwrap().0;
    let (head,): (String,) =
        sqlx::query_as("select encode(hash, 'hex') from audit_entry order by seq desc limit 1")
            .fetch_one(&pool)
            .await
            .unwrap();

    let idp = TestIdp::start(Arc::new(TestClock::at(SystemClock.now()))).await;
    let aws = Aws::start().await;
    let around = around(NAME, &database, &idp, &aws);
    let console = around.serve().await;
    let began = Instant::now();
    loop {
        let left: Vec<(String, i16, Option<String>)> = sqlx::query_as(
            "select payload ->> 'job', attempts, last_error from graphile_worker._private_jobs where id <= $1",
        )
        .bind(last)
        .fetch_all(&pool)
        .await
        .unwrap();
        // The queue retries jobs that it cannot parse later, with the reason.
        let faults: Vec<_> = left.iter().filter(|(_, _, fault)| fault.is_some()).collect();
        assert!(faults.is_empty(), "{faults:?} {}", console.log());
        if left.is_empty() {
            break;
        }
        assert!(began.elapsed() < PATIENCE, "still queued: {left:?} {}", console.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    // Each was run, not skipped.
    for (done, sql) in [
        ("the scans", "select count(*) from scan where status in ('queued', 'running')"),
        (
            "the sweep",
            "select count(*) from sweep where finished_at is null and started_at < now() - interval '1 day'",
        ),
        (
            "the denials",
            "select count(*) from access_denial where confirmed_at is null and collected_at is null",
        ),
        (
            "the delivery",
            "select count(*) from delivery where state = 'waiting' and next_at < now() and attempts = 0",
        ),
        (
            "the plan",
            "select count(*) from plan_step where plan_id = 7 and state in ('pending', 'running')",
        ),
    ] {
        let began = Instant::now();
        while process::count(&pool, sql).await != 0 {
            assert!(began.elapsed() < PATIENCE, "{done}: {}", console.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    let (name,): (String,) = sqlx::query_as(
        "select g.session_name from access_denial d join access_grant g on g.id = d.grant_id
         order by d.grant_id desc limit 1",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert!(aws.denied(PAYMENTS).contains(&name), "{}", aws.denied(PAYMENTS));

    // Earlier hashes are unchanged, and later entries follow them.
    let verified = around.run(&["audit", "verify", "--head", &head]);
    let said = String::from_utf8_lossy(&verified.stderr);
    assert!(verified.status.success() && said.contains("entries verified"), "{said}");
}

#[tokio::test]
async fn what_was_open_can_be_decided_used_and_ended() {
    let upgraded = Upgraded::start("claviger_upgrade_grants").await;
    let (mira, tomas) =
        (upgraded.token("mira", "requesters"), upgraded.token("tomas", "approvers"));
    let ada = upgraded.token("ada", "admins");
    let console = &upgraded.console;
    let (get, post) = (Method::GET, Method::POST);
    for token in [&mira, &tomas, &ada] {
        console.done(token, get.clone(), "/v1/me", json!({})).await;
    }
    let state = async |grant: &str| -> String {
        let path = format!("/v1/grants/{grant}");
        let shown = console.done(&mira, get.clone(), &path, json!({})).await;
        shown["row"]["state"]["state"].as_str().unwrap().to_owned()
    };
    let act = async |token: &str, grant: &str, what: &str, body: Value| -> Value {
        console.done(token, post.clone(), &format!("/v1/grants/{grant}/{what}"), body).await
    };
    let approve = async |token: &str, grant: &str| {
        let shown =
            console.done(token, get.clone(), &format!("/v1/grants/{grant}"), json!({})).await;
        let body = json!({"verdict": "approve", "hash": shown["hash"]});
        act(token, grant, "decision", body).await;
    };

    // Each is listed, in its state of then.
    let mine = console.done(&mira, get.clone(), "/v1/grants", json!({})).await;
    let listed: BTreeSet<i64> = ["live", "waiting", "past"]
        .iter()
        .flat_map(|list| mine[list].as_array().unwrap())
        .map(|row| row["id"].as_i64().unwrap())
        .collect();
    let grants: i64 = upgraded.one("select count(*) from access_grant").await;
    assert_eq!(i64::try_from(listed.len()).unwrap(), grants, "{mine}");
    let waiting = console.done(&tomas, get.clone(), "/v1/queue", json!({})).await;
    let waiting: Vec<i64> =
        waiting["rows"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect();
    assert!(waiting.contains(&1) && waiting.contains(&2), "{waiting:?}");

    // One waits for its only approval, one for its second; both are bound to the stored hash.
    assert_eq!(state("G-1").await, "requested");
    approve(&tomas, "G-1").await;
    approve(&tomas, "G-2").await;
    for grant in ["G-1", "G-2"] {
        assert_eq!(state(grant).await, "claimable", "{grant}");
        act(&mira, grant, "claim", json!({})).await;
        assert_eq!(state(grant).await, "active", "{grant}");
    }
    assert_eq!(act(&mira, "G-1", "give-back", json!({})).await["was_active"], true);
    assert_eq!(state("G-1").await, "ended");

    // An approved grant can be started, used and revoked.
    assert!(["approved", "claimable"].contains(&state("G-3").await.as_str()));
    act(&mira, "G-4", "claim", json!({})).await;
    let given = act(&mira, "G-4", "credentials", json!({"resource": null})).await;
    assert!(given["access_key_id"].as_str().unwrap().starts_with("ASIA"));
    act(&ada, "G-4", "revoke", json!({"reason": "So."})).await;

    // An active grant stays active until its holder ends it.
    let active: String =
        upgraded.one("select 'G-' || max(id) from access_grant where word = 'active' and next_at > '2090-01-01'").await;
    assert_eq!(state(&active).await, "active");
    act(&mira, &active, "credentials", json!({"resource": null})).await;
    act(&mira, &active, "give-back", json!({})).await;
    assert_eq!(state(&active).await, "ended");

    plans_and_exceptions(&upgraded).await;
    let said = upgraded.function(&dump::cookie(), "/api/audit/verify", &[]).await;
    assert!(said.as_str().unwrap().contains("entries verified"), "{said}");
}

async fn plans_and_exceptions(upgraded: &Upgraded) {
    let sol = upgraded.console.sign_in(&upgraded.idp, "sol", &["admins"]).await;
    for (id, state, step) in [("P-3", "waiting", "approve"), ("P-6", "stopped", "resume")] {
        let plan = upgraded.function(&sol, "/api/remediation/plan", &[("id", id)]).await;
        assert_eq!(plan["row"]["state"], state, "{id}");
        let form = [("plan", id), ("step", step), ("hash", plan["hash"].as_str().unwrap())];
        upgraded.function(&sol, "/api/remediation/move", &form).await;
    }
    for (id, state, step) in [("W-2", "waiting", "approve"), ("W-3", "approved", "end")] {
        let shown = upgraded.function(&sol, "/api/exceptions/exception", &[("id", id)]).await;
        assert_eq!(shown["row"]["state"], state, "{id}");
        upgraded
            .function(&sol, "/api/exceptions/move", &[("id", id), ("step", step), ("note", "So.")])
            .await;
    }
    let states: String =
        upgraded.one("select string_agg(id || ' ' || state, ', ' order by id) from waiver where id in (2, 3)").await;
    assert_eq!(states, "2 approved, 3 ended");
}
