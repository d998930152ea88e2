//! A generated role at an emulator: it reads its secret, and is refused the one beside it. Stages, decryption outside Secrets
//! Manager and tags are no part of what the emulator resolves: the evaluator answers these.

use crate::fixture::{ada, bindings};
use aws_credential_types::Credentials;
use claviger_domain::scan::ScanTrigger;
use claviger_services::grants::AccessSettings;
use claviger_testkit::{Console, EmulatorRoot, US, ministack, samples::PAYMENTS};
use sqlx::PgPool;
use time::Duration;

/// The text of an element of a Query API's answer.
fn element<'a>(answer: &'a str, name: &str) -> &'a str {
    let found = answer.split_once(&format!("<{name}>")).and_then(|(_, rest)| rest.split_once('<'));
    found.unwrap_or_else(|| panic!("no {name} in {answer}")).0
}

/// Scans, and returns the console's id of the secret.
pub async fn scanned_id<A>(console: &Console<A>, pool: &PgPool, arn: &str) -> String {
    console.clock.advance(Duration::hours(2));
    console.services.scans().scan_if_due(ScanTrigger::Schedule).await.unwrap();
    console.work().await;
    let id: sqlx::types::Uuid = sqlx::query_scalar("select id from resource where arn = $1")
        .bind(arn)
        .fetch_one(pool)
        .await
        .unwrap();
    id.to_string()
}

#[sqlx::test(migrations = "../../migrations")]
async fn ministack_a_role_reads_its_secret_and_not_the_one_beside_it(pool: PgPool) {
    let emulator = ministack();
    let name = format!("role-for-consumer-{}", std::process::id());
    let root =
        EmulatorRoot { url: emulator.url.clone(), account: PAYMENTS.into(), region: US.into() };
    let owner = emulator.config(Credentials::new(PAYMENTS, "root", None, None, "owner")).await;
    let owner = aws_sdk_secretsmanager::Client::new(&owner);
    let create = async |name: &str| {
        let made = owner.create_secret().name(name).secret_string("canary").send().await.unwrap();
        made.arn().unwrap().to_owned()
    };
    let arn = create(&name).await;
    let beside = create(&format!("{name}-beside")).await;

    let access = AccessSettings { roles: bindings(), ..AccessSettings::nothing().unwrap() };
    let console = Console::builder(&pool).access(access).build_over(emulator.hub().await).await;
    let id = scanned_id(&console, &pool, &arn).await;
    let query =
        format!("consumer=account&principal=204917356680&external_id=f3c1-9a&role_name={name}");
    let drafted = console.services.consumer_roles().draft(&ada(), &id, &query).await.unwrap();
    let role = drafted.role.unwrap_or_else(|| panic!("{:?}", drafted.faults));
    assert_eq!(role.is_exact(), Some(true), "{:?}", role.checks);

    let [permissions, trust] = &role.files[..] else { panic!("not two documents") };
    let made = root
        .query(
            "iam",
            &[
                ("Action", "CreateRole"),
                ("RoleName", &name),
                ("AssumeRolePolicyDocument", &trust.text),
            ],
        )
        .await;
    assert!(made.contains("<Arn>"), "{made}");
    root.put_role_policy(&name, "read-secrets", &permissions.text).await;

    // The other account's principal assumes it.
    let role_arn = format!("arn:aws:iam::{PAYMENTS}:role/{name}");
    let hub = EmulatorRoot { account: "204917356680".into(), ..root.clone() };
    let assume = async |external_id: &str| {
        hub.query(
            "sts",
            &[
                ("Action", "AssumeRole"),
                ("RoleArn", &role_arn),
                ("RoleSessionName", "workload"),
                ("ExternalId", external_id),
            ],
        )
        .await
    };
    assert!(assume("another").await.contains("AccessDenied"));
    let session = assume("f3c1-9a").await;
    let credentials = Credentials::new(
        element(&session, "AccessKeyId"),
        element(&session, "SecretAccessKey"),
        Some(element(&session, "SessionToken").to_owned()),
        None,
        "workload",
    );
    let workload = emulator.config(credentials).await;
    let workload = aws_sdk_secretsmanager::Client::new(&workload);
    let read = async |arn: &str| workload.get_secret_value().secret_id(arn).send().await;
    assert!(read(&arn).await.is_ok());
    assert!(workload.describe_secret().secret_id(&arn).send().await.is_ok());
    let refused = read(&beside).await.unwrap_err();
    assert_eq!(
        refused.as_service_error().and_then(|e| e.meta().code()),
        Some("AccessDeniedException")
    );
    assert!(workload.describe_secret().secret_id(&beside).send().await.is_err());
    assert!(workload.put_secret_value().secret_id(&arn).secret_string("x").send().await.is_err());
    assert!(workload.list_secrets().send().await.is_err());

    for arn in [&arn, &beside] {
        let delete = owner.delete_secret().secret_id(arn).force_delete_without_recovery(true);
        delete.send().await.unwrap();
    }
    root.query(
        "iam",
        &[("Action", "DeleteRolePolicy"), ("RoleName", &name), ("PolicyName", "read-secrets")],
    )
    .await;
    root.query("iam", &[("Action", "DeleteRole"), ("RoleName", &name)]).await;
}
