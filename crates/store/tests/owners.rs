//! Owners by rules: when facts are written, and again when rules or the account's place have changed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use claviger_domain::{
    authz::VisibleAccounts,
    inventory::{InventoryQuery, view::Owner},
    owner::OwnerRules,
    scan::ScanTrigger,
};
use claviger_store::Store;
use claviger_testkit::samples::{PAYMENTS, SANDBOX, account, organization, ou, region, secret};
use sqlx::PgPool;
use time::Duration;

mod common;
use common::{NOW, complete, planned};

const US: &str = "us-east-1";

fn rules(json: &str) -> OwnerRules {
    serde_json::from_str(json).unwrap()
}

async fn owners(store: &Store) -> Vec<(String, Owner)> {
    let everyone = VisibleAccounts {
        accounts: [PAYMENTS, SANDBOX].map(account).to_vec(),
        whole_organization: false,
    };
    let listed = store
        .inventory()
        .list_inventory(&everyone, &InventoryQuery::default(), 50, NOW)
        .await
        .unwrap();
    listed.page.rows.into_iter().map(|row| (row.name, row.owner)).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn new_rules_and_a_moved_account_are_taken_up_with_the_next_scan(pool: PgPool) {
    let store = Store::from_pool(pool.clone());
    let sweep = planned(&store, &[US]).await;
    let mut untagged = secret(PAYMENTS, US, "b");
    untagged.tags = Some([("cost-center".to_owned(), "1042".to_owned())].into());
    let facts = vec![secret(PAYMENTS, US, "a"), untagged];
    complete(&store, sweep, PAYMENTS, US, facts.clone()).await;
    let named = |team: &str| Owner::Named(team.to_owned());
    assert_eq!(
        owners(&store).await,
        [("a".to_owned(), named("payments")), ("b".to_owned(), Owner::Missing)]
    );

    let by_rules = store.clone().with_owners(rules(
        r#"[{"tag":"cost-center","value":"10*","team":"finance"},{"ou":"Sandbox","team":"lab"},{"tag":"owner"}]"#,
    ));
    let again = async |moved: bool, minutes: i64| {
        let now = NOW + Duration::minutes(minutes);
        // Every scan of the sweep before has to have its end.
        sqlx::query("update scan set status = 'complete'").execute(&pool).await.unwrap();
        sqlx::query("update sweep set finished_at = $1").bind(now).execute(&pool).await.unwrap();
        let (sweep, _) =
            by_rules.scans().begin_scan(ScanTrigger::Schedule, None, now).await.unwrap();
        let mut organization = organization();
        if moved {
            let payments = organization.accounts.iter_mut().find(|a| a.id == account(PAYMENTS));
            payments.unwrap().ou_path = vec![ou("r-test"), ou("ou-sand")];
        }
        let us = [region(US)];
        by_rules.scans().plan_scan(sweep, &organization, |_| &us[..], now).await.unwrap();
        complete(&by_rules, sweep, PAYMENTS, US, facts.clone()).await;
        owners(&by_rules).await
    };
    assert_eq!(
        again(false, 20).await,
        [("a".to_owned(), named("payments")), ("b".to_owned(), named("finance"))]
    );
    assert_eq!(
        again(true, 40).await,
        [("a".to_owned(), named("lab")), ("b".to_owned(), named("finance"))]
    );
}
