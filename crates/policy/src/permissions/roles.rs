//! The generated policies of the roles: the permissions for every call of a role, and nothing else.

pub use super::variables::Variables;
use super::{
    Call, DENIED, Limit, Need, On, PROJECT_PARTS, PROJECT_SETTINGS, Role, TABLE,
    boundary::{boundary_arn, boundary_document},
    statement::{CODEBUILD, EC2, LAMBDA, SECRETS_MANAGER, managed_policies},
};
use claviger_domain::{
    aws_event::TEST_SOURCE,
    partition::Partition,
    remediation::{ATTACH_TAG, BOUNDARY_POLICY, ROLE_PATH},
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The session tags that Claviger sets.
pub const SESSION_TAGS: [&str; 2] = ["claviger:grant", "claviger:person"];
/// What the names of our sessions look like: our own work, and grants.
pub const SESSION_NAMES: [&str; 2] = ["claviger-*", "G-*"];

/// The partitions with committed policies: AWS, GovCloud and China.
pub const PARTITIONS: [&str; 3] = ["aws", "aws-us-gov", "aws-cn"];

/// The policy of a role in a partition, with a line's end.
pub fn role_policy(role: Role, partition: &Partition) -> String {
    pretty(&role_document(role, &Variables::of(partition)))
}

/// The policy of a role.
pub fn role_document(role: Role, variables: &Variables) -> Value {
    // Actions that share their resources and conditions share a statement.
    let mut statements: BTreeMap<(Vec<String>, String), BTreeSet<&str>> = BTreeMap::new();
    let calls = TABLE.iter().filter(|call| call.role == role);
    for need in calls.flat_map(|call: &Call| call.needs) {
        let key = (resources(need.on, variables), conditions(need, variables).to_string());
        statements.entry(key).or_default().insert(need.action);
    }
    // By action: sorted by resource, the order would follow the names that a role or account has.
    let mut statements: Vec<_> = statements.into_iter().collect();
    statements.sort_by(|(_, one), (_, other)| one.cmp(other));
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
        let sid = if role == Role::Iam { "NeverAnAdministrator" } else { "NeverAValue" };
        written.push(json!({
            "Sid": sid,
            "Effect": "Deny",
            "Action": denied,
            "Resource": "*",
        }));
    }
    json!({"Version": "2012-10-17", "Statement": written})
}

/// The trust policy with `${hub_principal_arn}`, `${external_id}` and `${organization_id}` to be filled in, with a line's
/// end.
pub fn trust_policy() -> String {
    pretty(&trust_document("${hub_principal_arn}", "${external_id}", "${organization_id}"))
}

/// Who may assume our roles: one statement for each action, because each has condition keys of its own. AWS sends the
/// external id and the session's name with `sts:AssumeRole` alone; a condition on them in another statement is never met.
pub fn trust_document(hub_principal: &str, external_id: &str, organization: &str) -> Value {
    let hub = json!({"AWS": hub_principal});
    let tags: Map<String, Value> =
        SESSION_TAGS.iter().map(|tag| (format!("aws:RequestTag/{tag}"), json!("?*"))).collect();
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": hub,
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": {
                        "sts:ExternalId": external_id,
                        "aws:PrincipalOrgID": organization,
                    },
                    "StringLike": {"sts:RoleSessionName": SESSION_NAMES},
                },
            },
            {
                "Effect": "Allow",
                "Principal": hub,
                "Action": "sts:TagSession",
                "Condition": {
                    // Met without any tag as well; that every tag is there is the second condition's part.
                    "ForAllValues:StringEquals": {"aws:TagKeys": SESSION_TAGS},
                    "StringLike": tags,
                },
            },
            {
                "Effect": "Allow",
                "Principal": hub,
                "Action": "sts:SetSourceIdentity",
                "Condition": {"StringLike": {"sts:SourceIdentity": "??*"}},
            },
        ],
    })
}

/// Every file of `infra/policies`, by its path there. Those of the partition `aws` are at the top.
pub fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::from([("trust.json".to_owned(), trust_policy())]);
    for name in PARTITIONS {
        let Ok(partition) = name.parse::<Partition>() else { continue };
        let folder = if name == "aws" { String::new() } else { format!("{name}/") };
        for role in Role::in_use() {
            files.insert(format!("{folder}{}.json", role.name()), role_policy(role, &partition));
        }
        let boundary = boundary_document(&Variables::of(&partition));
        files.insert(format!("{folder}{BOUNDARY_POLICY}.json"), pretty(&boundary));
    }
    files
}

fn resources(on: On, variables: &Variables) -> Vec<String> {
    let Variables { partition, account, role_name, .. } = variables;
    let role = |role: Role| format!("arn:{partition}:iam::{account}:role/{}", role_name(role));
    match on {
        On::Anything => vec!["*".into()],
        On::Secret => vec![format!("arn:{partition}:secretsmanager:*:*:secret:*")],
        On::Parameter => vec![format!("arn:{partition}:ssm:*:*:parameter/*")],
        On::Key => vec![format!("arn:{partition}:kms:*:*:key/*")],
        On::RotationFunction | On::Function => {
            vec![format!("arn:{partition}:lambda:*:*:function:*")]
        }
        On::Project => vec![format!("arn:{partition}:codebuild:*:*:project/*")],
        On::Instance => vec![format!("arn:{partition}:ec2:*:*:instance/*")],
        On::InstanceProfile => {
            vec![format!("arn:{partition}:iam::{account}:instance-profile{ROLE_PATH}*")]
        }
        On::AnyInstanceProfile => {
            vec![format!("arn:{partition}:iam::{account}:instance-profile/*")]
        }
        On::ExternalRole => vec![format!("arn:{partition}:iam::{account}:role/*")],
        On::AccessRole => vec![role(Role::Access)],
        On::MemberRoles => {
            let roles: BTreeSet<String> = Role::members().map(role).collect();
            roles.into_iter().collect()
        }
        On::ConfigRule => vec![format!("arn:{partition}:config:*:*:config-rule/*")],
        On::Trail => vec![format!("arn:{partition}:cloudtrail:*:*:trail/*")],
        On::EventRule => vec![format!("arn:{partition}:events:*:*:rule/*")],
        On::DefaultBus => vec![format!("arn:{partition}:events:*:*:event-bus/default")],
        On::ConsumerRole => vec![format!("arn:{partition}:iam::{account}:role{ROLE_PATH}*")],
        On::Boundary => vec![boundary_arn(partition, account)],
    }
}

/// What is the same for every secret and parameter.
fn conditions(need: &Need, variables: &Variables) -> Value {
    let via = |service: &str| {
        let pattern = format!("{service}.*.{}", variables.dns_suffix);
        ("StringLike", json!({"kms:ViaService": pattern}))
    };
    let conditions = need.limits.iter().filter_map(|limit| match limit {
        Limit::ThroughSecretsManager => Some(via("secretsmanager")),
        Limit::ThroughParameterStore => Some(via("ssm")),
        Limit::PassedToSecretsManager => {
            Some(("StringEquals", json!({"iam:PassedToService": SECRETS_MANAGER})))
        }
        Limit::Recoverable => {
            let never = json!({"secretsmanager:ForceDeleteWithoutRecovery": "false"});
            Some(("BoolIfExists", never))
        }
        // The role as a whole creates parameters, and overwrites none.
        Limit::Creates => Some(("StringEqualsIfExists", json!({"ssm:Overwrite": "false"}))),
        // A call has several events, each with a source.
        Limit::TestEvents => {
            Some(("ForAllValues:StringEquals", json!({"events:source": TEST_SOURCE})))
        }
        Limit::OneStage => {
            let moved = json!({"secretsmanager:VersionStage": ["AWSCURRENT", "AWSPENDING"]});
            Some(("StringEquals", moved))
        }
        Limit::OurBoundary => {
            let own = boundary_arn(&variables.partition, &variables.account);
            Some(("ArnLike", json!({"iam:PermissionsBoundary": own})))
        }
        Limit::NamedPolicies => {
            let named = managed_policies(&variables.partition);
            Some(("ArnEquals", json!({"iam:PolicyARN": named})))
        }
        Limit::PassedToLambda => Some(("StringEquals", json!({"iam:PassedToService": LAMBDA}))),
        Limit::OptedIn => {
            let key = format!("aws:ResourceTag/{}", ATTACH_TAG.0);
            Some(("StringEquals", json!({key: ATTACH_TAG.1})))
        }
        Limit::NoLayers => Some(("Null", json!({"lambda:Layer": "true"}))),
        Limit::PassedToCodeBuild => {
            Some(("StringEquals", json!({"iam:PassedToService": CODEBUILD})))
        }
        Limit::NewServiceRole => {
            let Variables { partition, account, .. } = variables;
            let own = format!("arn:{partition}:iam::{account}:role{ROLE_PATH}*");
            Some(("StringLike", json!({"codebuild:serviceRole": own})))
        }
        Limit::PassedToEc2 => Some(("StringEquals", json!({"iam:PassedToService": EC2}))),
        Limit::NewInstanceProfile => {
            let Variables { partition, account, .. } = variables;
            let own = format!("arn:{partition}:iam::{account}:instance-profile{ROLE_PATH}*");
            Some(("ArnLike", json!({"ec2:NewInstanceProfile": own})))
        }
        Limit::RoleAlone => Some(("Null", each(PROJECT_SETTINGS, "true"))),
        _ => None,
    });
    let parts = need.limits.contains(&Limit::RoleAlone);
    let parts = parts.then(|| ("BoolIfExists", each(PROJECT_PARTS, "false")));
    let mut all: Map<String, Value> = Map::new();
    for (operator, keys) in conditions.chain(parts) {
        let Value::Object(keys) = keys else { continue };
        // Two limits can have one operator.
        let own = all.entry(operator).or_insert_with(|| json!({}));
        if let Value::Object(own) = own {
            own.extend(keys);
        }
    }
    Value::Object(all)
}

/// Each key with this value.
fn each(keys: &[&str], value: &str) -> Value {
    keys.iter().map(|key| ((*key).to_owned(), json!(value))).collect::<Map<_, _>>().into()
}

pub(super) fn pretty(document: &Value) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}
