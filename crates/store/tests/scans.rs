//! Sweeps and what they write, on a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use claviger_domain::{
    authz::VisibleAccounts,
    facts::{Kind, ResourceFacts},
    inventory::{InventoryQuery, view::Coverage},
    scan::{ListFault, RegionScanFault, ScanTrigger},
};
use claviger_store::{RegionScanOutcome, Store, StoredSession};
use claviger_testkit::samples::{
    CHECKOUT, PAYMENTS, SANDBOX, account, organization, region, secret, secret_with,
};
use sqlx::PgPool;
use time::{Duration, macros::date};

mod common;
use common::{NOW, complete, complete_without, planned};

const US: &str = "us-east-1";

fn everyone() -> VisibleAccounts {
    VisibleAccounts {
        accounts: [PAYMENTS, CHECKOUT, SANDBOX].map(account).to_vec(),
        whole_organization: true,
    }
}

async fn versions(pool: &PgPool) -> Vec<(String, String)> {
    sqlx::query_as("select name, xmin::text from resource order by name")
        .fetch_all(pool)
        .await
        .unwrap()
}

#[sqlx::test(migrations = "../../migrations")]
async fn two_replicas_begin_one_sweep(pool: PgPool) {
    let store = Store::from_pool(pool.clone());
    store.migrate().await.unwrap();
    let scans = store.scans();
    let (one, two) = tokio::join!(
        scans.begin_scan(ScanTrigger::Start, None, NOW),
        scans.begin_scan(ScanTrigger::Person, Some("ada"), NOW)
    );
    let ((first, first_is_new), (second, second_is_new)) = (one.unwrap(), two.unwrap());
    assert_eq!(first, second);
    assert!(first_is_new != second_is_new);
    let (jobs,): (i64,) =
        sqlx::query_as("select count(*) from graphile_worker.jobs").fetch_one(&pool).await.unwrap();
    assert_eq!(jobs, 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_sweep_that_was_lost_makes_room_for_the_next(pool: PgPool) {
    let store = Store::from_pool(pool);
    let lost = planned(&store, &[US]).await;
    let later = NOW + Duration::hours(1);
    assert_eq!(
        store.scans().begin_scan(ScanTrigger::Schedule, None, later).await.unwrap(),
        (lost, false)
    );
    let (next, is_new) = store
        .scans()
        .begin_scan(ScanTrigger::Schedule, None, NOW + Duration::hours(3))
        .await
        .unwrap();
    assert!(is_new && next != lost);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_sweep_ends_with_its_last_scan_and_says_what_it_reached(pool: PgPool) {
    let store = Store::from_pool(pool);
    let sweep = planned(&store, &[US]).await;
    let progress = store.scans().scan_progress(&everyone(), NOW).await.unwrap();
    assert!(progress.running);
    assert_eq!((progress.scans, progress.scans_done, progress.accounts), (3, 0, 3));
    complete(&store, sweep, PAYMENTS, US, vec![secret(PAYMENTS, US, "a")]).await;
    complete(&store, sweep, CHECKOUT, US, vec![]).await;
    assert!(store.scans().scan_progress(&everyone(), NOW).await.unwrap().running);
    let denied = RegionScanOutcome::failed(&ListFault {
        fault: RegionScanFault::RoleNotAssumable,
        code: Some("AccessDenied".into()),
        operation: Some("AssumeRole".into()),
    });
    store
        .facts()
        .end_region_scan(sweep, &account(SANDBOX), &region(US), &denied, 1, NOW)
        .await
        .unwrap();
    let progress = store.scans().scan_progress(&everyone(), NOW).await.unwrap();
    assert!(!progress.running);
    assert_eq!((progress.accounts_reached, progress.accounts_failed), (2, 1));
    let rows = store.accounts().list_accounts(&everyone()).await.unwrap();
    let sandbox = &rows[0];
    assert_eq!(
        (sandbox.name.as_str(), sandbox.reach),
        ("Research Sandbox", Coverage::None),
        "what failed comes first"
    );
    assert_eq!(
        (sandbox.fault, sandbox.complete_as_of),
        (Some(RegionScanFault::RoleNotAssumable), None)
    );
    let mine = VisibleAccounts { accounts: vec![account(PAYMENTS)], whole_organization: false };
    let progress = store.scans().scan_progress(&mine, NOW).await.unwrap();
    assert_eq!(
        (progress.accounts, progress.accounts_failed),
        (1, 0),
        "a narrow scope counts its own"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn planning_twice_does_no_harm(pool: PgPool) {
    let store = Store::from_pool(pool.clone());
    let sweep = planned(&store, &[US]).await;
    complete(&store, sweep, PAYMENTS, US, vec![]).await;
    let us = [region(US)];
    store.scans().plan_scan(sweep, &organization(), |_| &us[..], NOW).await.unwrap();
    assert_eq!(store.scans().scan_progress(&everyone(), NOW).await.unwrap().scans_done, 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_scan_of_an_older_sweep_is_not_begun(pool: PgPool) {
    let store = Store::from_pool(pool);
    let old = planned(&store, &[US]).await;
    store.scans().fail_scan(old, RegionScanFault::Other, NOW).await.unwrap();
    let new = planned(&store, &[US]).await;
    assert!(
        !store.scans().begin_region_scan(old, &account(PAYMENTS), &region(US), NOW).await.unwrap()
    );
    assert!(
        store.scans().begin_region_scan(new, &account(PAYMENTS), &region(US), NOW).await.unwrap()
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_unchanged_row_is_not_written_again(pool: PgPool) {
    let store = Store::from_pool(pool.clone());
    let sweep = planned(&store, &[US]).await;
    let facts = || vec![secret(PAYMENTS, US, "a"), secret(PAYMENTS, US, "b")];
    complete(&store, sweep, PAYMENTS, US, facts()).await;
    let before = versions(&pool).await;
    let mut changed = facts();
    changed[1].description = Some("new".into());
    let written =
        store.facts().write_facts(&account(PAYMENTS), &region(US), &changed, NOW).await.unwrap();
    let after = versions(&pool).await;
    assert_eq!(written, 1);
    assert_eq!(before[0], after[0]);
    assert_ne!(before[1], after[1]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_gone_keeps_its_facts_and_may_come_back(pool: PgPool) {
    let store = Store::from_pool(pool);
    let sweep = planned(&store, &[US]).await;
    let facts: Vec<ResourceFacts> = vec![secret(PAYMENTS, US, "a"), secret(PAYMENTS, US, "b")];
    complete(&store, sweep, PAYMENTS, US, facts.clone()).await;
    let unseen = store
        .facts()
        .unseen(&account(PAYMENTS), &region(US), Kind::Secret, &[facts[0].arn.to_string()])
        .await
        .unwrap();
    assert_eq!(unseen, [(facts[1].arn.clone(), "b".to_owned())]);
    complete_without(&store, sweep, PAYMENTS, US, vec![], vec![facts[1].arn.clone()]).await;
    let names = async |query: &str| {
        let query: InventoryQuery = query.parse().unwrap();
        let rows =
            store.inventory().list_inventory(&everyone(), &query, 9, NOW).await.unwrap().page.rows;
        rows.into_iter().map(|row| row.name).collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["a"]);
    assert_eq!(names("state=gone").await, ["b"]);
    let id = store.inventory().resource_id(&everyone(), &facts[1].arn).await.unwrap().unwrap();
    assert_eq!(
        store.inventory().resource(&everyone(), id, NOW).await.unwrap().unwrap().last_seen_at,
        Some(NOW)
    );
    store.facts().write_facts(&account(PAYMENTS), &region(US), &facts, NOW).await.unwrap();
    assert_eq!(names("").await, ["a", "b"], "unchanged facts come back too");
    assert_eq!(
        store.inventory().resource_id(&everyone(), &facts[1].arn).await.unwrap(),
        Some(id),
        "under the same id"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn replicas_stand_behind_their_primary(pool: PgPool) {
    const EU: &str = "eu-west-1";
    let store = Store::from_pool(pool);
    let sweep = planned(&store, &[US, EU]).await;
    let primary = secret_with(PAYMENTS, US, "shared", |s| {
        s.primary_region = Some(region(US));
        s.accessed_on = Some(date!(2026 - 11 - 01));
    });
    let replica = secret_with(PAYMENTS, EU, "shared", |s| {
        s.primary_region = Some(region(US));
        s.accessed_on = Some(date!(2026 - 11 - 20));
    });
    // The replica's Region happens to be read first.
    complete(&store, sweep, PAYMENTS, EU, vec![replica.clone()]).await;
    let rows = async |query: &str| {
        store
            .inventory()
            .list_inventory(&everyone(), &query.parse().unwrap(), 9, NOW)
            .await
            .unwrap()
            .page
            .rows
    };
    assert_eq!(rows("").await.len(), 1, "a replica without its primary is listed by itself");
    complete(&store, sweep, PAYMENTS, US, vec![primary.clone()]).await;
    let listed = rows("").await;
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].region.as_str(), listed[0].replica_regions.as_slice()),
        (US, &[region(EU)][..])
    );
    assert_eq!(
        listed[0].accessed_on,
        Some(date!(2026 - 11 - 20)),
        "the latest read over all Regions"
    );
    assert_eq!(rows("region=eu-west-1").await.len(), 1, "found by a replica's Region too");
    let detail = store.inventory().resource(&everyone(), listed[0].id, NOW).await.unwrap().unwrap();
    let regions: Vec<_> =
        detail.replicas.iter().map(|r| (r.region.as_str(), r.is_primary)).collect();
    assert_eq!(regions, [(US, true), (EU, false)]);
    let behind = store.inventory().resource_id(&everyone(), &replica.arn).await.unwrap().unwrap();
    let both = [behind, listed[0].id];
    let both = store.inventory().resources(&everyone(), &both, NOW).await.unwrap().unwrap();
    assert_eq!((both[0].id, &both[0].replicas), (behind, &detail.replicas));
    assert_eq!(both[1], detail);
    complete_without(&store, sweep, PAYMENTS, US, vec![], vec![primary.arn]).await;
    let listed = rows("").await;
    assert_eq!((listed.len(), listed[0].region.as_str()), (1, EU), "an orphan is listed again");
    complete_without(&store, sweep, PAYMENTS, EU, vec![], vec![replica.arn]).await;
    assert!(rows("").await.is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_account_that_leaves_keeps_its_last_data(pool: PgPool) {
    let store = Store::from_pool(pool);
    let sweep = planned(&store, &[US]).await;
    complete(&store, sweep, SANDBOX, US, vec![secret(SANDBOX, US, "left-behind")]).await;
    store.scans().fail_scan(sweep, RegionScanFault::Other, NOW).await.unwrap();
    let (next, _) = store.scans().begin_scan(ScanTrigger::Schedule, None, NOW).await.unwrap();
    let mut smaller = organization();
    smaller.accounts.retain(|a| a.id != account(SANDBOX));
    let us = [region(US)];
    store.scans().plan_scan(next, &smaller, |_| &us[..], NOW).await.unwrap();
    let rows = store.accounts().list_accounts(&everyone()).await.unwrap();
    let sandbox = rows.iter().find(|row| row.id == account(SANDBOX)).unwrap();
    assert_eq!((sandbox.left_at, sandbox.secrets), (Some(NOW), 1));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_session_is_kept_under_a_hash_until_it_ends(pool: PgPool) {
    let store = Store::from_pool(pool.clone());
    let id = *b"0123456789abcdef";
    let session =
        StoredSession { data: serde_json::json!({"a": 1}), expires_at: NOW + Duration::hours(1) };
    assert!(store.sessions().create_session(&id, &session).await.unwrap());
    assert!(!store.sessions().create_session(&id, &session).await.unwrap(), "an id is taken once");
    assert!(store.sessions().load_session(&id, NOW).await.unwrap().is_some());
    assert!(store.sessions().load_session(&id, NOW + Duration::hours(1)).await.unwrap().is_none());
    let (raw,): (i64,) = sqlx::query_as(
        "select count(*) from session where id_hash = $1 or position($1 in id_hash) > 0",
    )
    .bind(id.as_slice())
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(raw, 0, "the id itself is nowhere");
    store.sessions().delete_session(&id).await.unwrap();
    store.sessions().save_session(&id, &session).await.unwrap();
    assert!(
        store.sessions().load_session(&id, NOW).await.unwrap().is_none(),
        "an ended session is not brought back"
    );
}

/// More than PostgreSQL can lock at once, as the queue would each key.
#[sqlx::test(migrations = "../../migrations")]
async fn a_sweep_of_fifteen_thousand_places_is_planned(pool: PgPool) {
    let store = Store::from_pool(pool.clone());
    store.migrate().await.unwrap();
    let regions: Vec<_> = (1..=5_000).map(|n| region(&format!("us-east-{n}"))).collect();
    let (sweep, _) = store.scans().begin_scan(ScanTrigger::Start, None, NOW).await.unwrap();
    store.scans().plan_scan(sweep, &organization(), |_| &regions, NOW).await.unwrap();
    let (waiting,): (i64,) = sqlx::query_as(
        "select count(*) from graphile_worker.jobs where task_identifier = 'claviger_job' and key is null",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(waiting, 15_000);
}
