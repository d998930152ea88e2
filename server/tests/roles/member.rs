//! An account of the emulator with Claviger's roles in it, and a hub. Each test has its own, so none sees another's changes.

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_sdk_cloudtrail::Client as CloudTrail;
use aws_sdk_config::{
    Client as Config,
    types::{ConfigRule, ConfigurationRecorder, Owner, Source},
};
use aws_sdk_iam::Client as Iam;
use aws_sdk_kms::Client as Kms;
use aws_sdk_secretsmanager::Client as SecretsManager;
use aws_sdk_ssm::{Client as Ssm, types::ParameterType};
use claviger_aws::{AwsGateway, AwsSettings, Gateway};
use claviger_domain::{
    facts::ResourceFacts,
    ids::{AccountId, Region},
    remediation::{ATTACH_TAG, BOUNDARY_POLICY},
};
use claviger_policy::permissions::{
    Role,
    boundary::boundary_document,
    roles::{Variables, role_document, trust_document},
};
use claviger_testkit::{EmulatorRoot, Ministack, gateway_settings, ministack};
use serde_json::Value;
use std::sync::atomic::{AtomicU32, Ordering};

/// The management account of the emulator's Organization, where the hub is.
const MANAGEMENT: &str = "204917356680";
pub const US: &str = "us-east-1";
/// What the roles are tried on.
const SECRET: &str = "ledger/postgres";
const PARAMETER: &str = "/ledger/password";
/// A function that a role can be attached to.
pub const FUNCTION: &str = "ledger-export";
/// A `CodeBuild` project whose owner lets Claviger attach roles.
pub const PROJECT: &str = "release";

/// The names that a gateway uses for the roles.
#[derive(Debug, Clone, Copy)]
pub struct Names {
    pub inventory: Role,
    pub access: Role,
    pub remediation: Role,
    pub consumers: Role,
    pub iam: Role,
}

impl Names {
    pub const OWN: Self = Self {
        inventory: Role::Inventory,
        access: Role::Access,
        remediation: Role::Remediation,
        consumers: Role::Consumers,
        iam: Role::Iam,
    };

    /// One role for everything.
    pub const fn all(role: Role) -> Self {
        Self { inventory: role, access: role, remediation: role, consumers: role, iam: role }
    }
}

pub struct Member {
    pub account: AccountId,
    pub region: Region,
    pub secret: ResourceFacts,
    pub parameter: ResourceFacts,
    instance: String,
    /// The gateway with the roles by their own names.
    pub gateway: AwsGateway,
    emulator: Ministack,
    hub: Credentials,
}

impl Member {
    /// An account whose roles are complete.
    pub async fn complete() -> Self {
        Self::without(None).await
    }

    /// An account in which this role lacks this action.
    pub async fn without(missing: Option<(Role, &str)>) -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let n = COUNTER.fetch_add(1, Ordering::Relaxed);
        let account = format!("70{:06}{n:04}", std::process::id() % 1_000_000);
        let emulator = ministack();
        // The emulator's rule: an account's number as the key is the account's root.
        let root = root_of(&emulator, &account).await;
        let user = format!("roles-{account}");
        let hub = hub(&emulator, &user).await;
        let iam = Iam::new(&root);
        let organization = organization_id(&emulator).await;
        let trust = trust_document(&hub.0, &emulator.external_id, &organization).to_string();
        for role in Role::members() {
            iam.create_role()
                .role_name(role.name())
                .assume_role_policy_document(&trust)
                .send()
                .await
                .unwrap();
            put_policy(&iam, role, None).await;
        }
        let boundary = boundary_document(&Variables::of(&"aws".parse().unwrap()));
        let create = iam.create_policy().policy_name(BOUNDARY_POLICY);
        create.policy_document(boundary.to_string()).send().await.unwrap();
        let instance = seed(&root).await;
        let account: AccountId = account.parse().unwrap();
        let gateway = gateway(&emulator, &hub.1, Names::OWN).await;
        // The emulator knows the hub's Organization after its first call about it.
        gateway.organization().await.unwrap();
        let region: Region = US.parse().unwrap();
        let reader = gateway.open(&account, &region).await.unwrap();
        let secret = reader.secrets(None).await.unwrap().facts.remove(0);
        let parameter = reader.parameter(PARAMETER).await.unwrap().unwrap();
        if let Some((role, action)) = missing {
            if role == Role::Hub {
                let iam = Iam::new(&root_of(&emulator, MANAGEMENT).await);
                put_hub_policy(&iam, &user, Some(action)).await;
            } else {
                put_policy(&iam, role, Some(action)).await;
            }
        }
        Self { account, region, secret, parameter, instance, gateway, emulator, hub: hub.1 }
    }

    /// A gateway that assumes other roles than usual.
    pub async fn gateway_as(&self, names: Names) -> AwsGateway {
        gateway(&self.emulator, &self.hub, names).await
    }

    /// The ARN of an instance whose owner lets Claviger attach roles.
    pub fn instance(&self) -> String {
        format!("arn:aws:ec2:{}:{}:instance/{}", self.region, self.account, self.instance)
    }

    /// Takes the instance's profile away, or gives it one; returns the id of its association then.
    pub async fn prepare_instance(&self, has_profile: bool) -> Option<String> {
        let url = self.emulator.url.clone();
        let account = self.account.as_str().to_owned();
        let root = EmulatorRoot { url, account, region: US.into() };
        root.exchange_profile(&self.instance, has_profile.then_some("before")).await
    }

    /// The account's root, to prepare what a call needs.
    pub async fn root(&self) -> SdkConfig {
        root_of(&self.emulator, self.account.as_str()).await
    }

    /// Calls with these credentials.
    pub async fn config(&self, credentials: Credentials) -> SdkConfig {
        self.emulator.config(credentials).await
    }
}

async fn root_of(emulator: &Ministack, account: &str) -> SdkConfig {
    emulator.config(Credentials::new(account, "root", None, None, "root")).await
}

async fn gateway(emulator: &Ministack, hub: &Credentials, names: Names) -> AwsGateway {
    let settings = AwsSettings {
        inventory_role: names.inventory.name().into(),
        access_role: names.access.name().into(),
        remediation_role: names.remediation.name().into(),
        consumers_role: names.consumers.name().into(),
        iam_role: names.iam.name().into(),
        ..gateway_settings(&emulator.external_id)
    };
    AwsGateway::over(emulator.config(hub.clone()).await, &settings)
}

/// A hub of its own: its ARN and credentials.
async fn hub(emulator: &Ministack, name: &str) -> (String, Credentials) {
    let iam = Iam::new(&root_of(emulator, MANAGEMENT).await);
    let user = iam.create_user().user_name(name).send().await.unwrap();
    put_hub_policy(&iam, name, None).await;
    let key = iam.create_access_key().user_name(name).send().await.unwrap();
    let key = key.access_key().unwrap();
    let credentials =
        Credentials::new(key.access_key_id(), key.secret_access_key(), None, None, "hub");
    (user.user().unwrap().arn().to_owned(), credentials)
}

async fn organization_id(emulator: &Ministack) -> String {
    let root = root_of(emulator, MANAGEMENT).await;
    let answer =
        aws_sdk_organizations::Client::new(&root).describe_organization().send().await.unwrap();
    answer.organization().unwrap().id().unwrap().to_owned()
}

/// The policy as it is rendered, without one action.
pub fn document(role: Role, missing: Option<&str>) -> Value {
    let mut document = role_document(role, &Variables::of(&"aws".parse().unwrap()));
    if let Some(missing) = missing {
        let mut found = false;
        for statement in document["Statement"].as_array_mut().unwrap() {
            if statement["Effect"] == "Allow" {
                let actions = statement["Action"].as_array_mut().unwrap();
                found |= actions.iter().any(|action| action == missing);
                actions.retain(|action| action != missing);
            }
        }
        assert!(found, "{} has no {missing}", role.name());
        document["Statement"]
            .as_array_mut()
            .unwrap()
            .retain(|statement| statement["Action"].as_array().is_some_and(|all| !all.is_empty()));
    }
    document
}

async fn put_policy(iam: &Iam, role: Role, missing: Option<&str>) {
    iam.put_role_policy()
        .role_name(role.name())
        .policy_name(role.name())
        .policy_document(document(role, missing).to_string())
        .send()
        .await
        .unwrap();
}

async fn put_hub_policy(iam: &Iam, user: &str, missing: Option<&str>) {
    iam.put_user_policy()
        .user_name(user)
        .policy_name("hub")
        .policy_document(document(Role::Hub, missing).to_string())
        .send()
        .await
        .unwrap();
}

/// A secret with rotation and a key of its own, a parameter, a trail, AWS Config with a rule, and workloads; returns the id of the
/// instance.
async fn seed(root: &SdkConfig) -> String {
    let kms = Kms::new(root);
    let key = kms.create_key().send().await.unwrap();
    let key = key.key_metadata().unwrap().arn().unwrap().to_owned();
    kms.create_alias().alias_name("alias/ledger").target_key_id(&key).send().await.unwrap();
    let secrets = SecretsManager::new(root);
    let secret = secrets
        .create_secret()
        .name(SECRET)
        .kms_key_id(&key)
        .secret_string("CANARY-roles")
        .send()
        .await
        .unwrap();
    let account = key.split(':').nth(4).unwrap();
    secrets
        .rotate_secret()
        .secret_id(secret.arn().unwrap())
        .rotation_lambda_arn(format!("arn:aws:lambda:{US}:{account}:function:rotate"))
        .rotation_rules(
            aws_sdk_secretsmanager::types::RotationRulesType::builder()
                .automatically_after_days(30)
                .build(),
        )
        .send()
        .await
        .unwrap();
    Ssm::new(root)
        .put_parameter()
        .name(PARAMETER)
        .r#type(ParameterType::SecureString)
        .key_id(&key)
        .value("CANARY-roles")
        .send()
        .await
        .unwrap();
    let trails = CloudTrail::new(root);
    trails.create_trail().name("local").s3_bucket_name("trails").send().await.unwrap();
    trails.start_logging().name("local").send().await.unwrap();
    let config = Config::new(root);
    let recorder = ConfigurationRecorder::builder().name("default").build();
    config.put_configuration_recorder().configuration_recorder(recorder).send().await.unwrap();
    config
        .start_configuration_recorder()
        .configuration_recorder_name("default")
        .send()
        .await
        .unwrap();
    let source = Source::builder()
        .owner(Owner::Aws)
        .source_identifier("SECRETSMANAGER_USING_CMK")
        .build()
        .unwrap();
    let rule = ConfigRule::builder().config_rule_name("cmk").source(source).build();
    config.put_config_rule().config_rule(rule).send().await.unwrap();
    let bus = format!("arn:aws:events:{US}:{account}:event-bus/claviger");
    let root =
        EmulatorRoot { url: ministack().url, account: account.to_owned(), region: US.into() };
    root.put_event_rule("claviger-secrets", r#"{"source": ["claviger.test"]}"#, &bus).await;
    let logs = r#"{"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}]}"#;
    root.create_role(FUNCTION, "lambda.amazonaws.com", logs).await;
    let own = format!("arn:aws:iam::{account}:role/{FUNCTION}");
    let function = root.create_function(FUNCTION, &own, "CANARY-environment").await;
    root.tag_function(&function, ATTACH_TAG).await;
    root.register_task(FUNCTION, "CANARY-environment").await;
    root.create_project(PROJECT, &own, "CANARY-environment", &[ATTACH_TAG]).await;
    root.create_stack(FUNCTION, "CANARY-environment").await;
    root.create_instance(ATTACH_TAG).await
}
