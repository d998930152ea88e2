//! Sessions in member accounts, and clients that use them.

use super::{DENIAL_ACTIONS, DENIAL_SESSION, PROBE_POLICY, PROBE_SECRET};
use crate::{
    AwsError, AwsGateway, IssuedSession, MIN_SESSION_SECONDS, SessionOrder, error::FromSdk as _,
    inventory::partition,
};
use aws_config::SdkConfig;
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use aws_sdk_sts::types::Tag;
use claviger_domain::ids::{AccountId, Region};
use secrecy::ExposeSecret;
use std::time::SystemTime;

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
                .interceptor(self.reporter.clone())
                .build(),
        )
    }

    pub(crate) fn ssm_with(&self, session: &IssuedSession, region: &Region) -> aws_sdk_ssm::Client {
        aws_sdk_ssm::Client::from_conf(
            aws_sdk_ssm::config::Builder::from(&self.with(session, region))
                .retry_partition(partition("ssm", &session.account, region))
                .interceptor(self.reporter.clone())
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
    pub(super) async fn iam_of(
        &self,
        account: &AccountId,
    ) -> Result<aws_sdk_iam::Client, AwsError> {
        let role = self.session_cache.role_arn(account, &self.roles.access).await?;
        let policy = serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": DENIAL_ACTIONS, "Resource": role}],
        });
        let order =
            SessionOrder::for_calls(account, DENIAL_SESSION, "claviger", &policy.to_string());
        let session = self.assume(&self.roles.remediation, &order).await?;
        Ok(self.iam_with(&session))
    }

    /// IAM is global: its calls go to the Region of the hub's own.
    pub(crate) fn iam_with(&self, session: &IssuedSession) -> aws_sdk_iam::Client {
        let region = &self.roles.hub_region;
        aws_sdk_iam::Client::from_conf(
            aws_sdk_iam::config::Builder::from(&self.with(session, region))
                .retry_partition(partition("iam", &session.account, region))
                .interceptor(self.reporter.clone())
                .build(),
        )
    }

    /// Whether AWS denies a harmless call in a session with this name.
    pub(super) async fn probe(
        &self,
        order: &SessionOrder,
        region: &Region,
    ) -> Result<bool, AwsError> {
        let probe = SessionOrder {
            policy: PROBE_POLICY.into(),
            seconds: MIN_SESSION_SECONDS,
            ..order.clone()
        };
        let session = self.assume(&self.roles.access, &probe).await?;
        self.is_session_refused(&session, region).await
    }

    /// Whether AWS denies this session's calls.
    pub(super) async fn is_session_refused(
        &self,
        session: &IssuedSession,
        region: &Region,
    ) -> Result<bool, AwsError> {
        let answer = self
            .secrets_with(session, region)
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
