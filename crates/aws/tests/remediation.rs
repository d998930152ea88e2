//! Remediation calls, with the emulator that enforces session policies: each has its effect, and nothing else is allowed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod hub;

use aws_credential_types::Credentials;
use aws_sdk_secretsmanager::Client as SecretsManager;
use claviger_aws::{AwsError, CallOrder, Gateway, RemediationGateway};
use claviger_domain::{
    facts::{Detail, Reading, ResourceDetails, ResourceFacts, RotationRules, SecretFacts},
    ids::Region,
    remediation::AwsCall,
    scan::RegionScanFault,
};
use claviger_policy::remediation::session_policy;
use claviger_testkit::ministack;
use hub::Hub;
use serde_json::json;

/// Log Archive, which no other test changes.
const ACCOUNT: &str = "377105918264";
const CURRENT: &str = "AWSCURRENT";
const PENDING: &str = "AWSPENDING";

struct TestGateway {
    hub: Hub,
    secrets: Vec<ResourceFacts>,
    parameter: ResourceFacts,
    other_parameter: ResourceFacts,
}

impl TestGateway {
    async fn new() -> Self {
        let hub = Hub::new(ACCOUNT).await;
        let reader = hub.gateway.open(&hub.account, &hub.region).await.unwrap();
        let mut secrets = reader.secrets(None).await.unwrap().facts;
        // Other tests make these meanwhile.
        secrets.retain(|facts| !facts.name.starts_with("made/"));
        let mut parameters = reader.parameters(None).await.unwrap().facts;
        let (parameter, other_parameter) = (parameters.remove(0), parameters.remove(0));
        Self { hub, secrets, parameter, other_parameter }
    }

    /// Makes the call, in a session for `narrowed`.
    async fn call(
        &self,
        facts: &ResourceFacts,
        call: &AwsCall,
        narrowed: (&AwsCall, &ResourceFacts),
    ) -> Result<(), AwsError> {
        let order = CallOrder {
            account: self.hub.account.clone(),
            region: self.hub.region.clone(),
            kind: facts.kind(),
            arn: facts.arn.clone(),
            name: facts.name.clone(),
            session_name: "claviger-P-1-1".into(),
            source_identity: "ada@example.com".into(),
            policy: session_policy(narrowed.0, narrowed.1, &self.hub.region),
            token: format!("{:036}", 1),
        };
        self.hub.gateway.carry_out(&order, call).await
    }

    /// Makes the call as intended.
    async fn fix(&self, facts: &ResourceFacts, call: &AwsCall) {
        self.call(facts, call, (call, facts)).await.unwrap();
    }

    async fn read(&self, facts: &ResourceFacts) -> ResourceFacts {
        let reader = self.hub.gateway.open(&self.hub.account, &self.hub.region).await.unwrap();
        reader.secret(facts.arn.as_str()).await.unwrap().unwrap()
    }

    async fn detail(&self, facts: &ResourceFacts) -> SecretFacts {
        match self.read(facts).await.detail {
            Detail::Secret(detail) => detail,
            Detail::Parameter(_) => panic!("a secret"),
        }
    }

    async fn deep(&self, facts: &ResourceFacts) -> ResourceDetails {
        let reader = self.hub.gateway.open(&self.hub.account, &self.hub.region).await.unwrap();
        reader.deep(&facts.arn, None, true).await.unwrap().unwrap()
    }

    /// Its owner, outside of every session of ours.
    async fn root(&self) -> SecretsManager {
        let root = Credentials::new(ACCOUNT, "test", None, None, "root");
        SecretsManager::new(&ministack().config(root).await)
    }

    /// A secret of the test's own. One of an earlier run is deleted.
    async fn made(&self, name: &str) -> ResourceFacts {
        let root = self.root().await;
        let delete = root.delete_secret().secret_id(name).force_delete_without_recovery(true);
        let _ = delete.send().await;
        let made = root.create_secret().name(name).secret_string("old").send().await.unwrap();
        let reader = self.hub.gateway.open(&self.hub.account, &self.hub.region).await.unwrap();
        reader.secret(made.arn().unwrap()).await.unwrap().unwrap()
    }

    /// The id of the version with a stage.
    async fn staged(&self, facts: &ResourceFacts, stage: &str) -> Option<String> {
        self.detail(facts).await.staged(stage).map(|version| version.id.clone())
    }

    async fn policy(&self, facts: &ResourceFacts) -> Option<String> {
        match self.deep(facts).await.resource_policy {
            Reading::Read(policy) => policy,
            Reading::Refused(code) => panic!("{code}"),
        }
    }

    async fn replicas(&self, facts: &ResourceFacts) -> Vec<Region> {
        match self.deep(facts).await.replicas {
            Reading::Read(replicas) => replicas.into_iter().map(|replica| replica.region).collect(),
            Reading::Refused(code) => panic!("{code}"),
        }
    }
}

fn tags(value: &str) -> AwsCall {
    AwsCall::TagResource { tags: [("fixed".to_owned(), value.to_owned())].into() }
}

#[tokio::test]
async fn each_call_does_what_it_says() {
    let remediation_gateway = TestGateway::new().await;
    let secret = &remediation_gateway.secrets[0];
    let before = secret.tags.clone().unwrap();
    remediation_gateway.fix(secret, &tags("yes")).await;
    let after = remediation_gateway.read(secret).await.tags.unwrap();
    assert_eq!(after.get("fixed").map(String::as_str), Some("yes"));
    assert!(before.iter().all(|(key, value)| after.get(key) == Some(value)), "other tags stay");

    remediation_gateway.fix(&remediation_gateway.parameter, &tags("yes")).await;
    let reader = remediation_gateway
        .hub
        .gateway
        .open(&remediation_gateway.hub.account, &remediation_gateway.hub.region)
        .await
        .unwrap();
    let parameter = reader.parameter(&remediation_gateway.parameter.name).await.unwrap().unwrap();
    assert_eq!(parameter.tags.unwrap().get("fixed").map(String::as_str), Some("yes"));

    let rules = RotationRules {
        automatically_after_days: Some(30),
        duration: Some("3h".into()),
        ..RotationRules::default()
    };
    let lambda = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:SecretsManagerRotate");
    let rotate = AwsCall::RotateSecret {
        lambda_arn: Some(lambda.clone()),
        external: None,
        rules: rules.clone(),
        rotate_immediately: false,
    };
    remediation_gateway.fix(secret, &rotate).await;
    let detail = remediation_gateway.detail(secret).await;
    assert_eq!(detail.rotation.enabled, Some(true));
    assert_eq!(detail.rotation.rules, Some(rules));
    assert_eq!(detail.rotation.lambda_arn, Some(lambda));
    remediation_gateway.fix(secret, &AwsCall::RotateNow).await;

    let key = format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/0e6d3a5c-1111-4222-8333-944445555666");
    remediation_gateway.fix(secret, &AwsCall::UpdateSecret { kms_key_id: key.clone() }).await;
    assert_eq!(remediation_gateway.read(secret).await.kms_key_id, Some(key));

    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")},
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
    }]});
    let put = AwsCall::PutResourcePolicy { resource_policy: policy.to_string() };
    remediation_gateway.fix(secret, &put).await;
    let read = remediation_gateway.policy(secret).await.unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&read).unwrap(), policy);
    remediation_gateway.fix(secret, &AwsCall::DeleteResourcePolicy).await;
    assert_eq!(remediation_gateway.policy(secret).await, None);

    remediation_gateway.fix(secret, &AwsCall::DeleteSecret { recovery_window_days: 7 }).await;
    assert!(remediation_gateway.detail(secret).await.deleted_at.is_some());
    remediation_gateway.fix(secret, &AwsCall::RestoreSecret).await;
    assert!(remediation_gateway.detail(secret).await.deleted_at.is_none());

    let region: Region = "eu-west-1".parse().unwrap();
    let replicate = AwsCall::ReplicateSecretToRegions { region: region.clone(), kms_key_id: None };
    remediation_gateway.fix(secret, &replicate).await;
    assert_eq!(remediation_gateway.replicas(secret).await, std::slice::from_ref(&region));
    remediation_gateway.fix(secret, &AwsCall::RemoveRegionsFromReplication { region }).await;
    assert_eq!(remediation_gateway.replicas(secret).await, []);
}

#[tokio::test]
async fn a_session_for_one_call_makes_no_other() {
    let remediation_gateway = TestGateway::new().await;
    let [one, two] = [&remediation_gateway.secrets[1], &remediation_gateway.secrets[2]];
    let refused = async |facts: &ResourceFacts, call: &AwsCall, narrowed| {
        remediation_gateway.call(facts, call, narrowed).await.unwrap_err().fault
    };
    // Another secret, another action, another service.
    let tag = tags("no");
    assert_eq!(refused(two, &tag, (&tag, one)).await, RegionScanFault::Denied);
    assert_eq!(refused(one, &AwsCall::RotateNow, (&tag, one)).await, RegionScanFault::Denied);
    let delete = AwsCall::DeleteSecret { recovery_window_days: 30 };
    assert_eq!(refused(one, &delete, (&tag, one)).await, RegionScanFault::Denied);
    assert_eq!(
        refused(&remediation_gateway.parameter, &tag, (&tag, one)).await,
        RegionScanFault::Denied
    );
    let untouched = remediation_gateway.read(one).await;
    assert!(remediation_gateway.detail(one).await.deleted_at.is_none());
    assert!(!untouched.tags.unwrap().contains_key("fixed"));
}

fn move_of(stage: &str, move_to: Option<&String>, remove_from: &str) -> AwsCall {
    AwsCall::UpdateSecretVersionStage {
        stage: stage.into(),
        move_to: move_to.cloned(),
        remove_from: remove_from.into(),
    }
}

/// Stages move as in AWS, and the emulator's AWSPREVIOUS with them.
#[tokio::test]
async fn a_version_is_rolled_back_and_a_pending_one_is_cleared() {
    let remediation_gateway = TestGateway::new().await;
    let secret = &remediation_gateway.made("made/rolled-back").await;
    let arn = secret.arn.as_str();
    let root = remediation_gateway.root().await;
    let put = |value: &str| root.put_secret_value().secret_id(arn).secret_string(value);
    let old = remediation_gateway.staged(secret, CURRENT).await.unwrap();
    let new = put("new").send().await.unwrap().version_id.unwrap();
    let back = move_of(CURRENT, Some(&old), &new);
    remediation_gateway.fix(secret, &back).await;
    assert_eq!(remediation_gateway.staged(secret, CURRENT).await, Some(old.clone()));
    assert_eq!(remediation_gateway.staged(secret, "AWSPREVIOUS").await, Some(new.clone()));

    let pending = put("pending").version_stages(PENDING).send().await.unwrap().version_id.unwrap();
    let clear = move_of(PENDING, None, &pending);
    // A session for one stage moves no other, and none of another secret.
    let other = &remediation_gateway.secrets[4];
    for narrowed in [(&back, secret), (&clear, other), (&tags("no"), secret)] {
        let error = remediation_gateway.call(secret, &clear, narrowed).await.unwrap_err();
        assert_eq!(error.fault, RegionScanFault::Denied, "{error}");
    }
    let forward = move_of(CURRENT, Some(&new), &old);
    let error = remediation_gateway.call(secret, &forward, (&clear, secret)).await.unwrap_err();
    assert_eq!(error.fault, RegionScanFault::Denied, "{error}");
    assert_eq!(remediation_gateway.staged(secret, PENDING).await, Some(pending.clone()));
    remediation_gateway.fix(secret, &clear).await;
    assert_eq!(remediation_gateway.staged(secret, PENDING).await, None);
    assert_eq!(remediation_gateway.staged(secret, CURRENT).await, Some(old));
}

#[tokio::test]
async fn rotation_description_and_tags_change_in_sessions_of_their_own() {
    let remediation_gateway = TestGateway::new().await;
    let secret = &remediation_gateway.made("made/described").await;
    let rotate = AwsCall::RotateSecret {
        lambda_arn: Some(format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:rotate")),
        external: None,
        rules: RotationRules { automatically_after_days: Some(30), ..RotationRules::default() },
        rotate_immediately: false,
    };
    remediation_gateway.fix(secret, &rotate).await;
    remediation_gateway.fix(secret, &tags("yes")).await;
    let parameter = &remediation_gateway.other_parameter;
    remediation_gateway.fix(parameter, &tags("yes")).await;
    let cancel = AwsCall::CancelRotateSecret;
    let describe = AwsCall::UpdateDescription { description: "Orders of the shop".into() };
    let untag = AwsCall::UntagResource { keys: ["fixed".to_owned()].into() };
    let wrong = tags("no");
    for call in [&cancel, &describe, &untag] {
        let error = remediation_gateway.call(secret, call, (&wrong, secret)).await.unwrap_err();
        assert_eq!(error.fault, RegionScanFault::Denied, "{error}");
    }
    // A session for a description changes no key.
    let key = format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/0e6d3a5c-1111-4222-8333-944445555666");
    let change = AwsCall::UpdateSecret { kms_key_id: key };
    let error = remediation_gateway.call(secret, &change, (&describe, secret)).await.unwrap_err();
    assert_eq!(error.fault, RegionScanFault::Denied, "{error}");
    let error = remediation_gateway.call(parameter, &untag, (&wrong, parameter)).await.unwrap_err();
    assert_eq!(error.fault, RegionScanFault::Denied, "{error}");

    for call in [&cancel, &describe, &untag] {
        remediation_gateway.fix(secret, call).await;
    }
    let after = remediation_gateway.read(secret).await;
    assert_eq!(after.description.as_deref(), Some("Orders of the shop"));
    assert!(!after.tags.as_ref().unwrap().contains_key("fixed"));
    assert_eq!(remediation_gateway.detail(secret).await.rotation.enabled, Some(false));
    remediation_gateway.fix(parameter, &untag).await;
    let hub = &remediation_gateway.hub;
    let reader = hub.gateway.open(&hub.account, &hub.region).await.unwrap();
    let tags = reader.parameter(&parameter.name).await.unwrap().unwrap().tags.unwrap();
    assert!(!tags.contains_key("fixed"));
}

#[tokio::test]
async fn what_aws_refuses_is_said_in_its_words() {
    let remediation_gateway = TestGateway::new().await;
    let secret = &remediation_gateway.secrets[3];
    remediation_gateway.fix(secret, &AwsCall::DeleteSecret { recovery_window_days: 7 }).await;
    let error =
        remediation_gateway.call(secret, &AwsCall::RotateNow, (&AwsCall::RotateNow, secret)).await;
    remediation_gateway.fix(secret, &AwsCall::RestoreSecret).await;
    let error = error.unwrap_err();
    assert_eq!(error.operation, "RotateSecret");
    assert!(error.to_string().contains("InvalidRequestException"), "{error}");
    let gone = ResourceFacts {
        arn: format!("arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:nothing-AbCdEf")
            .parse()
            .unwrap(),
        ..secret.clone()
    };
    let error =
        remediation_gateway.call(&gone, &tags("no"), (&tags("no"), &gone)).await.unwrap_err();
    assert!(error.to_string().contains("ResourceNotFoundException"), "{error}");
}
