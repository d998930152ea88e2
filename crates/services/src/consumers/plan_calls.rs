//! What an approver should know before a role is attached.

use claviger_domain::remediation::{ConsumerCall, FunctionArn, InstanceArn, ProjectArn, role_name};
use claviger_store::StoredPrincipal;

/// The workload loses what its role allows, and how it gets the role back. `known` are the account's roles as they were last read.
/// Nothing for a call that attaches no role.
pub(super) fn attach_warnings(
    call: &ConsumerCall,
    known: Option<&Result<Vec<StoredPrincipal>, String>>,
) -> Vec<String> {
    let Some((subject, way_back)) = way_back(call) else { return Vec::new() };
    let way_back = format!("The way back, by an administrator of the account: {way_back}");
    let Some(before) = call.before() else {
        return vec![format!("{subject} has no role now."), way_back];
    };
    let old = match known {
        Some(Ok(all)) => all.iter().find(|principal| principal.arn == before),
        _ => None,
    };
    let name = role_name(before);
    let loses = match old {
        Some(role) if role.policies.is_empty() => format!("Its role {name} has no policies."),
        Some(role) => {
            let names: Vec<&str> = role.policies.iter().map(|one| one.name.as_str()).collect();
            format!(
                "{subject} loses what its role {name} allows: {}. Only what this plan shows remains.",
                names.join(", ")
            )
        }
        None if matches!(call, ConsumerCall::ReplaceInstanceProfile { .. }) => format!(
            "{subject} loses what the role of its instance profile {name} allows, which was not read. Only what this plan shows remains."
        ),
        None => format!(
            "{subject} loses what its role {name} allows, which was not read. Only what this plan shows remains."
        ),
    };
    vec![loses, way_back]
}

/// What gets the role, and the command that gives it the role before. A plan always creates the role that it attaches, so none leads
/// back.
fn way_back(call: &ConsumerCall) -> Option<(&'static str, String)> {
    match call {
        ConsumerCall::CreateRole { .. }
        | ConsumerCall::PutRolePolicy { .. }
        | ConsumerCall::AttachRolePolicy { .. }
        | ConsumerCall::CreateInstanceProfile { .. }
        | ConsumerCall::AddRoleToInstanceProfile { .. } => None,
        // Each exchange has an association of its own.
        ConsumerCall::AssociateInstanceProfile { instance, .. } => {
            let InstanceArn { region, id, .. } = InstanceArn::read(instance)?;
            let command = format!(
                "aws ec2 disassociate-iam-instance-profile --region {region} --association-id {}",
                association(&region, &id)
            );
            Some(("The instance", command))
        }
        ConsumerCall::ReplaceInstanceProfile { instance, before, .. } => {
            let InstanceArn { region, id, .. } = InstanceArn::read(instance)?;
            let command = format!(
                "aws ec2 replace-iam-instance-profile-association --region {region} --association-id {} --iam-instance-profile Arn={before}",
                association(&region, &id)
            );
            Some(("The instance", command))
        }
        ConsumerCall::UpdateFunctionRole { function, before, .. } => {
            let FunctionArn { region, name, .. } = FunctionArn::read(function)?;
            let command = format!(
                "aws lambda update-function-configuration --region {region} --function-name {name} --role {before}"
            );
            Some(("The function", command))
        }
        ConsumerCall::UpdateProjectRole { project, before, .. } => {
            let ProjectArn { region, name, .. } = ProjectArn::read(project)?;
            let command = format!(
                "aws codebuild update-project --region {region} --name {name} --service-role {before}"
            );
            Some(("The project", command))
        }
    }
}

/// The command that names the association that an instance has then.
fn association(region: &str, id: &str) -> String {
    format!(
        "\"$(aws ec2 describe-iam-instance-profile-associations --region {region} --filters Name=instance-id,Values={id} --query 'IamInstanceProfileAssociations[0].AssociationId' --output text)\""
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::accounts::identities::{AttachedPolicy, PolicySource};
    use std::collections::BTreeMap;

    fn function(before: &str) -> ConsumerCall {
        ConsumerCall::UpdateFunctionRole {
            function: "arn:aws:lambda:us-east-1:441205839201:function:orders".into(),
            before: before.into(),
            role: "arn:aws:iam::441205839201:role/claviger/new".into(),
        }
    }

    #[test]
    fn what_is_lost_and_the_way_back_are_named() {
        let before = "arn:aws:iam::441205839201:role/service-role/orders";
        let role = StoredPrincipal {
            arn: before.into(),
            policies: vec![AttachedPolicy {
                source: PolicySource::Inline,
                name: "tables".into(),
                document: None,
            }],
            boundary: None,
            tags: BTreeMap::new(),
            takes_session_tags: false,
            trust: None,
        };
        let [loses, back] = &attach_warnings(&function(before), Some(&Ok(vec![role])))[..] else {
            panic!("two warnings");
        };
        assert!(loses.contains("orders allows: tables."), "{loses}");
        assert!(back.ends_with(&format!("--function-name orders --role {before}")), "{back}");
        let unread = attach_warnings(&function(before), None);
        assert!(unread[0].contains("which was not read"), "{unread:?}");
    }

    /// A plan creates the role that it attaches, so none could attach one that is there, of our path or not.
    #[test]
    fn the_way_back_is_always_a_command() {
        let own = "arn:aws:iam::441205839201:role/claviger/a";
        let command = format!(
            "The way back, by an administrator of the account: aws lambda update-function-configuration --region us-east-1 --function-name orders --role {own}"
        );
        assert_eq!(attach_warnings(&function(own), None)[1], command);
        let project = ConsumerCall::UpdateProjectRole {
            project: "arn:aws:codebuild:us-east-1:441205839201:project/release".into(),
            before: own.into(),
            role: own.into(),
        };
        let warnings = attach_warnings(&project, None);
        assert!(warnings[0].starts_with("The project loses"), "{warnings:?}");
        assert!(
            warnings[1].ends_with(&format!("aws codebuild update-project --region us-east-1 --name release --service-role {own}")),
            "{warnings:?}"
        );
    }

    #[test]
    fn an_instance_gets_its_profile_back_by_the_association_that_it_has_then() {
        let instance = "arn:aws:ec2:us-east-1:441205839201:instance/i-0a1b2c3d".to_owned();
        let profile = "arn:aws:iam::441205839201:instance-profile/claviger/new".to_owned();
        let role = "arn:aws:iam::441205839201:role/claviger/new".to_owned();
        let replaces = ConsumerCall::ReplaceInstanceProfile {
            instance: instance.clone(),
            before: "arn:aws:iam::441205839201:instance-profile/web".into(),
            profile: profile.clone(),
            role: role.clone(),
        };
        let [loses, back] = &attach_warnings(&replaces, None)[..] else { panic!("two warnings") };
        assert!(loses.contains("of its instance profile web allows"), "{loses}");
        for part in [
            "aws ec2 replace-iam-instance-profile-association --region us-east-1",
            "Values=i-0a1b2c3d",
            "Arn=arn:aws:iam::441205839201:instance-profile/web",
        ] {
            assert!(back.contains(part), "{part} in {back}");
        }
        let associates = ConsumerCall::AssociateInstanceProfile { instance, profile, role };
        let warnings = attach_warnings(&associates, None);
        assert!(warnings[1].contains("disassociate-iam-instance-profile"), "{warnings:?}");
    }
}
