//! IAM and Lambda of the AWS in memory, as far as roles of consumers need them. Every call is evaluated by its session's policy.

use super::FakeAws;
use async_trait::async_trait;
use claviger_aws::{
    AwsError, ConsumerFunction, ConsumerGateway, ConsumerOrder, ConsumerState, ExistingRole,
    RoleWrite,
};
use claviger_domain::{
    remediation::{ATTACH_TAG, ConsumerCall, FunctionArn, ROLE_MARK, role_name},
    scan::RegionScanFault,
};
use claviger_policy::{
    iam::{Context, Decision, Document, Request, decide_session},
    permissions::{Role, roles::role_policy},
};
use std::collections::BTreeMap;

/// A call that was made: its session's policy, and whether it changed something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedCall {
    pub call: ConsumerCall,
    pub order: ConsumerOrder,
    pub revision: Option<String>,
    pub is_done: bool,
}

/// A role with its policies.
#[derive(Debug, Clone, Default)]
struct FakeRole {
    existing: ExistingRole,
    inline: BTreeMap<String, String>,
    attached: Vec<String>,
}

/// What is there, and what is to fail.
#[derive(Debug, Clone, Default)]
pub struct FakeIam {
    /// Of both opt-in roles: whether the account has them.
    pub is_absent: bool,
    pub lacks_boundary: bool,
    /// So many times Lambda cannot assume a new role yet.
    pub settles_after: u32,
    /// The code with which AWS refuses an operation.
    pub refused: BTreeMap<&'static str, &'static str>,
    /// The codes with which AWS refuses to read, the last one first; then it answers.
    pub unread: BTreeMap<&'static str, Vec<&'static str>>,
    /// Operations that AWS refuses once with this code, and has carried out all the same.
    pub doubted: BTreeMap<&'static str, &'static str>,
    /// Operations that AWS carries out, and whose answer is lost.
    pub lost: Vec<&'static str>,
    roles: BTreeMap<String, FakeRole>,
    functions: BTreeMap<String, ConsumerFunction>,
    applied: Vec<AppliedCall>,
    reads: Vec<String>,
}

/// A role's boundary, inline policies by name, and managed policies.
pub type CreatedRole = (Option<String>, BTreeMap<String, String>, Vec<String>);

impl FakeAws {
    /// Changes what IAM and Lambda have.
    pub fn change_iam(&self, change: impl FnOnce(&mut FakeIam)) {
        change(&mut self.state().iam);
    }

    /// A function whose owner lets Claviger attach roles.
    pub fn put_function(&self, arn: &str, role: &str, variables: &[&str]) {
        let function = ConsumerFunction {
            arn: arn.to_owned(),
            role: role.to_owned(),
            revision: "r-1".to_owned(),
            last_update: Some("Successful".to_owned()),
            update_reason: None,
            kms_key: None,
            is_in_vpc: false,
            variables: Some(variables.iter().map(ToString::to_string).collect()),
            tags: Ok([(ATTACH_TAG.0.to_owned(), ATTACH_TAG.1.to_owned())].into()),
        };
        self.state().iam.functions.insert(arn.to_owned(), function);
    }

    pub fn change_function(&self, arn: &str, change: impl FnOnce(&mut ConsumerFunction)) {
        change(self.state().iam.functions.get_mut(arn).expect("a function"));
    }

    /// The role that a function has.
    pub fn function_role(&self, arn: &str) -> String {
        self.state().iam.functions[arn].role.clone()
    }

    /// A role of somebody else's.
    pub fn put_role(&self, arn: &str) {
        let existing = ExistingRole { arn: arn.to_owned(), ..ExistingRole::default() };
        let role = FakeRole { existing, ..FakeRole::default() };
        self.state().iam.roles.insert(role_name(arn).to_owned(), role);
    }

    pub fn remove_role(&self, name: &str) {
        self.state().iam.roles.remove(name);
    }

    /// `None` if there is no such role.
    pub fn role(&self, name: &str) -> Option<CreatedRole> {
        let state = self.state();
        let role = state.iam.roles.get(name)?;
        Some((role.existing.boundary.clone(), role.inline.clone(), role.attached.clone()))
    }

    /// The calls that would change something, in order.
    pub fn applied(&self) -> Vec<AppliedCall> {
        self.state().iam.applied.clone()
    }

    /// What was read for a preview or a call, in order.
    pub fn iam_reads(&self) -> Vec<String> {
        self.state().iam.reads.clone()
    }
}

fn refused(operation: &'static str, code: &str) -> AwsError {
    let fault = match code {
        "AccessDenied" => RegionScanFault::Denied,
        "Unanswered" => RegionScanFault::Unreachable,
        _ => RegionScanFault::Other,
    };
    AwsError { operation, fault, code: Some(code.to_owned()), detail: code.to_owned() }
}

/// The requests that AWS authorizes for a call, with what it knows of the role and of the function.
fn requests(iam: &FakeIam, call: &ConsumerCall) -> Vec<Request> {
    let of = |action: &str, resource: &str, context: Context| Request {
        action: action.into(),
        resource: resource.into(),
        context,
    };
    let bounded = |role: &str| {
        let found = iam.roles.get(role_name(role)).and_then(|one| one.existing.boundary.clone());
        match found {
            Some(boundary) => Context::new().with("iam:PermissionsBoundary", boundary),
            None => Context::new(),
        }
    };
    match call {
        ConsumerCall::CreateRole { role, boundary, .. } => vec![
            of("iam:CreateRole", role, Context::new().with("iam:PermissionsBoundary", boundary)),
            of("iam:TagRole", role, Context::new()),
        ],
        ConsumerCall::PutRolePolicy { role, .. } => {
            vec![of("iam:PutRolePolicy", role, bounded(role))]
        }
        ConsumerCall::AttachRolePolicy { role, policy, .. } => {
            vec![of("iam:AttachRolePolicy", role, bounded(role).with("iam:PolicyARN", policy))]
        }
        ConsumerCall::UpdateFunctionRole { function, role, .. } => {
            let tags = iam.functions.get(function).and_then(|one| one.tags.clone().ok());
            let tags =
                tags.unwrap_or_default().into_iter().fold(Context::new(), |all, (key, value)| {
                    all.with(&format!("aws:ResourceTag/{key}"), value)
                });
            let passed = Context::new().with("iam:PassedToService", "lambda.amazonaws.com");
            vec![
                of("lambda:UpdateFunctionConfiguration", function, tags),
                of("iam:PassRole", role, passed),
            ]
        }
    }
}

/// The request that AWS authorizes for reading what a call changes. The API names the role without its path: where there is
/// none, so does the ARN.
fn read_request(iam: &FakeIam, call: &ConsumerCall) -> Request {
    let name = role_name(call.role());
    let (account, _) = call.role().split_once(":role/").expect("the ARN of a role");
    let resource = match iam.roles.get(name) {
        Some(role) => role.existing.arn.clone(),
        None => format!("{account}:role/{name}"),
    };
    Request { action: format!("iam:{}", read_operation(call)), resource, context: Context::new() }
}

fn read_operation(call: &ConsumerCall) -> &'static str {
    match call {
        ConsumerCall::PutRolePolicy { .. } => "GetRolePolicy",
        ConsumerCall::AttachRolePolicy { .. } => "ListAttachedRolePolicies",
        _ => "GetRole",
    }
}

/// Whether the session of the order may make these requests, under the policy of its role.
fn is_allowed(order: &ConsumerOrder, requests: &[Request]) -> bool {
    let role: Document = role_policy(Role::Iam, &"aws".parse().expect("a partition"))
        .parse()
        .expect("a rendered policy");
    let session: Document = order.policy.parse().expect("a session policy");
    requests.iter().all(|request| {
        decide_session(std::slice::from_ref(&role), &session, request) == Decision::Allowed
    })
}

impl FakeIam {
    fn apply(&mut self, call: &ConsumerCall, write: &RoleWrite) -> Result<(), AwsError> {
        let operation = call.operation();
        match call {
            ConsumerCall::CreateRole { role, boundary, tags, .. } => {
                let name = role_name(role).to_owned();
                if self.roles.contains_key(&name) {
                    return Err(refused(operation, "EntityAlreadyExists"));
                }
                let mut tags = tags.clone();
                tags.insert(ROLE_MARK.to_owned(), write.mark.clone());
                let existing =
                    ExistingRole { arn: role.clone(), boundary: Some(boundary.clone()), tags };
                self.roles.insert(name, FakeRole { existing, ..FakeRole::default() });
            }
            ConsumerCall::PutRolePolicy { role, name, document, .. } => {
                let role = self.roles.get_mut(role_name(role));
                let role = role.ok_or_else(|| refused(operation, "NoSuchEntity"))?;
                role.inline.insert(name.clone(), document.clone());
            }
            ConsumerCall::AttachRolePolicy { role, policy, .. } => {
                let role = self.roles.get_mut(role_name(role));
                let role = role.ok_or_else(|| refused(operation, "NoSuchEntity"))?;
                role.attached.push(policy.clone());
            }
            ConsumerCall::UpdateFunctionRole { function, role, .. } => {
                let function = self.functions.get_mut(function);
                let function =
                    function.ok_or_else(|| refused(operation, "ResourceNotFoundException"))?;
                if write.revision.as_ref() != Some(&function.revision) {
                    return Err(refused(operation, "PreconditionFailedException"));
                }
                if self.settles_after > 0 {
                    self.settles_after -= 1;
                    return Err(refused(operation, "InvalidParameterValueException"));
                }
                function.role.clone_from(role);
                function.revision = format!("{}+", function.revision);
            }
        }
        Ok(())
    }
}

#[async_trait]
impl ConsumerGateway for FakeAws {
    async fn has_boundary(&self, _: &ConsumerOrder, arn: &str) -> Result<bool, AwsError> {
        let mut state = self.state();
        if state.iam.is_absent {
            return Err(refused("AssumeRole", "AccessDenied"));
        }
        state.iam.reads.push(arn.to_owned());
        Ok(!state.iam.lacks_boundary)
    }

    async fn consumer_function(
        &self,
        _: &ConsumerOrder,
        function: &FunctionArn,
    ) -> Result<Option<ConsumerFunction>, AwsError> {
        let mut state = self.state();
        if state.iam.is_absent {
            return Err(refused("AssumeRole", "AccessDenied"));
        }
        state.iam.reads.push(function.arn.clone());
        Ok(state.iam.functions.get(&function.arn).cloned())
    }

    async fn consumer_state(
        &self,
        order: &ConsumerOrder,
        call: &ConsumerCall,
    ) -> Result<ConsumerState, AwsError> {
        if let ConsumerCall::UpdateFunctionRole { function, .. } = call {
            let function = FunctionArn::read(function).expect("the ARN of a function");
            let found = self.consumer_function(order, &function).await?;
            return Ok(ConsumerState::Function(found.map(Box::new)));
        }
        let mut state = self.state();
        if state.iam.is_absent {
            return Err(refused("AssumeRole", "AccessDenied"));
        }
        state.iam.reads.push(call.target().to_owned());
        let operation = read_operation(call);
        if let Some(code) = state.iam.unread.get_mut(operation).and_then(Vec::pop) {
            return Err(refused(operation, code));
        }
        if !is_allowed(order, &[read_request(&state.iam, call)]) {
            return Err(refused(operation, "AccessDenied"));
        }
        let role = state.iam.roles.get(role_name(call.role()));
        Ok(match call {
            ConsumerCall::PutRolePolicy { name, .. } => {
                ConsumerState::Policy(role.and_then(|role| role.inline.get(name).cloned()))
            }
            ConsumerCall::AttachRolePolicy { .. } => {
                ConsumerState::Attached(role.map(|role| role.attached.clone()).unwrap_or_default())
            }
            _ => ConsumerState::Role(role.map(|role| role.existing.clone())),
        })
    }

    async fn apply(
        &self,
        order: &ConsumerOrder,
        call: &ConsumerCall,
        write: &RoleWrite,
    ) -> Result<(), AwsError> {
        let mut state = self.state();
        let operation = call.operation();
        let result = if state.iam.is_absent {
            Err(refused("AssumeRole", "AccessDenied"))
        } else if let Some(code) = state.iam.refused.get(operation) {
            Err(refused(operation, code))
        } else if is_allowed(order, &requests(&state.iam, call)) {
            state.iam.apply(call, write)
        } else {
            Err(refused(operation, "AccessDenied"))
        };
        state.iam.applied.push(AppliedCall {
            call: call.clone(),
            order: order.clone(),
            revision: write.revision.clone(),
            is_done: result.is_ok(),
        });
        result?;
        if let Some(code) = state.iam.doubted.remove(operation) {
            return Err(refused(operation, code));
        }
        let lost = state.iam.lost.iter().position(|one| *one == operation);
        match lost {
            Some(at) => {
                state.iam.lost.remove(at);
                Err(refused(operation, "Unanswered"))
            }
            None => Ok(()),
        }
    }

    fn iam_role(&self) -> &'static str {
        "claviger-iam"
    }

    fn consumers_role(&self) -> &'static str {
        "claviger-consumers"
    }
}
