//! What is refused before the first call, and names its field; and who may create nothing.

use super::*;
use claviger_services::RemediationLimits;
use claviger_testkit::samples::{CHECKOUT, region, secret_with};

/// The fields that are refused, by the preview and by the submission alike; nothing is called.
async fn refused(fixture: &Fixture, form: &CreationForm, value: &str) -> Vec<String> {
    let before = fixture.aws.creations().len();
    let draft = fixture.draft(&eve(), form).await;
    let shown: Vec<String> = draft.faults.into_iter().map(|fault| fault.field).collect();
    let error = match fixture.submit_as(&eve(), form, true, value).await.unwrap_err() {
        ServiceError::Shape(faults) => faults,
        other => panic!("{other:?}"),
    };
    let fields: Vec<String> = error.into_iter().map(|fault| fault.field).collect();
    if !shown.is_empty() {
        assert_eq!(shown, fields, "the preview says the same");
    }
    assert_eq!(fixture.aws.creations().len(), before, "nothing is called");
    fields
}

#[sqlx::test(migrations = "../../migrations")]
async fn each_bad_input_names_its_field_before_the_first_call(pool: PgPool) {
    let fixture = console(&pool).await;
    fixture.aws.put(secret_with(PAYMENTS, US, "payments/deleted", |facts| {
        facts.deleted_at = Some(fixture.now());
    }));
    fixture.aws.put(secret(PAYMENTS, "eu-west-1", "payments/abroad"));
    fixture.aws.set_enabled_regions(Ok(vec![region(US), region("eu-west-1")]));
    fixture.scan().await;
    let many: Vec<String> = (0..51).map(|n| format!("key{n}=")).collect();
    let with = |change: &dyn Fn(&mut CreationForm)| {
        let mut form = form();
        change(&mut form);
        form
    };
    let cases: Vec<(&str, CreationForm)> = vec![
        ("name", with(&|form| form.name = "payments/there".into())),
        ("name", with(&|form| form.name = "payments/deleted".into())),
        ("name", with(&|form| form.name = "a".repeat(513))),
        ("name", with(&|form| form.name = "pay ments".into())),
        ("key", with(&|form| form.key = "arn:aws:kms:us-east-1:999988887777:key/1".into())),
        ("key", with(&|form| form.key = "arn:aws:kms:eu-west-1:441205839201:key/1".into())),
        ("key", with(&|form| form.key = "alias/missing".into())),
        ("key", with(&|form| form.key = "alias/off".into())),
        ("region", with(&|form| form.region = "ap-south-1".into())),
        ("replicas", with(&|form| form.replicas = "ap-south-1".into())),
        ("replicas", with(&|form| form.replicas = US.into())),
        ("replicas", with(&|form| form.replicas = "eu-west-1\neu-west-1".into())),
        ("replicas", with(&|form| form.name = "payments/abroad".into())),
        ("tags", with(&|form| form.tags = many.join("\n"))),
        ("tags", with(&|form| form.tags = "aws:x=y".into())),
        ("policy", with(&|form| form.policy = "{".into())),
        ("reason", with(&|form| form.reason = String::new())),
        ("tier", CreationForm { expires: "2027-01-31".into(), ..parameter() }),
        ("name", CreationForm { name: "/aws/x".into(), ..parameter() }),
    ];
    for (field, form) in cases {
        let of = format!("{field}: {} {} {}", form.name, form.key, form.replicas);
        let mut fields = refused(&fixture, &form, CANARY).await;
        // A Region that is not enabled is also another one than the key's or the replica's.
        fields.dedup();
        assert!(fields.contains(&field.to_owned()), "{of}: {fields:?}");
    }
    let warned = with(&|form| form.name = "a".repeat(257));
    let draft = fixture.draft(&eve(), &warned).await;
    assert_eq!((draft.faults.len(), draft.warnings.len()), (0, 1));
    let suffix = with(&|form| form.name = "payments/db-AbCdEf".into());
    assert_eq!(fixture.draft(&eve(), &suffix).await.warnings[0].field, "name");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_value_that_does_not_fit_is_refused_before_the_first_call(pool: PgPool) {
    let fixture = console(&pool).await;
    let advanced = CreationForm { tier: "Advanced".into(), ..parameter() };
    for (form, value) in [
        (form(), "x".repeat(65_537)),
        (form(), "é".repeat(32_769)),
        (form(), String::new()),
        (form(), r#"{"a":1,"a":2}"#.to_owned()),
        (form(), r#"{"a":{"b":1,"b":2}}"#.to_owned()),
        (parameter(), "x".repeat(4097)),
        (advanced, "x".repeat(8193)),
    ] {
        assert_eq!(refused(&fixture, &form, &value).await, ["value"], "{} bytes", value.len());
    }
}

/// The inventory does not know it yet.
#[sqlx::test(migrations = "../../migrations")]
async fn aws_is_asked_for_the_name_before_the_call(pool: PgPool) {
    let fixture = console(&pool).await;
    fixture.aws.put(secret(PAYMENTS, US, "payments/new"));
    fixture.aws.put(secret_with(PAYMENTS, US, "payments/deleted", |facts| {
        facts.deleted_at = Some(fixture.now());
    }));
    let deleted = CreationForm { name: "payments/deleted".into(), ..form() };
    for form in [form(), deleted] {
        assert_eq!(refused(&fixture, &form, CANARY).await, ["name"]);
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn who_is_not_eligible_creates_nothing(pool: PgPool) {
    let fixture = console(&pool).await;
    let denied = [
        (eve(), CreationForm { name: "admin/root".into(), ..form() }),
        (person("tom", "approvers"), form()),
        (person("ada", "admins"), form()),
    ];
    for (caller, form) in denied {
        let error = fixture.submit_as(&caller, &form, true, CANARY).await.unwrap_err();
        assert_eq!(code(error), ProblemCode::Forbidden, "{}", caller.person.name);
    }
    for group in ["viewers", "auditors", "nobody"] {
        let caller = person("zoe", group);
        let error = fixture.submit_as(&caller, &form(), true, CANARY).await.unwrap_err();
        assert_eq!(code(error), ProblemCode::Forbidden, "{group}");
    }
    let elsewhere = CreationForm { account: CHECKOUT.into(), ..form() };
    let error = fixture.submit_as(&eve(), &elsewhere, true, CANARY).await.unwrap_err();
    assert_eq!(code(error), ProblemCode::NotFound, "an account that is not hers");
    assert!(fixture.aws.creations().is_empty());
}

/// A policy of before this action: it was written about reading and writing.
#[sqlx::test(migrations = "../../migrations")]
async fn a_policy_that_names_no_action_lets_nobody_create(pool: PgPool) {
    let any = "permit(principal, action, resource);";
    let fixture = Fixture::with_rules(&pool, POLICIES, any, RULES).await;
    fixture.scan().await;
    let error = fixture.submit_as(&eve(), &form(), true, CANARY).await.unwrap_err();
    assert_eq!(code(error), ProblemCode::Forbidden);
    assert!(fixture.aws.creations().is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn without_a_rule_nothing_is_created(pool: PgPool) {
    let fixture = Fixture::with_access(&pool, POLICIES, CEDAR).await;
    fixture.scan().await;
    let result = fixture.submit_as(&eve(), &form(), true, CANARY).await;
    assert!(result.is_err() && fixture.aws.creations().is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn without_a_policy_of_access_nobody_creates(pool: PgPool) {
    let fixture = Fixture::new(&pool, POLICIES).await;
    fixture.scan().await;
    let error = fixture.submit_as(&eve(), &form(), true, CANARY).await.unwrap_err();
    assert_eq!(code(error), ProblemCode::Forbidden);
}

#[sqlx::test(migrations = "../../migrations")]
async fn another_preview_creates_nothing(pool: PgPool) {
    let fixture = console(&pool).await;
    let creations = fixture.services.creations();
    let shown = fixture.draft(&eve(), &form()).await.preview.unwrap().hash;
    let other = CreationForm { description: "Something else.".into(), ..form() };
    let result = creations.submit(&eve(), &other, true, &shown, TypedValue::text(CANARY)).await;
    assert_eq!(code(result.unwrap_err()), ProblemCode::Conflict);
    assert!(fixture.aws.creations().is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_pause_and_the_limits_hold_it_back(pool: PgPool) {
    let mut fixture = console(&pool).await;
    let services = fixture.services.clone();
    services.remediation().pause_remediation(&ada(), "A migration.").await.unwrap();
    let error = fixture.submit(&form()).await.unwrap_err().into_problem();
    assert!(error.message.contains("A migration."), "{}", error.message);
    services.remediation().resume_remediation(&ada()).await.unwrap();
    fixture.services = services.with_limits(RemediationLimits { an_hour: 100, an_account: 1 });
    fixture.submit(&form()).await.unwrap();
    let more = CreationForm { name: "payments/more".into(), ..form() };
    assert_eq!(code(fixture.submit(&more).await.unwrap_err()), ProblemCode::Conflict);
    assert_eq!(fixture.aws.creations().len(), 1);
    fixture.clock.advance(Duration::minutes(61));
    fixture.submit(&more).await.unwrap();
}
