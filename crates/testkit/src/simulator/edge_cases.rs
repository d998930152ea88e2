//! Secrets that posture tools differ about, by their numbers. Only a simulator that enables them has them: fifty secrets of
//! an account and Region contain each kind once.

use super::organization::SimulatedOrganization;
use serde_json::{Value, json};

/// The simulator's Organization.
pub(crate) const ORGANIZATION: &str = "o-simulated";
/// An account outside the Organization.
const OUTSIDER: &str = "999900000001";
/// The key of the account itself, by its id.
const OWN_KEY: &str = "own";
/// The AWS managed key behind `alias/aws/secretsmanager`, by its id.
const AWS_KEY: &str = "aws-managed";
const AWS_ALIAS: &str = "alias/aws/secretsmanager";
/// Each kind occurs once in this many secrets.
const CYCLE: u32 = 50;

/// The owner tag is there, and empty.
pub(crate) fn has_blank_owner(organization: &SimulatedOrganization, n: u32) -> bool {
    organization.has_edge_cases && n % CYCLE == 11
}

/// Deleted, in its recovery window.
pub(crate) fn is_pending_deletion(organization: &SimulatedOrganization, n: u32) -> bool {
    organization.has_edge_cases && n % CYCLE == 17
}

/// The secret's `KmsKeyId`.
pub(crate) fn key_id(
    organization: &SimulatedOrganization,
    account: u64,
    region: &str,
    n: u32,
) -> Option<String> {
    let arn = |id: &str| format!("arn:aws:kms:{region}:{account}:key/{id}");
    match n % CYCLE {
        12 if organization.has_edge_cases => Some(arn(AWS_KEY)),
        14 if organization.has_edge_cases => Some(AWS_ALIAS.to_owned()),
        _ => n.is_multiple_of(2).then(|| arn(OWN_KEY)),
    }
}

/// The response to `DescribeKey` by an id, an ARN or an alias.
pub(crate) fn key(account: u64, region: &str, named: &str) -> String {
    let is_aws = named.contains("alias/aws/") || named.rsplit('/').next() == Some(AWS_KEY);
    let (id, manager) = if is_aws { (AWS_KEY, "AWS") } else { (OWN_KEY, "CUSTOMER") };
    json!({"KeyMetadata": {
        "AWSAccountId": account.to_string(),
        "KeyId": id,
        "Arn": format!("arn:aws:kms:{region}:{account}:key/{id}"),
        "Enabled": true,
        "KeyState": "Enabled",
        "KeyManager": manager,
    }})
    .to_string()
}

/// The response to `ListAliases`: one page.
pub(crate) fn aliases(organization: &SimulatedOrganization, account: u64, region: &str) -> String {
    let each: Vec<Value> = if organization.has_edge_cases {
        vec![json!({
            "AliasName": AWS_ALIAS,
            "AliasArn": format!("arn:aws:kms:{region}:{account}:{AWS_ALIAS}"),
            "TargetKeyId": AWS_KEY,
        })]
    } else {
        Vec::new()
    };
    json!({"Aliases": each, "Truncated": false}).to_string()
}

/// The resource policy of a secret, if it has one.
pub(crate) fn resource_policy(
    organization: &SimulatedOrganization,
    account: u64,
    n: u32,
) -> Option<String> {
    if !organization.has_edge_cases {
        return None;
    }
    let role = |account: &str| json!({"AWS": format!("arn:aws:iam::{account}:role/reader")});
    let anyone = |condition: Value| vec![allow(json!("*"), condition)];
    let statements = match n % CYCLE {
        2 => vec![allow(
            json!({"Service": "lambda.amazonaws.com"}),
            json!({"StringEquals": {"aws:SourceAccount": account.to_string()}}),
        )],
        4 => vec![allow(role(&account.to_string()), Value::Null)],
        6 => anyone(Value::Null),
        16 => anyone(json!({"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}})),
        22 => anyone(json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}})),
        24 => {
            let condition = json!({"StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION}});
            vec![
                allow(json!("*"), Value::Null),
                json!({"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:*",
                    "Resource": "*", "Condition": condition}),
            ]
        }
        26 => vec![allow(role(OUTSIDER), Value::Null)],
        32 => anyone(json!({"StringEquals": {"aws:username": "deploy"}})),
        36 => vec![allow(role(&organization.sister(account).to_string()), Value::Null)],
        46 => anyone(json!({"StringEquals": {"aws:PrincipalTag/team": "payments"}})),
        _ => return None,
    };
    Some(json!({"Version": "2012-10-17", "Statement": statements}).to_string())
}

fn allow(principal: Value, condition: Value) -> Value {
    let mut statement =
        json!({"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"});
    statement["Principal"] = principal;
    if !condition.is_null() {
        statement["Condition"] = condition;
    }
    statement
}
