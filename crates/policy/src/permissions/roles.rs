//! The generated policies of the roles: the permissions for every call of a role, and nothing else.

use super::{Call, DENIED, Limit, Need, On, Role, TABLE};
use claviger_domain::partition::Partition;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The session tags that Claviger sets.
pub const SESSION_TAGS: [&str; 2] = ["claviger:grant", "claviger:person"];
/// The patterns of session names: Claviger's own work, and grants.
const SESSION_NAMES: [&str; 2] = ["claviger-*", "G-*"];

/// The partitions with committed policies: AWS, GovCloud and China.
pub const PARTITIONS: [&str; 3] = ["aws", "aws-us-gov", "aws-cn"];

/// The policy of a role in a partition, with a final newline.
pub fn role_policy(role: Role, partition: &Partition) -> String {
    // Actions with the same resources and conditions share a statement.
    let mut statements: BTreeMap<(Vec<String>, String), BTreeSet<&str>> = BTreeMap::new();
    let calls = TABLE.iter().filter(|call| call.role == role);
    for need in calls.flat_map(|call: &Call| call.needs) {
        let key = (resources(need.on, partition), conditions(need, partition).to_string());
        statements.entry(key).or_default().insert(need.action);
    }
    let mut written: Vec<Value> = statements
        .into_iter()
        .map(|((resources, conditions), actions)| {
            let mut statement = json!({
                "Effect": "Allow",
                "Action": actions,
                "Resource": if resources.len() == 1 { json!(resources[0]) } else { json!(resources) },
            });
            if conditions != "{}" {
                statement["Condition"] = serde_json::from_str(&conditions).unwrap_or_default();
            }
            statement
        })
        .collect();
    let denied: BTreeSet<&str> = DENIED
        .iter()
        .filter(|(of, _)| *of == role)
        .flat_map(|(_, actions)| actions.iter().copied())
        .collect();
    if !denied.is_empty() {
        written.push(json!({
            "Sid": "NeverAValue",
            "Effect": "Deny",
            "Action": denied,
            "Resource": "*",
        }));
    }
    pretty(&json!({"Version": "2012-10-17", "Statement": written}))
}

/// The trust policy of the roles: one statement for each action, because each has its own condition keys.
/// `${hub_principal_arn}` and `${external_id}` are placeholders.
pub fn trust_policy() -> String {
    let hub = json!({"AWS": "${hub_principal_arn}"});
    pretty(&json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": hub,
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": {"sts:ExternalId": "${external_id}"},
                    "StringLike": {"sts:RoleSessionName": SESSION_NAMES},
                },
            },
            {
                "Effect": "Allow",
                "Principal": hub,
                "Action": "sts:TagSession",
                "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": SESSION_TAGS}},
            },
            {
                "Effect": "Allow",
                "Principal": hub,
                "Action": "sts:SetSourceIdentity",
                "Condition": {"StringLike": {"sts:SourceIdentity": "??*"}},
            },
        ],
    }))
}

/// Every file of `infra/policies`, by its path there. Those of the partition `aws` are at the top.
pub fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::from([("trust.json".to_owned(), trust_policy())]);
    for name in PARTITIONS {
        let Ok(partition) = name.parse::<Partition>() else { continue };
        let folder = if name == "aws" { String::new() } else { format!("{name}/") };
        for role in Role::ALL {
            files.insert(format!("{folder}{}.json", role.name()), role_policy(role, &partition));
        }
    }
    files
}

fn resources(on: On, partition: &Partition) -> Vec<String> {
    let role = |role: Role| format!("arn:{partition}:iam::*:role/{}", role.name());
    match on {
        On::Anything => vec!["*".into()],
        On::Secret => vec![format!("arn:{partition}:secretsmanager:*:*:secret:*")],
        On::Parameter => vec![format!("arn:{partition}:ssm:*:*:parameter/*")],
        On::Key => vec![format!("arn:{partition}:kms:*:*:key/*")],
        On::RotationFunction => vec![format!("arn:{partition}:lambda:*:*:function:*")],
        On::AccessRole => vec![role(Role::Access)],
        On::MemberRoles => {
            vec![role(Role::Access), role(Role::Inventory), role(Role::Remediation)]
        }
        On::ConfigRule => vec![format!("arn:{partition}:config:*:*:config-rule/*")],
        On::Trail => vec![format!("arn:{partition}:cloudtrail:*:*:trail/*")],
    }
}

/// Restrictions that are the same for every secret and parameter.
fn conditions(need: &Need, partition: &Partition) -> Value {
    let via = |service: &str| {
        let pattern = format!("{service}.*.{}", partition.dns_suffix());
        ("StringLike", json!({"kms:ViaService": pattern}))
    };
    let conditions = need.limits.iter().filter_map(|limit| match limit {
        Limit::ThroughSecretsManager => Some(via("secretsmanager")),
        Limit::ThroughParameterStore => Some(via("ssm")),
        Limit::Recoverable => {
            let never = json!({"secretsmanager:ForceDeleteWithoutRecovery": "false"});
            Some(("BoolIfExists", never))
        }
        _ => None,
    });
    let all: Map<String, Value> =
        conditions.map(|(operator, keys)| (operator.to_owned(), keys)).collect();
    Value::Object(all)
}

fn pretty(document: &Value) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}
