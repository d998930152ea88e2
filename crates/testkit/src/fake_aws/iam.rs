//! What the AWS in memory has of roles and of what they are attached to, and what it authorizes, by the policies of a session and its
//! role.

use claviger_aws::{
    AwsError, ConsumerFunction, ConsumerInstance, ConsumerOrder, ConsumerProject, ExistingProfile,
    ExistingRole, ProfileAssociation, RoleWrite,
};
use claviger_domain::{
    remediation::{ConsumerCall, ROLE_MARK, role_name},
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
pub(super) struct FakeRole {
    pub(super) existing: ExistingRole,
    pub(super) inline: BTreeMap<String, String>,
    pub(super) attached: Vec<String>,
}

/// What is there, and what is to fail.
#[derive(Debug, Clone, Default)]
pub struct FakeIam {
    /// Of both opt-in roles: whether the account has them.
    pub is_absent: bool,
    /// Of claviger-consumers alone: whether the account lacks it.
    pub lacks_reader: bool,
    pub lacks_boundary: bool,
    /// So many times a service cannot assume a new role yet.
    pub settles_after: u32,
    /// The code with which AWS refuses an operation.
    pub refused: BTreeMap<&'static str, &'static str>,
    /// The codes with which AWS refuses to read, the last one first; then it answers.
    pub unread: BTreeMap<&'static str, Vec<&'static str>>,
    /// Operations that AWS refuses once with this code, and has carried out all the same.
    pub doubted: BTreeMap<&'static str, &'static str>,
    /// Operations that AWS carries out, and whose answer is lost.
    pub lost: Vec<&'static str>,
    pub(super) roles: BTreeMap<String, FakeRole>,
    pub(super) functions: BTreeMap<String, ConsumerFunction>,
    pub(super) projects: BTreeMap<String, ConsumerProject>,
    pub(super) instances: BTreeMap<String, ConsumerInstance>,
    pub(super) profiles: BTreeMap<String, ExistingProfile>,
    pub(super) applied: Vec<AppliedCall>,
    pub(super) reads: Vec<String>,
}

pub(super) fn refused(operation: &'static str, code: &str) -> AwsError {
    let fault = match code {
        "AccessDenied" => RegionScanFault::Denied,
        "Unanswered" => RegionScanFault::Unreachable,
        _ => RegionScanFault::Other,
    };
    AwsError { operation, fault, code: Some(code.to_owned()), detail: code.to_owned() }
}

/// The requests that AWS authorizes for a call, with what it knows of the role and of the function.
pub(super) fn requests(iam: &FakeIam, call: &ConsumerCall) -> Vec<Request> {
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
            let tags = tagged(tags.unwrap_or_default());
            let passed = Context::new().with("iam:PassedToService", "lambda.amazonaws.com");
            vec![
                of("lambda:UpdateFunctionConfiguration", function, tags),
                of("iam:PassRole", role, passed),
            ]
        }
        ConsumerCall::UpdateProjectRole { project, role, .. } => {
            let tags = iam.projects.get(project).map(|one| one.tags.clone());
            let tags = tagged(tags.unwrap_or_default());
            let passed = Context::new().with("iam:PassedToService", "codebuild.amazonaws.com");
            vec![
                of("codebuild:UpdateProject", project, tags.with("codebuild:serviceRole", role)),
                of("iam:PassRole", role, passed),
            ]
        }
        ConsumerCall::CreateInstanceProfile { profile, .. } => {
            vec![of("iam:CreateInstanceProfile", profile, Context::new())]
        }
        ConsumerCall::AddRoleToInstanceProfile { profile, role } => vec![
            of("iam:AddRoleToInstanceProfile", profile, Context::new()),
            of("iam:PassRole", role, to_ec2()),
        ],
        ConsumerCall::AssociateInstanceProfile { instance, profile, role }
        | ConsumerCall::ReplaceInstanceProfile { instance, profile, role, .. } => {
            let tags = iam.instances.get(instance).map(|one| one.tags.clone());
            let tags = tagged(tags.unwrap_or_default()).with("ec2:NewInstanceProfile", profile);
            vec![
                of(&format!("ec2:{}", call.operation()), instance, tags),
                of("iam:PassRole", role, to_ec2()),
            ]
        }
    }
}

fn to_ec2() -> Context {
    Context::new().with("iam:PassedToService", "ec2.amazonaws.com")
}

fn tagged(tags: BTreeMap<String, String>) -> Context {
    tags.into_iter().fold(Context::new(), |all, (key, value)| {
        all.with(&format!("aws:ResourceTag/{key}"), value)
    })
}

/// The request that AWS authorizes for reading what a call changes. The API names the role without its path: where there is
/// none, so does the ARN.
pub(super) fn read_request(iam: &FakeIam, call: &ConsumerCall) -> Request {
    let name = role_name(call.target());
    let (account, _) = call.role().split_once(":role/").expect("the ARN of a role");
    let (found, kind) = if read_operation(call) == "GetInstanceProfile" {
        (iam.profiles.get(name).map(|profile| profile.arn.clone()), "instance-profile")
    } else {
        (iam.roles.get(name).map(|role| role.existing.arn.clone()), "role")
    };
    let resource = found.unwrap_or_else(|| format!("{account}:{kind}/{name}"));
    Request { action: format!("iam:{}", read_operation(call)), resource, context: Context::new() }
}

pub(super) fn read_operation(call: &ConsumerCall) -> &'static str {
    match call {
        ConsumerCall::PutRolePolicy { .. } => "GetRolePolicy",
        ConsumerCall::AttachRolePolicy { .. } => "ListAttachedRolePolicies",
        ConsumerCall::CreateInstanceProfile { .. }
        | ConsumerCall::AddRoleToInstanceProfile { .. } => "GetInstanceProfile",
        _ => "GetRole",
    }
}

/// Whether the session of the order may make these requests, under the policy of its role.
pub(super) fn is_allowed(role: Role, order: &ConsumerOrder, requests: &[Request]) -> bool {
    let role: Document =
        role_policy(role, &"aws".parse().expect("a partition")).parse().expect("a rendered policy");
    let session: Document = order.policy.parse().expect("a session policy");
    requests.iter().all(|request| {
        decide_session(std::slice::from_ref(&role), &session, request) == Decision::Allowed
    })
}

/// Refuses a read of a workload without claviger-consumers, or that its session or role does not allow.
pub(super) fn read_by_consumers(
    iam: &FakeIam,
    order: &ConsumerOrder,
    operations: &[&'static str],
    arn: &str,
) -> Result<(), AwsError> {
    if iam.is_absent || iam.lacks_reader {
        return Err(refused("AssumeRole", "AccessDenied"));
    }
    for &operation in operations {
        let (service, resource) = match operation {
            "BatchGetProjects" => ("codebuild", arn),
            "DescribeInstances" | "DescribeIamInstanceProfileAssociations" => ("ec2", "*"),
            _ => ("lambda", arn),
        };
        let request = Request {
            action: format!("{service}:{operation}"),
            resource: resource.to_owned(),
            context: Context::new(),
        };
        if !is_allowed(Role::Consumers, order, &[request]) {
            return Err(refused(operation, "AccessDenied"));
        }
    }
    Ok(())
}

impl FakeIam {
    pub(super) fn apply(&mut self, call: &ConsumerCall, write: &RoleWrite) -> Result<(), AwsError> {
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
            ConsumerCall::UpdateProjectRole { project, role, .. } => {
                let project = self.projects.get_mut(project);
                let project =
                    project.ok_or_else(|| refused(operation, "ResourceNotFoundException"))?;
                if self.settles_after > 0 {
                    self.settles_after -= 1;
                    return Err(refused(operation, "InvalidInputException"));
                }
                project.role.clone_from(role);
            }
            ConsumerCall::CreateInstanceProfile { profile, .. } => {
                let name = role_name(profile).to_owned();
                if self.profiles.contains_key(&name) {
                    return Err(refused(operation, "EntityAlreadyExists"));
                }
                let arn = profile.clone();
                self.profiles.insert(name, ExistingProfile { arn, roles: Vec::new() });
            }
            ConsumerCall::AddRoleToInstanceProfile { profile, role } => {
                let profile = self.profiles.get_mut(role_name(profile));
                let profile = profile.ok_or_else(|| refused(operation, "NoSuchEntity"))?;
                if !profile.roles.is_empty() {
                    return Err(refused(operation, "LimitExceeded"));
                }
                profile.roles.push(role.clone());
            }
            ConsumerCall::AssociateInstanceProfile { instance, profile, .. }
            | ConsumerCall::ReplaceInstanceProfile { instance, profile, .. } => {
                if self.settles_after > 0 {
                    self.settles_after -= 1;
                    return Err(refused(operation, "InvalidParameterValue"));
                }
                let instance = self.instances.get_mut(instance);
                let instance =
                    instance.ok_or_else(|| refused(operation, "InvalidInstanceID.NotFound"))?;
                let own = instance.association.as_ref().map(|one| one.id.clone());
                if own != write.revision {
                    return Err(refused(operation, "IncorrectState"));
                }
                instance.association = Some(ProfileAssociation {
                    id: "iip-assoc-2".to_owned(),
                    profile: profile.clone(),
                    state: "associated".to_owned(),
                });
            }
        }
        Ok(())
    }
}
