//! What a shape can have beside its name: tags of the tag policy, a rotation, the type of a managed external secret.

use super::*;
use claviger_domain::{
    accounts::TagPolicy,
    creation::CANARY_TAG,
    remediation::{AwsCall, StepState},
};
use claviger_store::RemediationLimits;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:441205839201:function:rotate";
const ROLE: &str = "arn:aws:iam::441205839201:role/partner";

type Change = fn(&mut CreationForm);

fn rotated() -> CreationForm {
    CreationForm {
        policy: String::new(),
        replicas: String::new(),
        function: FUNCTION.into(),
        days: "30".into(),
        ..form()
    }
}

fn external() -> CreationForm {
    CreationForm {
        name: "payments/crm".into(),
        secret_type: "SalesforceClientSecret".into(),
        function: String::new(),
        role: ROLE.into(),
        metadata: "apiVersion=v65.0".into(),
        ..rotated()
    }
}

/// The calls of the plan that followed, with what came of them.
async fn followed(fixture: &Fixture, row: &CreationRow) -> Vec<(AwsCall, StepState)> {
    fixture.work().await;
    let plan = row.plan.unwrap().to_string();
    let page = fixture.services.remediation().plan_page(&ada(), &plan).await.unwrap();
    page.steps.into_iter().map(|step| (step.call, step.state)).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_rotation_follows_the_creation(pool: PgPool) {
    let fixture = console(&pool).await;
    let preview = fixture.draft(&eve(), &rotated()).await.preview.unwrap();
    assert_eq!(preview.calls[1], "RotateSecret, which rotates it in the next window");
    let row = fixture.submit(&rotated()).await.unwrap();
    let calls = followed(&fixture, &row).await;
    let [(AwsCall::RotateSecret { lambda_arn, external, rules, rotate_immediately }, state)] =
        &calls[..]
    else {
        panic!("{calls:?}")
    };
    assert_eq!((lambda_arn.as_deref(), external), (Some(FUNCTION), &None));
    assert_eq!((rules.automatically_after_days, *rotate_immediately), (Some(30), false));
    assert_eq!(*state, StepState::Done);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_managed_external_secret_has_a_type_a_role_and_metadata(pool: PgPool) {
    let fixture = console(&pool).await;
    let row = fixture.submit(&external()).await.unwrap();
    assert_eq!(row.state, CreationState::Created, "{:?}", row.message);
    assert_eq!(row.shape.secret_type(), Some("SalesforceClientSecret"));
    let calls = followed(&fixture, &row).await;
    let (AwsCall::RotateSecret { lambda_arn, external: Some(external), .. }, StepState::Done) =
        &calls[0]
    else {
        panic!("{calls:?}")
    };
    assert_eq!((lambda_arn, external.role_arn.as_str()), (&None, ROLE));
    assert_eq!(external.metadata["apiVersion"], "v65.0");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_rotation_that_aws_would_refuse_is_refused_before(pool: PgPool) {
    let fixture = console(&pool).await;
    let cases: [(&str, Change); 10] = [
        ("function", |form| form.function = String::new()),
        ("function", |form| form.function = "rotate".into()),
        ("role", |form| form.role = ROLE.into()),
        ("days", |form| form.days = String::new()),
        ("days", |form| form.days = "1001".into()),
        ("days", |form| form.days = "soon".into()),
        ("schedule", |form| form.schedule = "rate(10 days)".into()),
        ("schedule", |form| {
            (form.days, form.schedule) = (String::new(), "rate(3 hours)".into());
        }),
        ("secret_type", |form| form.secret_type = "Not a type".into()),
        ("metadata", |form| form.metadata = "apiVersion".into()),
    ];
    for (field, change) in cases {
        let mut form = rotated();
        change(&mut form);
        let faults = fixture.draft(&eve(), &form).await.faults;
        assert!(faults.iter().any(|fault| fault.field == field), "{field}: {faults:?}");
    }
    let with_function = CreationForm { function: FUNCTION.into(), ..external() };
    let faults = fixture.draft(&eve(), &with_function).await.faults;
    assert_eq!(faults[0].field, "function");
    let without_role = CreationForm { role: String::new(), ..external() };
    let faults = fixture.draft(&eve(), &without_role).await.faults;
    assert_eq!(faults[0].field, "role");
    assert!(fixture.aws.creations().is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_canary_is_known_by_its_tag(pool: PgPool) {
    let fixture = console(&pool).await;
    let row = fixture.submit(&CreationForm { canary: "yes".into(), ..form() }).await.unwrap();
    assert!(row.shape.is_canary());
    assert_eq!(row.shape.tags[CANARY_TAG], "true");
    assert!(
        !fixture
            .submit(&CreationForm { name: "payments/b".into(), ..form() })
            .await
            .unwrap()
            .shape
            .is_canary()
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn values_of_the_effective_tag_policy_are_choices(pool: PgPool) {
    let fixture = console(&pool).await;
    let content = r#"{"tags": {
        "env": {"tag_key": {"@@assign": "env"}, "tag_value": {"@@assign": ["dev", "prod"]},
            "report_required_tag_for": {"@@assign": ["secretsmanager:*"]}},
        "team": {"tag_key": {"@@assign": "team"}}
    }}"#;
    let policy = TagPolicy {
        id: "p-tags".into(),
        name: "tags".into(),
        content: content.into(),
        targets: vec!["r-test".into()],
    };
    fixture.aws.set_tag_policies(Ok(vec![policy]));
    fixture.scan().await;
    let draft = fixture.draft(&eve(), &form()).await;
    let tags: Vec<_> = draft
        .wanted_tags
        .iter()
        .map(|tag| (tag.key.as_str(), tag.accepted.clone(), tag.is_required))
        .collect();
    let values = Some(vec!["dev".to_owned(), "prod".to_owned()]);
    assert_eq!(tags, [("env", values, true), ("owner", None, true), ("team", None, false)]);
    // An untouched form begins with those that are required.
    let empty =
        CreationForm { account: PAYMENTS.into(), region: US.into(), ..CreationForm::default() };
    let filled = fixture.draft(&eve(), &empty).await.form.tags;
    assert_eq!(filled.lines().count(), 2, "{filled}");
    assert!(filled.starts_with("env="), "{filled}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_nobody_knows_before_is_not_called_passed(pool: PgPool) {
    let fixture = console(&pool).await;
    let policy =
        "id: shapes\ntitle: Complies with the tag policy\nseverity: low\nrule:\n  tag-policy: {}\n";
    fixture.services.policies().import_policies(policy).await.unwrap();
    fixture.aws.set_tag_policies(Err(RegionScanFault::Denied));
    fixture.scan().await;
    let preview = fixture.draft(&eve(), &form()).await.preview.unwrap();
    assert_eq!(preview.unknown, ["Complies with the tag policy"]);
    assert!(preview.failing.is_empty());
}

/// Two browsers at once do not exceed the limit, and the calls of plans count with those that create.
#[sqlx::test(migrations = "../../migrations")]
async fn the_limit_counts_every_call_under_one_lock(pool: PgPool) {
    let mut fixture = console(&pool).await;
    let limits = RemediationLimits { an_hour: 100, an_account: 3 };
    fixture.services = fixture.services.clone().with_limits(limits);
    let form = |name: &str| CreationForm {
        name: format!("payments/{name}"),
        policy: String::new(),
        replicas: String::new(),
        ..form()
    };
    let (a, b, c, d) = (form("a"), form("b"), form("c"), form("d"));
    let results = tokio::join!(
        fixture.submit(&a),
        fixture.submit(&b),
        fixture.submit(&c),
        fixture.submit(&d)
    );
    let results = [results.0, results.1, results.2, results.3];
    let refused = results.iter().filter(|result| result.is_err()).count();
    assert_eq!(refused, 1, "{results:?}");
    assert_eq!(fixture.aws.creations().len(), 3);
}
