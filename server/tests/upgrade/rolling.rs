//! Two replicas, replaced one after the other under load.

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
use claviger_testkit::TestClock;
use sqlx::PgPool;
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

const NAME: &str = "claviger_upgrade_rolling";
#[tokio::test]
async fn two_replicas_are_replaced_under_load_without_a_failed_request() {
    dump::load(NAME).await;
    let database = process::url(None, NAME);
    let idp = TestIdp::start(Arc::new(TestClock::at(SystemClock.now()))).await;
    let aws = Aws::start().await;
    let around = Around { folder: NAME, database: &database, issuer: &idp.issuer, aws: &aws.url };
    let heard = Heard::default();
    let events = receiver(Arc::clone(&heard)).await;
    let addresses = [free_address(), free_address()];
    let balancer = Balancer::over(&addresses).await;
    let start = |n: usize, log: &str| {
        Replica::start(&around, &balancer.address, &addresses[n], log, &events)
    };
    // The release's database is migrated by the one that starts first.
    let mut replicas = vec![start(0, "first.log"), start(1, "second.log")];
    until("both are ready", &replicas, async || balancer.uses(0) && balancer.uses(1)).await;

    let seen = Arc::new(Seen::default());
    let load = Load {
        url: format!("http://{}", balancer.address),
        http: reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // A connection that idles longer may be closed at the moment at which a request is sent: load balancers are to
            // be set up like this (docs/configuration.md).
            .pool_idle_timeout(Duration::from_secs(1))
            .build()
            .unwrap(),
        seen: Arc::clone(&seen),
        mira: bearer(&idp, "mira", &["requesters"]),
        tomas: bearer(&idp, "tomas", &["approvers"]),
    };
    let work = [
        tokio::spawn(load.clone().pages()),
        tokio::spawn(load.clone().functions()),
        tokio::spawn(load.clone().grants()),
    ];
    let listening = tokio::spawn(load.clone().events());
    let made = || seen.grants.lock().unwrap().len();
    until("a grant under load", &replicas, async || made() > 0).await;

    for (n, log) in [(0, "first-new.log"), (1, "second-new.log")] {
        let before = made();
        replicas.remove(0).stop().await;
        until("the other serves alone", &replicas, async || made() > before).await;
        replicas.push(start(n, log));
        until("the new one is used", &replicas, async || balancer.uses(n)).await;
        let before = made();
        until("both serve", &replicas, async || made() > before + 1).await;
    }
    seen.is_over.store(true, Ordering::Relaxed);
    for task in work {
        task.await.unwrap();
    }
    let failures = seen.failures.lock().unwrap().clone();
    assert!(failures.is_empty(), "{failures:#?}\n{}", replicas[0].log());
    assert!(seen.requests.load(Ordering::Relaxed) > 100, "no load to speak of");

    // Browsers were sent to the other replica each time, and still hear what happens.
    assert!(seen.streams.load(Ordering::Relaxed) > 1, "the stream of events was never cut");
    let grant = load.grant().await.unwrap();
    until("the last grant is announced", &replicas, async || {
        seen.events.lock().unwrap().contains(&grant)
    })
    .await;
    listening.abort();

    no_job_is_lost_or_doubled(&database, &replicas, &heard).await;
    let verified = around.run(&["audit", "verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

/// Every event was sent, and none twice; no job waits for a dead replica. The release's database has notifications of
/// later years, which are not due.
async fn no_job_is_lost_or_doubled(database: &str, replicas: &[Replica], heard: &Heard) {
    let pool = PgPool::connect(database).await.unwrap();
    for (what, sql) in [
        (
            "events wait",
            "select count(*) from delivery d join notice n on n.id = d.notice_id
             where d.channel = 'events' and d.state = 'waiting' and n.created_at between now() - interval '1 hour' and now()",
        ),
        (
            "notifications have no delivery",
            "select count(*) from notice n where recipient is null and created_at between now() - interval '1 hour' and now()
                and not exists (select 1 from delivery d where d.notice_id = n.id and d.channel = 'events')",
        ),
        (
            "sessions wait to be denied",
            "select count(*) from access_denial where confirmed_at is null and collected_at is null",
        ),
        ("scans are open", "select count(*) from sweep where finished_at is null"),
        (
            "jobs are locked",
            "select count(*) from graphile_worker.jobs where locked_at is not null",
        ),
    ] {
        until(what, replicas, async || process::count(&pool, sql).await == 0).await;
    }
    let sent: i64 = sqlx::query_scalar(
        "select count(*) from delivery where channel = 'events' and state = 'delivered' and ended_at between now() - interval '1 hour' and now()",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert!(doubled(heard).is_empty(), "{:?}", doubled(heard));
    assert_eq!(i64::try_from(heard.lock().unwrap().len()).unwrap(), sent);
}
