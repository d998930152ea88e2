//! Roles of consumers: IAM by its SDK, Lambda, `CodeBuild`, EC2 and Access Analyzer by signed requests, each in a session that
//! may do nothing else.

mod analyzer;
mod attach;
mod functions;
mod instances;
mod projects;
mod roles;

use crate::{
    AwsError, AwsGateway, ConsumerFunction, ConsumerGateway, ConsumerInstance, ConsumerOrder,
    ConsumerProject, ConsumerState, IssuedSession, RoleWrite, SessionOrder,
};
use async_trait::async_trait;
use claviger_domain::remediation::{ConsumerCall, FunctionArn, InstanceArn, ProjectArn};

#[async_trait]
impl ConsumerGateway for AwsGateway {
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %order.account))]
    async fn has_boundary(&self, order: &ConsumerOrder, arn: &str) -> Result<bool, AwsError> {
        let session = self.consumer_session(&self.roles.iam, order).await?;
        roles::has_policy(&self.iam_with(&session), arn).await
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %order.account, aws.region = %order.region))]
    async fn consumer_function(
        &self,
        order: &ConsumerOrder,
        function: &FunctionArn,
    ) -> Result<Option<ConsumerFunction>, AwsError> {
        let session = self.consumer_session(&self.roles.consumers, order).await?;
        self.read_function(order, &session, function).await
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %order.account, aws.region = %order.region))]
    async fn consumer_project(
        &self,
        order: &ConsumerOrder,
        project: &ProjectArn,
    ) -> Result<Option<ConsumerProject>, AwsError> {
        let session = self.consumer_session(&self.roles.consumers, order).await?;
        self.read_project(order, &session, project).await
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %order.account, aws.region = %order.region))]
    async fn consumer_instance(
        &self,
        order: &ConsumerOrder,
        instance: &InstanceArn,
    ) -> Result<Option<ConsumerInstance>, AwsError> {
        let session = self.consumer_session(&self.roles.consumers, order).await?;
        self.read_instance(order, &session, instance).await
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %order.account, aws.region = %order.region))]
    async fn consumer_state(
        &self,
        order: &ConsumerOrder,
        call: &ConsumerCall,
    ) -> Result<ConsumerState, AwsError> {
        match call {
            ConsumerCall::UpdateFunctionRole { function, .. } => {
                let function = FunctionArn::read(function)
                    .ok_or_else(|| AwsError::nonsense(call.operation(), "no ARN of a function"))?;
                let found = self.consumer_function(order, &function).await?;
                Ok(ConsumerState::Function(found.map(Box::new)))
            }
            ConsumerCall::UpdateProjectRole { project, .. } => {
                let project = ProjectArn::read(project)
                    .ok_or_else(|| AwsError::nonsense(call.operation(), "no ARN of a project"))?;
                let found = self.consumer_project(order, &project).await?;
                Ok(ConsumerState::Project(found.map(Box::new)))
            }
            ConsumerCall::AssociateInstanceProfile { instance, .. }
            | ConsumerCall::ReplaceInstanceProfile { instance, .. } => {
                let instance = InstanceArn::read(instance)
                    .ok_or_else(|| AwsError::nonsense(call.operation(), "no ARN of an instance"))?;
                let found = self.consumer_instance(order, &instance).await?;
                Ok(ConsumerState::Instance(found.map(Box::new)))
            }
            _ => {
                let session = self.consumer_session(&self.roles.iam, order).await?;
                roles::state(&self.iam_with(&session), call).await
            }
        }
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %order.account, aws.region = %order.region, aws.operation = call.operation()))]
    async fn apply(
        &self,
        order: &ConsumerOrder,
        call: &ConsumerCall,
        write: &RoleWrite,
    ) -> Result<(), AwsError> {
        let session = self.consumer_session(&self.roles.iam, order).await?;
        match call {
            ConsumerCall::UpdateFunctionRole { function, role, .. } => {
                self.update_function(order, &session, (function, role), write).await
            }
            ConsumerCall::UpdateProjectRole { project, role, .. } => {
                self.update_project(order, &session, (project, role)).await
            }
            ConsumerCall::AssociateInstanceProfile { instance, profile, .. } => {
                self.associate_profile(order, &session, (instance, profile)).await
            }
            ConsumerCall::ReplaceInstanceProfile { profile, .. } => {
                self.replace_profile(order, &session, profile, write).await
            }
            _ => roles::write(&self.iam_with(&session), call, &write.mark).await,
        }
    }

    fn iam_role(&self) -> &str {
        &self.roles.iam
    }

    fn consumers_role(&self) -> &str {
        &self.roles.consumers
    }
}

impl AwsGateway {
    async fn consumer_session(
        &self,
        role: &str,
        order: &ConsumerOrder,
    ) -> Result<IssuedSession, AwsError> {
        let (name, identity) = (&order.session_name, &order.source_identity);
        let session = SessionOrder::for_calls(&order.account, name, identity, &order.policy);
        self.assume(role, &session).await
    }
}

#[cfg(test)]
mod tests;
