//! A Lambda function that a plan gives a role.

use super::{ReadWorkload, step_error::said};
use claviger_domain::{
    creation::ShapeFault,
    ids::AccountId,
    inventory::view::ResourceDetail,
    partition::Partition,
    remediation::{ATTACH_TAG, BOUNDARY_POLICY, FunctionArn},
};
use claviger_gateways::{AwsError, ConsumerFunction};
use claviger_policy::consumers::credential_like;

/// The function that a form names; `None` if it names none.
pub(super) fn named(
    text: &str,
    first: &ResourceDetail,
    partition: &Partition,
    account: &AccountId,
) -> Result<Option<FunctionArn>, ShapeFault> {
    if text.is_empty() {
        return Ok(None);
    }
    let region = &first.region;
    let arn = if text.starts_with("arn:") {
        text.to_owned()
    } else {
        format!("arn:{partition}:lambda:{region}:{account}:function:{text}")
    };
    let wrong = |reason: String| Err(ShapeFault::new("function", reason));
    let Some(function) = FunctionArn::read(&arn).filter(|function| function.qualifier.is_none())
    else {
        return wrong("Use a function's name or its ARN without a version.".into());
    };
    if function.region != region.as_str() {
        return wrong(format!(
            "The function is in {}, and {} is in {region}. A function reads a secret of its own Region: use the replica there, or a function here.",
            function.region, first.facts.name
        ));
    }
    Ok(Some(function))
}

/// The function, if a role can be attached to it now. `reader` is the role that read it.
pub(super) fn usable(
    function: &FunctionArn,
    read: Result<Option<ConsumerFunction>, AwsError>,
    reader: &str,
) -> Result<ReadWorkload, ShapeFault> {
    let wrong = |reason: String| Err(ShapeFault::new("function", reason));
    let FunctionArn { name, region, account, .. } = function;
    let read = match read {
        Ok(Some(read)) => read,
        Ok(None) => {
            return wrong(format!(
                "There is no function {name} in {region} of the account {account}."
            ));
        }
        Err(error) => return Err(ShapeFault::new("apply", said(&error, reader))),
    };
    let (key, value) = ATTACH_TAG;
    match &read.tags {
        Ok(tags) if tags.get(key).is_some_and(|own| own == value) => {}
        Ok(_) => {
            return wrong(format!(
                "The function {name} has no tag {key}={value}. Its owner sets it to let Claviger attach roles: aws lambda tag-resource --region {region} --resource {} --tags {key}={value}",
                function.arn
            ));
        }
        Err(failure) => {
            return wrong(format!(
                "Whether {name} has the tag {key}={value} is unknown: AWS answered {} to {}.",
                failure.code, failure.operation
            ));
        }
    }
    match read.last_update.as_deref() {
        Some("InProgress") => {
            return wrong(format!("The function {name} is being updated. Try again in a minute."));
        }
        Some("Failed") => {
            return wrong(format!(
                "The last update of the function {name} failed ({}). Correct the cause and update it, then preview again.",
                update_reason(&read)
            ));
        }
        _ => {}
    }
    if let Some(reason) = breaks(name, &read) {
        return wrong(reason);
    }
    Ok(ReadWorkload {
        findings: findings(&read),
        is_there: true,
        before: Some(read.role),
        is_in_vpc: read.is_in_vpc,
        ..ReadWorkload::default()
    })
}

/// What the boundary never leaves, and the function needs to start; a sentence.
pub(super) fn breaks(name: &str, read: &ConsumerFunction) -> Option<String> {
    let key = read.kms_key.as_ref()?;
    Some(format!(
        "The function {name} encrypts its environment variables with the customer managed key {key}. Lambda decrypts them with the function's role, and the boundary {BOUNDARY_POLICY} allows kms:Decrypt only through Secrets Manager and Systems Manager: with the new role the function would not start. Export the role, and add kms:Decrypt on that key."
    ))
}

/// Why Lambda could not carry out the last update, as its code.
pub(super) fn update_reason(function: &ConsumerFunction) -> String {
    function.update_reason.clone().unwrap_or_else(|| "Lambda names no code".to_owned())
}

/// What its environment tells of plaintext credentials: names only.
fn findings(read: &ConsumerFunction) -> Vec<String> {
    let Some(variables) = &read.variables else {
        return vec![
            "Lambda cannot decrypt the environment variables of the function: whether they hold credentials is unknown."
                .to_owned(),
        ];
    };
    let named = variables.iter().filter(|name| credential_like(name));
    named.map(|name| format!("Credential in the plaintext variable {name}.")).collect()
}
