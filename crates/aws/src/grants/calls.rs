//! The calls of just-in-time access, over the SDK.

use super::{CONTROL_SESSION, CUTOFF_SESSION, DENIAL_POLICY, PROBE_POLICY};
use crate::{
    AccessGateway, AwsError, AwsGateway, CloudTrailEvent, IssuedSession, MIN_SESSION_SECONDS,
    ReadVersion, SecretValue, SessionOrder, error::FromSdk as _, inline_policy::inline_policy,
    inventory::member_client,
};
use async_trait::async_trait;
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use aws_sdk_iam::operation::delete_role_policy::DeleteRolePolicyError;
use aws_sdk_secretsmanager::primitives::Blob;
use claviger_domain::{
    facts::Kind,
    grants::GrantResource,
    ids::{AccountId, Region},
    parameter_change::ParameterChange,
};
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

#[async_trait]
impl AccessGateway for AwsGateway {
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %order.account))]
    async fn issue(&self, order: &SessionOrder) -> Result<IssuedSession, AwsError> {
        self.assume(&self.roles.access, order).await
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %session.account, aws.region = %resource.region))]
    async fn value(
        &self,
        session: &IssuedSession,
        resource: &GrantResource,
    ) -> Result<SecretValue, AwsError> {
        Ok(self.version(session, resource, None).await?.value)
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %session.account, aws.region = %resource.region))]
    async fn version(
        &self,
        session: &IssuedSession,
        resource: &GrantResource,
        id: Option<&str>,
    ) -> Result<ReadVersion, AwsError> {
        match resource.kind {
            Kind::Secret => {
                const OPERATION: &str = "GetSecretValue";
                let answer = self
                    .secrets_with(session, &resource.region)
                    .get_secret_value()
                    .secret_id(resource.arn.as_str())
                    .set_version_id(id.map(ToOwned::to_owned))
                    .send()
                    .await
                    .map_err(|error| AwsError::of(OPERATION, &error))?;
                let value = match (answer.secret_string, answer.secret_binary) {
                    (Some(text), _) => SecretValue::Text(text.into()),
                    (None, Some(bytes)) => bytes.into_inner().into(),
                    (None, None) => {
                        return Err(AwsError::nonsense(OPERATION, "no value in the answer"));
                    }
                };
                Ok(ReadVersion { value, version: answer.version_id.unwrap_or_default() })
            }
            Kind::Parameter => {
                const OPERATION: &str = "GetParameter";
                let answer = self
                    .ssm_with(session, &resource.region)
                    .get_parameter()
                    .name(&resource.name)
                    .with_decryption(true)
                    .send()
                    .await
                    .map_err(|error| AwsError::of(OPERATION, &error))?;
                let parameter = answer.parameter;
                let version = parameter.as_ref().map(|one| one.version.to_string());
                let value = parameter.and_then(|parameter| parameter.value);
                match (value, version) {
                    (Some(value), Some(version)) => {
                        Ok(ReadVersion { value: SecretValue::Text(value.into()), version })
                    }
                    _ => Err(AwsError::nonsense(OPERATION, "no value in the answer")),
                }
            }
        }
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %session.account, aws.region = %resource.region))]
    async fn put_value(
        &self,
        session: &IssuedSession,
        resource: &GrantResource,
        value: &SecretValue,
        idempotency: &str,
    ) -> Result<String, AwsError> {
        match resource.kind {
            Kind::Secret => {
                let (text, bytes) = match value {
                    SecretValue::Text(text) => (Some(text.expose_secret().to_owned()), None),
                    SecretValue::Binary(bytes) => {
                        (None, Some(Blob::new(bytes.expose_secret().clone())))
                    }
                };
                let answer = self
                    .secrets_with(session, &resource.region)
                    .put_secret_value()
                    .secret_id(resource.arn.as_str())
                    .client_request_token(idempotency)
                    .set_secret_string(text)
                    .set_secret_binary(bytes)
                    .send()
                    .await
                    .map_err(|error| AwsError::of("PutSecretValue", &error))?;
                Ok(answer.version_id.unwrap_or_default())
            }
            Kind::Parameter => match value {
                SecretValue::Text(text) => {
                    let kept = ParameterChange::default();
                    self.put_parameter(session, resource, text, &kept).await
                }
                SecretValue::Binary(_) => {
                    Err(AwsError::nonsense("PutParameter", "a parameter holds text only"))
                }
            },
        }
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %session.account, aws.region = %resource.region))]
    async fn change_parameter(
        &self,
        session: &IssuedSession,
        resource: &GrantResource,
        value: &SecretString,
        change: &ParameterChange,
    ) -> Result<String, AwsError> {
        self.put_parameter(session, resource, value, change).await
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %session.account, aws.region = %resource.region))]
    async fn rotate(
        &self,
        session: &IssuedSession,
        resource: &GrantResource,
        idempotency: &str,
    ) -> Result<(), AwsError> {
        self.secrets_with(session, &resource.region)
            .rotate_secret()
            .secret_id(resource.arn.as_str())
            .client_request_token(idempotency)
            // The default, set explicitly.
            .rotate_immediately(true)
            .send()
            .await
            .map_err(|error| AwsError::of("RotateSecret", &error))?;
        Ok(())
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    async fn put_denials(
        &self,
        account: &AccountId,
        document: Option<&str>,
    ) -> Result<(), AwsError> {
        let iam = self.iam_of(account).await?;
        if let Some(document) = document {
            iam.put_role_policy()
                .role_name(&self.roles.access)
                .policy_name(DENIAL_POLICY)
                .policy_document(document)
                .send()
                .await
                .map_err(|error| AwsError::of("PutRolePolicy", &error))?;
            return Ok(());
        }
        let done = iam
            .delete_role_policy()
            .role_name(&self.roles.access)
            .policy_name(DENIAL_POLICY)
            .send()
            .await;
        match done {
            Err(error)
                if !error
                    .as_service_error()
                    .is_some_and(DeleteRolePolicyError::is_no_such_entity_exception) =>
            {
                Err(AwsError::of("DeleteRolePolicy", &error))
            }
            _ => Ok(()),
        }
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    async fn denials(&self, account: &AccountId) -> Result<Option<String>, AwsError> {
        inline_policy(&self.iam_of(account).await?, &self.roles.access, DENIAL_POLICY).await
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %order.account, aws.region = %region))]
    async fn is_refused(&self, order: &SessionOrder, region: &Region) -> Result<bool, AwsError> {
        if !self.probe(order, region).await? {
            return Ok(false);
        }
        // Denied; but only if another name is not denied, the name is the reason.
        let control = SessionOrder { session_name: CONTROL_SESSION.into(), ..order.clone() };
        if self.probe(&control, region).await? {
            return Err(AwsError::nonsense(
                "DescribeSecret",
                "every session of the access role is refused, so nothing is known about this one",
            ));
        }
        Ok(true)
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    async fn issue_probe(&self, account: &AccountId) -> Result<IssuedSession, AwsError> {
        self.assume(&self.roles.access, &probe_order(account, CUTOFF_SESSION)).await
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %probe.account, aws.region = %region))]
    async fn is_probe_refused(
        &self,
        probe: &IssuedSession,
        region: &Region,
    ) -> Result<bool, AwsError> {
        if !self.is_session_refused(probe, region).await? {
            return Ok(false);
        }
        if self.probe(&probe_order(&probe.account, CONTROL_SESSION), region).await? {
            return Err(AwsError::nonsense(
                "DescribeSecret",
                "every session of the access role is refused, also one that was issued now",
            ));
        }
        Ok(true)
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    async fn events_of(
        &self,
        account: &AccountId,
        region: &Region,
        access_key_id: &str,
    ) -> Result<Vec<CloudTrailEvent>, AwsError> {
        let client = member_client!(self, aws_sdk_cloudtrail, "cloudtrail", account, region);
        let by_key = LookupAttribute::builder()
            .attribute_key(LookupAttributeKey::AccessKeyId)
            .attribute_value(access_key_id)
            .build()
            .map_err(|error| AwsError::nonsense("LookupEvents", error.to_string()))?;
        let mut found = Vec::new();
        let mut token = None;
        for _ in 0..2 {
            self.budget.ready(crate::Api::LookupEvents, &(account.clone(), region.clone())).await;
            let page = client
                .lookup_events()
                .lookup_attributes(by_key.clone())
                .max_results(50)
                .set_next_token(token)
                .send()
                .await
                .map_err(|error| AwsError::of("LookupEvents", &error))?;
            found.extend(page.events.unwrap_or_default().into_iter().filter_map(event));
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                break;
            }
        }
        // The attribute filters in AWS; the result is checked again.
        found.retain(|event: &CloudTrailEvent| {
            event.access_key_id.as_deref() == Some(access_key_id)
        });
        Ok(found)
    }
}

/// A session of Claviger itself: no person, no grant.
fn probe_order(account: &AccountId, name: &str) -> SessionOrder {
    SessionOrder {
        account: account.clone(),
        session_name: name.into(),
        source_identity: "claviger".into(),
        tags: vec![
            ("claviger:grant".into(), "none".into()),
            ("claviger:person".into(), "claviger".into()),
        ],
        policy: PROBE_POLICY.into(),
        seconds: MIN_SESSION_SECONDS,
    }
}

/// An event with the fields that only its record has.
fn event(event: aws_sdk_cloudtrail::types::Event) -> Option<CloudTrailEvent> {
    let record: serde_json::Value =
        event.cloud_trail_event.as_deref().and_then(|text| serde_json::from_str(text).ok())?;
    let text = |pointer: &str| {
        record.pointer(pointer).and_then(serde_json::Value::as_str).map(ToOwned::to_owned)
    };
    let session_name = text("/userIdentity/principalId")
        .and_then(|id| id.split_once(':').map(|(_, name)| name.to_owned()));
    Some(CloudTrailEvent {
        event_id: event.event_id?,
        at: OffsetDateTime::from_unix_timestamp(event.event_time?.secs()).ok()?,
        name: event.event_name?,
        error: text("/errorCode"),
        source_ip: text("/sourceIPAddress"),
        access_key_id: event.access_key_id.or_else(|| text("/userIdentity/accessKeyId")),
        session_name,
        source_identity: text("/userIdentity/sessionContext/sourceIdentity"),
    })
}
