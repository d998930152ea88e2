//! The calls that create a role and give it to its consumer, and what IAM would refuse of it.

use super::{
    BUILD_POLICY, BuildNeeds, ConsumerRole, POLICY_NAME, build::build_policy,
    warnings::NO_BUILD_LOGS,
};
use crate::{
    permissions::{boundary::boundary_arn, statement::managed_policies},
    pipelines::pipelines,
    variables::is_credential_name,
};
use claviger_domain::{
    consumers::ConsumerKind,
    pipelines::TrustSeverity,
    remediation::{ConsumerCall, consumer_role_arn, instance_profile_arn},
};

/// The calls that create the role, in order: the role itself under our boundary, its policy, and for a function, a task or a build
/// what its service needs of it.
pub fn role_calls(
    role: &ConsumerRole,
    kind: ConsumerKind,
    partition: &str,
    is_in_vpc: bool,
    build: Option<&BuildNeeds>,
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
    let own = build.and_then(|needs| build_policy(partition, role.account.as_str(), needs));
    calls.extend(own.map(|document| ConsumerCall::PutRolePolicy {
        role: arn.clone(),
        name: BUILD_POLICY.to_owned(),
        document: document.to_string(),
        boundary: boundary.clone(),
    }));
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
    if kind == ConsumerKind::Ec2 {
        let profile = instance_profile_arn(partition, role.account.as_str(), &role.name);
        let created =
            ConsumerCall::CreateInstanceProfile { profile: profile.clone(), role: arn.clone() };
        calls.extend([created, ConsumerCall::AddRoleToInstanceProfile { profile, role: arn }]);
    }
    calls
}

/// The warnings that these calls leave: none to attach a policy that they attach, or to write one that they write.
pub fn unsettled(warnings: Vec<String>, calls: &[ConsumerCall]) -> Vec<String> {
    let builds = calls.iter().any(
        |call| matches!(call, ConsumerCall::PutRolePolicy { name, .. } if name == BUILD_POLICY),
    );
    let warnings: Vec<String> =
        warnings.into_iter().filter(|text| !builds || text != NO_BUILD_LOGS).collect();
    let attached = calls.iter().find_map(|call| match call {
        ConsumerCall::AttachRolePolicy { policy, .. } => policy.rsplit('/').next(),
        _ => None,
    });
    let Some(policy) = attached else { return warnings };
    let is_settled = |text: &String| text.contains("attach ") && text.contains(policy);
    warnings.into_iter().filter(|text| !is_settled(text)).collect()
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
    is_credential_name(variable)
}
