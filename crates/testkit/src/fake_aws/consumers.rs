//! IAM, Lambda, `CodeBuild` and EC2 of the AWS in memory, as far as roles of consumers need them. Every call is evaluated by its session's
//! policy and its role's.

use super::{
    FakeAws,
    iam::{
        AppliedCall, FakeIam, FakeRole, is_allowed, read_by_consumers, read_operation,
        read_request, refused, requests,
    },
};
use async_trait::async_trait;
use claviger_aws::{
    AwsError, ConsumerFunction, ConsumerGateway, ConsumerInstance, ConsumerOrder, ConsumerProject,
    ConsumerState, ExistingProfile, ExistingRole, ProfileAssociation, ProjectSource,
    ProjectVariable, RoleWrite,
};
use claviger_domain::remediation::{
    ATTACH_TAG, ConsumerCall, FunctionArn, InstanceArn, ProjectArn, role_name,
};
use claviger_policy::{
    iam::{Context, Request},
    permissions::Role,
};
use std::collections::BTreeMap;

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

    /// A project of a public repository whose owner lets Claviger attach roles, with plain variables.
    pub fn put_project(&self, arn: &str, role: &str, variables: &[&str]) {
        let variable = |name: &&str| ProjectVariable {
            name: (*name).to_owned(),
            kind: "PLAINTEXT".to_owned(),
        };
        let project = ConsumerProject {
            arn: arn.to_owned(),
            role: role.to_owned(),
            sources: vec![ProjectSource { kind: "NO_SOURCE".to_owned(), auth: None }],
            variables: variables.iter().map(variable).collect(),
            log_group: Some(format!("/aws/codebuild/{}", role_name(arn))),
            tags: [(ATTACH_TAG.0.to_owned(), ATTACH_TAG.1.to_owned())].into(),
            ..ConsumerProject::default()
        };
        self.state().iam.projects.insert(arn.to_owned(), project);
    }

    pub fn change_project(&self, arn: &str, change: impl FnOnce(&mut ConsumerProject)) {
        change(self.state().iam.projects.get_mut(arn).expect("a project"));
    }

    /// The role that a project has.
    pub fn project_role(&self, arn: &str) -> String {
        self.state().iam.projects[arn].role.clone()
    }

    /// A running instance whose owner lets Claviger attach roles; `profile` is what it has.
    pub fn put_instance(&self, arn: &str, profile: Option<&str>) {
        let association = profile.map(|profile| ProfileAssociation {
            id: "iip-assoc-1".to_owned(),
            profile: profile.to_owned(),
            state: "associated".to_owned(),
        });
        let instance = ConsumerInstance {
            state: "running".to_owned(),
            association,
            tags: [(ATTACH_TAG.0.to_owned(), ATTACH_TAG.1.to_owned())].into(),
        };
        self.state().iam.instances.insert(arn.to_owned(), instance);
    }

    pub fn change_instance(&self, arn: &str, change: impl FnOnce(&mut ConsumerInstance)) {
        change(self.state().iam.instances.get_mut(arn).expect("an instance"));
    }

    /// The instance profile that an instance has.
    pub fn instance_profile(&self, arn: &str) -> Option<String> {
        self.state().iam.instances[arn].association.clone().map(|one| one.profile)
    }

    /// An instance profile of somebody else's.
    pub fn put_profile(&self, arn: &str) {
        let profile = ExistingProfile { arn: arn.to_owned(), roles: Vec::new() };
        self.state().iam.profiles.insert(role_name(arn).to_owned(), profile);
    }

    /// The roles of an instance profile; `None` if there is no such profile.
    pub fn profile_roles(&self, name: &str) -> Option<Vec<String>> {
        self.state().iam.profiles.get(name).map(|profile| profile.roles.clone())
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

#[async_trait]
impl ConsumerGateway for FakeAws {
    async fn has_boundary(&self, order: &ConsumerOrder, arn: &str) -> Result<bool, AwsError> {
        let mut state = self.state();
        if state.iam.is_absent {
            return Err(refused("AssumeRole", "AccessDenied"));
        }
        state.iam.reads.push(arn.to_owned());
        let request = Request {
            action: "iam:GetPolicy".into(),
            resource: arn.to_owned(),
            context: Context::new(),
        };
        if !is_allowed(Role::Iam, order, &[request]) {
            return Err(refused("GetPolicy", "AccessDenied"));
        }
        Ok(!state.iam.lacks_boundary)
    }

    async fn consumer_function(
        &self,
        order: &ConsumerOrder,
        function: &FunctionArn,
    ) -> Result<Option<ConsumerFunction>, AwsError> {
        let mut state = self.state();
        let operations = ["GetFunctionConfiguration", "ListTags"];
        read_by_consumers(&state.iam, order, &operations, &function.arn)?;
        state.iam.reads.push(function.arn.clone());
        Ok(state.iam.functions.get(&function.arn).cloned())
    }

    async fn consumer_project(
        &self,
        order: &ConsumerOrder,
        project: &ProjectArn,
    ) -> Result<Option<ConsumerProject>, AwsError> {
        let mut state = self.state();
        read_by_consumers(&state.iam, order, &["BatchGetProjects"], &project.arn)?;
        state.iam.reads.push(project.arn.clone());
        Ok(state.iam.projects.get(&project.arn).cloned())
    }

    async fn consumer_instance(
        &self,
        order: &ConsumerOrder,
        instance: &InstanceArn,
    ) -> Result<Option<ConsumerInstance>, AwsError> {
        let mut state = self.state();
        let operations = ["DescribeInstances", "DescribeIamInstanceProfileAssociations"];
        read_by_consumers(&state.iam, order, &operations, &instance.arn)?;
        state.iam.reads.push(instance.arn.clone());
        Ok(state.iam.instances.get(&instance.arn).cloned())
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
        if let ConsumerCall::UpdateProjectRole { project, .. } = call {
            let project = ProjectArn::read(project).expect("the ARN of a project");
            let found = self.consumer_project(order, &project).await?;
            return Ok(ConsumerState::Project(found.map(Box::new)));
        }
        if let ConsumerCall::AssociateInstanceProfile { instance, .. }
        | ConsumerCall::ReplaceInstanceProfile { instance, .. } = call
        {
            let instance = InstanceArn::read(instance).expect("the ARN of an instance");
            let found = self.consumer_instance(order, &instance).await?;
            return Ok(ConsumerState::Instance(found.map(Box::new)));
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
        if !is_allowed(Role::Iam, order, &[read_request(&state.iam, call)]) {
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
            ConsumerCall::CreateInstanceProfile { profile, .. }
            | ConsumerCall::AddRoleToInstanceProfile { profile, .. } => {
                ConsumerState::Profile(state.iam.profiles.get(role_name(profile)).cloned())
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
        } else if is_allowed(Role::Iam, order, &requests(&state.iam, call)) {
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
