//! The session policies of calls about consumers' roles: each its action on its ARN, under the limits of the role's own policy.

use crate::permissions::{
    self, Call, On, Role,
    boundary::boundary_arn,
    statement::{Bound, allow, needs},
};
use claviger_domain::remediation::{ConsumerCall, FunctionArn};
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
    }
}

/// The session that reads what the call changes: of `claviger-consumers` for a function, else of `claviger-iam`.
pub fn reading_session(call: &ConsumerCall) -> String {
    if let ConsumerCall::UpdateFunctionRole { function, .. } = call {
        return function_statements(function);
    }
    let role = call.role();
    let all = any_role(role);
    let (operation, on) = match call {
        ConsumerCall::CreateRole { .. } => ("GetRole", (On::ExternalRole, all.as_str())),
        ConsumerCall::PutRolePolicy { .. } => ("GetRolePolicy", (On::ConsumerRole, role)),
        _ => ("ListAttachedRolePolicies", (On::ConsumerRole, role)),
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
