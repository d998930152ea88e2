//! Measures judging for `cargo xtask bench`: `DATABASE_URL` names an empty database. Fills it with secrets over 50
//! accounts, judges all of them by the baseline, and asks for the overview. Prints a table; judges nothing itself.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measuring program prints, or stops"
)]

use claviger_domain::{
    access::{Caller, Person, Role, Scope},
    facts::ResourceFacts,
    ids::AccountId,
    job::Job,
    organization::{Account, AccountState},
    sweep::SweepTrigger,
};
use claviger_services::{Services, SweepSettings, SweptRegions, access::AccessSettings};
use claviger_store::Store;
use claviger_testkit::{
    FakeAws, TestClock,
    samples::{ou, region, secret_with},
    work_off,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

const ACCOUNTS: usize = 50;
const US: &str = "us-east-1";
const OVERVIEWS: usize = 100;

/// Secrets of each account: `CLAVIGER_BENCH_SECRETS`, together, or 100,000.
fn each() -> usize {
    let all = std::env::var("CLAVIGER_BENCH_SECRETS").ok().and_then(|n| n.parse().ok());
    all.unwrap_or(100_000_usize) / ACCOUNTS
}

fn account(n: usize) -> AccountId {
    format!("{:012}", 100_000_000_000 + n).parse().unwrap()
}

/// A secret of every sort: with and without rotation, owner and key.
fn sample(account: &AccountId, n: usize) -> ResourceFacts {
    let mut facts = secret_with(account.as_str(), US, &format!("team-{}/s{n}", n % 20), |facts| {
        facts.rotation.enabled = (!n.is_multiple_of(3)).then_some(true);
    });
    facts.tags = Some([("owner".to_owned(), format!("team-{}", n % 20))].into());
    if n.is_multiple_of(4) {
        facts.tags = Some([].into());
    }
    facts.kms_key_id = n.is_multiple_of(2).then(|| "alias/own".to_owned());
    facts
}

/// Judges every account, two at a time.
async fn judge(services: &Services) -> Duration {
    let began = Instant::now();
    let halves = [0, 1].map(|half| {
        let services = services.clone();
        tokio::spawn(async move {
            for n in (0..ACCOUNTS).filter(|n| n % 2 == half) {
                services.run(Job::Evaluate { account: account(n) }).await.unwrap();
            }
        })
    });
    for half in halves {
        half.await.unwrap();
    }
    began.elapsed()
}

#[tokio::main]
async fn main() {
    let url = std::env::var("DATABASE_URL").unwrap();
    let store = Store::connect(&url, 8).await.unwrap();
    store.migrate().await.unwrap();
    let (aws, clock) = (FakeAws::default(), Arc::new(TestClock::default()));
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
    let settings = SweepSettings {
        regions: SweptRegions::These(vec![region(US)]),
        interval: time::Duration::minutes(15),
        parameter_tags: time::Duration::hours(1),
    };
    let access = AccessSettings::nothing().unwrap();
    let services = Services::new(store.clone(), Arc::new(aws), clock.clone(), settings, access);
    services.seed_policies().await.unwrap();
    services.sweep_if_due(SweepTrigger::Start).await.unwrap();
    work_off(store.pool(), async |job| services.run(job).await.unwrap()).await;
    let now = claviger_domain::clock::Clock::now(clock.as_ref());
    let each = each();
    for n in 0..ACCOUNTS {
        let id = account(n);
        for from in (0..each).step_by(1_000) {
            let facts: Vec<ResourceFacts> =
                (from..each.min(from + 1_000)).map(|n| sample(&id, n)).collect();
            store.write_facts(&id, &region(US), &facts, now).await.unwrap();
        }
    }
    let first = judge(&services).await;
    store.forget_contexts().await.unwrap();
    let whole = judge(&services).await;
    let carried = judge(&services).await;
    // A thousand secrets lose their owner.
    let changed: Vec<ResourceFacts> = (0..1_000_usize.min(each))
        .map(|n| {
            let mut facts = sample(&account(0), n);
            facts.tags = Some([("env".to_owned(), format!("{n}"))].into());
            facts
        })
        .collect();
    store.write_facts(&account(0), &region(US), &changed, now).await.unwrap();
    let some = Instant::now();
    services.run(Job::Evaluate { account: account(0) }).await.unwrap();
    let some = some.elapsed();
    let person = Person { subject: "s".into(), name: "S".into(), email: None };
    let caller = Caller {
        person,
        groups: Vec::new(),
        held: vec![(Role::SecurityAdmin, Scope::Organization)],
    };
    let mut times = Vec::with_capacity(OVERVIEWS);
    let mut findings = 0;
    for _ in 0..OVERVIEWS {
        let began = Instant::now();
        let overview = services.overview(&caller).await.unwrap();
        times.push(began.elapsed());
        findings = overview.tally.fail + overview.tally.unknown;
    }
    times.sort();
    let ms = |at: usize| times[at].as_secs_f64() * 1000.0;
    println!(
        "\n| judging {} secrets of {ACCOUNTS} accounts by the 14 policies of the baseline | |\n|---|---|\n\
         | the first time, {findings} findings written | {:.1} s |\n| all of it again, nothing came out otherwise | {:.1} s |\n\
         | again, nothing has changed | {:.2} s |\n| {} of them changed, in one account of {each} | {:.2} s |\n\
         | the overview, p50 | {:.0} ms |\n| the overview, p99 | {:.0} ms |",
        ACCOUNTS * each,
        first.as_secs_f64(),
        whole.as_secs_f64(),
        carried.as_secs_f64(),
        changed.len(),
        some.as_secs_f64(),
        ms(OVERVIEWS / 2),
        ms(OVERVIEWS * 99 / 100),
    );
}
