//! Above its limit the index answers nothing about rows: a part is never given for the whole.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use claviger_domain::{
    authz::VisibleAccounts, compliance::FindingQuery, facts::ResourceFacts,
    inventory::InventoryQuery,
};
use claviger_store::{InventorySize, Store, StoreError, Suggested};
use claviger_testkit::samples::{PAYMENTS, account, parameter, region, secret};
use sqlx::PgPool;
use std::{collections::BTreeSet, time::Duration};

mod common;
use common::{NOW, complete, planned};

const US: &str = "us-east-1";

fn seen() -> VisibleAccounts {
    VisibleAccounts { accounts: vec![account(PAYMENTS)], whole_organization: false }
}

async fn matching(store: &Store) -> Result<u64, StoreError> {
    let query = InventoryQuery::default();
    Ok(store.inventory().list_inventory(&seen(), &query, 50, NOW).await?.counts.matching)
}

/// The error of a question.
fn refused<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> InventorySize {
    match answer.unwrap_err() {
        StoreError::InventoryLimit(size) => size,
        other => panic!("another error: {other}"),
    }
}

fn sorts(rows: usize) -> Vec<ResourceFacts> {
    let mut all: Vec<_> = (1..rows).map(|n| secret(PAYMENTS, US, &format!("a/s{n:03}"))).collect();
    all.push(parameter(PAYMENTS, US, "/a/p"));
    all
}

async fn filled(pool: PgPool, rows: usize, limit: u64) -> Store {
    let store = Store::from_pool(pool).with_inventory_limit(limit);
    let sweep = planned(&store, &[US]).await;
    complete(&store, sweep, PAYMENTS, US, sorts(rows)).await;
    store
}

async fn add(store: &Store, name: &str) {
    let facts = [secret(PAYMENTS, US, name)];
    store.facts().write_facts(&account(PAYMENTS), &region(US), &facts, NOW).await.unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_row_above_the_limit_ends_every_answer_and_room_brings_them_back(pool: PgPool) {
    let store = filled(pool.clone(), 3, 3).await;
    assert_eq!(matching(&store).await.unwrap(), 3);
    // What is written again is no further row.
    let mut again = sorts(3);
    for facts in &mut again {
        facts.description = Some("written again".into());
    }
    store.facts().write_facts(&account(PAYMENTS), &region(US), &again, NOW).await.unwrap();
    assert_eq!(matching(&store).await.unwrap(), 3);

    add(&store, "b").await;
    let beyond = InventorySize { rows: 4, limit: 3 };
    let visible = seen();
    assert_eq!(refused(matching(&store).await), beyond);
    assert_eq!(refused(store.index().count_inventory(&visible).await), beyond);
    assert_eq!(refused(store.index().count_failures(&visible, NOW).await), beyond);
    assert_eq!(refused(store.accounts().list_accounts(&visible).await), beyond);
    assert_eq!(
        refused(store.index().find_all(&visible, &InventoryQuery::default(), NOW).await),
        beyond
    );
    assert_eq!(refused(store.index().suggest(&visible, Suggested::Paths, "").await), beyond);
    assert_eq!(refused(store.overview().count_overdue(&visible, NOW).await), beyond);
    let findings =
        store.findings().list_findings(&visible, &FindingQuery::default(), 50, NOW).await;
    assert_eq!(refused(findings.map(drop)), beyond);
    // Accounts are few, and access asks for their names.
    assert_eq!(store.accounts().account_names(&visible).await.unwrap().0.len(), 1);
    let text = StoreError::InventoryLimit(beyond).to_string();
    assert!(text.contains("at most 3") && text.contains("found 4"), "{text}");

    // Nothing of what came before is given for the whole while it is still too much.
    add(&store, "c").await;
    refused(matching(&store).await);
    sqlx::query("delete from resource where name in ('b', 'c')").execute(&pool).await.unwrap();
    for _ in 0..100 {
        match matching(&store).await {
            Ok(rows) => return assert_eq!(rows, 3),
            Err(error) => assert!(matches!(error, StoreError::InventoryLimit(_)), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it never answers again");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_start_above_the_limit_takes_nothing_in(pool: PgPool) {
    let store = filled(pool.clone(), 4, 3).await;
    assert_eq!(store.index().inventory_size().await.unwrap(), InventorySize { rows: 4, limit: 3 });
    let size = store.index().warm_up().await.unwrap();
    assert!(size.is_beyond(), "{size}");
    refused(matching(&store).await);
    // Its replica with more room has them all.
    let wide = Store::from_pool(pool).with_inventory_limit(4);
    assert_eq!(wide.index().warm_up().await.unwrap(), InventorySize { rows: 4, limit: 4 });
    assert_eq!(matching(&wide).await.unwrap(), 4);
}

/// Asks until there is no answer any more; gives all that there were.
async fn ask(store: Store) -> BTreeSet<u64> {
    let mut answers = BTreeSet::new();
    loop {
        match matching(&store).await {
            Ok(rows) => drop(answers.insert(rows)),
            Err(StoreError::InventoryLimit(_)) => return answers,
            Err(other) => panic!("{other}"),
        }
    }
}

/// People ask while the limit is passed: each answer is whole, or there is none.
#[sqlx::test(migrations = "../../migrations")]
async fn no_answer_is_a_part(pool: PgPool) {
    let store = filled(pool, 40, 45).await;
    let people: Vec<_> = (0..4).map(|_| tokio::spawn(ask(store.clone()))).collect();
    for n in 0..6 {
        add(&store, &format!("more/{n}")).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    let mut all = BTreeSet::new();
    for one in people {
        all.extend(tokio::time::timeout(Duration::from_mins(1), one).await.unwrap().unwrap());
    }
    assert!(!all.is_empty() && all.iter().all(|rows| (40..=45).contains(rows)), "{all:?}");
}
