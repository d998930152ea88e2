//! API calls that create the role of a consumer and attach it, each one call.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The path of the roles that Claviger creates. It may write and pass no others.
pub const ROLE_PATH: &str = "/claviger/";
/// The customer managed policy that is the permissions boundary of each of them.
pub const BOUNDARY_POLICY: &str = "claviger-boundary";
/// The tag, with its value, by which the owner of a workload allows Claviger to attach roles to it.
pub const ATTACH_TAG: (&str, &str) = ("claviger:attach", "true");
/// The tag of a created role with the token of the call that created it.
pub const ROLE_MARK: &str = "claviger:plan-step";

/// A call with all of its parameters. Roles are named by their ARN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsumerCall {
    /// `CreateRole` with the permissions boundary.
    CreateRole {
        role: String,
        /// `AssumeRolePolicyDocument`.
        trust: String,
        boundary: String,
        tags: BTreeMap<String, String>,
    },
    /// `PutRolePolicy`: an inline policy.
    PutRolePolicy { role: String, name: String, document: String, boundary: String },
    /// `AttachRolePolicy` of a policy that AWS manages.
    AttachRolePolicy { role: String, policy: String, boundary: String },
    /// `UpdateFunctionConfiguration` with only a role.
    UpdateFunctionRole {
        /// The ARN without a version.
        function: String,
        /// The role that it has: also the way back.
        before: String,
        role: String,
    },
    /// `UpdateProject` of `CodeBuild` with only a service role.
    UpdateProjectRole {
        project: String,
        /// The role that it has: also the way back.
        before: String,
        role: String,
    },
    /// `CreateInstanceProfile` of Claviger's path, by the ARN of the profile.
    CreateInstanceProfile { profile: String, role: String },
    /// `AddRoleToInstanceProfile`.
    AddRoleToInstanceProfile { profile: String, role: String },
    /// `AssociateIamInstanceProfile` with an instance that has none.
    AssociateInstanceProfile { instance: String, profile: String, role: String },
    /// `ReplaceIamInstanceProfileAssociation` of an instance.
    ReplaceInstanceProfile {
        instance: String,
        /// The ARN of the instance profile that it has: also the way back.
        before: String,
        profile: String,
        role: String,
    },
}

impl ConsumerCall {
    /// The name of the API call.
    pub const fn operation(&self) -> &'static str {
        match self {
            Self::CreateRole { .. } => "CreateRole",
            Self::PutRolePolicy { .. } => "PutRolePolicy",
            Self::AttachRolePolicy { .. } => "AttachRolePolicy",
            Self::UpdateFunctionRole { .. } => "UpdateFunctionConfiguration",
            Self::UpdateProjectRole { .. } => "UpdateProject",
            Self::CreateInstanceProfile { .. } => "CreateInstanceProfile",
            Self::AddRoleToInstanceProfile { .. } => "AddRoleToInstanceProfile",
            Self::AssociateInstanceProfile { .. } => "AssociateIamInstanceProfile",
            Self::ReplaceInstanceProfile { .. } => "ReplaceIamInstanceProfileAssociation",
        }
    }

    /// The ARN of what it changes.
    pub fn target(&self) -> &str {
        match self {
            Self::CreateRole { role, .. }
            | Self::PutRolePolicy { role, .. }
            | Self::AttachRolePolicy { role, .. } => role,
            Self::UpdateFunctionRole { function, .. } => function,
            Self::UpdateProjectRole { project, .. } => project,
            Self::CreateInstanceProfile { profile, .. }
            | Self::AddRoleToInstanceProfile { profile, .. } => profile,
            Self::AssociateInstanceProfile { instance, .. }
            | Self::ReplaceInstanceProfile { instance, .. } => instance,
        }
    }

    /// The ARN of the role that it writes or passes.
    pub fn role(&self) -> &str {
        match self {
            Self::CreateRole { role, .. }
            | Self::PutRolePolicy { role, .. }
            | Self::AttachRolePolicy { role, .. }
            | Self::UpdateFunctionRole { role, .. }
            | Self::UpdateProjectRole { role, .. }
            | Self::CreateInstanceProfile { role, .. }
            | Self::AddRoleToInstanceProfile { role, .. }
            | Self::AssociateInstanceProfile { role, .. }
            | Self::ReplaceInstanceProfile { role, .. } => role,
        }
    }

    /// Whether it gives a workload the role.
    pub const fn attaches(&self) -> bool {
        match self {
            Self::CreateRole { .. }
            | Self::PutRolePolicy { .. }
            | Self::AttachRolePolicy { .. }
            | Self::CreateInstanceProfile { .. }
            | Self::AddRoleToInstanceProfile { .. } => false,
            Self::UpdateFunctionRole { .. }
            | Self::UpdateProjectRole { .. }
            | Self::AssociateInstanceProfile { .. }
            | Self::ReplaceInstanceProfile { .. } => true,
        }
    }

    /// The ARN of the role or instance profile that a workload has before this call; `None` if it has none, or the call attaches
    /// none.
    pub fn before(&self) -> Option<&str> {
        match self {
            Self::UpdateFunctionRole { before, .. }
            | Self::UpdateProjectRole { before, .. }
            | Self::ReplaceInstanceProfile { before, .. } => Some(before),
            _ => None,
        }
    }

    /// What it changes, in words.
    pub fn subject(&self) -> String {
        match self {
            Self::UpdateFunctionRole { function, .. } => {
                format!("Function {}", function.rsplit(':').next().unwrap_or(function))
            }
            Self::UpdateProjectRole { project, .. } => format!("Project {}", role_name(project)),
            Self::CreateInstanceProfile { profile, .. }
            | Self::AddRoleToInstanceProfile { profile, .. } => {
                format!("Instance profile {}", role_name(profile))
            }
            Self::AssociateInstanceProfile { instance, .. }
            | Self::ReplaceInstanceProfile { instance, .. } => {
                format!("Instance {}", role_name(instance))
            }
            _ => format!("Role {}", role_name(self.role())),
        }
    }
}

/// The name of a role by its ARN, without its path.
pub fn role_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The ARN of a role that Claviger creates.
pub fn consumer_role_arn(partition: &str, account: &str, name: &str) -> String {
    format!("arn:{partition}:iam::{account}:role{ROLE_PATH}{name}")
}

/// The ARN of an instance profile that Claviger creates.
pub fn instance_profile_arn(partition: &str, account: &str, name: &str) -> String {
    format!("arn:{partition}:iam::{account}:instance-profile{ROLE_PATH}{name}")
}

/// Whether Claviger may pass the role: it is of its path.
pub fn is_consumer_role(arn: &str) -> bool {
    arn.split_once(":role").is_some_and(|(_, path)| path.starts_with(ROLE_PATH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_roles_of_the_path_can_be_passed() {
        let own = consumer_role_arn("aws", "441205839201", "orders");
        assert_eq!(own, "arn:aws:iam::441205839201:role/claviger/orders");
        assert_eq!(role_name(&own), "orders");
        assert!(is_consumer_role(&own));
        for other in ["role/orders", "role/other/claviger/orders", "role/claviger-access"] {
            assert!(!is_consumer_role(&format!("arn:aws:iam::441205839201:{other}")), "{other}");
        }
    }
}
