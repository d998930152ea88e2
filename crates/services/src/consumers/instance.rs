//! An EC2 instance that a plan gives an instance profile with the role.

use super::{ReadWorkload, step_error::said};
use claviger_domain::{
    creation::ShapeFault,
    ids::AccountId,
    inventory::view::ResourceDetail,
    partition::Partition,
    remediation::{ATTACH_TAG, BOUNDARY_POLICY, InstanceArn, role_name},
};
use claviger_gateways::{AwsError, ConsumerInstance};

/// The instance that a form names; `None` if it names none.
pub(super) fn named(
    text: &str,
    first: &ResourceDetail,
    partition: &Partition,
    account: &AccountId,
) -> Result<Option<InstanceArn>, ShapeFault> {
    if text.is_empty() {
        return Ok(None);
    }
    let region = &first.region;
    let arn = if text.starts_with("arn:") {
        text.to_owned()
    } else {
        format!("arn:{partition}:ec2:{region}:{account}:instance/{text}")
    };
    let wrong = |reason: String| Err(ShapeFault::new("instance", reason));
    let Some(instance) = InstanceArn::read(&arn) else {
        return wrong("Use an instance's id, such as i-0a1b2c3d4e5f60718, or its ARN.".into());
    };
    if instance.region != region.as_str() {
        return wrong(format!(
            "The instance is in {}, and {} is in {region}: use the replica there, or an instance here.",
            instance.region, first.facts.name
        ));
    }
    Ok(Some(instance))
}

/// The instance, if an instance profile can be attached to it. `reader` is the role that read it.
pub(super) fn usable(
    instance: &InstanceArn,
    read: Result<Option<ConsumerInstance>, AwsError>,
    reader: &str,
) -> Result<ReadWorkload, ShapeFault> {
    let wrong = |reason: String| Err(ShapeFault::new("instance", reason));
    let InstanceArn { id, region, account, .. } = instance;
    let read = match read {
        Ok(Some(read)) => read,
        Ok(None) => {
            return wrong(format!(
                "There is no instance {id} in {region} of the account {account}."
            ));
        }
        Err(error) => return Err(ShapeFault::new("apply", said(&error, reader))),
    };
    let (key, value) = ATTACH_TAG;
    if read.tags.get(key).is_none_or(|own| own != value) {
        return wrong(format!(
            "The instance {id} has no tag {key}={value}. Its owner sets it to let Claviger attach roles: aws ec2 create-tags --region {region} --resources {id} --tags Key={key},Value={value}"
        ));
    }
    if !matches!(read.state.as_str(), "running" | "stopped") {
        return wrong(format!(
            "The instance {id} is {}. An instance profile is attached to a running or a stopped one.",
            read.state
        ));
    }
    let association = read.association;
    if let Some(one) = association.as_ref().filter(|one| one.state != "associated") {
        return wrong(format!(
            "The instance profile {} of the instance {id} is {}. Try again in a minute.",
            role_name(&one.profile),
            one.state
        ));
    }
    Ok(ReadWorkload {
        is_there: true,
        before: association.map(|one| one.profile),
        warnings: vec![
            format!(
                "Session Manager, the CloudWatch agent and everything else on the instance that uses its role for other services stop working: the boundary {BOUNDARY_POLICY} does not leave it."
            ),
            "A program keeps the credentials that it got from the role before until they expire."
                .to_owned(),
        ],
        ..ReadWorkload::default()
    })
}
