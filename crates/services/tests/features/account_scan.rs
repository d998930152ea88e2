//! A scan of one account over an AWS in memory: no database.

use claviger_domain::{
    compliance::{CheckResult, Severity},
    facts::Kind,
    ids::Region,
    key::{KeyManager, KmsKey},
    scan::{RegionScanFault, RegionScanList},
};
use claviger_policy::compliance::read_policies;
use claviger_services::{AccountScan, AccountScanOrder, AccountScanService, ScanStep};
use claviger_testkit::{
    FakeAws, TestClock,
    samples::{account, parameter, region, secret, secret_with, unowned},
};
use serde_json::Value;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use time::macros::date;

const ACCOUNT: &str = "111122223333";
const US: &str = "us-east-1";
const EU: &str = "eu-west-1";

const OWNER: &str = "id: owner\ntitle: Owners\nseverity: high\nrule: {owner: {}}";

async fn scan(aws: &FakeAws, regions: &[&str], policies: &str) -> AccountScan {
    let service = AccountScanService::new(Arc::new(aws.clone()), Arc::new(TestClock::default()));
    let order = AccountScanOrder {
        account: account(ACCOUNT),
        regions: regions.iter().map(|code| region(code)).collect(),
        policies: read_policies(policies).unwrap(),
        policy_source: "test".into(),
        not_read: Vec::new(),
    };
    service.scan(order, &|_| {}).await
}

#[tokio::test]
async fn all_pages_of_all_regions_are_evaluated_and_counted_by_severity() {
    let aws = FakeAws::default();
    for n in 0..5 {
        aws.put(secret(ACCOUNT, US, &format!("s{n}")));
        aws.put(unowned(ACCOUNT, EU, &format!("e{n}")));
    }
    aws.put(parameter(ACCOUNT, EU, "/app/x"));
    let steps = AtomicUsize::new(0);
    let service = AccountScanService::new(Arc::new(aws.clone()), Arc::new(TestClock::default()));
    let order = AccountScanOrder {
        account: account(ACCOUNT),
        regions: vec![region(EU), region(US)],
        policies: read_policies(OWNER).unwrap(),
        policy_source: "test".into(),
        not_read: Vec::new(),
    };
    let scan = service
        .scan(order, &|step| {
            if let ScanStep::Listed { count, .. } = step {
                steps.fetch_add(count, Ordering::Relaxed);
            }
        })
        .await;
    assert_eq!((scan.count(Kind::Secret), scan.count(Kind::Parameter)), (10, 1));
    assert_eq!(steps.into_inner(), 11);
    let tally = scan.tallies[&Severity::High];
    assert_eq!((tally.pass, tally.fail, tally.unknown), (5, 6, 0));
    assert!(scan.is_whole() && scan.has_read_any);
    assert!(scan.fails_at(Severity::High) && scan.fails_at(Severity::Low));
    assert!(!scan.fails_at(Severity::Critical));
}

#[tokio::test]
async fn a_replica_counts_with_its_primary_and_its_accesses_too() {
    const UNUSED: &str =
        "id: unused\ntitle: Unused\nseverity: low\nrule: {unused: {days: 90, grace-days: 1}}";
    let aws = FakeAws::default();
    let primary: Region = region(US);
    let old = secret_with(ACCOUNT, US, "shared", |facts| {
        facts.primary_region = Some(primary.clone());
        facts.accessed_on = Some(date!(2025 - 01 - 01));
    });
    aws.put(old.clone());
    aws.put(secret_with(ACCOUNT, EU, "shared", |facts| {
        facts.primary_region = Some(primary.clone());
        // In the future of the test's clock, whenever that is.
        facts.accessed_on = Some(date!(2030 - 01 - 01));
    }));
    let both = scan(&aws, &[EU, US], UNUSED).await;
    assert_eq!((both.count(Kind::Secret), both.failing.len()), (1, 0));
    // Without the replica's Region the access is not known.
    let alone = scan(&aws, &[US], UNUSED).await;
    assert_eq!((alone.count(Kind::Secret), alone.failing.len()), (1, 1));
    // A replica whose primary is in another Region stands for itself.
    assert_eq!(scan(&aws, &[EU], UNUSED).await.count(Kind::Secret), 1);
}

#[tokio::test]
async fn a_list_that_fails_does_not_hide_the_other_list_or_region() {
    let aws = FakeAws::default();
    aws.put(secret(ACCOUNT, US, "a"));
    aws.put(parameter(ACCOUNT, US, "/b"));
    aws.fail_list(RegionScanList::Secrets, Some(RegionScanFault::Denied));
    let one = scan(&aws, &[US], OWNER).await;
    assert_eq!((one.count(Kind::Secret), one.count(Kind::Parameter)), (0, 1));
    assert_eq!(one.not_read[0].what, "Secrets");
    assert!(one.not_read[0].to_do.contains("secretsmanager:ListSecrets"));
    aws.fail_list(RegionScanList::Parameters, Some(RegionScanFault::Throttled));
    let none = scan(&aws, &[US], OWNER).await;
    assert!(!none.has_read_any && none.not_read.len() == 2);
    aws.fail_list(RegionScanList::Secrets, None);
    aws.fail_list(RegionScanList::Parameters, None);
    aws.deny_tags();
    let untagged = scan(&aws, &[US], OWNER).await;
    let check = untagged.unknown.iter().find(|row| row.kind == Kind::Parameter).unwrap();
    assert_eq!(check.verdict, CheckResult::Unknown);
    assert_eq!(untagged.not_read[0].what, "Parameter tags");
}

#[tokio::test]
async fn an_incomplete_list_keeps_what_it_showed() {
    let aws = FakeAws::default();
    for n in 0..6 {
        aws.put(secret(ACCOUNT, US, &format!("s{n}")));
    }
    aws.break_lists_after(Some(2));
    let scan = scan(&aws, &[US], OWNER).await;
    assert_eq!(scan.count(Kind::Secret), 4);
    assert!(!scan.is_whole());
}

#[tokio::test]
async fn an_aws_managed_key_is_not_taken_for_a_customer_managed_one() {
    const CMK: &str = "id: cmk\ntitle: Keys\nseverity: low\nrule: {customer-managed-key: {}}";
    let aws = FakeAws::default();
    let mut facts = secret(ACCOUNT, US, "a");
    let key = format!("arn:aws:kms:{US}:{ACCOUNT}:key/5d0c");
    facts.kms_key_id = Some(key.clone());
    aws.put(facts);
    assert_eq!(scan(&aws, &[US], CMK).await.failing.len(), 0);
    aws.set_key(
        &key,
        KmsKey {
            arn: key.clone(),
            manager: KeyManager::Aws,
            state: "Enabled".into(),
            deletion_at: None,
            is_multi_region: false,
            aliases: None,
        },
    );
    assert_eq!(scan(&aws, &[US], CMK).await.failing.len(), 1);
}

#[tokio::test]
async fn what_a_single_account_cannot_know_is_unknown_or_named() {
    let policies = format!(
        "{OWNER}\n---\nid: tag-policy\ntitle: Tags\nseverity: low\nrule: {{tag-policy: {{}}}}\n---\n\
         id: prod\ntitle: Prod\nseverity: critical\nscope: {{within: {{ous: [Workloads/Production]}}}}\nrule: {{owner: {{}}}}"
    );
    let aws = FakeAws::default();
    let facts = secret(ACCOUNT, US, "a");
    aws.attach_policy(
        &facts.arn,
        r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},
            "Action":"secretsmanager:GetSecretValue","Resource":"*"}]}"#,
    );
    aws.put(facts);
    let found = scan(&aws, &[US], &policies).await;
    assert_eq!(found.skipped, ["prod"]);
    assert_eq!(found.unknown.len(), 1);
    assert!(found.is_whole(), "this is not a gap of the scan");
    let outside = "id: o\ntitle: O\nseverity: critical\nrule: {shared-outside: {}}";
    let shared = scan(&aws, &[US], outside).await;
    assert_eq!((shared.failing.len(), shared.unknown.len()), (0, 1), "{:?}", shared.failing);
    let sarif: Value = serde_json::from_str(&found.to_sarif()).unwrap();
    let notifications = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert!(notifications.to_string().contains("limited to OUs: prod"), "{notifications}");
}
