//! An EC2 instance that a plan gives an instance profile with the role.

use super::{ReadWorkload, opt_in::opted_in};
use claviger_domain::{
    creation::ShapeFault,
    inventory::view::ResourceDetail,
    remediation::{ATTACH_TAG, BOUNDARY_POLICY, InstanceArn, role_name},
};
use claviger_gateways::ConsumerInstance;

/// The instance of an ARN, if it is in the Region of what the role reads. `first` is that.
pub(super) fn named(arn: &str, first: &ResourceDetail) -> Result<InstanceArn, ShapeFault> {
    let region = &first.region;
    let wrong = |reason: String| Err(ShapeFault::new("instance", reason));
    let Some(instance) = InstanceArn::read(arn) else {
        return wrong("Use an instance's id, such as i-0a1b2c3d4e5f60718, or its ARN.".into());
    };
    if instance.region != region.as_str() {
        return wrong(format!(
            "The instance is in {}, and {} is in {region}: use the replica there, or an instance here.",
            instance.region, first.facts.name
        ));
    }
    Ok(instance)
}

/// The instance, if an instance profile can be attached to it.
pub(super) fn usable(
    instance: &InstanceArn,
    read: Option<ConsumerInstance>,
) -> Result<ReadWorkload, ShapeFault> {
    let wrong = |reason: String| ShapeFault::new("instance", reason);
    let InstanceArn { id, region, account, .. } = instance;
    let Some(read) = read else {
        return Err(wrong(format!(
            "There is no instance {id} in {region} of the account {account}."
        )));
    };
    let (key, value) = ATTACH_TAG;
    let command = format!(
        "aws ec2 create-tags --region {region} --resources {id} --tags Key={key},Value={value}"
    );
    opted_in(&read.tags, &format!("instance {id}"), &command).map_err(wrong)?;
    if !matches!(read.state.as_str(), "running" | "stopped") {
        return Err(wrong(format!(
            "The instance {id} is {}. An instance profile is attached to a running or a stopped one.",
            read.state
        )));
    }
    let association = read.association;
    if let Some(one) = association.as_ref().filter(|one| one.state != "associated") {
        return Err(wrong(format!(
            "The instance profile {} of the instance {id} is {}. Try again in a minute.",
            role_name(&one.profile),
            one.state
        )));
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
