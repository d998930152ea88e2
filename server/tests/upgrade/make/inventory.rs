//! The content of AWS.

use super::{Making, US};
use claviger_domain::{
    accounts::{
        TagPolicy,
        identities::{
            AttachedPolicy, Guardrail, GuardrailKind, GuardrailReading, Identity, PolicySource,
        },
        readiness::{
            Compliance, ConfigReading, ConfigResult, ConfigRules, ManagementEvents, Trail,
        },
    },
    clock::Clock,
    facts::ResourceFacts,
    key::{KeyManager, KmsKey},
    scan::{RegionScanFault, RegionScanList},
};
use claviger_testkit::samples::{
    CHECKOUT, PAYMENTS, SANDBOX, account, parameter, region, secret, secret_with,
};
use time::Duration;

const POLICIES: &str = "\
id: env
title: Every resource names its environment
severity: low
mode: notify
rule: {required-tags: {tags: {env: [prod]}}}
---
id: paths
title: Nobody reads by path
severity: high
rule: {read-by-path: {}}
---
id: tagged
title: Everything has a tag
severity: low
rule: {tagged: {}}
";

fn unowned(account: &str, name: &str) -> ResourceFacts {
    let mut facts = secret(account, US, name);
    facts.tags = Some([("team".to_owned(), "unknown".to_owned())].into());
    facts
}

impl Making {
    /// The content of AWS, scanned three times.
    pub(super) async fn inventory(&self) {
        let (payments, us) = (account(PAYMENTS), region(US));
        for caller in [self.ada(), self.sol(), self.mira(), self.tomas()] {
            self.services.people().upsert_person(&caller.person, &caller.groups).await.unwrap();
        }
        self.aws.set_enabled_regions(Ok(vec![us.clone(), region("eu-west-1")]));
        self.aws.put(secret_with(PAYMENTS, US, "payments/ledger", |secret| {
            secret.rotation.enabled = Some(true);
            secret.rotation.next_rotation_at = Some(self.clock.now() - Duration::days(3));
        }));
        for name in ["payments/kafka", "payments/stripe"] {
            let mut facts = secret(PAYMENTS, US, name);
            facts.kms_key_id = Some("alias/payments".into());
            self.aws.put(facts);
        }
        self.aws.put(parameter(PAYMENTS, US, "/payments/jwt"));
        self.aws.put(unowned(CHECKOUT, "checkout/api"));
        self.aws.put(unowned(CHECKOUT, "checkout/old"));
        self.aws.put(parameter(CHECKOUT, US, "/checkout/jwt"));
        self.aws.put(secret(SANDBOX, US, "ml/openai"));
        self.aws.put(unowned(SANDBOX, "ml/notebook"));
        let stripe = secret(PAYMENTS, US, "payments/stripe");
        self.aws.attach_policy(
            &stripe.arn,
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*"}]}"#,
        );
        self.aws.set_key(
            "alias/payments",
            KmsKey {
                arn: format!("arn:aws:kms:{US}:{PAYMENTS}:key/1"),
                manager: KeyManager::Customer,
                state: "Enabled".into(),
                deletion_at: None,
                is_multi_region: false,
                aliases: Some(vec!["alias/payments".into()]),
            },
        );
        self.aws.set_trails(vec![Trail {
            name: "all".into(),
            is_multi_region: true,
            is_organization: true,
            is_logging: Ok(true),
            management: Ok(ManagementEvents { reads: true, writes: true }),
        }]);
        let rules = ConfigRules {
            results: vec![ConfigResult {
                rule: "securityhub-rotation".into(),
                identifier: "SECRETSMANAGER_ROTATION_ENABLED_CHECK".into(),
                parameters: None,
                resource: stripe.arn.to_string(),
                compliance: Compliance::NonCompliant,
                recorded_at: Some(self.clock.now()),
                annotation: None,
            }],
            read_failures: Vec::new(),
        };
        let reading = ConfigReading { is_recording: Ok(Some(true)), rules: Ok(rules) };
        self.aws.set_config(&payments, &us, reading);
        self.aws.set_identities(Ok(vec![Identity {
            principal: format!("arn:aws:iam::{PAYMENTS}:role/batch"),
            policies: vec![AttachedPolicy {
                source: PolicySource::Inline,
                name: "batch".into(),
                document: Some(r#"{"Statement": [
                    {"Effect": "Allow", "Action": "ssm:GetParametersByPath", "Resource": "arn:aws:ssm:*:*:parameter/payments"},
                    {"Effect": "Deny", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:*:*:parameter/payments/*"}]}"#
                    .into()),
            }],
            trust: Some(r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/gitlab.com"},
                "Condition": {"StringEquals": {"gitlab.com:sub": "project_path:acme/batch:ref_type:branch:ref:main"}}}]}"#
                .into()),
            ..Identity::default()
        }]));
        self.aws.set_tag_policies(Ok(vec![TagPolicy {
            id: "p-env".into(),
            targets: vec!["r-test".into()],
            name: "env".into(),
            content: r#"{"tags": {"env": {"tag_key": {"@@assign": "env"}, "tag_value": {"@@assign": ["prod"]}}}}"#
                .into(),
        }]));
        self.aws.set_guardrails(vec![
            GuardrailReading {
                kind: GuardrailKind::Scp,
                is_enabled: Ok(true),
                policies: Ok(vec![Guardrail {
                    id: "p-FullAWSAccess".into(),
                    name: "FullAWSAccess".into(),
                    content:
                        r#"{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#
                            .into(),
                    targets: vec!["r-test".into()],
                }]),
            },
            GuardrailReading {
                kind: GuardrailKind::Rcp,
                is_enabled: Ok(false),
                policies: Ok(Vec::new()),
            },
        ]);
        self.services.policies().import_policies(POLICIES).await.unwrap();
        self.sweep().await;
        self.pass(Duration::minutes(20)).await;
        // One resource changed, one is deleted, and the tags of a new one are unknown.
        let mut changed = secret(PAYMENTS, US, "payments/kafka");
        changed.description = Some("Of the brokers.".into());
        self.aws.put(changed);
        self.aws.remove(&unowned(CHECKOUT, "checkout/old").arn);
        self.aws.put(parameter(SANDBOX, US, "/ml/new"));
        self.aws.fail_list(RegionScanList::ParameterTags, Some(RegionScanFault::Denied));
        self.sweep().await;
        self.pass(Duration::minutes(20)).await;
        // Then a list is denied.
        self.aws.fail_list(RegionScanList::Parameters, Some(RegionScanFault::Denied));
        self.sweep().await;
        self.pass(Duration::hours(25)).await;
    }
}
