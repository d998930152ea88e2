//! When a scan runs, and what a job does that runs again.

use super::{Fixture, admin};
use claviger_domain::{job::Job, scan::ScanTrigger};
use claviger_services::{InventoryFormat, ServiceError};
use claviger_testkit::{
    Console, US,
    samples::{PAYMENTS, account, region, secret},
};
use sqlx::PgPool;
use time::Duration;

#[sqlx::test(migrations = "../../migrations")]
async fn a_job_done_twice_does_no_harm(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.services.scans().scan_if_due(ScanTrigger::Start).await.unwrap();
    let (plan,): (serde_json::Value,) =
        sqlx::query_as("select payload::jsonb from graphile_worker._private_jobs")
            .fetch_one(&fixture.pool)
            .await
            .unwrap();
    fixture.work().await;
    let plan: Job = serde_json::from_value(plan).unwrap();
    let Job::PlanScan { sweep } = plan else { panic!("the first job plans") };
    fixture.services.jobs().run(plan).await.unwrap();
    fixture
        .services
        .jobs()
        .run(Job::ScanRegion { sweep, account: account(PAYMENTS), region: region(US) })
        .await
        .unwrap();
    assert_eq!(fixture.names("").await, ["a"]);
    assert!(!fixture.services.scans().scan_progress(&admin()).await.unwrap().running);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_schedule_waits_for_its_time_and_a_start_does_not(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let sweeps = async || -> i64 {
        sqlx::query_as::<_, (i64,)>("select count(*) from sweep")
            .fetch_one(&fixture.pool)
            .await
            .unwrap()
            .0
    };
    fixture.scan().await;
    fixture.clock.advance(Duration::minutes(14));
    fixture.services.scans().scan_if_due(ScanTrigger::Schedule).await.unwrap();
    assert_eq!(sweeps().await, 1);
    fixture.clock.advance(Duration::minutes(1));
    fixture.services.scans().scan_if_due(ScanTrigger::Schedule).await.unwrap();
    fixture.work().await;
    assert_eq!(sweeps().await, 2);
    fixture.services.scans().scan_if_due(ScanTrigger::Start).await.unwrap();
    assert_eq!(sweeps().await, 3);
}

/// Lists say how many there are and what to do; whatever needs no list goes on, and no number is made up.
#[sqlx::test(migrations = "../../migrations")]
async fn an_inventory_beyond_its_limit_is_refused_and_not_shown_in_part(pool: PgPool) {
    let fixture = Fixture(Console::builder(&pool).inventory_limit(2).build().await);
    for name in ["a", "b"] {
        fixture.aws.put(secret(PAYMENTS, US, name));
    }
    fixture.scan().await;
    assert_eq!(fixture.names("").await, ["a", "b"]);
    let id = fixture.rows("").await[0].id.to_string();
    fixture.aws.put(secret(PAYMENTS, US, "c"));
    fixture.scan().await;
    let (services, admin) = (&fixture.services, admin());
    let refused = |error: ServiceError| {
        let problem = error.into_problem();
        assert_eq!(problem.code.status(), 503);
        assert!(problem.message.contains("at most 2"), "{problem}");
        assert!(problem.message.contains("found 3"), "{problem}");
        assert!(problem.hint.contains("inventory_limit"), "{problem}");
    };
    refused(services.inventory().inventory(&admin, "").await.unwrap_err());
    refused(services.accounts().accounts(&admin).await.unwrap_err());
    refused(services.accounts().account(&admin, PAYMENTS).await.unwrap_err());
    refused(services.inventory().siblings(&admin, &id).await.unwrap_err());
    refused(services.compliance().findings(&admin, "").await.unwrap_err());
    refused(services.compliance().overview(&admin, "").await.unwrap_err());
    refused(services.inventory().complete(&admin, "tag:owner=t").await.unwrap_err());
    let csv = services.inventory().export_inventory(&admin, InventoryFormat::Csv, "", None).await;
    refused(csv.map(drop).unwrap_err());
    let me = services.navigation().me(&admin).await.unwrap();
    assert_eq!((me.resources, me.failures), (None, None));
    assert_eq!(services.inventory().resource(&admin, &id).await.unwrap().facts.name, "a");
}
