//! What the lists of resources say, and what becomes of what they leave out.

use super::{Fixture, admin};
use claviger_domain::{
    clock::Clock,
    inventory::view::Coverage,
    scan::{RegionScanFault, RegionScanList},
};
use claviger_testkit::{
    US,
    samples::{CHECKOUT, PAYMENTS, SANDBOX, account, parameter, secret},
};
use sqlx::PgPool;

#[sqlx::test(migrations = "../../migrations")]
async fn a_sweep_finds_everything_page_by_page(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    for n in 0..5 {
        fixture.aws.put(secret(PAYMENTS, US, &format!("s{n}")));
        fixture.aws.put(parameter(PAYMENTS, US, &format!("/p{n}")));
    }
    fixture.aws.put(secret(SANDBOX, US, "sand"));
    fixture.scan().await;
    assert_eq!(fixture.rows("").await.len(), 11);
    let accounts = fixture.services.accounts().accounts(&admin()).await.unwrap().rows;
    assert!(accounts.iter().all(|row| row.reach == Coverage::Whole));
    let detail = fixture.services.accounts().account(&admin(), PAYMENTS).await.unwrap();
    assert_eq!((detail.account.secrets, detail.account.parameters), (5, 5));
    // Three pages of two for each kind; nothing per secret.
    assert_eq!(detail.regions[0].api_calls, 6);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_account_that_fails_keeps_its_last_data_and_says_why(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.aws.put(secret(CHECKOUT, US, "b"));
    fixture.scan().await;
    let before = fixture
        .services
        .accounts()
        .account(&admin(), PAYMENTS)
        .await
        .unwrap()
        .account
        .complete_as_of;
    fixture.aws.close(&account(PAYMENTS), Some(RegionScanFault::RoleNotAssumable));
    fixture.aws.remove(&secret(CHECKOUT, US, "b").arn);
    fixture.scan().await;
    assert_eq!(
        fixture.names("").await,
        ["a"],
        "one account's fault is not another's, and loses nothing"
    );
    let row = fixture.services.accounts().account(&admin(), PAYMENTS).await.unwrap().account;
    assert_eq!((row.reach, row.fault), (Coverage::None, Some(RegionScanFault::RoleNotAssumable)));
    assert_eq!(row.complete_as_of, before, "the age of the data does not pretend");
    fixture.aws.close(&account(PAYMENTS), None);
    fixture.scan().await;
    let row = fixture.services.accounts().account(&admin(), PAYMENTS).await.unwrap().account;
    assert_eq!((row.reach, row.fault), (Coverage::Whole, None));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_list_that_breaks_off_tombstones_nothing(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    for n in 0..6 {
        fixture.aws.put(secret(PAYMENTS, US, &format!("s{n}")));
    }
    fixture.scan().await;
    fixture.aws.remove(&secret(PAYMENTS, US, "s5").arn);
    fixture.aws.break_lists_after(Some(1));
    fixture.scan().await;
    assert_eq!(fixture.names("").await.len(), 6);
    let row = fixture.services.accounts().account(&admin(), PAYMENTS).await.unwrap().account;
    assert_eq!(row.fault, Some(RegionScanFault::Throttled));
    fixture.aws.break_lists_after(None);
    fixture.scan().await;
    assert_eq!(fixture.names("").await.len(), 5);
    assert_eq!(fixture.names("state=gone").await, ["s5"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_list_that_aws_denies_does_not_hide_the_other(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.aws.put(parameter(PAYMENTS, US, "/old"));
    fixture.scan().await;
    let first = fixture.services.accounts().account(&admin(), PAYMENTS).await.unwrap();
    for (denied, open) in [
        (RegionScanList::Parameters, RegionScanList::Secrets),
        (RegionScanList::Secrets, RegionScanList::Parameters),
    ] {
        fixture.aws.fail_list(denied, Some(RegionScanFault::Denied));
        fixture.aws.put(secret(PAYMENTS, US, "new"));
        fixture.aws.put(parameter(PAYMENTS, US, "/new"));
        fixture.aws.remove(&secret(PAYMENTS, US, "a").arn);
        fixture.aws.remove(&parameter(PAYMENTS, US, "/old").arn);
        fixture.scan().await;
        let expected: &[&str] =
            if denied == RegionScanList::Parameters { &["/old", "new"] } else { &["/new", "a"] };
        assert_eq!(fixture.names("").await, expected, "{open} is read, {denied} keeps its data");
        let detail = fixture.services.accounts().account(&admin(), PAYMENTS).await.unwrap();
        assert_eq!(detail.account.reach, Coverage::Partial);
        let list = |list| detail.regions[0].lists.iter().find(|row| row.list == list).unwrap();
        let fault = list(denied).fault.as_ref().unwrap();
        assert_eq!(fault.fault, RegionScanFault::Denied);
        assert!(fault.operation.is_some(), "the page says which call");
        assert_eq!(
            list(denied).complete_at,
            first.regions[0].complete_at,
            "its age does not pretend"
        );
        assert_eq!(list(open).fault, None);
        assert!(list(open).complete_at > first.regions[0].complete_at);
        // What the denied list shows says so itself; what the other shows does not.
        for row in fixture.rows("").await {
            let detail =
                fixture.services.inventory().resource(&admin(), &row.id.to_string()).await.unwrap();
            let is_stale = (denied == RegionScanList::Secrets) != row.name.starts_with('/');
            assert_eq!(detail.fault.is_some(), is_stale, "{}", row.name);
        }
        // As it was, for the other list.
        fixture.aws.fail_list(denied, None);
        fixture.aws.put(secret(PAYMENTS, US, "a"));
        fixture.aws.put(parameter(PAYMENTS, US, "/old"));
        fixture.aws.remove(&secret(PAYMENTS, US, "new").arn);
        fixture.aws.remove(&parameter(PAYMENTS, US, "/new").arn);
        fixture.scan().await;
        assert_eq!(fixture.names("").await, ["/old", "a"]);
        sqlx::query("update scan_list set complete_at = $1 where account_id = $2")
            .bind(first.regions[0].complete_at)
            .bind(PAYMENTS)
            .execute(&fixture.pool)
            .await
            .unwrap();
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_first_scan_of_one_list_is_no_change_in_the_other(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.aws.put(parameter(PAYMENTS, US, "/b"));
    fixture.aws.fail_list(RegionScanList::Parameters, Some(RegionScanFault::Denied));
    fixture.scan().await;
    let detail = fixture.services.accounts().account(&admin(), PAYMENTS).await.unwrap();
    assert_eq!(detail.account.complete_as_of, None, "the parameters were never read");
    fixture.aws.fail_list(RegionScanList::Parameters, None);
    fixture.scan().await;
    assert_eq!(fixture.names("").await, ["/b", "a"]);
    let (seen,): (i64,) =
        sqlx::query_as("select count(*) from resource_change where what = 'first-seen'")
            .fetch_one(&fixture.pool)
            .await
            .unwrap();
    assert_eq!(seen, 0, "what the first complete list finds is no change");
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_aws_denies_describing_is_neither_deleted_nor_fresh(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.aws.put(secret(PAYMENTS, US, "b"));
    fixture.scan().await;
    let arn = secret(PAYMENTS, US, "a").arn;
    fixture.aws.leave_out_of_lists(&arn);
    fixture.aws.deny_describe(&arn);
    fixture.aws.put(secret(PAYMENTS, US, "c"));
    let last_seen = fixture.clock.now();
    fixture.scan().await;
    assert_eq!(fixture.names("").await, ["a", "b", "c"], "one denied call hides nothing");
    let row = fixture.rows("").await.into_iter().find(|row| row.name == "a").unwrap();
    let detail =
        fixture.services.inventory().resource(&admin(), &row.id.to_string()).await.unwrap();
    assert!(detail.is_unconfirmed && detail.gone_at.is_none());
    assert!(detail.last_seen_at.unwrap() <= last_seen, "it was last seen by the list before");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_list_that_lags_is_not_believed(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.aws.put(parameter(PAYMENTS, US, "/b"));
    fixture.scan().await;
    fixture.aws.leave_out_of_lists(&secret(PAYMENTS, US, "a").arn);
    fixture.aws.leave_out_of_lists(&parameter(PAYMENTS, US, "/b").arn);
    fixture.scan().await;
    assert_eq!(fixture.names("").await, ["/b", "a"], "describing it says that it is still there");
}
