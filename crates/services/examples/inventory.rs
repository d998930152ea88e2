//! Measures the inventory for `cargo xtask bench`: `DATABASE_URL` names an empty database, `CLAVIGER_SIMULATOR` the
//! load simulator, `CLAVIGER_REGIONS` how many Regions it has. Sweeps twice through the SDK, then asks what pages ask;
//! with `CLAVIGER_SCALED` it sweeps under quotas so low that they are what bounds it. Prints a table; evaluates nothing itself.

#![expect(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    reason = "a measuring program prints, or stops"
)]

use aws_config::{retry::RetryConfig, timeout::TimeoutConfig};
use claviger_aws::Api;
use claviger_domain::{
    authz::{Caller, Person, Role, RoleBinding, Scope},
    ids::Region,
    job::Job,
    scan::ScanTrigger,
};
use claviger_services::{
    FileExport, InventoryFormat, ScanSettings, ScannedRegions, Services, grants::AccessSettings,
};
use claviger_store::Store;
use claviger_testkit::{
    TestClock,
    simulator::{QUOTA_PERCENT, REGIONS, hub},
    taken_jobs,
};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// Scans side by side, as the server's setting `jobs` has it.
const JOBS: usize = 16;
const ASKED: usize = 200;
const PEOPLE: usize = 100;
/// After so long nothing is remembered of a question.
const MOMENT: time::Duration = time::Duration::seconds(11);
/// On average a person looks at a page for so long.
const LOOKS: Duration = Duration::from_secs(3);
const TOGETHER: Duration = Duration::from_secs(20);

/// A quarter of AWS's quotas.
const SCALED: [(Api, u32); 2] = [(Api::ListSecrets, 25), (Api::DescribeParameters, 5)];

/// What people ask for, with the words of the table.
const QUESTIONS: [(&str, &str); 11] = [
    ("the first page", ""),
    ("one Region, overdue", "region=eu-west-1&rotation=overdue"),
    ("a tag and a key", "tag=owner%3Dteam-07&key=customer-managed"),
    ("not read for 90 days, no owner", "accessed=%3E90d&owner=missing"),
    ("a word in most names", "q=prod"),
    ("a word in few names", "q=secret-000011"),
    ("a part of a word", "q=ecret-000011"),
    ("two words and a unit", "q=team-11+service-3&ou=ou-0001-00000003"),
    ("changed within a week, by last change", "changed=%3C7d&sort=changed&dir=desc"),
    ("everything by last read", "sort=read&dir=desc"),
    ("a path", "path=prod%2Fteam-12%2F"),
];

fn memory(what: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1_000.0
}

fn reset_peak() {
    // Where the kernel lets one: the peak then counts from here.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn admin() -> Caller {
    let person = Person { subject: "bench".into(), name: "Bench".into(), email: None };
    let binding =
        RoleBinding { group: "all".into(), role: Role::SecurityAdmin, scope: Scope::Organization };
    Caller::new(person, &["all".into()], &[binding])
}

/// A sweep, its scans alone; says how long it took and what it called.
async fn sweep(services: &Services, pool: &sqlx::PgPool, clock: &TestClock) -> (Duration, i64) {
    clock.advance(time::Duration::minutes(20));
    services.scans().scan_if_due(ScanTrigger::Schedule).await.unwrap();
    let began = Instant::now();
    loop {
        let mut jobs = taken_jobs(pool).await;
        jobs.retain(|job| matches!(job, Job::PlanScan { .. } | Job::ScanRegion { .. }));
        if jobs.is_empty() {
            break;
        }
        let mut running = tokio::task::JoinSet::new();
        for job in jobs {
            if running.len() >= JOBS {
                running.join_next().await.unwrap().unwrap();
            }
            let services = services.clone();
            running.spawn(async move { services.jobs().run(job).await.unwrap() });
        }
        while let Some(done) = running.join_next().await {
            done.unwrap();
        }
    }
    let took = began.elapsed();
    let (calls, failed): (i64, i64) = sqlx::query_as(
        "select coalesce(sum(api_calls), 0)::bigint, count(*) filter (where status <> 'complete') from scan",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(failed, 0, "every scan was read whole");
    (took, calls)
}

fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e3
}

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
                // A third asks what others ask as well, the rest narrows it to a team.
                let question = match at % 3 {
                    0 => question.to_owned(),
                    _ => format!("team=team-{:02}&{question}", at % 40),
                };
                let began = Instant::now();
                services.inventory().inventory(&caller, &question).await.unwrap();
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

/// Sweeps that wait for nothing but the quotas, against the time that the quotas alone would take.
async fn scaled(services: &Services, pool: &sqlx::PgPool, clock: &TestClock) {
    println!(
        "\n| under a quarter of AWS's quotas | bound by them, seconds | took, seconds | of the bound |\n|---|---|---|---|"
    );
    for what in ["the first sweep", "nothing has changed"] {
        let (took, _) = sweep(services, pool, clock).await;
        let (secrets, parameters): (i64, i64) = sqlx::query_as(
            "select count(*) filter (where kind = 'secret'), count(*) filter (where kind = 'parameter')
             from resource group by account_id, region order by 1 desc limit 1",
        )
        .fetch_one(pool)
        .await
        .unwrap();
        // Of the largest place; the lists are read side by side.
        let calls = |rows: i64, a_page: i64| (rows as f64 / a_page as f64).ceil();
        let bound = |calls: f64, api: Api| {
            let (_, quota) = SCALED.iter().find(|(of, _)| *of == api).unwrap();
            calls * 100.0 / (f64::from(*quota) * f64::from(QUOTA_PERCENT))
        };
        let bound = bound(calls(secrets, 100), Api::ListSecrets)
            .max(bound(calls(parameters, 50), Api::DescribeParameters));
        let took = took.as_secs_f64();
        println!("| {what} | {bound:.1} | {took:.1} | {:.0} % |", bound * 100.0 / took);
    }
}

/// Two sweeps, measured.
async fn sweeps(services: &Services, pool: &sqlx::PgPool, clock: &TestClock) {
    let (first, _) = sweep(services, pool, clock).await;
    let (rows, locations): (i64, i64) =
        sqlx::query_as("select (select count(*) from resource), (select count(*) from scan)")
            .fetch_one(pool)
            .await
            .unwrap();
    let peak_first = memory("VmHWM");
    reset_peak();
    let (steady, calls) = sweep(services, pool, clock).await;
    let rate = |took: Duration| rows as f64 / took.as_secs_f64();
    println!(
        "\n| sweeps of {rows} secrets and parameters in {locations} accounts and Regions | |\n|---|---|"
    );
    println!(
        "| the first, seconds (rows a second) | {:.0} ({:.0}) |",
        first.as_secs_f64(),
        rate(first)
    );
    println!(
        "| nothing has changed, seconds (rows a second) | {:.0} ({:.0}) |",
        steady.as_secs_f64(),
        rate(steady)
    );
    println!(
        "| calls when nothing has changed; for 100 rows, one for each account and Region left out | {calls}; {:.2} |",
        (calls - locations) as f64 * 100.0 / rows as f64
    );
    println!(
        "| peak memory of the process, first and second sweep, MB | {peak_first:.0}, {:.0} |",
        memory("VmHWM")
    );
}

/// The whole inventory as one file.
async fn export(services: &Services, caller: &Caller, total: u64) {
    reset_peak();
    let before = memory("VmRSS");
    let began = Instant::now();
    let mut export = services
        .inventory()
        .export_inventory(caller, InventoryFormat::Csv, "", None)
        .await
        .unwrap();
    let mut bytes = 0;
    while let Some(piece) = export.piece().await.unwrap() {
        bytes += piece.len();
    }
    let took = began.elapsed();
    println!("\n| export of all as CSV | |\n|---|---|");
    let rate = total as f64 / took.as_secs_f64();
    println!("| seconds (rows a second) | {:.0} ({rate:.0}) |", took.as_secs_f64());
    println!(
        "| MB written; memory beyond what was held, MB | {}; {:.0} |",
        bytes / 1_000_000,
        memory("VmHWM") - before
    );
}

/// From the commit of 1,000 changed rows until a list has them.
async fn freshness(services: &Services, caller: &Caller, pool: &sqlx::PgPool) {
    let mut times = Vec::new();
    for round in 0..5_i64 {
        // An answer before it, so that nothing else is waiting to be taken in; and what pauses after a sweep is over.
        services.inventory().inventory(caller, "").await.unwrap();
        let team = format!("fresh-{round}");
        let changed = sqlx::query(
            "update resource set owner = $1, owner_class = 'named' where id in (select id from resource order by id offset $2 limit 1000)",
        )
        .bind(&team)
        .bind(round * 1_000)
        .execute(pool)
        .await
        .unwrap();
        assert_eq!(changed.rows_affected(), 1_000);
        let committed = Instant::now();
        while services
            .inventory()
            .inventory(caller, &format!("team={team}"))
            .await
            .unwrap()
            .matching
            < 1_000
        {}
        times.push(committed.elapsed());
    }
    println!(
        "| 1,000 rows changed: from the commit until a list has them, median and the slowest of five | 1,000 | {:.1} | {:.1} |",
        percentile(&mut times, 50),
        percentile(&mut times, 99)
    );
}

/// What else a page asks; says how many rows there are.
async fn others(services: &Services, caller: &Caller, clock: &TestClock) -> u64 {
    let page = services.inventory().inventory(caller, "").await.unwrap();
    let next = page.query.at(page.page.next.clone()).to_url_query();
    let id = page.page.rows[7].id.to_string();
    let mut of = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ASKED {
        clock.advance(MOMENT);
        let mut began = Instant::now();
        let mut note = |n: usize| {
            of[n].push(began.elapsed());
            began = Instant::now();
        };
        services.inventory().inventory(caller, &next).await.unwrap();
        note(0);
        services.inventory().resource(caller, &id).await.unwrap();
        note(1);
        services.inventory().complete(caller, "tag:owner=team-1").await.unwrap();
        note(2);
        services.navigation().me(caller).await.unwrap();
        note(3);
    }
    let names =
        ["the next page", "one secret", "completion of a tag's value", "the navigation's numbers"];
    for (name, times) in names.iter().zip(&mut of) {
        println!("| {name} | | {:.1} | {:.1} |", percentile(times, 50), percentile(times, 99));
    }
    page.total
}

#[tokio::main]
async fn main() {
    let url = std::env::var("DATABASE_URL").unwrap();
    let regions: usize = std::env::var("CLAVIGER_REGIONS").unwrap().parse().unwrap();
    let store = Store::connect(&url, 20).await.unwrap();
    store.migrate().await.unwrap();
    let pool = store.pool().clone();
    let clock = Arc::new(TestClock::default());
    let regions: Vec<Region> =
        REGIONS[..regions].iter().map(|code| code.parse().unwrap()).collect();
    let settings = ScanSettings {
        regions: ScannedRegions::These(regions),
        interval: time::Duration::minutes(15),
        parameter_tags: time::Duration::hours(1),
    };
    let simulator = std::env::var("CLAVIGER_SIMULATOR").unwrap();
    let is_scaled = std::env::var("CLAVIGER_SCALED").is_ok();
    let quotas = if is_scaled { SCALED.into() } else { BTreeMap::new() };
    let retries = RetryConfig::standard();
    let gateway = Arc::new(hub(&simulator, retries, TimeoutConfig::disabled(), quotas).await);
    let services = Services::new(
        store.clone(),
        gateway,
        clock.clone(),
        settings,
        AccessSettings::nothing().unwrap(),
    );
    if is_scaled {
        return scaled(&services, &pool, &clock).await;
    }
    let (is_filled,): (bool,) =
        sqlx::query_as("select exists (select 1 from resource)").fetch_one(&pool).await.unwrap();
    // A database that is filled already is asked only.
    if !is_filled {
        sweeps(&services, &pool, &clock).await;
    }
    sqlx::query("vacuum analyze resource").execute(&pool).await.unwrap();

    let before = memory("VmRSS");
    let began = Instant::now();
    store.index().warm_up().await.unwrap();
    println!(
        "| into the index, seconds (MB) | {:.1} ({:.0}) |",
        began.elapsed().as_secs_f64(),
        memory("VmRSS") - before
    );

    println!(
        "\n| filter, milliseconds of the server | rows that match | p50 | p99 |\n|---|---|---|---|"
    );
    let caller = admin();
    for (words, query) in QUESTIONS {
        let mut times = Vec::new();
        let mut matching = 0;
        for _ in 0..ASKED {
            // What was asked a moment ago is remembered: here each is to be worked out.
            clock.advance(MOMENT);
            let began = Instant::now();
            matching = services.inventory().inventory(&caller, query).await.unwrap().matching;
            times.push(began.elapsed());
        }
        println!(
            "| {words} | {matching} | {:.1} | {:.1} |",
            percentile(&mut times, 50),
            percentile(&mut times, 99)
        );
    }
    let total = others(&services, &caller, &clock).await;
    freshness(&services, &caller, &pool).await;
    let time_goes_on = tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            clock.advance(time::Duration::seconds(1));
        }
    });
    let mut times = people(&services).await;
    time_goes_on.abort();
    println!(
        "| {PEOPLE} people at once, a third of them with these questions, the others with these about a team; each looks for {} s at a page ({} answers) | | {:.1} | {:.1} |",
        LOOKS.as_secs(),
        times.len(),
        percentile(&mut times, 50),
        percentile(&mut times, 99)
    );

    export(&services, &caller, total).await;
}
