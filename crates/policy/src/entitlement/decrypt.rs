//! The second call that a value needs: `kms:Decrypt`, or `kms:GenerateDataKey` to write one, made by the service on the
//! caller's behalf.
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html>

use super::{
    Answer,
    caller::{Call, Caller, Kind, of_caller, region},
    facts::{Account, CustomerKey, Fact, Grant, Key, Policy, PolicyKind, Resource, ResourceKind},
    layers::{Granted, Layer, Layers, rcps, scps},
    search::{Found, search},
};
use crate::{entitlement::Accounts, iam::Context};
use std::sync::Arc;
use time::OffsetDateTime;

pub(super) const DECRYPT: &str = "kms:Decrypt";

/// `None` if the value is not encrypted.
pub(super) fn key_call(
    caller: &Caller<'_>,
    resource: &Resource,
    accounts: &Accounts,
    now: OffsetDateTime,
    action: &'static str,
) -> Option<Found> {
    match &resource.key {
        Key::None => None,
        Key::NotRead(why) => Some(unknown(format!("the KMS key: {why}"))),
        Key::AwsManaged if caller.kind == Kind::Service => Some(unknown(
            "AWS does not document whether its managed key decrypts for a service".to_owned(),
        )),
        Key::AwsManaged => {
            let policy = [Arc::new(managed_key_policy(resource))];
            let arn = format!(
                "arn:{}:kms:{}:{}:key/aws-managed",
                resource.arn.split(':').nth(1).unwrap_or("aws"),
                region(&resource.arn),
                resource.account
            );
            let home = accounts.get(&resource.account);
            let call = call(caller, resource, &arn, home, now, action);
            let key = Layer::of(&policy, action, &arn);
            // RCPs do not apply to AWS managed keys.
            let rcps = Layer::Rules(Vec::new());
            Some(search(&layers(caller, &call, key, rcps, Granted::No), &call))
        }
        Key::CustomerManaged(key) => {
            Some(of_customer_key(caller, resource, key, accounts, now, action))
        }
    }
}

fn unknown(what: String) -> Found {
    Found {
        answer: Answer::Unknown,
        through: Vec::new(),
        conditions: Vec::new(),
        against: Vec::new(),
        not_read: vec![what],
    }
}

fn of_customer_key(
    caller: &Caller<'_>,
    resource: &Resource,
    key: &CustomerKey,
    accounts: &Accounts,
    now: OffsetDateTime,
    action: &'static str,
) -> Found {
    let home = key.arn.split(':').nth(4).and_then(|number| number.parse().ok());
    let home = home.and_then(|id| accounts.get(&id));
    let call = call(caller, resource, &key.arn, home, now, action);
    let policy = match &key.policy {
        Fact::Known(policy) => Layer::of(std::slice::from_ref(policy), action, &key.arn),
        Fact::NotRead(why) => Layer::NotRead(format!("the key policy: {why}")),
    };
    let granted = match &key.grants {
        Fact::NotRead(why) => Granted::NotRead(format!("the grants of the key: {why}")),
        Fact::Known(grants) => grants
            .iter()
            .find(|grant| {
                (grant.decrypts || action != DECRYPT) && grants_to(grant, caller, resource)
            })
            .map_or(Granted::No, |grant| match action {
                DECRYPT => Granted::By(grant.id.clone()),
                _ => Granted::NotRead(format!("whether grant {} of the key allows it", grant.id)),
            }),
    };
    let rcps = rcps(caller, &call);
    search(&layers(caller, &call, policy, rcps, granted), &call)
}

fn layers<'a>(
    caller: &'a Caller<'a>,
    call: &Call<'_>,
    key: Layer<'a>,
    rcps: Layer<'a>,
    granted: Granted,
) -> Layers<'a> {
    Layers {
        same_account: caller.account.as_deref() == Some(call.account.as_str()),
        is_key: true,
        identity: super::identity(caller, call),
        boundary: super::boundary(caller, call),
        resource: key,
        scps: scps(caller, call),
        rcps,
        granted,
        caller,
    }
}

/// The encryption context that the service sends.
fn encryption_context(resource: &Resource) -> (&'static str, &'static [&'static str]) {
    match resource.kind {
        ResourceKind::Secret => ("SecretARN", &["SecretARN", "SecretVersionId"]),
        ResourceKind::Parameter => ("PARAMETER_ARN", &["PARAMETER_ARN"]),
    }
}

fn grants_to(grant: &Grant, caller: &Caller<'_>, resource: &Resource) -> bool {
    let is_grantee =
        [&caller.arn, &caller.service].into_iter().flatten().any(|name| *name == grant.grantee)
            || caller.account.as_ref().is_some_and(|account| {
                caller.kind == Kind::Root && grant.grantee.ends_with(&format!("::{account}:root"))
            });
    let (arn_key, keys) = encryption_context(resource);
    let fits = |(key, value): (&String, &String)| {
        if key == arn_key { *value == resource.arn } else { keys.contains(&key.as_str()) }
    };
    let equals = &grant.context_equals;
    is_grantee
        && grant.context_subset.iter().all(fits)
        && (equals.is_empty() || (equals.len() == keys.len() && equals.iter().all(fits)))
}

fn call<'a>(
    caller: &Caller<'_>,
    resource: &Resource,
    key: &str,
    home: Option<&'a Account>,
    now: OffsetDateTime,
    action: &'static str,
) -> Call<'a> {
    let service = match resource.kind {
        ResourceKind::Secret => "secretsmanager",
        ResourceKind::Parameter => "ssm",
    };
    let account = key.split(':').nth(4).unwrap_or_default().to_owned();
    let (arn_key, keys) = encryption_context(resource);
    let principal = format!("{service}.amazonaws.com");
    let mut context: Context = of_caller(caller, now)
        .with("aws:ResourceAccount", &account)
        .with("aws:RequestedRegion", region(key))
        .with("aws:ViaAWSService", "true")
        .with_all("aws:CalledVia", [principal.clone()])
        .with("aws:CalledViaFirst", &principal)
        .with("aws:CalledViaLast", &principal)
        .with("kms:ViaService", format!("{service}.{}.amazonaws.com", region(&resource.arn)))
        .with("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT")
        .with(&format!("kms:EncryptionContext:{arn_key}"), &resource.arn)
        .with_all("kms:EncryptionContextKeys", keys.iter().map(ToString::to_string));
    if let Some(account) = &caller.account {
        context = context.with("kms:CallerAccount", account);
    }
    if let Some(Account { membership: Fact::Known(Some(membership)), .. }) = home {
        context = context
            .with("aws:ResourceOrgID", &membership.organization)
            .with("aws:ResourceOrgPaths", &membership.path);
    }
    // The tags of a key are not read.
    Call {
        tags_read: false,
        action,
        resource: key.to_owned(),
        account,
        home,
        context,
        prefix: "kms:",
    }
}

/// The policy of `aws/secretsmanager` and `aws/ssm`: everyone in the account, through the service.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html#security-encryption-policies>
fn managed_key_policy(resource: &Resource) -> Policy {
    let service = match resource.kind {
        ResourceKind::Secret => "secretsmanager",
        ResourceKind::Parameter => "ssm",
    };
    let text = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "AWS managed key",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": {"StringEquals": {
                "kms:CallerAccount": resource.account.as_str(),
                "kms:ViaService": format!("{service}.{}.amazonaws.com", region(&resource.arn)),
            }},
        }],
    });
    Policy::read(&PolicyKind::Key, "", &text.to_string())
}
