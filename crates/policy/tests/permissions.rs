//! The table of permissions against what the code does, and against what AWS says of its actions. `infra.rs` compares it
//! with the files in `infra`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod calls;
mod pinned;

use claviger_domain::{
    facts::{Detail, ParameterFacts, ParameterType, ResourceFacts, RotationRules, SecretFacts},
    grants::{Action, GrantResource},
    remediation::{AwsCall, ExternalRotation},
};
use claviger_policy::{
    SESSION_POLICY_LIMIT, SessionResource, compose,
    permissions::{
        DENIED, Role, TABLE,
        reference::{ACTIONS, SOMETIMES, action_named, actions_matching},
        roles::{PARTITIONS, role_policy, trust_policy},
    },
    remediation::session_policy,
};
use serde_json::Value;
use std::{collections::BTreeSet, path::Path};

/// The batch has no action of its own: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html>.
/// An encrypted queue needs `kms:Decrypt` too.
#[test]
fn the_policies_of_the_queue_permit_every_call_on_it() {
    let calls = calls::queue_calls();
    assert!(calls.len() >= 3, "{calls:?}");
    let infra = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra");
    for file in ["cloudformation/events-hub.yaml", "terraform/events/queues.tf"] {
        let text = std::fs::read_to_string(infra.join(file)).unwrap();
        // The statements for the hub's role; each ends at the next one.
        let own: Vec<&str> = text
            .split("Sid")
            .filter(|statement| {
                statement.trim_start_matches([' ', ':', '=', '"']).starts_with("Claviger")
            })
            .collect();
        assert_eq!(own.len(), 2, "{file}: of the key and of the queues");
        let permits = |action: &str| own.iter().any(|statement| statement.contains(action));
        assert!(permits("kms:Decrypt"), "{file}");
        for call in &calls {
            let action = call.trim_end_matches("Batch");
            assert!(permits(&format!("sqs:{action}")), "{file}: {call}");
        }
    }
}

#[test]
fn every_call_that_is_made_is_in_the_table_and_every_call_of_the_table_is_made() {
    let made = calls::made();
    let table: BTreeSet<(Role, String)> =
        TABLE.iter().map(|call| (call.role, call.operation.to_owned())).collect();
    let without: Vec<_> = made.difference(&table).collect();
    assert!(without.is_empty(), "calls without a permission: {without:?}");
    let never: Vec<_> = table.difference(&made).collect();
    assert!(never.is_empty(), "permissions that are never used: {never:?}");
}

#[test]
fn an_action_is_known_to_aws_and_brings_what_it_depends_on() {
    for call in TABLE {
        let own = format!("{}:{}", call.service, call.operation);
        if call.needs.is_empty() {
            assert_eq!(own, "sts:GetCallerIdentity", "AWS asks for a permission");
            continue;
        }
        assert_eq!(call.needs[0].action, own, "a call's own action comes first");
        let mut actions: BTreeSet<&str> = call.needs.iter().map(|need| need.action).collect();
        actions.retain(|action| !SOMETIMES.contains(&(own.as_str(), *action)));
        let known = action_named(&own).unwrap_or_else(|| panic!("{own} is unknown"));
        let mut expected: BTreeSet<&str> = known.depends_on.iter().copied().collect();
        expected.insert(known.name);
        assert_eq!(actions, expected, "{own} needs these, no fewer and no more");
    }
    for (_, actions) in DENIED {
        for action in *actions {
            assert!(actions_matching(action).next().is_some(), "{action} is unknown");
        }
    }
}

/// Compares a policy with AWS's reference: its actions exist, accept such a resource, and support the conditions' keys.
fn hold(policy: &str) {
    let document: Value = serde_json::from_str(policy).unwrap();
    for statement in document["Statement"].as_array().unwrap() {
        let texts = |value: &Value| -> Vec<String> {
            match value {
                Value::Array(all) => all.iter().map(|one| one.as_str().unwrap().into()).collect(),
                Value::Null => Vec::new(),
                one => vec![one.as_str().unwrap().into()],
            }
        };
        let denies = statement["Effect"] == "Deny";
        let keys: Vec<&String> = statement
            .get("Condition")
            .into_iter()
            .flat_map(|operators| operators.as_object().unwrap().values())
            .flat_map(|keys| keys.as_object().unwrap().keys())
            .collect();
        for name in texts(&statement["Action"]) {
            if denies && name.ends_with('*') {
                assert!(actions_matching(&name).next().is_some(), "{name} is unknown: {policy}");
                assert!(keys.is_empty() && statement["Resource"] == "*", "{name}: {policy}");
                continue;
            }
            let action =
                action_named(&name).unwrap_or_else(|| panic!("{name} is unknown: {policy}"));
            for key in &keys {
                assert!(action.knows(key), "{name} has no key {key}: {policy}");
            }
            for resource in texts(&statement["Resource"]) {
                if resource == "*" {
                    continue;
                }
                assert!(!denies, "a Deny on an ARN is narrower than it looks: {policy}");
                let parts: Vec<&str> = resource.splitn(6, ':').collect();
                let of = format!("{}:{}", parts[2], parts[5]);
                assert!(
                    action.resource.is_some_and(|start| of.starts_with(start)),
                    "{name} is not for {resource}"
                );
            }
        }
    }
}

#[test]
fn roles_say_what_aws_understands() {
    for partition in PARTITIONS {
        for role in Role::in_use() {
            hold(&role_policy(role, &partition.parse().unwrap()));
        }
    }
    hold(&trust_policy());
}

fn facts(region: &str, detail: Detail) -> ResourceFacts {
    let arn = match detail {
        Detail::Secret(_) => {
            format!("arn:aws:secretsmanager:{region}:441205839201:secret:a-AbCdEf")
        }
        Detail::Parameter(_) => format!("arn:aws:ssm:{region}:441205839201:parameter/a"),
    };
    ResourceFacts {
        arn: arn.parse().unwrap(),
        name: "/a".into(),
        description: None,
        tags: None,
        kms_key_id: Some("alias/a".into()),
        is_aws_managed_key: false,
        created_at: None,
        changed_at: None,
        detail,
    }
}

fn every_kind() -> Vec<ResourceFacts> {
    let mut secret = SecretFacts::default();
    secret.rotation.lambda_arn = Some("arn:aws:lambda:eu-west-1:441205839201:function:r".into());
    let parameter = |tier: &str| {
        Detail::Parameter(ParameterFacts {
            parameter_type: ParameterType::SecureString,
            tier: Some(tier.into()),
            version: None,
            data_type: None,
            allowed_pattern: None,
            last_modified_user: None,
            policies: Vec::new(),
        })
    };
    let mut all = vec![
        facts("eu-west-1", Detail::Secret(secret)),
        facts("eu-west-1", parameter("Standard")),
        facts("eu-west-1", parameter("Advanced")),
    ];
    for one in all.clone() {
        all.push(ResourceFacts { kms_key_id: Some("5d0c".into()), ..one.clone() });
        all.push(ResourceFacts { kms_key_id: None, ..one });
    }
    all
}

#[test]
fn sessions_say_what_aws_understands() {
    for facts in every_kind() {
        for action in [Action::Read, Action::Write, Action::Rotate, Action::Change] {
            let resource = GrantResource {
                id: "00000000-0000-0000-0000-000000000000".parse().unwrap(),
                arn: facts.arn.clone(),
                name: facts.name.clone(),
                kind: facts.kind(),
                region: "eu-west-1".parse().unwrap(),
                key: None,
                owner_team: None,
            };
            let until = time::OffsetDateTime::UNIX_EPOCH;
            let resources = [SessionResource::now(resource, &facts)];
            for policy in compose(action, &resources, until, SESSION_POLICY_LIMIT).unwrap() {
                hold(&policy.document);
            }
        }
        let calls = [
            AwsCall::TagResource { tags: [("a".into(), "b".into())].into() },
            AwsCall::RotateNow,
            AwsCall::RotateSecret {
                lambda_arn: None,
                external: Some(ExternalRotation {
                    role_arn: "arn:aws:iam::441205839201:role/partner".into(),
                    metadata: [].into(),
                }),
                rules: RotationRules::default(),
                rotate_immediately: true,
            },
            AwsCall::UpdateSecret { kms_key_id: "alias/b".into() },
            AwsCall::PutResourcePolicy { resource_policy: "{}".into() },
            AwsCall::DeleteResourcePolicy,
            AwsCall::DeleteSecret { recovery_window_days: 7 },
            AwsCall::RestoreSecret,
            AwsCall::ReplicateSecretToRegions {
                region: "us-east-1".parse().unwrap(),
                kms_key_id: Some("alias/b".into()),
            },
            AwsCall::RemoveRegionsFromReplication { region: "us-east-1".parse().unwrap() },
            AwsCall::UpdateSecretVersionStage {
                stage: "AWSPENDING".into(),
                move_to: None,
                remove_from: "1".into(),
            },
            AwsCall::CancelRotateSecret,
            AwsCall::UpdateDescription { description: "Orders".into() },
            AwsCall::UntagResource { keys: ["a".into()].into() },
        ];
        for call in calls {
            hold(&session_policy(&call, &facts, &"eu-west-1".parse().unwrap()));
        }
    }
}

#[test]
fn the_reference_has_each_action_once() {
    let mut seen = BTreeSet::new();
    for action in ACTIONS {
        assert!(seen.insert(action.name), "{} is there twice", action.name);
    }
}
