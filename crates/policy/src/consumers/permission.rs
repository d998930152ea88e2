//! The permission policy: reading, describing and decrypting, each a statement of its own.

use super::{RoleKey, RoleResource, conditions, kind_of};
use crate::permissions::statement::{one_or_many, via_service};
use claviger_domain::{
    consumers::{Consumer, ConsumerKind, RoleMode, RoleRequest},
    facts::Kind,
    ids::AccountId,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The statements, and what each does.
pub(super) fn statements(
    account: &AccountId,
    resources: &[RoleResource],
    request: &RoleRequest,
) -> (Vec<Value>, Vec<String>) {
    let mut found = Vec::new();
    let of = |kind: Kind| resources.iter().filter(move |one| one.kind == kind);
    let is_injected = kind_of(request) == ConsumerKind::EcsExecution;
    if of(Kind::Secret).next().is_some() {
        let arns = arns(account, of(Kind::Secret), request);
        let names = names(of(Kind::Secret), request);
        let stage = match request.stages.as_slice() {
            [] => String::new(),
            stages => format!(", with the stage {}", stages.join(" or ")),
        };
        found.push((
            read("ReadSecret", &["secretsmanager:GetSecretValue"], &arns, account, request),
            format!("Reads the value of {names}{stage}."),
        ));
        if !is_injected {
            found.push((
                read("DescribeSecret", &["secretsmanager:DescribeSecret"], &arns, account, request),
                format!(
                    "Reads the metadata of {names}: caching clients ask which version is current before they read a value. It returns no value."
                ),
            ));
        }
    }
    if of(Kind::Parameter).next().is_some() {
        let arns = arns(account, of(Kind::Parameter), request);
        let names = names(of(Kind::Parameter), request);
        // ECS asks for all parameters of a container at once.
        let actions: &[&str] = if is_injected {
            &["ssm:GetParameters"]
        } else {
            &["ssm:GetParameter", "ssm:GetParameters"]
        };
        found.push((
            read("ReadParameter", actions, &arns, account, request),
            format!("Reads {names} by name. Neither its history nor a listing by path."),
        ));
    }
    found.extend(decrypts(account, resources, request));
    found.into_iter().unzip()
}

/// The ARNs as the policy names them.
fn arns<'a>(
    account: &AccountId,
    resources: impl Iterator<Item = &'a RoleResource>,
    request: &RoleRequest,
) -> Vec<String> {
    let named = resources.map(|one| match &request.mode {
        RoleMode::Exact => one.arn.to_string(),
        RoleMode::ByTag(_) => any(account, one),
    });
    named.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The pattern of everything of its kind in its Region.
fn any(account: &AccountId, one: &RoleResource) -> String {
    let (partition, region) = (one.arn.partition(), &one.region);
    match one.kind {
        Kind::Secret => format!("arn:{partition}:secretsmanager:{region}:{account}:secret:*"),
        Kind::Parameter => format!("arn:{partition}:ssm:{region}:{account}:parameter/*"),
    }
}

fn names<'a>(resources: impl Iterator<Item = &'a RoleResource>, request: &RoleRequest) -> String {
    let names: Vec<&str> = resources.map(|one| one.name.as_str()).collect();
    match &request.mode {
        RoleMode::Exact => names.join(", "),
        RoleMode::ByTag(key) => {
            format!(
                "everything whose tag {key} has the role's value, {} among them",
                names.join(", ")
            )
        }
    }
}

fn read(
    sid: &str,
    actions: &[&str],
    arns: &[String],
    account: &AccountId,
    request: &RoleRequest,
) -> Value {
    let mut conditions = conditions::of_reads(request);
    if let RoleMode::ByTag(key) = &request.mode {
        let own = format!("${{aws:PrincipalTag/{key}}}");
        conditions.add("StringEquals", &format!("aws:ResourceTag/{key}"), own);
    }
    if actions.contains(&"secretsmanager:GetSecretValue") {
        conditions.all_of("StringEquals", "secretsmanager:VersionStage", &request.stages);
    }
    if let Consumer::Lambda { function: Some(name) } = &request.consumer {
        let partition = arns.first().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
        let function = format!("arn:{partition}:lambda:*:{account}:function:{name}");
        conditions.add("ArnLike", "lambda:SourceFunctionArn", function);
    }
    let arns: Vec<&str> = arns.iter().map(String::as_str).collect();
    conditions.into_statement(json!({
        "Sid": sid,
        "Effect": "Allow",
        "Action": one_or_many(actions),
        "Resource": one_or_many(&arns),
    }))
}

/// One statement for each key and service. The AWS managed keys need none.
fn decrypts(
    account: &AccountId,
    resources: &[RoleResource],
    request: &RoleRequest,
) -> Vec<(Value, String)> {
    let mut keys: BTreeMap<(&RoleKey, Kind), Vec<&RoleResource>> = BTreeMap::new();
    for one in resources.iter().filter(|one| one.key != RoleKey::NotNeeded) {
        keys.entry((&one.key, one.kind)).or_default().push(one);
    }
    let count = keys.len();
    let statement = |(at, ((key, kind), under)): (
        usize,
        ((&RoleKey, Kind), Vec<&RoleResource>),
    )| {
        let (service, host, context) = match kind {
            Kind::Secret => ("Secrets Manager", "secretsmanager", "SecretARN"),
            Kind::Parameter => ("Parameter Store", "ssm", "PARAMETER_ARN"),
        };
        let mut conditions = conditions::of_callers(request);
        let via: BTreeSet<String> =
            under.iter().map(|one| via_service(host, &one.region)).collect();
        conditions.all_of("StringEquals", "kms:ViaService", &via.into_iter().collect::<Vec<_>>());
        let context = format!("kms:EncryptionContext:{context}");
        let of = arns(account, under.iter().copied(), request);
        let operator = match request.mode {
            RoleMode::Exact => "StringEquals",
            RoleMode::ByTag(_) => "StringLike",
        };
        conditions.all_of(operator, &context, &of);
        let arn = match key {
            RoleKey::Key(arn) => arn.as_str(),
            RoleKey::Unread { pattern, alias } => {
                if let Some(alias) = alias {
                    conditions.add(
                        "ForAnyValue:StringEquals",
                        "kms:ResourceAliases",
                        alias.as_str(),
                    );
                }
                pattern.as_str()
            }
            RoleKey::NotNeeded => "",
        };
        let number = if count > 1 { (at + 1).to_string() } else { String::new() };
        let statement = conditions.into_statement(json!({
            "Sid": format!("Decrypt{number}"),
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": arn,
        }));
        let names: Vec<&str> = under.iter().map(|one| one.name.as_str()).collect();
        let what = match request.mode {
            RoleMode::Exact => format!("the value of {}", names.join(", ")),
            RoleMode::ByTag(_) => "values".to_owned(),
        };
        let words = format!(
            "Decrypts {what} with the customer managed key, and only where {service} asks for it: the key opens nothing else for this role."
        );
        (statement, words)
    };
    keys.into_iter().enumerate().map(statement).collect()
}
