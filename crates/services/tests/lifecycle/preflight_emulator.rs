//! The pre-flight over an emulator: a real function, its policy and its role, read in a real session.

use crate::fixture::ada;
use aws_credential_types::Credentials;
use claviger_domain::{
    remediation::preflight::{
        PreflightCause as Cause, PreflightForm, PreflightResult, PreflightView,
    },
    scan::ScanTrigger,
};
use claviger_policy::permissions::{Role, roles::role_policy};
use claviger_services::grants::AccessSettings;
use claviger_testkit::{Console, EmulatorRoot, US, ministack, samples::PAYMENTS};
use serde_json::json;
use sqlx::PgPool;
use time::Duration;

const CANARY: &str = "canary-value-4711";

fn result(view: &PreflightView, cause: Cause) -> &PreflightResult {
    &view.checks.iter().find(|check| check.cause == cause).unwrap().result
}

#[sqlx::test(migrations = "../../migrations")]
async fn ministack_a_pre_flight_fails_and_passes_after_each_correction(pool: PgPool) {
    let emulator = ministack();
    let name = format!("rotate-preflight-{}", std::process::id());
    let root =
        EmulatorRoot { url: emulator.url.clone(), account: PAYMENTS.into(), region: US.into() };
    let ours = role_policy(Role::Remediation, &"aws".parse().unwrap());
    root.put_role_policy("claviger-remediation", "claviger-remediation", &ours).await;
    let actions = |all: &[&str]| {
        json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Action": all,
            "Resource": "*",
        }]})
        .to_string()
    };
    let reads = actions(&["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]);
    root.create_role(&name, "lambda.amazonaws.com", &reads).await;
    let owner = emulator.config(Credentials::new(PAYMENTS, "root", None, None, "owner")).await;
    let owner = aws_sdk_secretsmanager::Client::new(&owner);
    let made = owner.create_secret().name(&name).secret_string(CANARY).send().await.unwrap();
    let arn = made.arn().unwrap();

    let access =
        AccessSettings { roles: crate::fixture::bindings(), ..AccessSettings::nothing().unwrap() };
    let console = Console::builder(&pool).access(access).build_over(emulator.hub().await).await;
    let scan = async || {
        console.clock.advance(Duration::hours(2));
        console.services.scans().scan_if_due(ScanTrigger::Schedule).await.unwrap();
        console.work().await;
    };
    scan().await;
    let id: sqlx::types::Uuid = sqlx::query_scalar("select id from resource where arn = $1")
        .bind(arn)
        .fetch_one(&pool)
        .await
        .unwrap();
    let form = PreflightForm {
        lambda: format!("arn:aws:lambda:{US}:{PAYMENTS}:function:{name}"),
        days: "30".into(),
        ..PreflightForm::default()
    };
    let check = async || {
        let preflight = console.services.rotation_preflight();
        preflight.preflight(&ada(), &id.to_string(), &form).await.unwrap()
    };

    let view = check().await;
    assert!(matches!(result(&view, Cause::FunctionExists), PreflightResult::Fails { .. }));

    let role = format!("arn:aws:iam::{PAYMENTS}:role/{name}");
    assert_eq!(root.create_function(&name, &role, CANARY).await, form.lambda);
    let mut view = check().await;
    // The emulator sets a function up as AWS does.
    for _ in 0..50 {
        if matches!(result(&view, Cause::FunctionActive), PreflightResult::Passes(_)) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        view = check().await;
    }
    assert!(matches!(result(&view, Cause::FunctionExists), PreflightResult::Passes(_)));
    assert!(matches!(result(&view, Cause::FunctionActive), PreflightResult::Passes(_)));
    assert!(matches!(result(&view, Cause::FunctionPolicy), PreflightResult::Fails { .. }));
    assert!(matches!(result(&view, Cause::RoleReads), PreflightResult::Passes(_)), "{view:?}");
    assert!(matches!(result(&view, Cause::RoleWrites), PreflightResult::Fails { .. }));
    assert!(!format!("{view:?}").contains(CANARY));

    root.admit_secrets_manager(&name).await;
    let writes = actions(&[
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
        "secretsmanager:GetRandomPassword",
    ]);
    root.put_role_policy(&name, "writes", &writes).await;
    scan().await;
    let view = check().await;
    let failing = view.counts().failing;
    assert_eq!(failing, 0, "{:?}", view.checks);
    for cause in
        [Cause::FunctionPolicy, Cause::ConfusedDeputy, Cause::RoleWrites, Cause::CallerInvokes]
    {
        let result = result(&view, cause);
        assert!(matches!(result, PreflightResult::Passes(_)), "{cause}: {result:?}");
    }
    owner.delete_secret().secret_id(arn).force_delete_without_recovery(true).send().await.unwrap();
}
