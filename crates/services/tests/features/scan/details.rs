//! Tags and keys, which are read apart from the lists.

use super::{Fixture, admin};
use claviger_domain::{
    facts::{Reading, ResourceFacts},
    inventory::{
        OwnerClass,
        view::{Coverage, Owner},
    },
    key::{KeyManager, KmsKey},
    scan::{RegionScanFault, RegionScanList},
};
use claviger_testkit::{
    US,
    samples::{PAYMENTS, parameter, secret},
};
use sqlx::PgPool;
use std::collections::BTreeMap;
use time::Duration;

#[sqlx::test(migrations = "../../migrations")]
async fn tags_that_can_no_longer_be_read_stay_and_say_why(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let tags = BTreeMap::from([("owner".to_owned(), "one".to_owned())]);
    fixture.aws.put(ResourceFacts { tags: Some(tags), ..parameter(PAYMENTS, US, "/a") });
    fixture.scan().await;
    for fault in [RegionScanFault::Denied, RegionScanFault::Throttled, RegionScanFault::Unreachable]
    {
        fixture.aws.fail_list(RegionScanList::ParameterTags, Some(fault));
        fixture.aws.put(parameter(PAYMENTS, US, &format!("/new-{fault}")));
        // A person's scan asks for the tags in any case.
        fixture.clock.advance(Duration::minutes(5));
        fixture.services.scans().start_scan(&admin()).await.unwrap();
        fixture.work().await;
        let row = fixture.rows("").await.into_iter().find(|row| row.name == "/a").unwrap();
        assert_eq!(row.owner, Owner::Named("one".into()), "{fault}");
        let unknown = fixture.names(&format!("owner={}", OwnerClass::Unknown)).await;
        assert!(unknown.contains(&format!("/new-{fault}")), "{unknown:?}");
        let detail = fixture.services.accounts().account(&admin(), PAYMENTS).await.unwrap();
        let tags =
            detail.regions[0].lists.iter().find(|row| row.list == RegionScanList::ParameterTags);
        assert_eq!(tags.unwrap().fault.as_ref().unwrap().fault, fault);
        assert_eq!(detail.account.reach, Coverage::Whole, "the parameters themselves were read");
    }
    fixture.aws.fail_list(RegionScanList::ParameterTags, None);
    fixture.clock.advance(Duration::minutes(5));
    fixture.services.scans().start_scan(&admin()).await.unwrap();
    fixture.work().await;
    let detail = fixture.services.accounts().account(&admin(), PAYMENTS).await.unwrap();
    assert_eq!(detail.regions[0].lists.len(), 2);
}

#[sqlx::test(migrations = "../../migrations")]
async fn tags_that_may_not_be_read_are_unknown_and_not_missing(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(parameter(PAYMENTS, US, "/b"));
    fixture.aws.deny_tags();
    fixture.scan().await;
    assert_eq!(fixture.names("owner=missing").await, [""; 0]);
    assert_eq!(fixture.names(&format!("owner={}", OwnerClass::Unknown)).await, ["/b"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn tags_of_parameters_are_good_for_an_hour_unless_one_is_new_or_a_person_asks(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let owned_by = |name: &str, team: &str| {
        let tags = BTreeMap::from([("owner".to_owned(), team.to_owned())]);
        fixture.aws.put(ResourceFacts { tags: Some(tags), ..parameter(PAYMENTS, US, name) });
    };
    let owners = async || -> Vec<(String, Owner)> {
        fixture.rows("").await.into_iter().map(|row| (row.name, row.owner)).collect()
    };
    let expected = |pairs: &[(&str, &str)]| -> Vec<(String, Owner)> {
        let pair = |(name, team): &(&str, &str)| ((*name).into(), Owner::Named((*team).into()));
        pairs.iter().map(pair).collect()
    };
    owned_by("/a", "one");
    fixture.scan().await;
    assert_eq!(owners().await, expected(&[("/a", "one")]));

    owned_by("/a", "two");
    fixture.scan().await;
    assert_eq!(owners().await, expected(&[("/a", "one")]), "20 minutes later they are still good");

    owned_by("/b", "one");
    fixture.scan().await;
    assert_eq!(owners().await, expected(&[("/a", "two"), ("/b", "one")]), "/b is new");

    owned_by("/a", "three");
    fixture.services.scans().start_scan(&admin()).await.unwrap();
    fixture.work().await;
    assert_eq!(owners().await, expected(&[("/a", "three"), ("/b", "one")]), "a person asked");

    owned_by("/a", "four");
    fixture.clock.advance(Duration::minutes(41));
    fixture.scan().await;
    assert_eq!(owners().await, expected(&[("/a", "four"), ("/b", "one")]), "an hour is over");
}

#[sqlx::test(migrations = "../../migrations")]
async fn kms_says_whose_a_key_is_and_whether_it_works(pool: PgPool) {
    const OWN: &str = "arn:aws:kms:us-east-1:111122223333:key/own";
    const AWS: &str = "arn:aws:kms:us-east-1:111122223333:key/aws";
    let fixture = Fixture::new(pool).await;
    let key = |arn: &str, manager, state: &str| KmsKey {
        arn: arn.into(),
        manager,
        state: state.into(),
        deletion_at: None,
        is_multi_region: false,
        aliases: Some(vec!["alias/payments".into()]),
    };
    for (name, key) in [("by-own", OWN), ("by-aws", AWS), ("by-unknown", "alias/unknown")] {
        let facts = secret(PAYMENTS, US, name);
        fixture.aws.put(ResourceFacts { kms_key_id: Some(key.into()), ..facts });
    }
    fixture.aws.set_key(OWN, key(OWN, KeyManager::Customer, "Enabled"));
    fixture.aws.set_key(AWS, key(AWS, KeyManager::Aws, "Enabled"));
    let kms = async |name: &str| {
        let id = fixture.rows(&format!("q={name}")).await[0].id.to_string();
        fixture.services.inventory().resource(&admin(), &id).await.unwrap().kms
    };
    fixture.scan().await;
    assert_eq!(
        kms("by-own").await,
        Some(Reading::Read(Some(key(OWN, KeyManager::Customer, "Enabled"))))
    );
    assert_eq!(kms("by-unknown").await, Some(Reading::Read(None)));
    // What KMS said counts at once, and still with the next sweep, whatever the key is called.
    for is_first in [true, false] {
        assert_eq!(fixture.names("key=aws-managed").await, ["by-aws"]);
        assert_eq!(fixture.names("key=customer-managed").await, ["by-own", "by-unknown"]);
        if is_first {
            fixture.scan().await;
        }
    }

    fixture.aws.set_key(OWN, key(OWN, KeyManager::Customer, "Disabled"));
    fixture.scan().await;
    let enabled = async || match kms("by-own").await {
        Some(Reading::Read(Some(key))) => key.is_enabled(),
        other => panic!("{other:?}"),
    };
    assert!(enabled().await, "not asked again so soon");
    fixture.clock.advance(Duration::hours(1));
    fixture.scan().await;
    assert!(!enabled().await);
}
