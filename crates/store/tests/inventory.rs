//! The inventory on a real PostgreSQL: scope, filters, order, pages, facets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use claviger_domain::{
    VariantArray,
    authz::{Scope, VisibleAccounts},
    facts::{KeyClass, Kind, Rotation, RotationRules, Version},
    ids::ResourceId,
    inventory::{Direction, InventoryQuery, LifeState, OwnerClass, Sort},
    rotation::RotationClass,
};
use claviger_store::{Store, StoreError};
use claviger_testkit::samples::{
    CHECKOUT, PAYMENTS, SANDBOX, account, parameter, region, secret, secret_with,
};
use sqlx::PgPool;
use time::{Duration, OffsetDateTime, macros::datetime};
use uuid::Uuid;

mod common;
use common::{complete, planned};

const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

fn everyone() -> VisibleAccounts {
    VisibleAccounts {
        accounts: [PAYMENTS, CHECKOUT, SANDBOX].map(account).to_vec(),
        whole_organization: true,
    }
}

fn only(id: &str) -> VisibleAccounts {
    VisibleAccounts { accounts: vec![account(id)], whole_organization: false }
}

/// Ten resources of every sort, in three accounts.
async fn filled(pool: PgPool) -> Store {
    let store = Store::from_pool(pool);
    let sweep = planned(&store, &["us-east-1", "eu-west-1"]).await;
    let us = "us-east-1";
    let rotation = |next: OffsetDateTime| Rotation {
        enabled: Some(true),
        rules: Some(RotationRules { automatically_after_days: Some(30), ..Default::default() }),
        next_rotation_at: Some(next),
        ..Default::default()
    };
    let mut customer_key = secret(PAYMENTS, us, "payments/customer-key");
    customer_key.kms_key_id = Some("alias/payments".into());
    let mut unowned = secret(PAYMENTS, us, "payments/unowned");
    unowned.tags = Some([("Owner".to_owned(), "payments".to_owned())].into());
    let mut unread = parameter(CHECKOUT, us, "/checkout/unread-tags");
    unread.tags = None;
    complete(
        &store,
        sweep,
        PAYMENTS,
        us,
        vec![
            customer_key,
            unowned,
            secret_with(PAYMENTS, us, "payments/overdue", |s| {
                s.rotation = rotation(NOW - Duration::days(3));
            }),
            secret_with(PAYMENTS, us, "payments/scheduled", |s| {
                s.rotation = rotation(NOW + Duration::days(3));
            }),
            secret_with(PAYMENTS, us, "payments/stuck", |s| {
                s.rotation = rotation(NOW - Duration::days(3));
                s.versions = vec![Version { id: "v".into(), stages: vec!["AWSPENDING".into()] }];
            }),
            secret_with(PAYMENTS, us, "payments/deleting", |s| s.deleted_at = Some(NOW)),
            parameter(PAYMENTS, us, "/payments/jwt"),
        ],
    )
    .await;
    complete(&store, sweep, CHECKOUT, us, vec![secret(CHECKOUT, us, "checkout/100%_sure"), unread])
        .await;
    complete(&store, sweep, SANDBOX, "eu-west-1", vec![secret(SANDBOX, "eu-west-1", "ml/openai")])
        .await;
    store
}

async fn names(store: &Store, visible: &VisibleAccounts, query: &str) -> Vec<String> {
    let query: InventoryQuery = query.parse().unwrap();
    let page = store.inventory().list_inventory(visible, &query, 50, NOW).await.unwrap().page;
    page.rows.into_iter().map(|row| row.name).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn nobody_sees_beyond_their_scope(pool: PgPool) {
    let store = filled(pool).await;
    assert_eq!(names(&store, &everyone(), "").await.len(), 10);
    assert_eq!(names(&store, &only(SANDBOX), "").await, ["ml/openai"]);
    assert_eq!(names(&store, &only(SANDBOX), &format!("account={PAYMENTS}")).await, [""; 0]);
    assert!(
        names(&store, &VisibleAccounts::default(), "").await.is_empty(),
        "an empty scope is nobody's"
    );
    let counts = store
        .inventory()
        .list_inventory(&only(SANDBOX), &InventoryQuery::default(), 1, NOW)
        .await
        .unwrap()
        .counts;
    assert_eq!((counts.matching, counts.of("account", PAYMENTS)), (1, 0));
    assert_eq!(store.index().count_inventory(&only(SANDBOX)).await.unwrap(), 1);
    let row = &store
        .inventory()
        .list_inventory(&only(SANDBOX), &InventoryQuery::default(), 1, NOW)
        .await
        .unwrap()
        .page
        .rows[0];
    assert!(store.inventory().resource(&only(SANDBOX), row.id, NOW).await.unwrap().is_some());
    assert!(
        store.inventory().resource(&only(PAYMENTS), row.id, NOW).await.unwrap().is_none(),
        "outside the scope it is not there"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn several_resources_are_read_in_their_order_or_none(pool: PgPool) {
    let store = filled(pool).await;
    let inventory = store.inventory();
    let query = InventoryQuery::default();
    let page = inventory.list_inventory(&everyone(), &query, 50, NOW).await.unwrap().page;
    let mut ids: Vec<ResourceId> = page.rows.iter().map(|row| row.id).rev().collect();
    assert_eq!(ids.len(), 10);
    // One that is asked for twice is there twice.
    ids.push(ids[0]);
    let found = inventory.resources(&everyone(), &ids, NOW).await.unwrap().unwrap();
    assert_eq!(found.iter().map(|one| one.id).collect::<Vec<_>>(), ids);
    for one in found {
        let alone = inventory.resource(&everyone(), one.id, NOW).await.unwrap();
        assert_eq!(alone, Some(one));
    }
    for scope in [PAYMENTS, CHECKOUT, SANDBOX].map(only) {
        let some = inventory.resources(&scope, &ids, NOW).await.unwrap();
        assert_eq!(some, None, "not all of them are within the scope");
    }
    ids.push(ResourceId(Uuid::nil()));
    assert_eq!(inventory.resources(&everyone(), &ids, NOW).await.unwrap(), None);
    assert_eq!(inventory.resources(&everyone(), &[], NOW).await.unwrap(), Some(Vec::new()));
}

#[sqlx::test(migrations = "../../migrations")]
async fn scopes_become_accounts(pool: PgPool) {
    let store = filled(pool).await;
    let visible = async |scopes: &[Scope]| {
        let scopes: Vec<&Scope> = scopes.iter().collect();
        let visible = store.accounts().visible_accounts(&scopes).await.unwrap();
        visible.accounts.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(visible(&[Scope::Organization]).await, [PAYMENTS, CHECKOUT, SANDBOX]);
    assert_eq!(
        visible(&[Scope::Ou("Workloads".into())]).await,
        [PAYMENTS, CHECKOUT],
        "a unit covers its descendants"
    );
    assert_eq!(visible(&[Scope::Ou("Workloads/Production".into())]).await, [PAYMENTS, CHECKOUT]);
    assert_eq!(visible(&[Scope::Ou("ou-prod".into())]).await, [PAYMENTS, CHECKOUT]);
    assert_eq!(visible(&[Scope::Ou("r-test".into())]).await, [PAYMENTS, CHECKOUT, SANDBOX]);
    assert!(visible(&[Scope::Ou("Production".into())]).await.is_empty(), "a name alone is no path");
    assert!(visible(&[Scope::Ou(String::new())]).await.is_empty());
    assert!(visible(&[Scope::Accounts(vec![])]).await.is_empty());
    assert!(visible(&[]).await.is_empty());
    let both = [Scope::Ou("Sandbox".into()), Scope::Accounts(vec![account(PAYMENTS)])];
    assert_eq!(visible(&both).await, [PAYMENTS, SANDBOX]);
    assert!(
        visible(&[Scope::Accounts(vec![account("999999999999")])]).await.is_empty(),
        "an unknown account is none"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn filters_narrow_and_words_are_taken_literally(pool: PgPool) {
    let store = filled(pool).await;
    let all = everyone();
    let found = async |query: &str| names(&store, &all, query).await;
    assert_eq!(found("kind=parameter").await, ["/checkout/unread-tags", "/payments/jwt"]);
    assert_eq!(found("region=eu-west-1").await, ["ml/openai"]);
    assert_eq!(found("ou=ou-sand").await, ["ml/openai"]);
    assert_eq!(found("ou=ou-work&kind=secret").await.len(), 7);
    assert_eq!(found("rotation=overdue").await, ["payments/overdue"]);
    assert_eq!(
        found("rotation=stuck&rotation=scheduled").await,
        ["payments/scheduled", "payments/stuck"]
    );
    assert_eq!(found("key=customer-managed").await, ["payments/customer-key"]);
    assert_eq!(found("owner=missing").await, ["/payments/jwt", "payments/unowned"]);
    assert_eq!(found("owner=unknown").await, ["/checkout/unread-tags"]);
    assert_eq!(found("state=deleting").await, ["payments/deleting"]);
    assert_eq!(found("q=OPENAI").await, ["ml/openai"]);
    assert_eq!(
        found("q=about+sure").await,
        ["checkout/100%_sure"],
        "the description is searched too"
    );
    assert_eq!(found("q=100%25").await, ["checkout/100%_sure"]);
    assert_eq!(found("q=100_").await, [""; 0], "_ is no wildcard");
    assert_eq!(
        found("q=owner%3Dpayments&kind=secret").await.len(),
        8,
        "tags are searched, whatever their case"
    );
    assert_eq!(found("q=arn:aws:ssm").await.len(), 2);
    assert_eq!(found("q=payments+jwt").await, ["/payments/jwt"], "all words must be there");
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_order_pages_forth_and_back(pool: PgPool) {
    let store = filled(pool).await;
    for sort in Sort::VARIANTS {
        for direction in Direction::VARIANTS {
            let mut query =
                InventoryQuery { sort: *sort, direction: *direction, ..Default::default() };
            let whole =
                store.inventory().list_inventory(&everyone(), &query, 50, NOW).await.unwrap().page;
            assert!(whole.next.is_none() && whole.previous.is_none());
            let mut forth = Vec::new();
            let last = loop {
                let page = store
                    .inventory()
                    .list_inventory(&everyone(), &query, 3, NOW)
                    .await
                    .unwrap()
                    .page;
                forth.extend(page.rows.clone());
                match page.next.clone() {
                    Some(next) => query = query.at(Some(next)),
                    None => break page,
                }
            };
            assert_eq!(forth, whole.rows, "{sort} {direction}");
            let mut back = last.rows;
            let mut previous = last.previous;
            while let Some(cursor) = previous {
                let page = store
                    .inventory()
                    .list_inventory(&everyone(), &query.at(Some(cursor)), 3, NOW)
                    .await
                    .unwrap()
                    .page;
                assert!(page.next.is_some());
                back.splice(0..0, page.rows);
                previous = page.previous;
            }
            assert_eq!(back, whole.rows, "{sort} {direction}, backwards");
        }
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_cursor_whose_key_is_no_date_is_the_readers_mistake(pool: PgPool) {
    let store = filled(pool).await;
    let query: InventoryQuery = "sort=read".parse().unwrap();
    let page = store.inventory().list_inventory(&everyone(), &query, 2, NOW).await.unwrap().page;
    let mut cursor = page.next.unwrap();
    cursor.key = "'; drop table resource; --".into();
    let error = store
        .inventory()
        .list_inventory(&everyone(), &query.at(Some(cursor)), 2, NOW)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Cursor), "{error}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn facets_count_what_each_choice_would_leave(pool: PgPool) {
    let store = filled(pool).await;
    let all = everyone();
    let rows = async |query: &InventoryQuery| {
        u64::try_from(
            store.inventory().list_inventory(&all, query, 50, NOW).await.unwrap().page.rows.len(),
        )
        .unwrap()
    };
    for base in [
        "",
        "kind=secret",
        "rotation=off&kind=secret",
        "q=payments",
        "account=441205839201&owner=named",
    ] {
        let base: InventoryQuery = base.parse().unwrap();
        let counts = store.inventory().list_inventory(&all, &base, 1, NOW).await.unwrap().counts;
        assert_eq!(counts.matching, rows(&base).await);
        for class in RotationClass::VARIANTS {
            let chosen = InventoryQuery { rotation: vec![*class], ..base.clone() };
            assert_eq!(
                counts.of("rotation", &class.to_string()),
                rows(&chosen).await,
                "{class} of {base:?}"
            );
        }
        for kind in Kind::VARIANTS {
            let chosen = InventoryQuery { kinds: vec![*kind], ..base.clone() };
            assert_eq!(counts.of("kind", &kind.to_string()), rows(&chosen).await);
        }
        for key in KeyClass::VARIANTS {
            let chosen = InventoryQuery { keys: vec![*key], ..base.clone() };
            assert_eq!(counts.of("key", &key.to_string()), rows(&chosen).await);
        }
        for owner in OwnerClass::VARIANTS {
            let chosen = InventoryQuery { owners: vec![*owner], ..base.clone() };
            assert_eq!(counts.of("owner", &owner.to_string()), rows(&chosen).await);
        }
        for state in LifeState::VARIANTS {
            let chosen = InventoryQuery { states: vec![*state], ..base.clone() };
            assert_eq!(counts.of("state", &state.to_string()), rows(&chosen).await);
        }
        for unit in ["ou-work", "ou-prod", "ou-sand"] {
            let chosen = InventoryQuery { ous: vec![unit.parse().unwrap()], ..base.clone() };
            assert_eq!(counts.of("ou", unit), rows(&chosen).await);
        }
        for code in ["us-east-1", "eu-west-1"] {
            let chosen = InventoryQuery { regions: vec![region(code)], ..base.clone() };
            assert_eq!(counts.of("region", code), rows(&chosen).await);
        }
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn sql_and_the_domain_agree_on_rotation(pool: PgPool) {
    let store = filled(pool).await;
    let mut seen = 0;
    for class in RotationClass::VARIANTS {
        let query = InventoryQuery { rotation: vec![*class], ..Default::default() };
        for row in
            store.inventory().list_inventory(&everyone(), &query, 50, NOW).await.unwrap().page.rows
        {
            assert_eq!(row.rotation.class(), *class, "{}", row.name);
            seen += 1;
        }
    }
    assert_eq!(seen, 10);
}
