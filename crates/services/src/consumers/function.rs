//! A Lambda function that a plan gives a role.

use super::{
    ReadWorkload,
    opt_in::{opted_in, plaintext},
};
use claviger_domain::{
    creation::ShapeFault,
    inventory::view::ResourceDetail,
    remediation::{ATTACH_TAG, BOUNDARY_POLICY, FunctionArn},
};
use claviger_gateways::ConsumerFunction;
use claviger_policy::consumers::credential_like;

/// The function of an ARN, if it is in the Region of what the role reads. `first` is that.
pub(super) fn named(arn: &str, first: &ResourceDetail) -> Result<FunctionArn, ShapeFault> {
    let region = &first.region;
    let wrong = |reason: String| Err(ShapeFault::new("function", reason));
    let Some(function) = FunctionArn::read(arn).filter(|function| function.qualifier.is_none())
    else {
        return wrong("Use a function's name or its ARN without a version.".into());
    };
    if function.region != region.as_str() {
        return wrong(format!(
            "The function is in {}, and {} is in {region}. A function reads a secret of its own Region: use the replica there, or a function here.",
            function.region, first.facts.name
        ));
    }
    Ok(function)
}

/// The function, if a role can be attached to it now.
pub(super) fn usable(
    function: &FunctionArn,
    read: Option<ConsumerFunction>,
) -> Result<ReadWorkload, ShapeFault> {
    let wrong = |reason: String| ShapeFault::new("function", reason);
    let FunctionArn { name, region, account, .. } = function;
    let Some(read) = read else {
        return Err(wrong(format!(
            "There is no function {name} in {region} of the account {account}."
        )));
    };
    let (key, value) = ATTACH_TAG;
    match &read.tags {
        Ok(tags) => {
            let command = format!(
                "aws lambda tag-resource --region {region} --resource {} --tags {key}={value}",
                function.arn
            );
            opted_in(tags, &format!("function {name}"), &command).map_err(wrong)?;
        }
        Err(failure) => {
            return Err(wrong(format!(
                "Whether {name} has the tag {key}={value} is unknown: AWS answered {} to {}.",
                failure.code, failure.operation
            )));
        }
    }
    match read.last_update.as_deref() {
        Some("InProgress") => {
            return Err(wrong(format!(
                "The function {name} is being updated. Try again in a minute."
            )));
        }
        Some("Failed") => {
            return Err(wrong(format!(
                "The last update of the function {name} failed ({}). Correct the cause and update it, then preview again.",
                update_reason(&read)
            )));
        }
        _ => {}
    }
    if let Some(reason) = breaks(name, &read) {
        return Err(wrong(reason));
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
    named.map(|name| plaintext(name)).collect()
}
