//! An idle server does nothing, and still starts a new job immediately.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod process;

use claviger_domain::job::Job;
use claviger_store::{Store, for_request};
use claviger_testkit::simulator::{Behaviour, SimulatedOrganization, Simulator};
use process::{Console, count, fresh, until, url};
use sqlx::PgPool;
use std::time::{Duration, Instant};
use time::macros::datetime;

/// The maximum load of all replicas on PostgreSQL while nobody does anything.
const TRANSACTIONS_A_SECOND: f64 = 20.0;
/// A PostgreSQL backend reports its statistics within ten seconds of idling (`PGSTAT_IDLE_INTERVAL`).
const REPORTED: Duration = Duration::from_secs(11);
/// A whole interval of everything that checks a schedule every 15 s.
const WATCHED: Duration = Duration::from_secs(16);
/// Long before the next poll of a worker that was not notified.
const AT_ONCE: Duration = Duration::from_millis(700);

const OPEN_JOBS: &str = "select count(*) from graphile_worker.jobs";
const SWEPT: &str = "select count(*) from sweep where finished_at is not null";

/// Commits and rollbacks of this database, read from another one.
async fn transactions(server: &PgPool, database: &str) -> i64 {
    sqlx::query_scalar(
        "select (xact_commit + xact_rollback)::bigint from pg_stat_database where datname = $1",
    )
    .bind(database)
    .fetch_one(server)
    .await
    .unwrap()
}

async fn quiet(console: &Console, pool: &PgPool) {
    until(console, pool, SWEPT, |scanned| scanned == 1).await;
    let mut since = Instant::now();
    while since.elapsed() < Duration::from_secs(3) {
        if count(pool, OPEN_JOBS).await > 0 {
            since = Instant::now();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn an_idle_console_idles_and_a_job_begins_at_once() {
    const NAME: &str = "claviger_idle";
    fresh(NAME, None).await;
    let database = url(None, NAME);
    let aws =
        Simulator::start(SimulatedOrganization::new(1, &["us-east-1"], 5, 2), Behaviour::default())
            .await;
    let filter = ("RUST_LOG", "claviger=info,claviger::worker=debug,graphile_worker=warn");
    let first = Console::start("idle-first", &database, &aws, &[filter]);
    let pool = PgPool::connect_lazy(&database).unwrap();
    let server = PgPool::connect_with(process::server()).await.unwrap();
    quiet(&first, &pool).await;
    // Our own connections must not count.
    pool.close().await;
    let mut second = None;
    for replicas in [1, 2] {
        if replicas == 2 {
            second = Some(Console::start("idle-second", &database, &aws, &[]));
            let pool = PgPool::connect_lazy(&database).unwrap();
            let console = second.as_ref().unwrap();
            while !console.log().contains("serving") {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            // The start of a replica starts a scan.
            until(console, &pool, SWEPT, |scanned| scanned == 2).await;
            until(console, &pool, OPEN_JOBS, |open| open == 0).await;
            tokio::time::sleep(Duration::from_secs(3)).await;
            pool.close().await;
        }
        tokio::time::sleep(REPORTED).await;
        let before = transactions(&server, NAME).await;
        tokio::time::sleep(WATCHED).await;
        #[expect(clippy::cast_precision_loss, reason = "some hundreds")]
        let rate = (transactions(&server, NAME).await - before) as f64 / WATCHED.as_secs_f64();
        eprintln!("{replicas} idle: {rate:.1} transactions a second");
        assert!(rate > 0.0, "nothing was counted");
        assert!(rate <= TRANSACTIONS_A_SECOND, "{replicas} idle: {rate:.1} transactions a second");
    }
    drop(second);
    // A worker is notified of a job at any time, during any wait.
    let pool = PgPool::connect_lazy(&database).unwrap();
    let store = Store::from_pool(pool.clone());
    let mut slow = 0;
    for n in 0..12_u64 {
        tokio::time::sleep(Duration::from_millis(150 + 170 * n)).await;
        let mut work = store.transactions().begin(datetime!(2026-11-26 12:00 UTC)).await.unwrap();
        let job = Job::Deliver { notice: 9_000_000 + i64::try_from(n).unwrap() };
        let request = format!("idle-request-{n}").parse().unwrap();
        for_request(Some(request), work.enqueue(&job)).await.unwrap();
        work.commit().await.unwrap();
        let queued = Instant::now();
        while count(&pool, OPEN_JOBS).await != 0 {
            assert!(queued.elapsed() < Duration::from_secs(10), "{}", first.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let took = queued.elapsed();
        eprintln!("a job was done {took:?} after it was queued");
        slow += u32::from(took > AT_ONCE);
    }
    // A machine that stalls for a moment is not our error; a sleeping worker would be late each time.
    assert!(slow <= 2, "{slow} of 12 jobs were late");
    // Each job's line names the request that queued it.
    let log = first.log();
    for n in 0..12 {
        let done =
            log.lines().find(|line| line.contains(&format!("request.id=idle-request-{n}}}")));
        let done = done.unwrap_or_else(|| panic!("no line of request {n}: {log}"));
        assert!(
            done.contains("job.kind=\"deliver\"") && done.contains("the job is done"),
            "{done}"
        );
    }
}
