//! Measures evaluations and the lists of findings for `cargo xtask bench`: `DATABASE_URL` names an empty database,
//! `CLAVIGER_BENCH_SECRETS` how many secrets there are (100,000 by default). Fills it with secrets over 50 accounts and two
//! Regions, evaluates all of them by the baseline, and asks what pages ask. Prints its figures as JSON, and evaluates none.

#![expect(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    reason = "a measuring program prints, or stops"
)]

use claviger_domain::{
    accounts::{Account, AccountState},
    authz::{Caller, Person, Role, Scope},
    clock::Clock,
    facts::ResourceFacts,
    ids::AccountId,
    job::Job,
    scan::ScanTrigger,
};
use claviger_services::{ScanSettings, ScannedRegions, Services, grants::AccessSettings};
use claviger_store::Store;
use claviger_testkit::{
    FakeAws, TestClock,
    samples::{ou, region, secret_with},
    work_off,
};
use serde_json::json;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

const ACCOUNTS: usize = 50;
const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];
/// Secrets that change, in one account.
const CHANGED: usize = 1_000;
const ASKED: usize = 100;
const PEOPLE: usize = 100;
/// After so long nothing is remembered of a question.
const MOMENT: time::Duration = time::Duration::seconds(11);
/// On average a person looks at a page for so long.
const LOOKS: Duration = Duration::from_secs(3);
const TOGETHER: Duration = Duration::from_secs(20);

/// What people ask for, with the words of the table.
const QUESTIONS: [(&str, &str); 14] = [
    ("the first page", ""),
    ("a word in every name", "q=team"),
    ("a word in one name of twenty", "q=team-7"),
    ("a word in no name", "q=nothing"),
    ("two words and a severity", "q=team-7+s1&severity=high"),
    ("a kind and a Region", "kind=secret&region=eu-west-1"),
    ("a kind without findings", "kind=parameter"),
    ("the last 7 days (all of them)", "days=7"),
    ("a word, the last 7 days", "q=team-7&days=7"),
    ("one policy, one team", "policy=rotation-enabled&team=team-3"),
    ("a unit, overdue", "ou=ou-prod-12345678&state=overdue"),
    ("unknown", "verdict=unknown"),
    ("one account, two severities", "account=100000000007&severity=critical&severity=high"),
    ("resolved", "state=resolved"),
];

fn account(n: usize) -> AccountId {
    format!("{:012}", 100_000_000_000 + n).parse().unwrap()
}

/// A secret of every sort: with and without rotation, owner and key.
fn sample(account: &AccountId, n: usize) -> ResourceFacts {
    let name = format!("team-{}/s{n}", n % 20);
    let mut facts = secret_with(account.as_str(), REGIONS[n % 2], &name, |facts| {
        facts.rotation.enabled = (!n.is_multiple_of(3)).then_some(true);
    });
    facts.tags = Some([("owner".to_owned(), format!("team-{}", n % 20))].into());
    if n.is_multiple_of(4) {
        facts.tags = Some([].into());
    }
    facts.kms_key_id = n.is_multiple_of(5).then(|| "alias/own".to_owned());
    facts
}

async fn write(store: &Store, account: &AccountId, facts: Vec<ResourceFacts>, clock: &TestClock) {
    for (at, code) in REGIONS.iter().enumerate() {
        let here: Vec<ResourceFacts> =
            facts.iter().skip(at).step_by(REGIONS.len()).cloned().collect();
        store.facts().write_facts(account, &region(code), &here, clock.now()).await.unwrap();
    }
}

/// Evaluates every account, two at a time; seconds.
async fn evaluate(services: &Services) -> f64 {
    let began = Instant::now();
    let halves = [0, 1].map(|half| {
        let services = services.clone();
        tokio::spawn(async move {
            for n in (0..ACCOUNTS).filter(|n| n % 2 == half) {
                services.jobs().run(Job::Evaluate { account: account(n) }).await.unwrap();
            }
        })
    });
    for half in halves {
        half.await.unwrap();
    }
    began.elapsed().as_secs_f64()
}

fn memory(what: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1_000.0
}

/// Milliseconds: p50 and p99.
fn spread(times: &mut [Duration]) -> (f64, f64) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    (at(50).as_secs_f64() * 1e3, at(99).as_secs_f64() * 1e3)
}

fn admin() -> Caller {
    let person = Person { subject: "bench".into(), name: "Bench".into(), email: None };
    Caller { person, groups: Vec::new(), held: vec![(Role::SecurityAdmin, Scope::Organization)] }
}

/// People who look at the lists at once, a third of them at the same ones.
async fn people(services: &Services) -> Vec<Duration> {
    let until = Instant::now() + TOGETHER;
    let each = (0..PEOPLE).map(|n| {
        let services = services.clone();
        tokio::spawn(async move {
            let (caller, mut times, mut at) = (admin(), Vec::new(), n);
            // They do not come in step.
            tokio::time::sleep(LOOKS * u32::try_from(n).unwrap() / 100).await;
            while Instant::now() < until {
                at += 7;
                let question = QUESTIONS[at % QUESTIONS.len()].1;
                let question = match at % 3 {
                    0 => question.to_owned(),
                    _ => format!("team=team-{}&{question}", at % 20),
                };
                let began = Instant::now();
                services.compliance().findings(&caller, &question).await.unwrap();
                times.push(began.elapsed());
                tokio::time::sleep(LOOKS.saturating_sub(began.elapsed())).await;
            }
            times
        })
    });
    let mut all = Vec::new();
    for one in each.collect::<Vec<_>>() {
        all.extend(one.await.unwrap());
    }
    all
}

/// The services over an Organization of [`ACCOUNTS`] accounts that hold nothing yet.
async fn begin(store: &Store, clock: Arc<TestClock>) -> Services {
    let aws = FakeAws::default();
    aws.change_organization(|organization| {
        organization.accounts = (0..ACCOUNTS)
            .map(|n| Account {
                id: account(n),
                name: format!("Account {n}"),
                email: format!("{n}@example.com"),
                state: AccountState::Active,
                ou_path: ["r-test", "ou-work", "ou-prod"].map(ou).to_vec(),
                joined_at: None,
            })
            .collect();
    });
    let settings = ScanSettings {
        regions: ScannedRegions::These(REGIONS.map(region).to_vec()),
        interval: time::Duration::minutes(15),
        parameter_tags: time::Duration::hours(1),
    };
    let access = AccessSettings::nothing().unwrap();
    let services = Services::new(store.clone(), Arc::new(aws), clock, settings, access);
    services.policies().seed_policies().await.unwrap();
    services.scans().scan_if_due(ScanTrigger::Start).await.unwrap();
    work_off(store.pool(), async |job| services.jobs().run(job).await.unwrap()).await;
    services
}

#[tokio::main]
async fn main() {
    let secrets: usize =
        std::env::var("CLAVIGER_BENCH_SECRETS").map_or(100_000, |n| n.parse().unwrap());
    let each = secrets / ACCOUNTS;
    let store = Store::connect(&std::env::var("DATABASE_URL").unwrap(), 20).await.unwrap();
    store.migrate().await.unwrap();
    let clock = Arc::new(TestClock::default());
    let services = begin(&store, clock.clone()).await;
    for n in 0..ACCOUNTS {
        let id = account(n);
        for from in (0..each).step_by(2_000) {
            let facts = (from..each.min(from + 2_000)).map(|n| sample(&id, n)).collect();
            write(&store, &id, facts, &clock).await;
        }
    }
    sqlx::query("vacuum analyze resource").execute(store.pool()).await.unwrap();
    let first = evaluate(&services).await;
    store.evaluations().forget_contexts().await.unwrap();
    let again = evaluate(&services).await;
    let unchanged = evaluate(&services).await;
    let evaluated = memory("VmHWM");

    let began = Instant::now();
    store.index().warm_up().await.unwrap();
    let started = began.elapsed().as_secs_f64();
    let caller = admin();
    services.compliance().findings(&caller, "").await.unwrap();

    let count = CHANGED.min(each);
    let changed = (0..count).map(|n| {
        let mut facts = sample(&account(0), n);
        facts.tags = Some([("env".to_owned(), format!("{n}"))].into());
        facts
    });
    write(&store, &account(0), changed.collect(), &clock).await;
    let began = Instant::now();
    services.jobs().run(Job::Evaluate { account: account(0) }).await.unwrap();
    let some = began.elapsed().as_secs_f64();
    let began = Instant::now();
    services.compliance().findings(&caller, "").await.unwrap();
    let seen = began.elapsed().as_secs_f64();

    let mut lists = Vec::new();
    let mut ask = async |words: &str, query: &str| {
        let (mut times, mut matching) = (Vec::new(), 0);
        for _ in 0..ASKED {
            // What was asked a moment ago is remembered: here each is to be worked out.
            clock.advance(MOMENT);
            let began = Instant::now();
            matching = services.compliance().findings(&caller, query).await.unwrap().matching;
            times.push(began.elapsed());
        }
        let (p50, p99) = spread(&mut times);
        lists.push(json!({ "list": words, "matching": matching, "p50": p50, "p99": p99 }));
    };
    for (words, query) in QUESTIONS {
        ask(words, query).await;
    }
    let next = services.compliance().findings(&caller, "").await.unwrap().next;
    ask("the next page", &format!("after={}", next.unwrap())).await;

    let mut overviews = Vec::new();
    for _ in 0..ASKED {
        let began = Instant::now();
        services.compliance().overview(&caller, "").await.unwrap();
        overviews.push(began.elapsed());
    }
    let time_goes_on = tokio::spawn({
        let clock = clock.clone();
        async move {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                clock.advance(time::Duration::seconds(1));
            }
        }
    });
    let mut together = people(&services).await;
    time_goes_on.abort();
    let (findings, bytes): (i64, i64) = sqlx::query_as(
        "select (select sum(json_array_length(marks)) from resource_findings)::bigint,
            pg_total_relation_size('resource_findings') + pg_total_relation_size('judgement')",
    )
    .fetch_one(store.pool())
    .await
    .unwrap();
    let answers = together.len();
    let report = json!({
        "secrets": each * ACCOUNTS, "findings": findings,
        "first": first, "again": again, "unchanged": unchanged,
        "changed": { "secrets": count, "of": each, "seconds": some, "seen": seen },
        "overview": spread(&mut overviews), "lists": lists,
        "people": { "answers": answers, "milliseconds": spread(&mut together) },
        "megabytes": { "evaluated": evaluated, "peak": memory("VmHWM"), "now": memory("VmRSS"),
            "tables": bytes as f64 / 1e6 },
        "started": started,
    });
    println!("{report}");
}
