//! Statements of session policies: an entry of the table with concrete ARNs and values.

use super::{Call, Limit, NAMED_POLICIES, Need, On, PROJECT_PARTS, PROJECT_SETTINGS};
use claviger_domain::{
    aws_event::TEST_SOURCE,
    ids::{AccountId, Arn, Region},
    partition::Partition,
    remediation::ATTACH_TAG,
};
use serde_json::{Map, Value, json};

/// The values for a statement's conditions.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bound<'a> {
    /// RFC 3339; the session is denied everything after this.
    pub(crate) until: Option<&'a str>,
    /// The secret's rotation function.
    pub(crate) function: Option<&'a str>,
    /// The name of a new secret.
    pub(crate) name: Option<&'a str>,
    /// The role that rotates a managed external secret.
    pub(crate) external_role: Option<&'a str>,
    /// The stage that is moved.
    pub(crate) stage: Option<&'a str>,
    /// The Regions in which the service may use keys.
    pub(crate) regions: &'a [&'a Region],
    /// The ARNs that the encryption context may contain.
    pub(crate) context: &'a [&'a str],
    /// A call without an encryption context is allowed: AWS does not document one for every step.
    pub(crate) is_context_optional: bool,
    /// An alias that the key must have: the key itself is unknown.
    pub(crate) alias: Option<&'a str>,
    /// The permissions boundary of a consumer's role.
    pub(crate) boundary: Option<&'a str>,
    /// The managed policy that a role is given.
    pub(crate) policy: Option<&'a str>,
    /// The instance profile that an instance gets.
    pub(crate) profile: Option<&'a str>,
    /// The role that a workload gets.
    pub(crate) role: Option<&'a str>,
}

/// Secrets Manager as a service that assumes roles, in every partition.
pub(crate) const SECRETS_MANAGER: &str = "secretsmanager.amazonaws.com";
/// Lambda as a service that assumes roles, in every partition.
pub(crate) const LAMBDA: &str = "lambda.amazonaws.com";
/// `CodeBuild` as a service that assumes roles, in every partition.
pub(crate) const CODEBUILD: &str = "codebuild.amazonaws.com";
/// EC2 as a service that assumes roles; in China it has the second name too.
pub(crate) const EC2: [&str; 2] = ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"];

/// The ARNs of the managed policies that a consumer's role may be given.
pub(crate) fn managed_policies(partition: &str) -> Vec<String> {
    let arn = |name: &&str| format!("arn:{partition}:iam::aws:policy/{name}");
    NAMED_POLICIES.iter().map(arn).collect()
}

/// The call's permissions for such a resource.
pub(crate) fn needs(call: &Call, on: On) -> impl Iterator<Item = &Need> {
    call.needs.iter().filter(move |need| need.on == on)
}

/// An Allow of these actions on these resources.
pub(crate) fn allow(
    actions: &[&str],
    resources: &[&str],
    limits: &[Limit],
    bound: &Bound<'_>,
) -> Value {
    let mut statement = json!({
        "Effect": "Allow",
        "Action": one_or_many(actions),
        "Resource": one_or_many(resources),
    });
    let conditions = conditions(limits, bound);
    if !conditions.is_empty() {
        statement["Condition"] = Value::Object(conditions);
    }
    statement
}

/// The conditions of a session. `…IfExists` if an absent field keeps the current setting.
pub(crate) fn conditions(limits: &[Limit], bound: &Bound<'_>) -> Map<String, Value> {
    let mut all = Map::new();
    let mut add = |operator: &str, key: &str, value: Value| {
        all.entry(operator).or_insert_with(|| json!({}))[key] = value;
    };
    for limit in limits {
        match limit {
            Limit::OwnRotationFunction => add(
                "StringEqualsIfExists",
                "secretsmanager:RotationLambdaARN",
                json!(bound.function.unwrap_or_default()),
            ),
            Limit::OwnExternalRole => add(
                "StringEqualsIfExists",
                "secretsmanager:ExternalSecretRotationRoleArn",
                json!(bound.external_role.unwrap_or_default()),
            ),
            Limit::PassedToSecretsManager => {
                add("StringEquals", "iam:PassedToService", json!(SECRETS_MANAGER));
            }
            Limit::SameSchedule => {
                add("BoolIfExists", "secretsmanager:ModifyRotationRules", json!("false"));
            }
            Limit::AtOnce => add("BoolIfExists", "secretsmanager:RotateImmediately", json!("true")),
            Limit::Recoverable => {
                add("BoolIfExists", "secretsmanager:ForceDeleteWithoutRecovery", json!("false"));
            }
            Limit::OneStage => add(
                "StringEquals",
                "secretsmanager:VersionStage",
                json!(bound.stage.unwrap_or_default()),
            ),
            Limit::SameKey => add("StringEqualsIfExists", "secretsmanager:KmsKeyId", json!("")),
            Limit::Overwrites => add("StringEqualsIfExists", "ssm:Overwrite", json!("true")),
            Limit::NewName => {
                add("StringEquals", "secretsmanager:Name", json!(bound.name.unwrap_or_default()));
            }
            Limit::Creates => add("StringEqualsIfExists", "ssm:Overwrite", json!("false")),
            // AWS sends true if a request has policies; an empty text counts as none.
            Limit::SamePolicies => {
                add("StringEqualsIfExists", "ssm:Policies", json!(["false", ""]));
            }
            Limit::TestEvents => {
                add("ForAllValues:StringEquals", "events:source", json!(TEST_SOURCE));
            }
            Limit::ThroughSecretsManager => through("secretsmanager", "SecretARN", bound, &mut add),
            Limit::ThroughParameterStore => through("ssm", "PARAMETER_ARN", bound, &mut add),
            Limit::OurBoundary => add(
                "ArnEquals",
                "iam:PermissionsBoundary",
                json!(bound.boundary.unwrap_or_default()),
            ),
            Limit::NamedPolicies => {
                add("ArnEquals", "iam:PolicyARN", json!(bound.policy.unwrap_or_default()));
            }
            Limit::PassedToLambda => add("StringEquals", "iam:PassedToService", json!(LAMBDA)),
            Limit::OptedIn => {
                let key = format!("aws:ResourceTag/{}", ATTACH_TAG.0);
                add("StringEquals", &key, json!(ATTACH_TAG.1));
            }
            Limit::NoLayers => add("Null", "lambda:Layer", json!("true")),
            Limit::PassedToCodeBuild => {
                add("StringEquals", "iam:PassedToService", json!(CODEBUILD));
            }
            Limit::NewServiceRole => {
                add("StringEquals", "codebuild:serviceRole", json!(bound.role.unwrap_or_default()));
            }
            Limit::PassedToEc2 => add("StringEquals", "iam:PassedToService", json!(EC2)),
            Limit::NewInstanceProfile => {
                add(
                    "ArnEquals",
                    "ec2:NewInstanceProfile",
                    json!(bound.profile.unwrap_or_default()),
                );
            }
            Limit::RoleAlone => {
                for key in PROJECT_SETTINGS {
                    add("Null", key, json!("true"));
                }
                for key in PROJECT_PARTS {
                    add("BoolIfExists", key, json!("false"));
                }
            }
            // Whether the permission is needed at all, which the caller decides.
            Limit::StandardTier | Limit::AdvancedTier => {}
        }
    }
    if let Some(alias) = bound.alias {
        add("ForAnyValue:StringEquals", "kms:ResourceAliases", json!(alias));
    }
    if let Some(until) = bound.until {
        add("DateLessThan", "aws:CurrentTime", json!(until));
    }
    all
}

fn through(
    service: &str,
    context: &str,
    bound: &Bound<'_>,
    add: &mut impl FnMut(&str, &str, Value),
) {
    let services: Vec<String> =
        bound.regions.iter().map(|region| via_service(service, region)).collect();
    let services: Vec<&str> = services.iter().map(String::as_str).collect();
    add("StringEquals", "kms:ViaService", one_or_many(&services));
    let operator = if bound.is_context_optional { "StringEqualsIfExists" } else { "StringEquals" };
    add(operator, &format!("kms:EncryptionContext:{context}"), one_or_many(bound.context));
}

/// The value of `kms:ViaService` in a Region.
pub(crate) fn via_service(service: &str, region: &Region) -> String {
    format!("{service}.{region}.{}", Partition::of_region(region).dns_suffix())
}

/// A key, as a policy names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KeyName {
    /// The key's ARN; for an alias, the pattern of all keys that it can name.
    pub(crate) arn: String,
    /// A policy cannot name a key by its alias.
    pub(crate) alias: Option<String>,
}

impl KeyName {
    /// `key` as the API returns it: an id, an ARN, an alias or an alias's ARN; `of` is what is encrypted under it.
    pub(crate) fn of(key: &str, of: &Arn, region: &Region) -> Self {
        let (partition, account) = (of.partition(), of.account());
        if let Some((before, alias)) = key.split_once("alias/") {
            let arn: Option<Arn> = key.parse().ok();
            let own: Option<AccountId> = arn.and_then(|arn| arn.account().parse().ok());
            let account = own.as_ref().map_or(account, AccountId::as_str);
            debug_assert!(before.is_empty() || before.ends_with(':'));
            Self {
                arn: format!("arn:{partition}:kms:{region}:{account}:key/*"),
                alias: Some(format!("alias/{alias}")),
            }
        } else if key.starts_with("arn:") {
            Self { arn: key.to_owned(), alias: None }
        } else {
            Self { arn: format!("arn:{partition}:kms:{region}:{account}:key/{key}"), alias: None }
        }
    }
}

/// One text as itself, several as a list.
pub(crate) fn one_or_many(items: &[&str]) -> Value {
    match items {
        [one] => json!(one),
        many => json!(many),
    }
}
