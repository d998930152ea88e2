//! A role that is created and attached at an emulator, by the roles as they are rendered. The workload has a canary in its
//! environment, which is found nowhere afterwards.

use crate::{
    emulator::scanned_id,
    fixture::{ada, ben, bindings},
};
use aws_credential_types::Credentials;
use claviger_aws::AwsGateway;
use claviger_domain::{
    consumers::attach::RolePlan,
    remediation::{ATTACH_TAG, BOUNDARY_POLICY, PlanState, PlanTransition},
};
use claviger_policy::permissions::{Role, roles::role_policy};
use claviger_services::grants::AccessSettings;
use claviger_testkit::{Console, EmulatorRoot, US, ministack, samples::PAYMENTS};
use sqlx::PgPool;
use std::sync::Arc;

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

/// An account at the emulator with the opt-in roles as they are rendered, a role of the workload before, and a secret.
struct Emulated {
    name: String,
    root: EmulatorRoot,
    console: Console<Arc<AwsGateway>>,
    /// The console's id of the secret.
    id: String,
    /// The ARN of the role before.
    old: String,
    owner: aws_sdk_secretsmanager::Client,
    arn: String,
}

impl Emulated {
    async fn new(pool: &PgPool, kind: &str, service: &str) -> Self {
        let emulator = ministack();
        let name = format!("{kind}-{}", std::process::id());
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
        let logs = r#"{"Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}]}"#;
        root.create_role(&format!("{name}-old"), service, logs).await;
        let old = format!("arn:aws:iam::{PAYMENTS}:role/{name}-old");
        let access = AccessSettings { roles: bindings(), ..AccessSettings::nothing().unwrap() };
        let console = Console::builder(pool).access(access).build_over(emulator.hub().await).await;
        for caller in [ada(), ben()] {
            console.services.people().upsert_person(&caller.person, &caller.groups).await.unwrap();
        }
        let id = scanned_id(&console, pool, &arn).await;
        Self { name, root, console, id, old, owner, arn }
    }

    async fn preview(&self, query: &str) -> RolePlan {
        let query = format!("{query}&role_name={}&apply=yes", self.name);
        let page = self.console.services.consumer_plans().page(&ada(), &self.id, &query).await;
        let page = page.unwrap();
        page.plan.unwrap_or_else(|| panic!("{:?}", page.draft.faults))
    }

    /// Submits the plan, has it approved, and carries it out.
    async fn carry_out(&self, plan: &RolePlan) {
        let plans = self.console.services.consumer_plans();
        let reason = "It reads the ledger.";
        let submitted = plans.submit(&ada(), &self.id, &plan.asked, reason, &plan.preview).await;
        let submitted = submitted.unwrap().to_string();
        let remediation = self.console.services.remediation();
        let hash = remediation.plan_page(&ben(), &submitted).await.unwrap().hash;
        let approve = PlanTransition::Approve;
        remediation.transition_plan(&ben(), &submitted, approve, &hash, "").await.unwrap();
        self.console.work().await;
        let shown = remediation.plan_page(&ada(), &submitted).await.unwrap();
        assert_eq!(
            (shown.row.state, shown.row.counts.done),
            (PlanState::Ended, 4),
            "{:#?}",
            shown.steps
        );
        let role = self.root.query("iam", &[("Action", "GetRole"), ("RoleName", &self.name)]).await;
        assert!(role.contains(&format!("role/claviger/{}", self.name)), "{role}");
        assert!(role.contains(BOUNDARY_POLICY), "{role}");
    }

    /// Deletes the secret, and the role with these inline policies.
    async fn remove(self, inline: &[&str]) {
        let delete = self.owner.delete_secret().secret_id(&self.arn);
        delete.force_delete_without_recovery(true).send().await.unwrap();
        let of_role = |action, more| [("Action", action), ("RoleName", self.name.as_str()), more];
        for name in inline {
            self.root.query("iam", &of_role("DeleteRolePolicy", ("PolicyName", name))).await;
        }
        let logs = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        self.root.query("iam", &of_role("DetachRolePolicy", ("PolicyArn", logs))).await;
        self.root.query("iam", &[("Action", "DeleteRole"), ("RoleName", &self.name)]).await;
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn ministack_a_role_is_created_and_attached(pool: PgPool) {
    let emulated = Emulated::new(&pool, "attach", "lambda.amazonaws.com").await;
    let Emulated { name, root, old, .. } = &emulated;
    let function = root.create_function(name, old, CANARY).await;
    let query = format!("consumer=lambda&function={name}");
    // Its owner has not let Claviger attach roles yet.
    let refused = emulated.preview(&query).await;
    assert!(refused.faults[0].reason.contains("has no tag claviger:attach=true"), "{refused:?}");
    root.tag_function(&function, ATTACH_TAG).await;
    let mut plan = emulated.preview(&query).await;
    // The emulator sets a function up as AWS does.
    for _ in 0..50 {
        if plan.faults.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        plan = emulated.preview(&query).await;
    }
    assert_eq!(plan.faults, []);
    assert_eq!(
        plan.findings,
        [
            "Credential in the plaintext variable PASSWORD. The plan leaves it there: move its value to a secret, and remove the variable."
        ]
    );
    assert!(!format!("{plan:?}").contains(CANARY));
    emulated.carry_out(&plan).await;
    let again = emulated.preview(&query).await;
    assert!(again.faults.iter().any(|fault| fault.field == "role_name"), "{again:?}");
    assert!(!tables(&pool).await.contains(CANARY));
    emulated.remove(&["read-secrets"]).await;
}

/// The project keeps every other setting, and its variables and its buildspec are found nowhere.
#[sqlx::test(migrations = "../../migrations")]
async fn ministack_a_project_gets_its_role_and_keeps_the_rest(pool: PgPool) {
    let emulated = Emulated::new(&pool, "build", "codebuild.amazonaws.com").await;
    let Emulated { name, root, old, .. } = &emulated;
    let query = format!("consumer=codebuild&project={name}");
    let project = root.create_project(name, old, CANARY, &[]).await;
    let refused = emulated.preview(&query).await;
    assert!(refused.faults[0].reason.contains("has no tag claviger:attach=true"), "{refused:?}");
    root.delete_project(name).await;
    root.create_project(name, old, CANARY, &[ATTACH_TAG]).await;
    let before = root.project(name).await;
    let plan = emulated.preview(&query).await;
    assert_eq!(plan.faults, [], "{project}");
    assert_eq!(
        plan.findings,
        [
            "Credential in the plaintext variable PASSWORD. The plan leaves it there: move its value to a secret, and remove the variable."
        ]
    );
    assert!(!format!("{plan:?}").contains(CANARY));
    emulated.carry_out(&plan).await;
    let settings = |text: &str| -> Vec<serde_json::Value> {
        let all: serde_json::Value = serde_json::from_str(text).unwrap();
        let project = &all["projects"][0];
        ["environment", "source", "artifacts", "tags"].map(|key| project[key].clone()).into()
    };
    let after = root.project(name).await;
    assert_eq!(settings(&before), settings(&after));
    assert!(after.contains(&format!("role/claviger/{name}")), "{after}");
    assert!(!tables(&pool).await.contains(CANARY));
    root.delete_project(name).await;
    emulated.remove(&["read-secrets", "run-builds"]).await;
}
