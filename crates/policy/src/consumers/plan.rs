//! The calls that create a role and give it to its consumer, and what IAM would refuse of it.

use super::{ConsumerRole, POLICY_NAME};
use crate::{
    compliance::rules::credential_label,
    permissions::{boundary::boundary_arn, statement::managed_policies},
    pipelines::pipelines,
};
use claviger_domain::{
    consumers::ConsumerKind,
    pipelines::TrustSeverity,
    remediation::{ConsumerCall, FunctionArn, consumer_role_arn},
};

/// The calls that create the role, in order: the role itself under our boundary, its policy, and for a function or a task what
/// its service needs of it.
pub fn role_calls(
    role: &ConsumerRole,
    kind: ConsumerKind,
    partition: &str,
    is_in_vpc: bool,
) -> Vec<ConsumerCall> {
    let arn = consumer_role_arn(partition, role.account.as_str(), &role.name);
    let boundary = boundary_arn(partition, role.account.as_str());
    let mut calls = vec![
        ConsumerCall::CreateRole {
            role: arn.clone(),
            trust: role.trust.to_string(),
            boundary: boundary.clone(),
            tags: role.tags.clone(),
        },
        ConsumerCall::PutRolePolicy {
            role: arn.clone(),
            name: POLICY_NAME.to_owned(),
            document: role.permission.to_string(),
            boundary: boundary.clone(),
        },
    ];
    let needed = match kind {
        ConsumerKind::Lambda if is_in_vpc => Some("AWSLambdaVPCAccessExecutionRole"),
        ConsumerKind::Lambda => Some("AWSLambdaBasicExecutionRole"),
        ConsumerKind::EcsExecution => Some("AmazonECSTaskExecutionRolePolicy"),
        _ => None,
    };
    let named = managed_policies(partition);
    let policy = needed.and_then(|name| named.into_iter().find(|arn| arn.ends_with(name)));
    calls.extend(policy.map(|policy| ConsumerCall::AttachRolePolicy {
        role: arn.clone(),
        policy,
        boundary,
    }));
    calls
}

/// The warnings that these calls leave: none to attach a policy that they attach.
pub fn unsettled(warnings: Vec<String>, calls: &[ConsumerCall]) -> Vec<String> {
    let attached = calls.iter().find_map(|call| match call {
        ConsumerCall::AttachRolePolicy { policy, .. } => policy.rsplit('/').next(),
        _ => None,
    });
    let Some(policy) = attached else { return warnings };
    let is_settled = |text: &String| text.contains("attach ") && text.contains(policy);
    warnings.into_iter().filter(|text| !is_settled(text)).collect()
}

/// The call that gives a function the role.
pub fn attaches(role: &str, function: &FunctionArn, before: &str) -> ConsumerCall {
    ConsumerCall::UpdateFunctionRole {
        function: function.arn.clone(),
        before: before.to_owned(),
        role: role.to_owned(),
    }
}

/// Why IAM refuses the trust policy: since June 2025 it takes no trust of a shared OIDC issuer that admits other tenants.
pub fn trust_refusal(role: &ConsumerRole) -> Option<String> {
    let found = pipelines(&role.trust.to_string());
    let open = found.into_iter().find(|way| way.severity == TrustSeverity::Critical)?;
    Some(format!(
        "{} issues tokens for other organizations too, and this trust does not name yours. Since June 2025 IAM refuses such a trust: choose the kind of consumer whose tokens it issues.",
        open.issuer.url
    ))
}

/// Whether the name of an environment variable is that of a credential. Its value is never read.
pub fn credential_like(variable: &str) -> bool {
    credential_label(variable).is_some()
}
