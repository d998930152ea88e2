//! A scan when a replica is killed, and when PostgreSQL is; and other jobs during a scan. The servers
//! are separate processes, and the cluster is used by nothing else.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use claviger_domain::job::Job;
use claviger_store::Store;
use claviger_testkit::{
    restartable,
    simulator::{Behaviour, SimulatedOrganization, Simulator, as_inventoried},
    test_folder, write_site,
};
use sqlx::{Connection, PgConnection, PgPool, postgres::PgConnectOptions};
use std::{
    fs::File,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use time::macros::datetime;
use tokio::sync::{Mutex, MutexGuard};

const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-southeast-2"];
/// How long a dead replica's jobs wait in these tests.
const TAKEOVER: Duration = Duration::from_secs(4);
/// Long enough for every expected event.
const PATIENCE: Duration = Duration::from_secs(90);

/// One test at a time restarts the cluster.
static CLUSTER: Mutex<()> = Mutex::const_new(());

struct Setting {
    simulator: Simulator,
    url: String,
    pool: PgPool,
    /// The output of the servers.
    log: PathBuf,
    _alone: MutexGuard<'static, ()>,
}

impl Setting {
    /// A separate database, and an Organization whose scan takes some seconds.
    async fn new(name: &str) -> Self {
        let behaviour = Behaviour { latency: Duration::from_millis(200), ..Behaviour::default() };
        Self::over(name, SimulatedOrganization::new(5, &REGIONS, 320, 70), behaviour).await
    }

    async fn over(name: &str, organization: SimulatedOrganization, behaviour: Behaviour) -> Self {
        let alone = CLUSTER.lock().await;
        let maintenance: PgConnectOptions = restartable().url.parse().unwrap();
        let mut connection = PgConnection::connect_with(&maintenance).await.unwrap();
        for statement in [
            format!("drop database if exists {name} with (force)"),
            format!("create database {name} template template0"),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        }
        let log = test_folder!(name).join("console.log");
        File::create(&log).unwrap();
        let url = restartable().url;
        let (server, _) = url.rsplit_once('/').unwrap();
        let simulator = Simulator::start(organization, behaviour).await;
        Self {
            simulator,
            url: format!("{server}/{name}"),
            pool: PgPool::connect_lazy_with(maintenance.database(name)),
            log,
            _alone: alone,
        }
    }

    fn console(&self) -> Console {
        let site = test_folder!("site");
        write_site(&site);
        let process = Command::new(env!("CARGO_BIN_EXE_claviger"))
            .arg("serve")
            .env_clear()
            .env("CLAVIGER_OIDC_ISSUER", "https://id.example.com")
            .env("CLAVIGER_OIDC_CLIENT_ID", "claviger")
            .env("CLAVIGER_OIDC_CLIENT_SECRET", "unused")
            .env("CLAVIGER_SITE_DIR", site)
            .env("CLAVIGER_LISTEN", "127.0.0.1:0")
            .env("CLAVIGER_JOBS", "4")
            .env("CLAVIGER_TAKEOVER_SECONDS", TAKEOVER.as_secs().to_string())
            .env("DATABASE_URL", &self.url)
            .env("AWS_ENDPOINT_URL", self.simulator.url())
            .env("AWS_ACCESS_KEY_ID", "AKIAHUB")
            .env("AWS_SECRET_ACCESS_KEY", "simulated")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("RUST_LOG", "claviger=info,graphile_worker=warn")
            .stdout(Stdio::null())
            .stderr(File::options().create(true).append(true).open(&self.log).unwrap())
            .spawn()
            .unwrap();
        Console(process)
    }

    async fn count(&self, sql: &'static str) -> i64 {
        // Before the first server has created the tables, and while PostgreSQL is unavailable, there is nothing to count.
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap_or(-1)
    }

    async fn until(&self, what: &str, sql: &'static str, enough: i64) {
        let began = Instant::now();
        while self.count(sql).await < enough {
            assert!(
                began.elapsed() < PATIENCE,
                "waited in vain for {what}: {}",
                self.log.display()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// In the middle of a scan: some Regions are read, and a worker is reading.
    async fn amid_the_scan(&self) {
        self.until("scans", DONE, 3).await;
        self.until("a scan under way", RUNNING, 1).await;
        assert_eq!(self.count(FINISHED).await, 0, "the sweep is over before anything happened");
    }

    async fn assert_whole(&self) {
        let inventory = as_inventoried(&self.pool).await;
        assert!(
            inventory == self.simulator.organization().truth(),
            "the inventory is what AWS has"
        );
        let failed = self.count("select count(*) from scan where status = 'failed'").await;
        assert_eq!(failed, 0);
        assert_eq!(self.count("select count(*) from sweep").await, 1, "it is the same sweep");
    }
}

const DONE: &str = "select count(*) from scan where status = 'complete'";
const RUNNING: &str = "select count(*) from scan where status = 'running'";
const FINISHED: &str = "select count(*) from sweep where finished_at is not null";

/// Killed when dropped, as by SIGKILL.
struct Console(Child);

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn another_replica_takes_up_what_a_killed_one_left() {
    let setting = Setting::new("outage_replica").await;
    let first = setting.console();
    setting.amid_the_scan().await;
    drop(first);
    let left = setting.count(RUNNING).await;
    assert!(left > 0, "it was killed with scans in its hands");
    let killed = Instant::now();
    let _second = setting.console();
    setting.until("the end of the sweep", FINISHED, 1).await;
    let took = killed.elapsed();
    setting.assert_whole().await;
    assert!(took >= TAKEOVER, "a live worker's jobs are not taken from it");
    eprintln!("{left} scans left behind; the sweep ended {took:?} after the kill");
}

#[tokio::test]
async fn what_somebody_waits_for_does_not_wait_for_a_sweep() {
    let setting = Setting::new("outage_awaited").await;
    let _console = setting.console();
    setting.amid_the_scan().await;
    let slow = Behaviour { latency: Duration::from_secs(15), ..Behaviour::default() };
    setting.simulator.behave(slow);
    // Every slot of the scan is waiting for a slow response.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let store = Store::from_pool(setting.pool.clone());
    let mut work = store.transactions().begin(datetime!(2026-11-26 12:00 UTC)).await.unwrap();
    work.enqueue(&Job::Deliver { notice: 4_711 }).await.unwrap();
    work.commit().await.unwrap();
    let asked = Instant::now();
    while setting
        .count("select count(*) from graphile_worker.jobs where key = 'deliver:4711'")
        .await
        > 0
    {
        assert!(asked.elapsed() < Duration::from_secs(10), "it waits for the sweep");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(setting.count(FINISHED).await, 0, "the sweep is still at it");
}

#[tokio::test]
async fn jobs_that_wait_are_worked_off_without_a_pause() {
    let organization = SimulatedOrganization::new(1, &REGIONS[..1], 1, 0);
    let setting = Setting::over("outage_none", organization, Behaviour::default()).await;
    let _console = setting.console();
    setting.until("the end of the sweep", FINISHED, 1).await;
    let store = Store::from_pool(setting.pool.clone());
    let mut work = store.transactions().begin(datetime!(2026-11-26 12:00 UTC)).await.unwrap();
    for notice in 1..=200 {
        work.enqueue(&Job::Deliver { notice: 1_000_000 + notice }).await.unwrap();
    }
    work.commit().await.unwrap();
    let queued = Instant::now();
    // The workers are notified once: a worker that ran one job for each notification or poll would take minutes.
    while setting.count("select count(*) from graphile_worker.jobs").await != 0 {
        assert!(queued.elapsed() < Duration::from_secs(20), "the hands pause between jobs");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    eprintln!("200 jobs were done in {:?}", queued.elapsed());
}

#[tokio::test]
async fn a_sweep_outlives_a_restart_of_postgresql() {
    let setting = Setting::new("outage_database").await;
    let mut console = setting.console();
    setting.amid_the_scan().await;
    // Longer than the connection timeout: the queue's workers fail and restart.
    restartable().outage(Duration::from_secs(11)).await;
    let restarted = Instant::now();
    setting.until("the end of the sweep", FINISHED, 1).await;
    let took = restarted.elapsed();
    setting.assert_whole().await;
    assert!(console.0.try_wait().unwrap().is_none(), "the same console");
    eprintln!("the sweep ended {took:?} after the restart");
}
