//! The keys of a value in a pre-flight: only under the person's own read grant, and only where the form asks for it.

use crate::{
    fixture::{Fixture, ada, eve},
    leaked::{CEDAR, RULES, active_of},
    plans::OWNER,
};
use claviger_domain::{
    ids::ResourceId,
    remediation::preflight::{PreflightCause, PreflightForm, PreflightResult},
};
use claviger_testkit::samples::{PAYMENTS, secret};
use sqlx::PgPool;

const CANARY: &str = "canary-4711";

async fn keys(fixture: &Fixture, id: ResourceId, value: &str) -> PreflightResult {
    let form = PreflightForm {
        days: "30".into(),
        template: "single-user".into(),
        value: value.into(),
        ..PreflightForm::default()
    };
    let service = fixture.services.rotation_preflight();
    let view = service.preflight(&ada(), &id.to_string(), &form).await.unwrap();
    view.checks.into_iter().find(|one| one.cause == PreflightCause::ValueKeys).unwrap().result
}

async fn reveals(pool: &PgPool) -> i64 {
    sqlx::query_scalar(
        "select count(*) from audit_entry where deed = 'reveal' and phase = 'started'",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_keys_of_the_value_are_known_under_a_read_grant_alone(pool: PgPool) {
    let fixture = Fixture::with_rules(&pool, OWNER, CEDAR, RULES).await;
    let facts = secret(PAYMENTS, "us-east-1", "payments/db");
    fixture.aws.put(facts.clone());
    fixture.scan().await;
    let arn = facts.arn.as_str();
    let id: ResourceId = fixture.id(arn).await.parse().unwrap();
    let unknown = |result: PreflightResult, why: &str| match result {
        PreflightResult::Unknown(said) => assert!(said.contains(why), "{said}"),
        other => panic!("{other:?}"),
    };
    unknown(keys(&fixture, id, "yes").await, "You have no active grant to read the value");
    // Somebody else's grant is not one's own.
    active_of(&fixture, &eve(), &[id]).await;
    unknown(keys(&fixture, id, "yes").await, "You have no active grant");
    active_of(&fixture, &ada(), &[id]).await;
    unknown(keys(&fixture, id, "").await, "Only an access grant to read shows the value");
    assert_eq!(reveals(&pool).await, 0, "nobody asked");

    let text = format!(r#"{{"engine": "postgres", "host": "db", "password": "{CANARY}"}}"#);
    fixture.aws.access.hold_text(arn, &text);
    let PreflightResult::Fails { text, .. } = keys(&fixture, id, "yes").await else {
        panic!("a key is missing")
    };
    assert_eq!(text, "The value has no username.");
    fixture.aws.access.hold_text(arn, CANARY);
    assert!(matches!(keys(&fixture, id, "yes").await, PreflightResult::Fails { .. }));
    let all = format!(
        r#"{{"engine": "postgres", "host": "db", "username": "u", "password": "{CANARY}"}}"#
    );
    fixture.aws.access.hold_text(arn, &all);
    assert!(matches!(keys(&fixture, id, "yes").await, PreflightResult::Passes(_)));
    assert_eq!(reveals(&pool).await, 3, "each is in the audit log");
    let last = fixture.services.rotation_preflight().last_preflight(&ada(), id).await.unwrap();
    assert!(!format!("{last:?}").contains(CANARY), "the result that is kept has no value");
    let stored: i64 = sqlx::query_scalar("select count(*) from audit_entry where body like $1")
        .bind(format!("%{CANARY}%"))
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(stored, 0);
}
