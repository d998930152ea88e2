//! What the preview refuses of a function or a project, checked again before it gets the role: its owner may have changed it after
//! the approval.

use super::{function, project::build_needs};
use claviger_domain::remediation::{ConsumerCall, ProjectArn, role_name};
use claviger_gateways::{ConsumerFunction, ConsumerProject};
use claviger_policy::consumers::{BUILD_POLICY, build_policy};
use serde_json::Value;

/// The managed policy with which Lambda joins a VPC.
const VPC_POLICY: &str = "AWSLambdaVPCAccessExecutionRole";

/// Why the function cannot have the role of this plan, a sentence; `None` if it can. `arn` is the function's.
pub(super) fn function_refusal(
    arn: &str,
    read: &ConsumerFunction,
    plan: &[ConsumerCall],
) -> Option<String> {
    let name = arn.rsplit(':').next().unwrap_or(arn);
    let joins = |call: &ConsumerCall| matches!(call, ConsumerCall::AttachRolePolicy { policy, .. } if role_name(policy) == VPC_POLICY);
    function::breaks(name, read).or_else(|| {
        let lacks = read.is_in_vpc && !plan.iter().any(joins);
        lacks.then(|| {
            format!("The function {name} is in a VPC now, and the plan does not attach {VPC_POLICY}. Create a new plan.")
        })
    })
}

/// Why the project cannot have the role of this plan, a sentence; `None` if it can. `arn` is the project's.
pub(super) fn project_refusal(
    arn: &str,
    read: &ConsumerProject,
    plan: &[ConsumerCall],
) -> Option<String> {
    let Some(project) = ProjectArn::read(arn) else {
        return Some("The plan has no ARN of a project.".to_owned());
    };
    let needs = match build_needs(&project, read) {
        Ok(needs) => needs,
        Err(reason) => return Some(reason),
    };
    let needed = build_policy(&project.partition, &project.account, &needs);
    let planned = plan.iter().find_map(|call| match call {
        ConsumerCall::PutRolePolicy { name, document, .. } if name == BUILD_POLICY => {
            serde_json::from_str::<Value>(document).ok()
        }
        _ => None,
    });
    (needed != planned).then(|| {
        format!(
            "The logs or the image of the project {} are not those that the plan's policies are for. Create a new plan.",
            project.name
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_gateways::ProjectSource;
    use std::collections::BTreeMap;

    const ROLE: &str = "arn:aws:iam::441205839201:role/claviger/orders";
    const FUNCTION: &str = "arn:aws:lambda:us-east-1:441205839201:function:orders";
    const PROJECT: &str = "arn:aws:codebuild:us-east-1:441205839201:project/release";

    #[test]
    fn a_function_that_joined_a_vpc_needs_a_policy_for_it() {
        let mut function = ConsumerFunction {
            arn: FUNCTION.into(),
            role: String::new(),
            revision: "r-1".into(),
            last_update: None,
            update_reason: None,
            kms_key: None,
            is_in_vpc: false,
            variables: None,
            tags: Ok(BTreeMap::new()),
        };
        let attach = |policy: &str| ConsumerCall::AttachRolePolicy {
            role: ROLE.into(),
            policy: format!("arn:aws:iam::aws:policy/service-role/{policy}"),
            boundary: String::new(),
        };
        let basic = [attach("AWSLambdaBasicExecutionRole")];
        assert_eq!(function_refusal(FUNCTION, &function, &basic), None);
        function.is_in_vpc = true;
        let refused = function_refusal(FUNCTION, &function, &basic).unwrap();
        assert!(refused.starts_with("The function orders is in a VPC now"), "{refused}");
        assert_eq!(function_refusal(FUNCTION, &function, &[attach(VPC_POLICY)]), None);
        function.kms_key = Some("key/1".into());
        assert!(function_refusal(FUNCTION, &function, &[attach(VPC_POLICY)]).is_some());
    }

    #[test]
    fn a_project_is_compared_with_the_policy_of_its_plan() {
        let project = ConsumerProject {
            log_group: Some("/aws/codebuild/release".into()),
            image: Some("441205839201.dkr.ecr.us-east-1.amazonaws.com/build:1".into()),
            ..ConsumerProject::default()
        };
        let needs = build_needs(&ProjectArn::read(PROJECT).unwrap(), &project).unwrap();
        let document = build_policy("aws", "441205839201", &needs).unwrap();
        let plan = [ConsumerCall::PutRolePolicy {
            role: ROLE.into(),
            name: BUILD_POLICY.into(),
            document: document.to_string(),
            boundary: String::new(),
        }];
        assert_eq!(project_refusal(PROJECT, &project, &plan), None);
        let retagged = ConsumerProject {
            image: project.image.clone().map(|image| image.replace(":1", ":2")),
            ..project.clone()
        };
        assert_eq!(project_refusal(PROJECT, &retagged, &plan), None, "the same repository");
        for other in [
            ConsumerProject { log_group: Some("/builds".into()), ..project.clone() },
            ConsumerProject { log_group: None, ..project.clone() },
            ConsumerProject { image: None, ..project.clone() },
        ] {
            let refused = project_refusal(PROJECT, &other, &plan).unwrap();
            assert!(refused.contains("not those that the plan's policies are for"), "{refused}");
        }
        assert!(project_refusal(PROJECT, &project, &[]).is_some(), "a plan without the policy");
        let sources = vec![ProjectSource { kind: "S3".into(), auth: None }];
        for (broken, part) in [
            (ConsumerProject { sources, ..project.clone() }, "a source of the type S3"),
            (
                ConsumerProject { artifacts: vec!["S3".into()], ..project.clone() },
                "artifacts of the type S3",
            ),
            (ConsumerProject { log_group: Some("a*".into()), ..project }, "log group"),
        ] {
            let refused = project_refusal(PROJECT, &broken, &plan).unwrap();
            assert!(refused.contains(part), "{part} in {refused}");
        }
    }
}
