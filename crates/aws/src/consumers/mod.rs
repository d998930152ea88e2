//! Roles of consumers: IAM by its SDK, Lambda and Access Analyzer by signed requests, each in a session that may do nothing else.

mod analyzer;
mod attach;
mod functions;
mod roles;

use crate::{
    AwsError, AwsGateway, ConsumerFunction, ConsumerGateway, ConsumerOrder, ConsumerState,
    IssuedSession, RoleWrite, SessionOrder,
};
use async_trait::async_trait;
use claviger_domain::remediation::{ConsumerCall, FunctionArn};

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
    async fn consumer_state(
        &self,
        order: &ConsumerOrder,
        call: &ConsumerCall,
    ) -> Result<ConsumerState, AwsError> {
        if let ConsumerCall::UpdateFunctionRole { function, .. } = call {
            let function = FunctionArn::read(function)
                .ok_or_else(|| AwsError::nonsense(call.operation(), "no ARN of a function"))?;
            let found = self.consumer_function(order, &function).await?;
            return Ok(ConsumerState::Function(found.map(Box::new)));
        }
        let session = self.consumer_session(&self.roles.iam, order).await?;
        roles::state(&self.iam_with(&session), call).await
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
