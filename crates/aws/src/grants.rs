//! Time-limited sessions in member accounts: issue them, use them for one value, end and trace them.

use crate::{
    AwsError, AwsGateway,
    inventory::{member_client, partition},
};
use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use aws_sdk_iam::operation::{
    delete_role_policy::DeleteRolePolicyError, get_role_policy::GetRolePolicyError,
};
use aws_sdk_secretsmanager::{error::ProvideErrorMetadata, primitives::Blob};
use aws_sdk_sts::types::Tag;
use claviger_domain::{
    facts::Kind,
    grants::GrantResource,
    ids::{AccountId, Region},
};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use std::time::SystemTime;
use time::OffsetDateTime;

/// The inline policy of the access role that denies revoked sessions.
const DENIAL_POLICY: &str = "claviger-revoked-grants";
/// The permissions for reading and changing it.
const DENIAL_ACTIONS: [&str; 3] =
    ["iam:DeleteRolePolicy", "iam:GetRolePolicy", "iam:PutRolePolicy"];
/// AWS's minimum.
pub const MIN_SESSION_SECONDS: i32 = 900;
/// A secret that does not exist: a session that is not denied gets "not found".
const PROBE_SECRET: &str = "claviger-probe";
/// The name of the session that is never revoked.
const CONTROL_SESSION: &str = "claviger-control";
const PROBE_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"secretsmanager:DescribeSecret","Resource":"*"}]}"#;

/// The parameters of an STS session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionOrder {
    pub account: AccountId,
    /// 2 to 64 of `[\w+=,.@-]`.
    pub session_name: String,
    /// The person; kept along a chain of roles and shown in CloudTrail.
    pub source_identity: String,
    pub tags: Vec<(String, String)>,
    /// The inline session policy; at most 2,048 characters.
    pub policy: String,
    /// 900 to the role's maximum.
    pub seconds: i32,
}

/// Credentials for a grant's holder. Never stored, never logged.
#[derive(Debug, Clone)]
pub struct IssuedSession {
    pub account: AccountId,
    pub access_key_id: String,
    pub secret_access_key: SecretString,
    pub session_token: SecretString,
    pub expires_at: OffsetDateTime,
}

/// A value, while it is shown or written.
#[derive(Debug)]
pub enum SecretValue {
    /// `SecretString`, or a parameter's value.
    Text(SecretString),
    /// `SecretBinary`. Parameters have none.
    Binary(SecretBox<Vec<u8>>),
}

impl SecretValue {
    /// Its length in bytes.
    pub fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.expose_secret().len(),
            Self::Binary(bytes) => bytes.expose_secret().len(),
        }
    }
}

impl From<SecretString> for SecretValue {
    fn from(text: SecretString) -> Self {
        Self::Text(text)
    }
}

impl From<String> for SecretValue {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<Vec<u8>> for SecretValue {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(SecretBox::new(Box::new(bytes)))
    }
}

/// An event from CloudTrail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudTrailEvent {
    pub event_id: String,
    pub at: OffsetDateTime,
    /// Such as `GetSecretValue`.
    pub name: String,
    pub error: Option<String>,
    pub source_ip: Option<String>,
    pub access_key_id: Option<String>,
    /// The session name of the assumed role.
    pub session_name: Option<String>,
    pub source_identity: Option<String>,
}

/// The AWS calls of just-in-time access.
#[async_trait]
pub trait AccessGateway: Send + Sync + 'static {
    /// `AssumeRole` on the access role, always with a session policy.
    async fn issue(&self, order: &SessionOrder) -> Result<IssuedSession, AwsError>;

    /// `GetSecretValue` of AWSCURRENT, or `GetParameter` with decryption, with the grant's own session.
    async fn value(
        &self,
        session: &IssuedSession,
        resource: &GrantResource,
    ) -> Result<SecretValue, AwsError>;

    /// `PutSecretValue` with the text or the bytes, or `PutParameter`; returns the new version. A parameter keeps its type, key, tier, data type,
    /// allowed pattern and description.
    async fn put_value(
        &self,
        session: &IssuedSession,
        resource: &GrantResource,
        value: &SecretValue,
        idempotency: &str,
    ) -> Result<String, AwsError>;

    /// `RotateSecret`, at once.
    async fn rotate(
        &self,
        session: &IssuedSession,
        resource: &GrantResource,
        idempotency: &str,
    ) -> Result<(), AwsError>;

    /// Sets the access role's Deny statements, or removes them if there are none. Runs in a session of
    /// the remediation role that can change only this policy.
    async fn put_denials(
        &self,
        account: &AccountId,
        document: Option<&str>,
    ) -> Result<(), AwsError>;

    /// The current Deny statements.
    async fn denials(&self, account: &AccountId) -> Result<Option<String>, AwsError>;

    /// Whether AWS denies the session with this name, and not every session. The probe is a session with
    /// exactly this name and tags, so that it has the same `aws:userid`; it may only describe a
    /// secret that does not exist. A session with another name must get "not found".
    async fn is_refused(&self, order: &SessionOrder, region: &Region) -> Result<bool, AwsError>;

    /// `LookupEvents` for one access key, newest first; at most two calls.
    async fn events_of(
        &self,
        account: &AccountId,
        region: &Region,
        access_key_id: &str,
    ) -> Result<Vec<CloudTrailEvent>, AwsError>;
}

impl AwsGateway {
    fn with(&self, session: &IssuedSession, region: &Region) -> SdkConfig {
        let credentials = Credentials::new(
            session.access_key_id.clone(),
            session.secret_access_key.expose_secret().to_owned(),
            Some(session.session_token.expose_secret().to_owned()),
            Some(SystemTime::from(session.expires_at)),
            "claviger-grant",
        );
        self.config
            .to_builder()
            .region(aws_config::Region::new(region.to_string()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .identity_cache(aws_config::identity::IdentityCache::no_cache())
            .build()
    }

    pub(crate) fn secrets_with(
        &self,
        session: &IssuedSession,
        region: &Region,
    ) -> aws_sdk_secretsmanager::Client {
        aws_sdk_secretsmanager::Client::from_conf(
            aws_sdk_secretsmanager::config::Builder::from(&self.with(session, region))
                .retry_partition(partition("secretsmanager", &session.account, region))
                .build(),
        )
    }

    pub(crate) fn ssm_with(&self, session: &IssuedSession, region: &Region) -> aws_sdk_ssm::Client {
        aws_sdk_ssm::Client::from_conf(
            aws_sdk_ssm::config::Builder::from(&self.with(session, region))
                .retry_partition(partition("ssm", &session.account, region))
                .build(),
        )
    }

    pub(crate) async fn assume(
        &self,
        role: &str,
        order: &SessionOrder,
    ) -> Result<IssuedSession, AwsError> {
        let tags: Result<Vec<Tag>, _> = order
            .tags
            .iter()
            .map(|(key, value)| Tag::builder().key(key).value(value).build())
            .collect();
        let tags = tags.map_err(|error| AwsError::nonsense("AssumeRole", error.to_string()))?;
        let credentials = self
            .session_cache
            .ask(role, &order.account, |ask| {
                ask.role_session_name(&order.session_name)
                    .source_identity(&order.source_identity)
                    .set_tags((!tags.is_empty()).then_some(tags))
                    .policy(&order.policy)
                    .duration_seconds(order.seconds)
            })
            .await?;
        Ok(IssuedSession {
            account: order.account.clone(),
            access_key_id: credentials.access_key_id().into(),
            secret_access_key: credentials.secret_access_key().into(),
            session_token: credentials.session_token().unwrap_or_default().into(),
            expires_at: credentials.expiry().unwrap_or(SystemTime::UNIX_EPOCH).into(),
        })
    }

    /// A session of the remediation role that may only change this inline policy.
    async fn iam_of(&self, account: &AccountId) -> Result<aws_sdk_iam::Client, AwsError> {
        let role = self.session_cache.role_arn(account, &self.roles.access).await?;
        let policy = serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": DENIAL_ACTIONS, "Resource": role}],
        });
        let order = SessionOrder {
            account: account.clone(),
            session_name: "claviger-end-sessions".into(),
            source_identity: "claviger".into(),
            tags: Vec::new(),
            policy: policy.to_string(),
            seconds: MIN_SESSION_SECONDS,
        };
        let session = self.assume(&self.roles.remediation, &order).await?;
        let region = &self.roles.hub_region;
        Ok(aws_sdk_iam::Client::from_conf(
            aws_sdk_iam::config::Builder::from(&self.with(&session, region))
                .retry_partition(partition("iam", account, region))
                .build(),
        ))
    }

    /// Whether AWS denies a harmless call in a session with this name.
    async fn probe(&self, order: &SessionOrder, region: &Region) -> Result<bool, AwsError> {
        let probe = SessionOrder {
            policy: PROBE_POLICY.into(),
            seconds: MIN_SESSION_SECONDS,
            ..order.clone()
        };
        let session = self.assume(&self.roles.access, &probe).await?;
        let answer = self
            .secrets_with(&session, region)
            .describe_secret()
            .secret_id(PROBE_SECRET)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(false),
            Err(error) => {
                let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
                match code {
                    Some("ResourceNotFoundException") => Ok(false),
                    Some("AccessDeniedException" | "AccessDenied") => Ok(true),
                    _ => Err(AwsError::of("DescribeSecret", &error)),
                }
            }
        }
    }
}

#[async_trait]
impl AccessGateway for AwsGateway {
    async fn issue(&self, order: &SessionOrder) -> Result<IssuedSession, AwsError> {
        self.assume(&self.roles.access, order).await
    }

    async fn value(
        &self,
        session: &IssuedSession,
        resource: &GrantResource,
    ) -> Result<SecretValue, AwsError> {
        match resource.kind {
            Kind::Secret => {
                let answer = self
                    .secrets_with(session, &resource.region)
                    .get_secret_value()
                    .secret_id(resource.arn.as_str())
                    .send()
                    .await
                    .map_err(|error| AwsError::of("GetSecretValue", &error))?;
                match (answer.secret_string, answer.secret_binary) {
                    (Some(text), _) => Ok(SecretValue::Text(text.into())),
                    (None, Some(bytes)) => Ok(bytes.into_inner().into()),
                    (None, None) => {
                        Err(AwsError::nonsense("GetSecretValue", "no value in the answer"))
                    }
                }
            }
            Kind::Parameter => {
                let answer = self
                    .ssm_with(session, &resource.region)
                    .get_parameter()
                    .name(&resource.name)
                    .with_decryption(true)
                    .send()
                    .await
                    .map_err(|error| AwsError::of("GetParameter", &error))?;
                answer
                    .parameter
                    .and_then(|parameter| parameter.value)
                    .map(|value| SecretValue::Text(value.into()))
                    .ok_or_else(|| AwsError::nonsense("GetParameter", "no value in the answer"))
            }
        }
    }

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
                SecretValue::Text(text) => self.put_parameter(session, resource, text).await,
                SecretValue::Binary(_) => {
                    Err(AwsError::nonsense("PutParameter", "a parameter holds text only"))
                }
            },
        }
    }

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

    async fn denials(&self, account: &AccountId) -> Result<Option<String>, AwsError> {
        let found = self
            .iam_of(account)
            .await?
            .get_role_policy()
            .role_name(&self.roles.access)
            .policy_name(DENIAL_POLICY)
            .send()
            .await;
        match found {
            // IAM's response is percent-encoded.
            Ok(found) => {
                let document = percent_encoding::percent_decode_str(found.policy_document());
                Ok(Some(document.decode_utf8_lossy().into_owned()))
            }
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetRolePolicyError::is_no_such_entity_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(AwsError::of("GetRolePolicy", &error)),
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_policy::permissions::{Role, TABLE};
    use std::collections::BTreeSet;

    /// Checks the two fixed documents in this file against the table of permissions.
    #[test]
    fn the_fixed_session_policies_are_those_of_the_table() {
        let iam: BTreeSet<&str> = TABLE
            .iter()
            .filter(|call| (call.role, call.service) == (Role::Remediation, "iam"))
            .flat_map(|call| call.needs.iter().map(|need| need.action))
            .collect();
        assert_eq!(iam, DENIAL_ACTIONS.into_iter().collect());
        let probe: serde_json::Value = serde_json::from_str(PROBE_POLICY).unwrap();
        let action = probe["Statement"][0]["Action"].as_str().unwrap();
        assert!(
            TABLE.iter().any(|call| call.role == Role::Access
                && call.needs.iter().any(|need| need.action == action))
        );
    }
}
