//! Measures just-in-time access for `cargo xtask bench`: `DATABASE_URL` names an empty database. AWS is in
//! memory and answers at once, so that what is measured is our own time. Prints a table; evaluates nothing.

#![expect(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    reason = "a measuring program prints, or stops"
)]

use claviger_domain::{
    audit::{AuditQuery, NewEntry, Phase},
    authz::{Caller, Person, RoleBinding},
    grants::{Decision, Vote},
    scan::ScanTrigger,
};
use claviger_policy::AccessPolicy;
use claviger_services::{
    ScanSettings, ScannedRegions, Services,
    grants::{AccessSettings, RequestInput, SessionPurpose},
};
use claviger_store::Store;
use claviger_testkit::{
    FakeAws, TestClock,
    samples::{PAYMENTS, region, secret},
    work_off,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

const HISTORY: i64 = 100_000;
const WAITING: i64 = 200;
const RATE: u32 = 100;
const SECONDS: u32 = 20;
const QUEUES: usize = 300;
const ENTRIES: usize = 4_000;
const WRITERS: usize = 8;

const CEDAR: &str = "permit(principal in Claviger::Team::\"payments\", action, resource);";
const RULES: &str = r#"
    [[rule]]
    name = "One"
    scope = "organization"
    actions = ["read"]
    longest_minutes = 600
    claim_minutes = 60
    decide_minutes = 600
    steps = [{ name = "Approver", quorum = 1, approvers = [{ role = "approver" }] }]
"#;

fn person(subject: &str, group: &str) -> Caller {
    let bindings: Vec<RoleBinding> = serde_json::from_str(
        r#"[{"group": "payments", "role": "requester", "scope": "organization"},
            {"group": "approvers", "role": "approver", "scope": "organization"}]"#,
    )
    .unwrap();
    let person = Person { subject: subject.into(), name: subject.into(), email: None };
    Caller::new(person, &[group.to_owned()], &bindings)
}

fn quantile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort();
    times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1000.0
}

#[tokio::main]
async fn main() {
    let store = Store::connect(&std::env::var("DATABASE_URL").unwrap(), 20).await.unwrap();
    store.migrate().await.unwrap();
    let (aws, clock) = (FakeAws::default(), Arc::new(TestClock::default()));
    aws.put(secret(PAYMENTS, "us-east-1", "payments/ledger"));
    let sweep = ScanSettings {
        regions: ScannedRegions::These(vec![region("us-east-1")]),
        interval: time::Duration::days(1),
        parameter_tags: time::Duration::hours(1),
    };
    let access = AccessSettings {
        policy: Arc::new(AccessPolicy::read(CEDAR, RULES).unwrap()),
        ..AccessSettings::nothing().unwrap()
    };
    let services = Services::new(store.clone(), Arc::new(aws), clock, sweep, access);
    services.scans().scan_if_due(ScanTrigger::Start).await.unwrap();
    work_off(store.pool(), async |job| services.jobs().run(job).await.unwrap()).await;
    let (ben, tomas) = (person("ben", "payments"), person("tomas", "approvers"));
    let (id,): (sqlx::types::Uuid,) =
        sqlx::query_as("select id from resource limit 1").fetch_one(store.pool()).await.unwrap();
    let input = RequestInput {
        resources: vec![id.to_string()],
        action: "read".into(),
        minutes: 600,
        purpose: "To measure.".into(),
        ..RequestInput::default()
    };
    let made = services.requests().request_access(&ben, input.clone()).await.unwrap();
    let grant = made.grants[0].to_string();
    let hash = services.grants().grant_detail(&ben, &grant).await.unwrap().hash;
    let yes = Decision { verdict: Vote::Approve, reason: None, minutes: None, hash };
    services.grant_lifecycle().decide(&tomas, &grant, yes).await.unwrap();
    services.grant_lifecycle().claim(&ben, &grant).await.unwrap();
    history(&store).await;

    println!("\n| just-in-time access, our own time in milliseconds | p50 | p99 |\n|---|---|---|");
    let mut times = issue(&services, &ben, &grant).await;
    println!(
        "| a session issued, {RATE} a second for {SECONDS} s | {:.1} | {:.1} |",
        quantile(&mut times, 50),
        quantile(&mut times, 99)
    );
    let mut times = Vec::new();
    for _ in 0..QUEUES {
        let began = Instant::now();
        let queue = services.grants().queue(&tomas).await.unwrap();
        times.push(began.elapsed());
        assert_eq!(queue.rows.len(), usize::try_from(WAITING).unwrap());
    }
    println!(
        "| an approver's queue of {WAITING}, {HISTORY} requests in the history | {:.1} | {:.1} |",
        quantile(&mut times, 50),
        quantile(&mut times, 99)
    );
    trail(&store).await;
    let began = Instant::now();
    let report = store.audit().verify_chain().await.unwrap();
    println!(
        "\n| the audit trail, verified | |\n|---|---|\n| entries verified | {} |\n| seconds | {:.2} |",
        report.entries,
        began.elapsed().as_secs_f64()
    );
}

/// How many transactions with one entry each the trail takes in, by one writer and by several at once. The entries are
/// what a session writes, which is what is written most.
async fn trail(store: &Store) {
    let usual = store.audit().audit_page(&AuditQuery::default(), 1).await.unwrap();
    let usual = usual.rows.into_iter().next().unwrap();
    let at = usual.at;
    let entry = NewEntry {
        actor: usual.who.map(|(subject, name)| Person { subject, name, email: None }),
        audit_action: usual.audit_action,
        phase: Phase::Done,
        subject: usual.subject,
        succeeded: None,
        started: None,
        detail: usual.detail,
    };
    println!(
        "\n| the audit trail, a transaction for each entry | entries a second | milliseconds, p50 | p99 |\n|---|---|---|---|"
    );
    for writers in [1, WRITERS] {
        let began = Instant::now();
        let each = (0..writers).map(|_| {
            let (store, entry) = (store.clone(), entry.clone());
            tokio::spawn(async move {
                let mut times = Vec::new();
                for _ in 0..ENTRIES / writers {
                    let began = Instant::now();
                    let mut work = store.transactions().begin(at).await.unwrap();
                    work.audit(entry.clone());
                    work.commit().await.unwrap();
                    times.push(began.elapsed());
                }
                times
            })
        });
        let mut times = Vec::new();
        for one in each.collect::<Vec<_>>() {
            times.extend(one.await.unwrap());
        }
        let took = began.elapsed();
        println!(
            "| {writers} at once | {:.0} | {:.1} | {:.1} |",
            times.len() as f64 / took.as_secs_f64(),
            quantile(&mut times, 50),
            quantile(&mut times, 99)
        );
    }
    let (bytes,): (f64,) = sqlx::query_as(
        "select avg(octet_length(body))::float8 from (select body from audit_entry order by seq desc limit 1000) as x",
    )
    .fetch_one(store.pool())
    .await
    .unwrap();
    println!("| bytes of an entry's text | {bytes:.0} | | |");
}

/// Asks at a fixed rate, whether or not the one before was answered.
async fn issue(services: &Services, ben: &Caller, grant: &str) -> Vec<Duration> {
    let mut tick = tokio::time::interval(Duration::from_secs(1) / RATE);
    let mut asked = Vec::new();
    for _ in 0..RATE * SECONDS {
        tick.tick().await;
        let (services, ben, grant) = (services.clone(), ben.clone(), grant.to_owned());
        asked.push(tokio::spawn(async move {
            let began = Instant::now();
            services
                .grant_sessions()
                .issue_credentials(&ben, &grant, None, SessionPurpose::Client)
                .await
                .unwrap();
            began.elapsed()
        }));
    }
    let mut times = Vec::new();
    for one in asked {
        times.push(one.await.unwrap());
    }
    times
}

/// Copies the one grant: many that are over, and some that wait.
async fn history(store: &Store) {
    let copy = |state: &str, word: &str, next: &str, count: i64| {
        format!(
            "with made as (insert into access_request (requester, terms, hash, created_at)
                select 'other', jsonb_set(r.terms, '{{requester,subject}}', '\"other\"'), r.hash, r.created_at
                from access_request r, generate_series(1, {count}) where r.id = 1 returning id),
             given as (insert into access_grant (request_id, account_id, requester, rule, state, word, next_at, minutes, session_name, created_at)
                select made.id, g.account_id, 'other', g.rule, {state}, '{word}', {next}, g.minutes, 'copy-' || made.id, g.created_at
                from access_grant g, made where g.id = 1 returning id)
             insert into access_grant_resource (grant_id, position, resource_id, resource)
             select given.id, 0, x.resource_id, x.resource from access_grant_resource x, given where x.grant_id = 1"
        )
    };
    let over = "'{\"state\": \"expired\", \"at\": [2026, 1, 0, 0, 0, 0, 0, 0, 0]}'::jsonb";
    let waits =
        "'{\"state\": \"requested\", \"expires_at\": [2027, 1, 0, 0, 0, 0, 0, 0, 0]}'::jsonb";
    let waiting = "timestamptz '2027-01-01'";
    for sql in [copy(over, "expired", "null", HISTORY), copy(waits, "requested", waiting, WAITING)]
    {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(store.pool()).await.unwrap();
    }
    sqlx::query("analyze").execute(store.pool()).await.unwrap();
}
