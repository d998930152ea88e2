//! A backup of a running database, restored into another one.

use crate::{
    aws::Aws,
    balancer::Balancer,
    console::{Around, bearer},
    dump,
    idp::TestIdp,
    load::{Load, Seen},
    process,
    replica::{Heard, Replica, doubled, free_address, receiver, until},
};
use claviger::SystemClock;
use claviger_domain::clock::Clock;
use claviger_testkit::{TestClock, samples::PAYMENTS};
use sqlx::PgPool;
use std::{
    process::{Command, Stdio},
    sync::{Arc, atomic::Ordering},
};

const BEFORE: &str = "claviger_upgrade_backup";
const AFTER: &str = "claviger_upgrade_restored";

/// The end of an active grant's window, in the past: time went on between the backup and the restore.
const WINDOW_IS_OVER: &str = "update access_grant set next_at = now() - interval '1 minute',
    state = jsonb_set(state, '{until}', (select jsonb_build_array(extract(year from t)::int, extract(doy from t)::int,
        extract(hour from t)::int, extract(minute from t)::int, floor(extract(second from t))::int, 0, 0, 0, 0)
        from (select (now() at time zone 'utc') - interval '1 minute' as t) x))
    where 'G-' || id = $1 and word = 'active'";

/// As docs/operations.md says it.
fn back_up(file: &str) {
    let dumped = Command::new("pg_dump")
        .args(["--format=custom", "--no-owner", "--no-privileges", "--file", file])
        .arg(process::url(None, BEFORE))
        .output()
        .unwrap();
    assert!(dumped.status.success(), "{}", String::from_utf8_lossy(&dumped.stderr));
}

async fn restore(file: &str) {
    process::fresh(AFTER, None).await;
    let restored = Command::new("pg_restore")
        .args(["--no-owner", "--exit-on-error", "--dbname", &process::url(None, AFTER), file])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
}

#[expect(
    clippy::too_many_lines,
    reason = "one story, from the backup to the end of what it did not know"
)]
// The emulated AWS answers while this test waits for the program.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_database_goes_on_where_the_backup_was() {
    dump::load(BEFORE).await;
    let idp = TestIdp::start(Arc::new(TestClock::at(SystemClock.now()))).await;
    let aws = Aws::start().await;
    let around = |name: &'static str, database| Around {
        folder: name,
        database,
        issuer: &idp.issuer,
        aws: &aws.url,
    };
    let (before, after) = (process::url(None, BEFORE), process::url(None, AFTER));
    let first = around(BEFORE, &before);
    let address = [free_address()];
    let balancer = Balancer::over(&address).await;
    let heard = Heard::default();
    let url = receiver(Arc::clone(&heard)).await;
    let replicas = vec![Replica::start(&first, &balancer.address, &address[0], "first.log", &url)];
    until("it is ready", &replicas, async || balancer.uses(0)).await;
    let load = Load {
        url: format!("http://{}", balancer.address),
        http: reqwest::Client::builder().build().unwrap(),
        seen: Arc::new(Seen::default()),
        mira: bearer(&idp, "mira", &["requesters"]),
        tomas: bearer(&idp, "tomas", &["approvers"]),
    };

    // A grant is active and has a session, and others come and go while the backup is taken.
    let open = load.started().await.unwrap();
    let work = tokio::spawn(load.clone().grants());
    let made = || load.seen.grants.lock().unwrap().len();
    until("a grant under load", &replicas, async || made() > 0).await;
    let file = claviger_testkit::test_folder!(BEFORE).join("backup.dump");
    let file = file.to_str().unwrap();
    back_up(file);
    let at_backup = made();
    until("work goes on", &replicas, async || made() > at_backup).await;
    load.seen.is_over.store(true, Ordering::Relaxed);
    work.await.unwrap();
    // A grant after the backup, with a session that the restored database does not know.
    let unknown = load.started().await.unwrap();
    let key = aws.key_of(&unknown);
    assert!(load.seen.failures.lock().unwrap().is_empty(), "{:?}", load.seen.failures);
    drop(replicas);

    restore(file).await;
    let pool = PgPool::connect(&after).await.unwrap();
    let ended = sqlx::query(WINDOW_IS_OVER).bind(&open).execute(&pool).await.unwrap();
    assert_eq!(ended.rows_affected(), 1, "{open} was active in the backup");
    let second = around(AFTER, &after);
    let verified = second.run(&["audit", "verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));

    // Two replicas take over the queue, with the jobs that a replica of then had begun.
    let addresses = [free_address(), free_address()];
    let balancer = Balancer::over(&addresses).await;
    let heard = Heard::default();
    let url = receiver(Arc::clone(&heard)).await;
    let replicas: Vec<Replica> = addresses
        .iter()
        .zip(["first.log", "second.log"])
        .map(|(address, log)| Replica::start(&second, &balancer.address, address, log, &url))
        .collect();
    until("both are ready", &replicas, async || balancer.uses(0) && balancer.uses(1)).await;
    for (what, sql) in [
        (
            "the grant whose window is over is ended",
            "select count(*) from access_grant where word = 'active' and next_at < now()",
        ),
        (
            "events wait",
            "select count(*) from delivery where channel = 'events' and state = 'waiting' and next_at < now() - interval '5 seconds'",
        ),
        (
            "sessions wait to be denied",
            "select count(*) from access_denial where confirmed_at is null and collected_at is null",
        ),
        (
            "jobs of then wait",
            "select count(*) from graphile_worker.jobs where created_at < now() - interval '1 minute' and attempts = 0",
        ),
    ] {
        until(what, &replicas, async || process::count(&pool, sql).await == 0).await;
    }
    let state: String = sqlx::query_scalar("select word from access_grant where 'G-' || id = $1")
        .bind(&open)
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(state, "ended");
    assert!(doubled(&heard).is_empty(), "{:?}", doubled(&heard));

    // What was decided after the backup is gone, and its session is still good at AWS, until the operator ends it.
    let known: i64 = sqlx::query_scalar("select count(*) from access_grant where 'G-' || id = $1")
        .bind(&unknown)
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(known, 0, "{unknown} is from after the backup");
    assert!(!aws.denies(&key));
    let ran = second.run(&[
        "revoke-all",
        "--every-session",
        "--reason",
        "Restored from a backup.",
        "--wait-minutes",
        "1",
    ]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(aws.denies(&key), "{}", aws.denied(PAYMENTS));
    let verified = second.run(&["audit", "verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}
