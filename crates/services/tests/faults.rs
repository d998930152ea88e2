//! Sweeps through the SDK over an Organization in which things go wrong, and with workers that are killed: afterwards
//! the inventory is what AWS has.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use aws_config::{retry::RetryConfig, timeout::TimeoutConfig};
use claviger_aws::AwsGateway;
use claviger_domain::{job::Job, scan::ScanTrigger};
use claviger_services::ScannedRegions;
use claviger_testkit::{
    Console,
    samples::region,
    simulator::{Behaviour, Faults, SimulatedOrganization, Simulator, Truth, as_inventoried, hub},
    taken_jobs,
};
use sqlx::PgPool;
use std::{
    collections::BTreeMap,
    ops::Deref,
    sync::Arc,
    time::{Duration, Instant},
};

const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-southeast-2"];
/// Jobs that run side by side.
const MAX_CONCURRENT_RUNS: usize = 8;

/// Short timeouts and few retries: a test must not wait.
async fn gateway(url: &str) -> AwsGateway {
    let retries = RetryConfig::standard()
        .with_max_attempts(5)
        .with_initial_backoff(Duration::from_millis(20));
    let timeouts =
        TimeoutConfig::builder().operation_attempt_timeout(Duration::from_millis(800)).build();
    hub(url, retries, timeouts, BTreeMap::new()).await
}

struct Setting {
    console: Console<Arc<AwsGateway>>,
    simulator: Simulator,
}

impl Deref for Setting {
    type Target = Console<Arc<AwsGateway>>;

    fn deref(&self) -> &Self::Target {
        &self.console
    }
}

impl Setting {
    async fn new(pool: &PgPool, fixture: SimulatedOrganization) -> Self {
        let simulator = Simulator::start(fixture, Behaviour::default()).await;
        let regions = ScannedRegions::These(REGIONS.map(region).to_vec());
        let gateway = gateway(&simulator.url()).await;
        let console = Console::builder(pool).regions(regions).build_over(gateway).await;
        Self { console, simulator }
    }

    /// One sweep. `kill` says after how long a job's worker dies; the job is then done again, as the queue has it.
    async fn sweep(&self, kill: impl Fn(usize) -> Option<Duration>) -> usize {
        self.clock.advance(time::Duration::minutes(20));
        self.services.scans().scan_if_due(ScanTrigger::Schedule).await.unwrap();
        let mut killed = 0;
        loop {
            let mut jobs = taken_jobs(&self.pool).await;
            jobs.retain(|job| matches!(job, Job::PlanScan { .. } | Job::ScanRegion { .. }));
            if jobs.is_empty() {
                return killed;
            }
            let mut running = tokio::task::JoinSet::new();
            for (n, job) in jobs.into_iter().enumerate() {
                while running.len() >= MAX_CONCURRENT_RUNS {
                    killed += running.join_next().await.unwrap().unwrap();
                }
                let (services, dies) = (self.services.clone(), kill(n));
                running.spawn(async move {
                    if let Some(after) = dies
                        && tokio::time::timeout(after, services.jobs().run(job.clone()))
                            .await
                            .is_err()
                    {
                        services.jobs().run(job).await.unwrap();
                        return 1;
                    }
                    services.jobs().run(job).await.unwrap();
                    0
                });
            }
            while let Some(done) = running.join_next().await {
                killed += done.unwrap();
            }
        }
    }

    async fn inventory(&self) -> Truth {
        as_inventoried(&self.pool).await
    }

    async fn fails(&self) -> i64 {
        sqlx::query_scalar("select count(*) from scan where status = 'failed'")
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }
}

/// The number of faults: `CLAVIGER_FAULTS`, or a few dozen.
fn faults() -> u32 {
    std::env::var("CLAVIGER_FAULTS").ok().and_then(|n| n.parse().ok()).unwrap_or(60)
}

#[sqlx::test(migrations = false)]
async fn whatever_goes_wrong_the_inventory_becomes_what_aws_has(pool: PgPool) {
    let setting = Setting::new(&pool, SimulatedOrganization::new(6, &REGIONS, 230, 60)).await;
    let organization = setting.simulator.organization();
    setting.sweep(|_| None).await;
    assert_eq!(setting.inventory().await, organization.truth(), "a quiet sweep reads everything");

    let faults = Faults::new(20_261_126, 120, faults());
    let most = faults.left();
    let (mut round, mut killed) = (0_u32, 0);
    while faults.left() > 0 {
        round += 1;
        for (n, turn) in (0..6).zip(0_usize..) {
            let account = organization.account(n);
            organization.remove(account, REGIONS[turn % 3], round * 3);
            organization.revise(account, REGIONS[(turn + 1) % 3], round);
            organization.add(account, REGIONS[(turn + 2) % 3], 1);
        }
        setting
            .simulator
            .behave(Behaviour { faults: Some(faults.clone()), ..Behaviour::default() });
        killed += setting
            .sweep(|n| n.is_multiple_of(5).then(|| Duration::from_millis(7 * (n as u64 + 1) % 60)))
            .await;
        // In between: whatever is shown is there, or was there when it was last read whole.
        assert!(round < 500, "the faults do not come to an end");
    }
    let by_kind = setting.simulator.faults();
    assert_eq!(by_kind.iter().map(|(_, count)| count).sum::<u32>(), most);
    setting.simulator.behave(Behaviour::default());
    setting.sweep(|_| None).await;
    assert_eq!(setting.fails().await, 0);
    assert_eq!(setting.inventory().await, organization.truth(), "after {round} sweeps with faults");
    assert!(killed > 0, "some workers were killed");
    eprintln!("{most} faults in {round} sweeps, {killed} workers killed: {by_kind:?}");
}

#[sqlx::test(migrations = false)]
async fn a_fault_tombstones_nothing(pool: PgPool) {
    let setting = Setting::new(&pool, SimulatedOrganization::new(2, &REGIONS, 120, 10)).await;
    setting.sweep(|_| None).await;
    let before = setting.inventory().await;
    // Every call goes wrong.
    let faults = Faults::new(7, 1_000, u32::MAX);
    setting.simulator.behave(Behaviour { faults: Some(faults), ..Behaviour::default() });
    setting.sweep(|_| None).await;
    assert_eq!(setting.inventory().await, before, "the last good data stay");
}

#[sqlx::test(migrations = false)]
async fn a_steady_sweep_needs_few_calls_and_keeps_to_its_share(pool: PgPool) {
    let setting = Setting::new(&pool, SimulatedOrganization::new(8, &REGIONS, 200, 20)).await;
    setting.simulator.behave(Behaviour { quotas: true, ..Behaviour::default() });
    setting.sweep(|_| None).await;
    let before = setting.simulator.calls();
    let began = Instant::now();
    setting.sweep(|_| None).await;
    let calls = setting.simulator.calls() - before;
    let (accounts, locations, secrets) = (8, 8 * 3, 8 * 3 * 200);
    // Beside the pages of secrets: one call a place, for its parameters; and the Organization's tree.
    let most = secrets * 12 / 1_000 + locations + accounts + 10;
    assert!(calls <= most, "{calls} calls, at most {most}");
    assert_eq!(setting.simulator.throttled(), 0, "a share of the quota is never refused");
    assert!(began.elapsed() < Duration::from_secs(20));
}

/// As a restart of PostgreSQL looks from here: every connection is gone, again and again.
#[sqlx::test(migrations = false)]
async fn a_database_that_drops_every_connection_loses_nothing(pool: PgPool) {
    let setting = Setting::new(&pool, SimulatedOrganization::new(4, &REGIONS, 230, 20)).await;
    setting.clock.advance(time::Duration::minutes(20));
    setting.services.scans().scan_if_due(ScanTrigger::Start).await.unwrap();
    let killer = claviger_testkit::own_pool(&pool);
    let (mut dropped, mut failed) = (0_i64, 0);
    loop {
        let mut jobs = taken_jobs(&setting.pool).await;
        jobs.retain(|job| matches!(job, Job::PlanScan { .. } | Job::ScanRegion { .. }));
        if jobs.is_empty() {
            break;
        }
        let mut running = tokio::task::JoinSet::new();
        for job in jobs {
            let services = setting.services.clone();
            running.spawn(async move {
                let mut failures = 0;
                // The queue does a job again that has failed.
                while services.jobs().run(job.clone()).await.is_err() {
                    failures += 1;
                    assert!(failures < 200, "it never gets through");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                failures
            });
        }
        for round in 0.. {
            while let Some(done) = running.try_join_next() {
                failed += done.unwrap();
            }
            if running.is_empty() {
                break;
            }
            // On a machine that is busy with something else, few connections are open in each round.
            if round < 30 || dropped <= 20 {
                let (count,): (i64,) = sqlx::query_as(
                    "select count(pg_terminate_backend(pid)) from pg_stat_activity
                     where datname = current_database() and pid <> pg_backend_pid()",
                )
                .fetch_one(&killer)
                .await
                .unwrap();
                dropped += count;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }
    assert!(dropped > 20 && failed > 0, "{dropped} connections dropped, {failed} jobs failed");
    assert_eq!(setting.fails().await, 0);
    assert_eq!(setting.inventory().await, setting.simulator.organization().truth());
}
