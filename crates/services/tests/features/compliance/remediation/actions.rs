//! Actions on keys, resource policies and unused secrets.

use super::says;
use crate::compliance::fixture::{Fixture, US, ada, ben};
use claviger_domain::{
    key::{KeyManager, KmsKey},
    remediation::{PlanTransition, RemediationForm, StepState},
};
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, secret, secret_with};
use sqlx::PgPool;

const OWN_KEY: &str =
    "id: own-key\ntitle: Own keys\nseverity: high\nrule: {customer-managed-key: {}}";

/// Without kms:Encrypt AWS changes the key and encrypts nothing again: that is not done, and the finding stays.
#[sqlx::test(migrations = "../../migrations")]
async fn a_change_of_key_is_done_when_the_versions_have_moved(pool: PgPool) {
    let fixture = Fixture::new(pool, OWN_KEY).await;
    let facts = secret(PAYMENTS, US, "a");
    fixture.aws.put(facts.clone());
    fixture.aws.set_version_keys(&facts.arn, &["DefaultEncryptionKey"]);
    let key = KmsKey {
        arn: format!("arn:aws:kms:{US}:{PAYMENTS}:key/5d0c"),
        manager: KeyManager::Customer,
        state: "Enabled".into(),
        deletion_at: None,
        is_multi_region: false,
        aliases: Some(vec!["alias/own".into()]),
    };
    fixture.aws.set_key("alias/own", key.clone());
    fixture.aws.set_key(&key.arn.clone(), key);
    fixture.aws.leave_versions(true);
    fixture.scan().await;
    assert_eq!(fixture.fails().await, ["a"]);
    let form = RemediationForm {
        wish: "change-key".into(),
        key: "alias/own".into(),
        ..RemediationForm::default()
    };
    let plan = fixture.approved(form.clone()).await;
    fixture.work().await;
    let page = fixture.page(&plan).await;
    assert_eq!(page.steps[0].state, StepState::Failed, "{:?}", says(&page));
    assert!(
        says(&page)[0].1.contains("AWSCURRENT is still under another key"),
        "{:?}",
        says(&page)
    );
    assert!(says(&page)[0].1.contains("kms:Encrypt"), "{:?}", says(&page));
    fixture.scan().await;
    assert_eq!(fixture.fails().await, ["a"], "the finding stays open");

    // What is missing is given, and the same plan goes on.
    fixture.aws.leave_versions(false);
    fixture.transition_as(&ada(), &plan, PlanTransition::Retry).await.unwrap();
    fixture.work().await;
    let page = fixture.page(&plan).await;
    assert_eq!(page.row.counts.done, 1, "{:?}", says(&page));
    assert_eq!(fixture.aws.orders().len(), 2);
    fixture.scan().await;
    assert_eq!(fixture.fails().await, Vec::<String>::new());
}

/// A secret whose key was changed long ago without the right can be planned again under the same key.
#[sqlx::test(migrations = "../../migrations")]
async fn versions_that_were_left_behind_can_be_planned(pool: PgPool) {
    let fixture = Fixture::new(pool, OWN_KEY).await;
    let mut facts = secret(PAYMENTS, US, "a");
    facts.kms_key_id = Some(format!("arn:aws:kms:{US}:{PAYMENTS}:key/5d0c"));
    fixture.aws.put(facts.clone());
    fixture.aws.set_version_keys(&facts.arn, &["DefaultEncryptionKey"]);
    fixture.scan().await;
    fixture.scan().await;
    assert_eq!(fixture.fails().await, ["a"]);
    let key = facts.kms_key_id.clone().unwrap();
    fixture.aws.set_key(
        &key,
        KmsKey {
            arn: key.clone(),
            manager: KeyManager::Customer,
            state: "Enabled".into(),
            deletion_at: None,
            is_multi_region: false,
            aliases: None,
        },
    );
    let form = RemediationForm { wish: "change-key".into(), key, ..RemediationForm::default() };
    let plan = fixture.approved(form).await;
    fixture.work().await;
    let page = fixture.page(&plan).await;
    assert_eq!(page.row.counts.done, 1, "{:?}", says(&page));
    fixture.scan().await;
    assert_eq!(fixture.fails().await, Vec::<String>::new());
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_open_policy_is_closed_and_a_retired_secret_deleted(pool: PgPool) {
    let policies = "id: public\ntitle: P\nseverity: critical\nrule: {public-policy: {}}\n---\nid: unused\ntitle: U\nseverity: low\nrule: {unused: {days: 90}}";
    let fixture = Fixture::new(pool, policies).await;
    let open = secret(PAYMENTS, US, "open");
    fixture.aws.put(open.clone());
    fixture.aws.attach_policy(&open.arn, r#"{"Version":"2012-10-17","Statement":[{"Sid":"Open","Effect":"Allow","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*"}]}"#);
    fixture.aws.put(secret_with(CHECKOUT, US, "old", |detail| {
        detail.accessed_on = Some(time::macros::date!(2020 - 01 - 01));
    }));
    fixture.scan().await;
    for (of, action) in
        [("policy=public", "remove-statements"), ("policy=unused", "schedule-deletion")]
    {
        let form = RemediationForm {
            wish: action.into(),
            window: "7".into(),
            ..RemediationForm::default()
        };
        let plan = fixture.plan_of(of, form).await.unwrap().to_string();
        fixture.transition_as(&ben(), &plan, PlanTransition::Approve).await.unwrap();
        fixture.work().await;
        let page = fixture.page(&plan).await;
        assert_eq!(page.row.counts.done, page.row.counts.all(), "{:?}", says(&page));
    }
    assert_eq!(fixture.fails().await, Vec::<String>::new());
}
