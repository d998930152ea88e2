//! A role that is created and attached at an emulator, by the roles as they are rendered. The function has a canary in its
//! environment, which is found nowhere afterwards.

use crate::{
    emulator::scanned_id,
    fixture::{ada, ben, bindings},
};
use aws_credential_types::Credentials;
use claviger_domain::{
    consumers::attach::RolePlan,
    remediation::{ATTACH_TAG, BOUNDARY_POLICY, PlanState, PlanTransition},
};
use claviger_policy::permissions::{Role, roles::role_policy};
use claviger_services::grants::AccessSettings;
use claviger_testkit::{Console, EmulatorRoot, US, ministack, samples::PAYMENTS};
use sqlx::PgPool;

const CANARY: &str = "canary-of-the-environment-4711";

/// Every table's rows as text.
async fn tables(pool: &PgPool) -> String {
    let names: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut text = String::new();
    for name in names {
        let sql = format!("select coalesce(string_agg(t::text, ' '), '') from \"{name}\" t");
        let rows: String =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(pool).await.unwrap();
        text.push_str(&rows);
    }
    text
}

#[sqlx::test(migrations = "../../migrations")]
async fn ministack_a_role_is_created_and_attached(pool: PgPool) {
    let emulator = ministack();
    let name = format!("attach-{}", std::process::id());
    let root =
        EmulatorRoot { url: emulator.url.clone(), account: PAYMENTS.into(), region: US.into() };
    for role in [Role::Iam, Role::Consumers] {
        let policy = role_policy(role, &"aws".parse().unwrap());
        root.put_role_policy(role.name(), role.name(), &policy).await;
    }
    let owner = emulator.config(Credentials::new(PAYMENTS, "root", None, None, "owner")).await;
    let owner = aws_sdk_secretsmanager::Client::new(&owner);
    let made = owner.create_secret().name(&name).secret_string("value").send().await.unwrap();
    let arn = made.arn().unwrap().to_owned();
    let old = format!("arn:aws:iam::{PAYMENTS}:role/{name}-old");
    let logs = r#"{"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}]}"#;
    root.create_role(&format!("{name}-old"), "lambda.amazonaws.com", logs).await;
    let function = root.create_function(&name, &old, CANARY).await;

    let access = AccessSettings { roles: bindings(), ..AccessSettings::nothing().unwrap() };
    let console = Console::builder(&pool).access(access).build_over(emulator.hub().await).await;
    for caller in [ada(), ben()] {
        console.services.people().upsert_person(&caller.person, &caller.groups).await.unwrap();
    }
    let id = scanned_id(&console, &pool, &arn).await;
    let query = format!("consumer=lambda&role_name={name}&function={name}&apply=yes");
    let plans = console.services.consumer_plans();
    let preview = async || -> RolePlan {
        let page = plans.page(&ada(), &id, &query).await.unwrap();
        page.plan.unwrap_or_else(|| panic!("{:?}", page.draft.faults))
    };

    // Its owner has not let Claviger attach roles yet.
    let refused = preview().await;
    assert!(refused.faults[0].reason.contains("has no tag claviger:attach=true"), "{refused:?}");
    root.tag_function(&function, ATTACH_TAG).await;
    let mut plan = preview().await;
    // The emulator sets a function up as AWS does.
    for _ in 0..50 {
        if plan.faults.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        plan = preview().await;
    }
    assert_eq!(plan.faults, []);
    assert_eq!(plan.findings, ["Plaintext credential-like variable PASSWORD."]);
    assert!(!format!("{plan:?}").contains(CANARY));

    let submitted = plans
        .submit(&ada(), &id, &plan.asked, "It reads the ledger.", &plan.preview)
        .await
        .unwrap()
        .to_string();
    let remediation = console.services.remediation();
    let hash = remediation.plan_page(&ben(), &submitted).await.unwrap().hash;
    let approve = PlanTransition::Approve;
    remediation.transition_plan(&ben(), &submitted, approve, &hash, "").await.unwrap();
    console.work().await;
    let shown = remediation.plan_page(&ada(), &submitted).await.unwrap();
    assert_eq!(
        (shown.row.state, shown.row.counts.done),
        (PlanState::Ended, 4),
        "{:#?}",
        shown.steps
    );

    let role = root.query("iam", &[("Action", "GetRole"), ("RoleName", &name)]).await;
    assert!(role.contains(&format!("role/claviger/{name}")), "{role}");
    assert!(role.contains(BOUNDARY_POLICY), "{role}");
    let again = preview().await;
    assert!(again.faults.iter().any(|fault| fault.field == "role_name"), "{again:?}");
    assert!(!tables(&pool).await.contains(CANARY));

    owner.delete_secret().secret_id(&arn).force_delete_without_recovery(true).send().await.unwrap();
    let logs = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    let of_role = |action, more| [("Action", action), ("RoleName", name.as_str()), more];
    root.query("iam", &of_role("DetachRolePolicy", ("PolicyArn", logs))).await;
    root.query("iam", &of_role("DeleteRolePolicy", ("PolicyName", "read-secrets"))).await;
    root.query("iam", &[("Action", "DeleteRole"), ("RoleName", &name)]).await;
}
