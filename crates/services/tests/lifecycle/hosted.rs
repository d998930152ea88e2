//! AWS's hosted rotation templates: for whom, for which secret, and what is refused.

use crate::fixture::{Fixture, code, eve, person};
use claviger_domain::{
    facts::{ResourceFacts, SecretFacts, Version},
    problem::ProblemCode,
    remediation::preflight::{PreflightCause, PreflightResult},
    rotations::hosted::{HostedForm, view::HostedView},
};
use claviger_testkit::{
    US,
    samples::{CHECKOUT, PAYMENTS, parameter, secret, secret_with},
};
use sqlx::PgPool;

const POLICY: &str = "id: owned\ntitle: O\nseverity: low\nrule: {owner: {}}";

struct Setup {
    fixture: Fixture,
    ledger: ResourceFacts,
    admin: ResourceFacts,
    form: HostedForm,
}

impl Setup {
    async fn new(pool: &PgPool, change: impl FnOnce(&mut SecretFacts)) -> Self {
        let fixture = Fixture::new(pool, POLICY).await;
        let version = |id: &str, stage: &str| Version { id: id.into(), stages: vec![stage.into()] };
        let ledger = secret_with(PAYMENTS, US, "payments/ledger", |secret| {
            secret.versions = vec![version("v1", "AWSCURRENT")];
            change(secret);
        });
        let admin = secret(PAYMENTS, US, "payments/admin");
        fixture.aws.put(ledger.clone());
        fixture.aws.put(admin.clone());
        fixture.aws.put(secret(CHECKOUT, US, "checkout/admin"));
        fixture.aws.put(parameter(PAYMENTS, US, "/payments/admin"));
        fixture.scan().await;
        let form = HostedForm {
            engine: "postgresql".into(),
            subnets: "subnet-0123456789abcdef0".into(),
            security_groups: "sg-0123456789abcdef0".into(),
            ..HostedForm::first(&ledger)
        };
        Self { fixture, ledger, admin, form }
    }

    async fn view(&self, query: &str) -> HostedView {
        let id = self.fixture.id(self.ledger.arn.as_str()).await;
        let service = self.fixture.services.hosted_rotations();
        service.hosted_rotation(&eve(), &id, query).await.unwrap()
    }

    /// The one field that the page refuses; it has no template, and keeps what was typed.
    async fn refused(&self, form: &HostedForm) -> (String, String) {
        let view = self.view(&form.to_url_query()).await;
        assert_eq!(view.template, None);
        assert_eq!(view.form, *form);
        assert_eq!(view.faults.len(), 1, "{:?}", view.faults);
        let id = self.fixture.id(self.ledger.arn.as_str()).await;
        let service = self.fixture.services.hosted_rotations();
        let file = service.hosted_file(&eve(), &id, &form.to_url_query()).await;
        let problem = file.unwrap_err().into_problem();
        assert_eq!(problem.code, ProblemCode::InvalidInput);
        let fault = &view.faults[0];
        assert!(problem.to_string().contains(&fault.reason), "{problem}");
        (fault.field.clone(), fault.reason.clone())
    }
}

fn result(view: &HostedView, cause: PreflightCause) -> &PreflightResult {
    &view.checks.iter().find(|check| check.cause == cause).unwrap().result
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_engineer_gets_the_template_and_the_command(pool: PgPool) {
    let setup = Setup::new(&pool, |_| ()).await;
    let described = setup.fixture.aws.described().len();
    let first = setup.view("").await;
    assert_eq!((first.template.is_none(), first.faults.len()), (true, 0), "nothing was sent");
    assert_eq!(first.form.function, "rotate-payments-ledger");
    assert_eq!(first.form.immediately, "no");

    let view = setup.view(&setup.form.to_url_query()).await;
    let template = view.template.as_ref().unwrap();
    assert_eq!(template.rotation_type, "PostgreSQLSingleUser");
    assert_eq!(template.windows.windows.len(), 5);
    assert!(template.file.text.contains(&format!("SecretId: '{}'", setup.ledger.arn)));
    assert!(template.file.text.contains("RotateImmediatelyOnUpdate: false"));
    assert!(template.command.contains(&format!("= {PAYMENTS} &&")), "{}", template.command);
    assert!(template.command.contains("--region us-east-1"), "{}", template.command);
    assert!(template.command.ends_with("CAPABILITY_IAM CAPABILITY_AUTO_EXPAND"));
    // What is only known once the function exists, or by reading the value, is not said to pass.
    for cause in [PreflightCause::NetworkPath, PreflightCause::ValueKeys] {
        assert!(matches!(result(&view, cause), PreflightResult::Unknown(_)), "{cause}");
    }
    assert!(matches!(result(&view, PreflightCause::StuckVersion), PreflightResult::Passes(_)));
    let id = setup.fixture.id(setup.ledger.arn.as_str()).await;
    let service = setup.fixture.services.hosted_rotations();
    let file = service.hosted_file(&eve(), &id, &setup.form.to_url_query()).await.unwrap();
    assert_eq!(file, template.file);
    assert_eq!(setup.fixture.aws.described().len(), described, "nothing is read from AWS");
    assert!(setup.fixture.aws.orders().is_empty(), "nothing is changed");
}

#[sqlx::test(migrations = "../../migrations")]
async fn alternating_users_take_the_secret_of_a_superuser(pool: PgPool) {
    let setup = Setup::new(&pool, |_| ()).await;
    let with = |superuser: &str| HostedForm {
        users: "alternating".into(),
        superuser: superuser.into(),
        ..setup.form.clone()
    };
    let view = setup.view(&with(setup.admin.arn.as_str()).to_url_query()).await;
    let text = view.template.unwrap().file.text;
    assert!(text.contains(&format!("SuperuserSecretArn: '{}'", setup.admin.arn)), "{text}");
    let elsewhere = secret(CHECKOUT, US, "checkout/admin").arn;
    let absent = setup.admin.arn.as_str().replace("admin", "nobody");
    let ssm = parameter(PAYMENTS, US, "/payments/admin").arn;
    for (superuser, said) in [
        ("", "Enter the ARN"),
        (elsewhere.as_str(), CHECKOUT),
        (&setup.admin.arn.as_str().replace(US, "eu-west-1"), "its own Region"),
        (&absent, "no such secret"),
        (ssm.as_str(), "is a parameter"),
    ] {
        let (field, reason) = setup.refused(&with(superuser)).await;
        assert_eq!(field, "superuser");
        assert!(reason.contains(said), "{superuser}: {reason}");
    }
    let single = HostedForm { superuser: setup.admin.arn.to_string(), ..setup.form.clone() };
    assert_eq!(setup.refused(&single).await.0, "superuser");
}

#[sqlx::test(migrations = "../../migrations")]
async fn bad_input_is_refused_with_its_field(pool: PgPool) {
    let setup = Setup::new(&pool, |_| ()).await;
    let form = || setup.form.clone();
    let cases = [
        ("engine", HostedForm { engine: "elasticache".into(), ..form() }),
        ("function", HostedForm { function: "f".repeat(65), ..form() }),
        ("function", HostedForm { function: "rotate ledger".into(), ..form() }),
        ("subnets", HostedForm { subnets: "subnet-xyz".into(), ..form() }),
        ("security_groups", HostedForm { security_groups: "default".into(), ..form() }),
        ("exclude", HostedForm { exclude: "{{resolve:ssm:x}}".into(), ..form() }),
        (
            "schedule",
            HostedForm { days: String::new(), schedule: "rate(3 hours)".into(), ..form() },
        ),
        ("duration", HostedForm { duration: "30h".into(), ..form() }),
        ("immediately", HostedForm { immediately: "later".into(), ..form() }),
    ];
    for (field, form) in cases {
        assert_eq!(setup.refused(&form).await.0, field, "{form:?}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_replica_and_a_managed_secret_have_no_template(pool: PgPool) {
    let setup =
        Setup::new(&pool, |it| it.primary_region = Some("eu-west-1".parse().unwrap())).await;
    let view = setup.view(&setup.form.to_url_query()).await;
    assert!(view.refusal.unwrap().contains("replica"));
    assert_eq!(view.template, None);
    let id = setup.fixture.id(setup.ledger.arn.as_str()).await;
    let service = setup.fixture.services.hosted_rotations();
    let file = service.hosted_file(&eve(), &id, &setup.form.to_url_query()).await;
    assert_eq!(code(file.unwrap_err()), ProblemCode::Conflict);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_secret_that_rotates_already_and_a_stuck_version_are_said(pool: PgPool) {
    let setup = Setup::new(&pool, |secret| {
        secret.rotation.enabled = Some(true);
        secret.rotation.lambda_arn = Some("arn:aws:lambda:us-east-1:1:function:old".into());
        secret.versions.push(Version { id: "v2".into(), stages: vec!["AWSPENDING".into()] });
    })
    .await;
    let view = setup.view(&setup.form.to_url_query()).await;
    assert!(view.replaces.as_deref().unwrap().contains("function:old rotates it already"));
    let stuck = result(&view, PreflightCause::StuckVersion);
    assert!(matches!(stuck, PreflightResult::Fails { .. }), "{stuck:?}");
    assert!(view.template.is_some());
}

#[sqlx::test(migrations = "../../migrations")]
async fn it_is_for_those_who_see_the_secret(pool: PgPool) {
    let setup = Setup::new(&pool, |_| ()).await;
    let service = setup.fixture.services.hosted_rotations();
    let query = setup.form.to_url_query();
    let of = async |arn: &str, caller| {
        let id = setup.fixture.id(arn).await;
        let page = service.hosted_rotation(&caller, &id, &query).await.map(drop);
        let file = service.hosted_file(&caller, &id, &query).await.map(drop);
        (page.map_err(code), file.map_err(code))
    };
    let ledger = setup.ledger.arn.as_str();
    assert_eq!(of(ledger, person("vera", "viewers")).await, (Ok(()), Ok(())));
    let forbidden = Err(ProblemCode::Forbidden);
    assert_eq!(of(ledger, person("nobody", "strangers")).await, (forbidden, forbidden));
    let missing = Err(ProblemCode::NotFound);
    let elsewhere = secret(CHECKOUT, US, "checkout/admin").arn;
    assert_eq!(of(elsewhere.as_str(), eve()).await, (missing, missing));
    let ssm = parameter(PAYMENTS, US, "/payments/admin").arn;
    assert_eq!(of(ssm.as_str(), eve()).await, (missing, missing), "a parameter");
}
