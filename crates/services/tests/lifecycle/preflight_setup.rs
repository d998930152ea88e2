//! An account in which the rotation of a secret passes, for tests to change.

use crate::fixture::{Fixture, ada};
use claviger_domain::{
    accounts::{
        identities::{
            AttachedPolicy, Guardrail, GuardrailKind, GuardrailReading, Identity, PolicySource,
        },
        readiness::ReadFailure,
    },
    facts::{Reading, ResourceFacts, SecretFacts, Version},
    key::{KeyAccess, KeyManager, KmsKey},
    remediation::{
        AclEntry, FunctionConfiguration, FunctionNetwork, FunctionReading, FunctionVpc, NetworkAcl,
        PortRule, Route, RouteTable, SecurityGroup, VpcEndpoint,
        preflight::{PreflightCause as Cause, PreflightForm, PreflightResult, PreflightView},
    },
};
use claviger_testkit::{
    US,
    samples::{PAYMENTS, organization, secret_with},
};
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

pub const FUNCTION: &str = "arn:aws:lambda:us-east-1:441205839201:function:rotate-ledger";
const POLICY: &str = "id: rotation\ntitle: R\nseverity: high\nrule: {rotation-enabled: {}}";
const ROLE: &str = "arn:aws:iam::441205839201:role/rotate-ledger";
const KEY: &str = "arn:aws:kms:us-east-1:441205839201:key/1234abcd";

/// An account in which the rotation of the secret `ledger` passes, for a test to change.
pub struct Setup {
    pub ledger: ResourceFacts,
    pub others: Vec<ResourceFacts>,
    pub function: Option<FunctionReading>,
    /// Statements of the function's role.
    pub role: Vec<Value>,
    pub boundary: Option<Value>,
    /// Statements of Claviger's own role.
    pub claviger: Vec<Value>,
    pub has_role: bool,
    pub scp: Option<Value>,
    pub key_policy: Option<String>,
    pub form: PreflightForm,
    pub fixture: Fixture,
}

pub fn allow(action: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*"})
}

pub fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn policy(name: &str, statements: &[Value]) -> AttachedPolicy {
    AttachedPolicy {
        source: PolicySource::Inline,
        name: name.into(),
        document: Some(document(statements)),
    }
}

fn identity(principal: &str, statements: &[Value], boundary: Option<&Value>) -> Identity {
    Identity {
        principal: principal.into(),
        policies: vec![policy("rotation", statements)],
        boundary: boundary.map(|one| policy("limit", std::slice::from_ref(one))),
        ..Identity::default()
    }
}

/// A statement of the function's policy for secrets of an account; of any for `None`.
pub fn admits(account: Option<&str>) -> Value {
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": {"Service": "secretsmanager.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": FUNCTION,
    });
    if let Some(account) = account {
        statement["Condition"] = json!({"StringEquals": {"aws:SourceAccount": account}});
    }
    statement
}

pub fn version(id: &str, stages: &[&str]) -> Version {
    Version { id: id.into(), stages: stages.iter().map(ToString::to_string).collect() }
}

pub fn ledger(change: impl FnOnce(&mut SecretFacts)) -> ResourceFacts {
    secret_with(PAYMENTS, US, "ledger", |secret| {
        secret.versions = vec![version("v1", &["AWSCURRENT"])];
        change(secret);
    })
}

pub fn denied(operation: &str) -> ReadFailure {
    ReadFailure { operation: operation.into(), code: "AccessDenied".into() }
}

fn https(groups: &[&str], ranges: &[&str]) -> PortRule {
    PortRule {
        protocol: "tcp".into(),
        from: Some(443),
        to: Some(443),
        groups: groups.iter().map(ToString::to_string).collect(),
        ranges: ranges.iter().map(ToString::to_string).collect(),
        has_prefix_lists: false,
    }
}

/// A VPC with an endpoint for Secrets Manager.
fn network() -> FunctionNetwork {
    let route = |destination: &str, target: &str| Route {
        destination: destination.into(),
        target: target.into(),
        is_blackhole: false,
    };
    let group = |id: &str, ingress, egress| SecurityGroup { id: id.into(), ingress, egress };
    FunctionNetwork {
        route_tables: Ok(vec![RouteTable {
            id: "rtb-1".into(),
            is_main: true,
            subnets: Vec::new(),
            routes: vec![route("10.0.0.0/16", "local")],
        }]),
        endpoints: Ok(vec![VpcEndpoint {
            id: "vpce-1".into(),
            state: "available".into(),
            has_private_dns: true,
            security_groups: vec!["sg-endpoint".into()],
            policy: Some(document(&[
                json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}),
            ])),
        }]),
        security_groups: Ok(vec![
            group("sg-function", Vec::new(), vec![https(&[], &["0.0.0.0/0"])]),
            group("sg-endpoint", vec![https(&["sg-function"], &[])], Vec::new()),
        ]),
        network_acls: Ok(vec![NetworkAcl {
            id: "acl-1".into(),
            is_default: true,
            subnets: Vec::new(),
            entries: [true, false]
                .map(|is_egress| AclEntry {
                    number: 100,
                    is_egress,
                    is_allow: true,
                    protocol: "-1".into(),
                    range: Some("0.0.0.0/0".into()),
                    ..AclEntry::default()
                })
                .to_vec(),
        }]),
    }
}

impl Setup {
    pub async fn passing(pool: &PgPool) -> Self {
        Self {
            ledger: ledger(|_| {}),
            others: Vec::new(),
            function: Some(FunctionReading {
                configuration: Ok(Some(FunctionConfiguration {
                    state: Some("Active".into()),
                    last_update: Some("Successful".into()),
                    role: ROLE.into(),
                    runtime: Some("python3.13".into()),
                    ..FunctionConfiguration::default()
                })),
                policy: Ok(Some(document(&[admits(Some(PAYMENTS))]))),
                network: None,
            }),
            role: [
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
                "secretsmanager:UpdateSecretVersionStage",
                "secretsmanager:GetRandomPassword",
            ]
            .map(allow)
            .to_vec(),
            boundary: None,
            claviger: vec![allow("secretsmanager:RotateSecret"), allow("lambda:InvokeFunction")],
            has_role: true,
            scp: None,
            key_policy: None,
            form: PreflightForm {
                lambda: FUNCTION.into(),
                days: "30".into(),
                immediately: "no".into(),
                ..PreflightForm::default()
            },
            fixture: Fixture::new(pool, POLICY).await,
        }
    }

    pub fn configuration(&mut self) -> &mut FunctionConfiguration {
        self.function.as_mut().unwrap().configuration.as_mut().unwrap().as_mut().unwrap()
    }

    pub fn in_vpc(&mut self) -> &mut FunctionNetwork {
        self.configuration().vpc = Some(FunctionVpc {
            id: "vpc-1".into(),
            subnets: vec!["subnet-a".into()],
            security_groups: vec!["sg-function".into()],
        });
        self.function.as_mut().unwrap().network.insert(network())
    }

    /// Without the statement for this action.
    pub fn without(&mut self, action: &str) {
        self.role.retain(|statement| statement["Action"] != action);
    }

    /// The secret under a customer managed key, whose policy lets IAM decide.
    pub fn under_own_key(&mut self) {
        self.ledger.kms_key_id = Some(KEY.into());
        self.key_policy = Some(document(&[json!({
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:aws:iam::{PAYMENTS}:root")},
            "Action": "kms:*",
            "Resource": "*",
        })]));
        self.role.extend([allow("kms:Decrypt"), allow("kms:GenerateDataKey")]);
    }

    pub async fn run(&self) -> PreflightView {
        let aws = &self.fixture.aws;
        for facts in self.others.iter().chain([&self.ledger]) {
            aws.put(facts.clone());
        }
        if let Some(function) = &self.function {
            aws.set_function(FUNCTION, function.clone());
        }
        let mut all = vec![identity(
            &format!("arn:aws:iam::{PAYMENTS}:role/claviger-remediation"),
            &self.claviger,
            None,
        )];
        if self.has_role {
            all.push(identity(ROLE, &self.role, self.boundary.as_ref()));
        }
        aws.set_identities(Ok(all));
        if let Some(statement) = &self.scp {
            aws.set_guardrails(scps(statement));
        }
        if let Some(policy) = &self.key_policy {
            aws.set_key(
                KEY,
                KmsKey {
                    arn: KEY.into(),
                    manager: KeyManager::Customer,
                    state: "Enabled".into(),
                    deletion_at: None,
                    is_multi_region: false,
                    aliases: None,
                },
            );
            aws.set_key_access(KeyAccess {
                policy: Reading::Read(policy.clone()),
                grants: Reading::Read(Vec::new()),
            });
        }
        self.fixture.scan().await;
        // The keys are read after the first scan of a Region.
        self.fixture.clock.advance(Duration::hours(2));
        self.fixture.scan().await;
        self.ask().await
    }

    pub async fn ask(&self) -> PreflightView {
        let id = self.fixture.id(self.ledger.arn.as_str()).await;
        let preflight = self.fixture.services.rotation_preflight();
        preflight.preflight(&ada(), &id, &self.form).await.unwrap()
    }

    pub async fn result(&self, cause: Cause) -> PreflightResult {
        result(&self.run().await, cause)
    }

    /// The cause fails with this in its text, and says what to do.
    pub async fn fails(&self, cause: Cause, said: &str) {
        match self.result(cause).await {
            PreflightResult::Fails { text, fix } => {
                assert!(text.contains(said), "{cause}: {text}");
                assert!(!fix.is_empty());
            }
            other => panic!("{cause}: {other:?}"),
        }
    }

    pub async fn warns(&self, cause: Cause, said: &str) {
        match self.result(cause).await {
            PreflightResult::Warns { text, .. } => assert!(text.contains(said), "{cause}: {text}"),
            other => panic!("{cause}: {other:?}"),
        }
    }
}

pub fn result(view: &PreflightView, cause: Cause) -> PreflightResult {
    view.checks.iter().find(|check| check.cause == cause).unwrap().result.clone()
}

/// SCPs with the policy that AWS attaches everywhere, and one more statement at the root.
fn scps(statement: &Value) -> Vec<GuardrailReading> {
    let organization = organization();
    let account = organization.accounts.iter().find(|one| one.id.as_str() == PAYMENTS).unwrap();
    let root = account.ou_path[0].to_string();
    let targets = account.ou_path.iter().map(ToString::to_string).chain([PAYMENTS.to_owned()]);
    let scp = |id: &str, statements: &[Value], targets: Vec<String>| Guardrail {
        id: id.into(),
        name: id.into(),
        content: document(statements),
        targets,
    };
    let policies = vec![
        scp("FullAWSAccess", &[allow("*")], targets.collect()),
        scp("no-rotation", std::slice::from_ref(statement), vec![root]),
    ];
    vec![
        GuardrailReading { kind: GuardrailKind::Scp, is_enabled: Ok(true), policies: Ok(policies) },
        GuardrailReading {
            kind: GuardrailKind::Rcp,
            is_enabled: Ok(false),
            policies: Ok(Vec::new()),
        },
    ]
}
