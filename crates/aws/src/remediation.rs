//! Calls that change a resource, each with a session that may do nothing else.

use crate::{
    AwsError, AwsGateway, CallOrder, CreationOrder, NewValue, RemediationGateway, SessionOrder,
    budget::Api, error::FromSdk as _,
};
use async_trait::async_trait;
use aws_sdk_secretsmanager::types::{
    ExternalSecretRotationMetadataItem, ReplicaRegionType, RotationRulesType, Tag,
};
use claviger_domain::{
    creation::NewResource,
    facts::{Kind, RotationRules},
    remediation::{AwsCall, ExternalRotation},
};
use std::collections::BTreeMap;

#[async_trait]
impl RemediationGateway for AwsGateway {
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %order.account, aws.region = %order.region, aws.operation = call.operation(order.kind)))]
    async fn carry_out(&self, order: &CallOrder, call: &AwsCall) -> Result<(), AwsError> {
        let api = match call {
            AwsCall::TagResource { .. } | AwsCall::UntagResource { .. } => Api::TagResource,
            AwsCall::RotateSecret { .. } | AwsCall::RotateNow | AwsCall::CancelRotateSecret => {
                Api::RotateSecret
            }
            AwsCall::PutResourcePolicy { .. } | AwsCall::DeleteResourcePolicy => {
                Api::GetResourcePolicy
            }
            _ => Api::UpdateSecret,
        };
        self.budget.ready(api, &(order.account.clone(), order.region.clone())).await;
        let session = self
            .assume(
                &self.roles.remediation,
                &SessionOrder {
                    account: order.account.clone(),
                    session_name: order.session_name.clone(),
                    source_identity: order.source_identity.clone(),
                    tags: Vec::new(),
                    policy: order.policy.clone(),
                    seconds: crate::MIN_SESSION_SECONDS,
                },
            )
            .await?;
        let operation = call.operation(order.kind);
        match (order.kind, call) {
            (Kind::Parameter, AwsCall::TagResource { tags }) => {
                let tags = ssm_tags(tags)?;
                self.ssm_with(&session, &order.region)
                    .add_tags_to_resource()
                    .resource_type(aws_sdk_ssm::types::ResourceTypeForTagging::Parameter)
                    .resource_id(&order.name)
                    .set_tags(Some(tags))
                    .send()
                    .await
                    .map_err(|error| AwsError::of(operation, &error))?;
                Ok(())
            }
            (Kind::Parameter, AwsCall::UntagResource { keys }) => {
                self.ssm_with(&session, &order.region)
                    .remove_tags_from_resource()
                    .resource_type(aws_sdk_ssm::types::ResourceTypeForTagging::Parameter)
                    .resource_id(&order.name)
                    .set_tag_keys(Some(keys.iter().cloned().collect()))
                    .send()
                    .await
                    .map_err(|error| AwsError::of(operation, &error))?;
                Ok(())
            }
            (Kind::Parameter, _) => {
                Err(AwsError::nonsense(operation, "of a parameter, tags alone can be changed"))
            }
            (Kind::Secret, _) => {
                secret_call(&self.secrets_with(&session, &order.region), order, call).await
            }
        }
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %new.account, aws.region = %new.region))]
    async fn create(
        &self,
        order: &CreationOrder,
        new: &NewResource,
        value: &NewValue,
    ) -> Result<String, AwsError> {
        self.create_resource(order, new, value).await
    }
}

fn ssm_tags(tags: &BTreeMap<String, String>) -> Result<Vec<aws_sdk_ssm::types::Tag>, AwsError> {
    let each = tags
        .iter()
        .map(|(key, value)| aws_sdk_ssm::types::Tag::builder().key(key).value(value).build());
    each.collect::<Result<_, _>>()
        .map_err(|error| AwsError::nonsense("AddTagsToResource", error.to_string()))
}

fn rules(rules: &RotationRules) -> RotationRulesType {
    RotationRulesType::builder()
        .set_automatically_after_days(rules.automatically_after_days)
        .set_duration(rules.duration.clone())
        .set_schedule_expression(rules.schedule_expression.clone())
        .build()
}

fn metadata(external: &ExternalRotation) -> Option<Vec<ExternalSecretRotationMetadataItem>> {
    let each = external.metadata.iter().map(|(key, value)| {
        ExternalSecretRotationMetadataItem::builder().key(key).value(value).build()
    });
    // AWS keeps what it has where nothing is sent.
    (!external.metadata.is_empty()).then(|| each.collect())
}

async fn secret_call(
    client: &aws_sdk_secretsmanager::Client,
    order: &CallOrder,
    call: &AwsCall,
) -> Result<(), AwsError> {
    let arn = order.arn.as_str();
    // Each builder has its own type; shared code is written once.
    macro_rules! send {
        ($builder:expr) => {
            $builder
                .secret_id(arn)
                .send()
                .await
                .map(|_| ())
                .map_err(|error| AwsError::of(call.operation(Kind::Secret), &error))
        };
    }
    match call {
        AwsCall::TagResource { tags } => {
            let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
            send!(client.tag_resource().set_tags(Some(tags.collect())))
        }
        AwsCall::RotateSecret { lambda_arn, external, rules: schedule, rotate_immediately } => {
            send!(
                client
                    .rotate_secret()
                    .client_request_token(&order.token)
                    .set_rotation_lambda_arn(lambda_arn.clone())
                    .set_external_secret_rotation_role_arn(
                        external.as_ref().map(|external| external.role_arn.clone())
                    )
                    .set_external_secret_rotation_metadata(external.as_ref().and_then(metadata))
                    .rotation_rules(rules(schedule))
                    // AWS's default is true, so it is always set explicitly.
                    .rotate_immediately(*rotate_immediately)
            )
        }
        AwsCall::RotateNow => send!(
            client.rotate_secret().client_request_token(&order.token).rotate_immediately(true)
        ),
        AwsCall::UpdateSecret { kms_key_id } => {
            send!(client.update_secret().kms_key_id(kms_key_id))
        }
        AwsCall::PutResourcePolicy { resource_policy } => send!(
            client.put_resource_policy().resource_policy(resource_policy).block_public_policy(true)
        ),
        AwsCall::DeleteResourcePolicy => send!(client.delete_resource_policy()),
        AwsCall::DeleteSecret { recovery_window_days } => {
            send!(client.delete_secret().recovery_window_in_days(i64::from(*recovery_window_days)))
        }
        AwsCall::RestoreSecret => send!(client.restore_secret()),
        AwsCall::ReplicateSecretToRegions { region, kms_key_id } => send!(
            client.replicate_secret_to_regions().add_replica_regions(
                ReplicaRegionType::builder()
                    .region(region.as_str())
                    .set_kms_key_id(kms_key_id.clone())
                    .build()
            )
        ),
        AwsCall::RemoveRegionsFromReplication { region } => {
            send!(client.remove_regions_from_replication().remove_replica_regions(region.as_str()))
        }
        AwsCall::UpdateSecretVersionStage { stage, move_to, remove_from } => send!(
            client
                .update_secret_version_stage()
                .version_stage(stage)
                .set_move_to_version_id(move_to.clone())
                .remove_from_version_id(remove_from)
        ),
        AwsCall::CancelRotateSecret => send!(client.cancel_rotate_secret()),
        AwsCall::UpdateDescription { description } => {
            send!(client.update_secret().description(description))
        }
        AwsCall::UntagResource { keys } => {
            send!(client.untag_resource().set_tag_keys(Some(keys.iter().cloned().collect())))
        }
        AwsCall::Consumer(_) => {
            Err(AwsError::nonsense(call.operation(Kind::Secret), "is no call of Secrets Manager"))
        }
    }
}
