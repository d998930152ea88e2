//! Variables of workloads: Lambda, ECS and `CodeBuild` return the values of plaintext variables, CloudFormation those of parameters
//! and outputs.
//!
//! A value is reduced to what it is ([`content`]) while the response is parsed: no type here can hold one, errors repeat
//! nothing of a response, and the buffer that is parsed is overwritten.

mod cloudformation;
mod codebuild;
mod content;
mod ecs;
mod lambda;
mod reader;

use crate::{AwsError, AwsGateway, ConsumerOrder, SessionOrder, VariableGateway, VariableReading};
use async_trait::async_trait;
use claviger_domain::variables::WorkloadKind;
use reader::Reader;

#[async_trait]
impl VariableGateway for AwsGateway {
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %order.account, aws.region = %order.region))]
    async fn plain_variables(
        &self,
        order: &ConsumerOrder,
    ) -> Result<Vec<VariableReading>, AwsError> {
        let (name, identity) = (&order.session_name, &order.source_identity);
        let session = SessionOrder::for_calls(&order.account, name, identity, &order.policy);
        let session = self.assume(&self.roles.consumers, &session).await?;
        let reader = Reader { gateway: self, order, session: &session };
        let (lambda, ecs, codebuild, cloudformation) = tokio::join!(
            lambda::read(&reader),
            ecs::read(&reader),
            codebuild::read(&reader),
            cloudformation::read(&reader)
        );
        Ok(vec![
            VariableReading { kind: WorkloadKind::Lambda, read: lambda },
            VariableReading { kind: WorkloadKind::Ecs, read: ecs },
            VariableReading { kind: WorkloadKind::CodeBuild, read: codebuild },
            VariableReading { kind: WorkloadKind::CloudFormation, read: cloudformation },
        ])
    }

    fn variables_role(&self) -> &str {
        &self.roles.consumers
    }
}

/// Without the parser's words: they could repeat a part of the response.
fn unread(operation: &'static str) -> AwsError {
    AwsError::nonsense(operation, "the response cannot be read")
}

#[cfg(test)]
mod tests;
