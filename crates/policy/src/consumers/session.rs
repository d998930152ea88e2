//! The session policies of calls about consumers' roles: each its action on its ARN, under the limits of the role's own policy.

use crate::permissions::{
    self, Call, On, Role,
    boundary::boundary_arn,
    statement::{Bound, allow, needs},
};
use claviger_domain::remediation::{ConsumerCall, FunctionArn, ProjectArn};
use serde_json::{Value, json};

/// The session that makes the call, of the role `claviger-iam`.
pub fn applying_session(call: &ConsumerCall) -> String {
    let role = call.role();
    match call {
        ConsumerCall::CreateRole { boundary, .. }
        | ConsumerCall::PutRolePolicy { boundary, .. } => {
            let bound = Bound { boundary: Some(boundary), ..Bound::default() };
            let service = ("iam", call.operation());
            document(&statements(Role::Iam, service, &[(On::ConsumerRole, role)], &bound))
        }
        ConsumerCall::AttachRolePolicy { boundary, policy, .. } => {
            let bound =
                Bound { boundary: Some(boundary), policy: Some(policy), ..Bound::default() };
            let service = ("iam", call.operation());
            document(&statements(Role::Iam, service, &[(On::ConsumerRole, role)], &bound))
        }
        ConsumerCall::UpdateFunctionRole { function, .. } => {
            let on = [(On::Function, function.as_str()), (On::ConsumerRole, role)];
            let service = ("lambda", call.operation());
            document(&statements(Role::Iam, service, &on, &Bound::default()))
        }
        ConsumerCall::UpdateProjectRole { project, .. } => {
            let on = [(On::Project, project.as_str()), (On::ConsumerRole, role)];
            let service = ("codebuild", call.operation());
            let bound = Bound { role: Some(role), ..Bound::default() };
            document(&statements(Role::Iam, service, &on, &bound))
        }
        ConsumerCall::CreateInstanceProfile { profile, .. } => {
            let on = [(On::InstanceProfile, profile.as_str())];
            let service = ("iam", call.operation());
            document(&statements(Role::Iam, service, &on, &Bound::default()))
        }
        ConsumerCall::AddRoleToInstanceProfile { profile, .. } => {
            let on = [(On::InstanceProfile, profile.as_str()), (On::ConsumerRole, role)];
            let service = ("iam", call.operation());
            document(&statements(Role::Iam, service, &on, &Bound::default()))
        }
        ConsumerCall::AssociateInstanceProfile { instance, profile, .. }
        | ConsumerCall::ReplaceInstanceProfile { instance, profile, .. } => {
            let on = [(On::Instance, instance.as_str()), (On::ConsumerRole, role)];
            let service = ("ec2", call.operation());
            let bound = Bound { profile: Some(profile), ..Bound::default() };
            document(&statements(Role::Iam, service, &on, &bound))
        }
    }
}

/// The role whose session reads what the call changes: `claviger-consumers` for a workload, else `claviger-iam`.
pub const fn reading_role(call: &ConsumerCall) -> Role {
    match call {
        ConsumerCall::UpdateFunctionRole { .. }
        | ConsumerCall::UpdateProjectRole { .. }
        | ConsumerCall::AssociateInstanceProfile { .. }
        | ConsumerCall::ReplaceInstanceProfile { .. } => Role::Consumers,
        ConsumerCall::CreateInstanceProfile { .. }
        | ConsumerCall::AddRoleToInstanceProfile { .. }
        | ConsumerCall::CreateRole { .. }
        | ConsumerCall::PutRolePolicy { .. }
        | ConsumerCall::AttachRolePolicy { .. } => Role::Iam,
    }
}

/// The session that reads what the call changes, of its [`reading_role`].
pub fn reading_session(call: &ConsumerCall) -> String {
    let role = call.role();
    let all = any_role(role);
    let profiles = all.replace(":role/*", ":instance-profile/*");
    let (operation, on) = match call {
        ConsumerCall::UpdateFunctionRole { function, .. } => return function_statements(function),
        ConsumerCall::UpdateProjectRole { project, .. } => return project_statements(project),
        ConsumerCall::AssociateInstanceProfile { .. }
        | ConsumerCall::ReplaceInstanceProfile { .. } => return instance_session(),
        ConsumerCall::CreateInstanceProfile { .. }
        | ConsumerCall::AddRoleToInstanceProfile { .. } => {
            ("GetInstanceProfile", (On::AnyInstanceProfile, profiles.as_str()))
        }
        ConsumerCall::CreateRole { .. } => ("GetRole", (On::ExternalRole, all.as_str())),
        ConsumerCall::PutRolePolicy { .. } => ("GetRolePolicy", (On::ConsumerRole, role)),
        ConsumerCall::AttachRolePolicy { .. } => {
            ("ListAttachedRolePolicies", (On::ConsumerRole, role))
        }
    };
    document(&statements(Role::Iam, ("iam", operation), &[on], &Bound::default()))
}

/// Every role of the account: `GetRole` names no path, and who has the name is not known before.
fn any_role(role: &str) -> String {
    let account = role.split_once(":role/").map_or(role, |(account, _)| account);
    format!("{account}:role/*")
}

/// The session that reads a function, of the role `claviger-consumers`.
pub fn function_session(function: &FunctionArn) -> String {
    function_statements(&function.arn)
}

/// The session that has Access Analyzer check documents, of the role `claviger-consumers`.
pub fn checking_session() -> String {
    let on = [(On::Anything, "*")];
    let calls = ["ValidatePolicy", "CheckNoPublicAccess", "CheckAccessNotGranted"];
    let each = calls.iter().flat_map(|operation| {
        statements(Role::Consumers, ("access-analyzer", operation), &on, &Bound::default())
    });
    document(&each.collect::<Vec<_>>())
}

/// The session that reads a project, of the role `claviger-consumers`.
pub fn project_session(project: &ProjectArn) -> String {
    project_statements(&project.arn)
}

/// The session that reads an instance, of the role `claviger-consumers`. AWS restricts these reads to no resource.
pub fn instance_session() -> String {
    let on = [(On::Anything, "*")];
    let operations = ["DescribeInstances", "DescribeIamInstanceProfileAssociations"];
    let each = operations.iter().flat_map(|operation| {
        statements(Role::Consumers, ("ec2", operation), &on, &Bound::default())
    });
    document(&each.collect::<Vec<_>>())
}

/// The session that reads whether the account has the boundary, of the role `claviger-iam`.
pub fn boundary_session(partition: &str, account: &str) -> String {
    let arn = boundary_arn(partition, account);
    let on = [(On::Boundary, arn.as_str())];
    document(&statements(Role::Iam, ("iam", "GetPolicy"), &on, &Bound::default()))
}

fn function_statements(arn: &str) -> String {
    let on = [(On::Function, arn)];
    let each = ["GetFunctionConfiguration", "ListTags"].iter().flat_map(|operation| {
        statements(Role::Consumers, ("lambda", operation), &on, &Bound::default())
    });
    document(&each.collect::<Vec<_>>())
}

fn project_statements(arn: &str) -> String {
    let on = [(On::Project, arn)];
    let call = ("codebuild", "BatchGetProjects");
    document(&statements(Role::Consumers, call, &on, &Bound::default()))
}

/// What the table has for a call, with these resources. Nothing for a call that it does not have.
fn statements(
    role: Role,
    (service, operation): (&str, &str),
    resources: &[(On, &str)],
    bound: &Bound<'_>,
) -> Vec<Value> {
    let found: Option<&Call> = permissions::call(role, service, operation);
    let each = found.into_iter().flat_map(|call| {
        resources.iter().flat_map(move |(on, arn)| {
            needs(call, *on).map(move |need| allow(&[need.action], &[*arn], need.limits, bound))
        })
    });
    each.collect()
}

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}
