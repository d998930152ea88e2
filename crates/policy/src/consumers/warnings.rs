//! What AWS accepts, and people regret.

use super::{RoleKey, RoleResource, kind_of};
use claviger_domain::{
    consumers::{Consumer, ConsumerKind, RoleMode, RoleRequest},
    facts::Kind,
};
use std::net::IpAddr;

/// Settled by a plan, which lets the role write the logs of its builds.
pub(super) const NO_BUILD_LOGS: &str =
    "It has no permission to write logs: a build fails without it, unless the project writes none.";

pub(super) fn warnings(resources: &[RoleResource], request: &RoleRequest) -> Vec<String> {
    let mut found = of_consumer(request);
    if let RoleMode::ByTag(key) = &request.mode {
        found.push(format!(
            "By tag, the role reads everything in this account and these Regions whose tag {key} has the role's value, also what is created later. Who may tag secrets or the role decides who reads."
        ));
        if resources.iter().any(|one| one.key != RoleKey::NotNeeded) {
            found.push(
                "It decrypts with the keys of the selected resources alone: others with the same tag under another key stay closed."
                    .into(),
            );
        }
        if resources.iter().any(|one| one.kind == Kind::Parameter) {
            found.push(
                "GetParameters refuses all names of a call if one of them has another tag.".into(),
            );
        }
    }
    for one in resources {
        if let RoleKey::Unread { .. } = one.key {
            found.push(format!(
                "KMS was not read for the key of {}: the policy names every key of the account and Region that has its alias.",
                one.name
            ));
        }
        if let (RoleKey::Key(arn), true) = (&one.key, one.kind == Kind::Secret)
            && arn.split(':').nth(4) != Some(one.arn.account())
        {
            found.push(format!(
                "The key of {} is of another account: its key policy has to name this role or account too.",
                one.name
            ));
        }
    }
    let private = |text: &String| match text.split('/').next().unwrap_or_default().parse() {
        Ok(IpAddr::V4(address)) => address.is_private(),
        Ok(IpAddr::V6(address)) => address.is_unique_local(),
        Err(_) => false,
    };
    if let Some(range) = request.conditions.source_ips.iter().find(|range| private(range)) {
        found.push(format!(
            "{range} is a private range: AWS sees it in no request. Use a VPC or endpoint instead."
        ));
    }
    if request.conditions.source_ips.iter().any(|range| range.ends_with("/0")) {
        found.push("An address range of /0 restricts nothing.".into());
    }
    found
}

fn of_consumer(request: &RoleRequest) -> Vec<String> {
    let mut found = Vec::new();
    let mut warn = |text: &str| found.push(text.to_owned());
    match &request.consumer {
        Consumer::Lambda { function } => {
            warn(
                "It has no permission to write logs: attach AWSLambdaBasicExecutionRole, or AWSLambdaVPCAccessExecutionRole in a VPC.",
            );
            if function.is_none() {
                warn(
                    "Any function of this account that is given the role reads: limit iam:PassRole on it, or name the function.",
                );
            }
        }
        Consumer::Ec2 => warn(
            "Everything on an instance with this role reads: require IMDSv2, and limit iam:PassRole on the role.",
        ),
        Consumer::EcsTask => warn(
            "Containers read with it by SDK. What a task definition injects by valueFrom is read with the execution role.",
        ),
        Consumer::EcsExecution => {
            warn("It reads what a task definition injects by valueFrom.");
            warn("To pull images and write logs, attach AmazonECSTaskExecutionRolePolicy.");
            warn(
                "A running task keeps the value that it was started with: after a rotation, start new tasks.",
            );
            if !request.stages.is_empty() {
                warn(
                    "valueFrom has to name the stage too, or ECS may leave it out and be refused.",
                );
            }
        }
        Consumer::EksIrsa { .. } | Consumer::GitHub { .. } | Consumer::GitLab { .. } => {
            warn(
                "The OIDC provider has to be there in IAM of this account: neither an export nor a plan creates it.",
            );
        }
        Consumer::EksPodIdentity { cluster, .. } => {
            warn(
                "Neither an export nor a plan creates the Pod Identity association. One that switches session tags off gets no session with this trust.",
            );
            if cluster.is_none() {
                warn(
                    "Without a cluster, the same namespace and service account of every cluster of the account get in.",
                );
            }
        }
        Consumer::CodeBuild { .. } => {
            warn("Anyone who may change the buildspec or the source reads the secret.");
            warn(NO_BUILD_LOGS);
        }
        Consumer::Account { .. } => {
            warn(
                "The other account's principal needs an identity policy that allows sts:AssumeRole on this role.",
            );
        }
    }
    match &request.consumer {
        Consumer::GitHub { ids: None, .. } => warn(
            "Repositories created or renamed since 15 July 2026 send their ids in sub, and this trust refuses them: give both ids. A name can be taken over by another owner, an id cannot.",
        ),
        Consumer::GitHub { ids: Some(_), .. } => warn(
            "A repository created before 15 July 2026 sends no ids in sub until it is switched to them: until then this trust refuses it.",
        ),
        Consumer::Account { external_id: Some(_), .. } => {
            warn(
                "An external id is not a secret. It protects against a confused deputy, and applies to sts:AssumeRole only.",
            );
        }
        _ => {}
    }
    if matches!(kind_of(request), ConsumerKind::GitHub | ConsumerKind::GitLab) {
        found.push(
            "Anyone who may push to the branch, or run jobs in the environment, reads the secret."
                .into(),
        );
    }
    found
}
