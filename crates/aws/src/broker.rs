//! Sessions in member accounts: assumed once, kept until shortly before they end.

use crate::error::AwsError;
use aws_credential_types::{
    Credentials,
    provider::{self, ProvideCredentials, error::CredentialsError},
};
use aws_sdk_sts::operation::assume_role::builders::AssumeRoleFluentBuilder;
use claviger_domain::{ids::AccountId, sweep::ScanFault};
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::sync::Mutex;

/// With role chaining AWS grants an hour at most.
const SESSION_SECONDS: i32 = 3600;
const RENEW_BEFORE: Duration = Duration::from_mins(5);
/// What CloudTrail shows in the member account: who we are and what for.
const SESSION_NAME: &str = "claviger-inventory-sweep";
const SOURCE_IDENTITY: &str = "claviger";

/// Assumes the inventory role per account.
pub(crate) struct Broker {
    sts: aws_sdk_sts::Client,
    role: String,
    external_id: Option<SecretString>,
    /// One lock an account: the Regions of one account wait for one session, other accounts do not.
    sessions: Mutex<HashMap<AccountId, Arc<Mutex<Option<Credentials>>>>>,
}

impl Broker {
    pub(crate) fn new(
        sts: aws_sdk_sts::Client,
        role: String,
        external_id: Option<SecretString>,
    ) -> Self {
        Self { sts, role, external_id, sessions: Mutex::default() }
    }

    /// Credentials that are good for some minutes more.
    pub(crate) async fn credentials(&self, account: &AccountId) -> Result<Credentials, AwsError> {
        let slot = Arc::clone(self.sessions.lock().await.entry(account.clone()).or_default());
        let mut slot = slot.lock().await;
        if let Some(credentials) = slot.as_ref().filter(|credentials| is_fresh(credentials)) {
            return Ok(credentials.clone());
        }
        let credentials = self.assume(account).await?;
        *slot = Some(credentials.clone());
        Ok(credentials)
    }

    /// The next time a session is asked for anew.
    pub(crate) async fn forget(&self, account: &AccountId) {
        let slot = self.sessions.lock().await.get(account).cloned();
        if let Some(slot) = slot {
            *slot.lock().await = None;
        }
    }

    async fn assume(&self, account: &AccountId) -> Result<Credentials, AwsError> {
        self.ask(&self.role, account, |ask| {
            ask.role_session_name(SESSION_NAME)
                .source_identity(SOURCE_IDENTITY)
                .duration_seconds(SESSION_SECONDS)
        })
        .await
    }

    /// Asks STS for a session of a role in an account; `terms` says which.
    pub(crate) async fn ask(
        &self,
        role: &str,
        account: &AccountId,
        terms: impl FnOnce(AssumeRoleFluentBuilder) -> AssumeRoleFluentBuilder,
    ) -> Result<Credentials, AwsError> {
        const OPERATION: &str = "AssumeRole";
        let ask = self
            .sts
            .assume_role()
            .role_arn(format!("arn:aws:iam::{account}:role/{role}"))
            // What the trust policies of all our roles ask for.
            .set_external_id(self.external_id.as_ref().map(|id| id.expose_secret().to_owned()));
        let answer = terms(ask).send().await.map_err(|error| {
            let error = AwsError::of(OPERATION, &error);
            match error.fault {
                // STS says "denied" for a role that is not there as well.
                ScanFault::Denied => AwsError { fault: ScanFault::RoleNotAssumable, ..error },
                _ => error,
            }
        })?;
        let given = answer
            .credentials
            .ok_or_else(|| AwsError::nonsense(OPERATION, "no credentials in the answer"))?;
        let expiration = SystemTime::try_from(given.expiration)
            .map_err(|error| AwsError::nonsense(OPERATION, format!("expiration: {error}")))?;
        Ok(Credentials::new(
            given.access_key_id,
            given.secret_access_key,
            Some(given.session_token),
            Some(expiration),
            "claviger-broker",
        ))
    }
}

fn is_fresh(credentials: &Credentials) -> bool {
    credentials.expiry().is_some_and(|expiry| expiry > SystemTime::now() + RENEW_BEFORE)
}

/// Lets an SDK client ask the broker anew when a long scan outlives its session.
#[derive(Clone)]
pub(crate) struct MemberCredentials {
    pub(crate) broker: Arc<Broker>,
    pub(crate) account: AccountId,
}

impl std::fmt::Debug for MemberCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemberCredentials").field("account", &self.account).finish_non_exhaustive()
    }
}

impl ProvideCredentials for MemberCredentials {
    fn provide_credentials<'a>(&'a self) -> provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        provider::future::ProvideCredentials::new(async {
            self.broker.credentials(&self.account).await.map_err(CredentialsError::provider_error)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_sts::operation::assume_role::{AssumeRoleError, AssumeRoleOutput};
    use aws_smithy_mocks::{RuleMode, mock, mock_client};
    use aws_smithy_types::{DateTime, error::ErrorMetadata};

    fn output(lives: Duration) -> AssumeRoleOutput {
        let credentials = aws_sdk_sts::types::Credentials::builder()
            .access_key_id("AKIA")
            .secret_access_key("x")
            .session_token("t")
            .expiration(DateTime::from(SystemTime::now() + lives))
            .build()
            .unwrap();
        AssumeRoleOutput::builder().credentials(credentials).build()
    }

    fn account() -> AccountId {
        "111122223333".parse().unwrap()
    }

    #[tokio::test]
    async fn a_session_is_assumed_once_with_all_that_the_trust_policy_asks() {
        let rule = mock!(aws_sdk_sts::Client::assume_role)
            .match_requests(|r| {
                r.role_arn() == Some("arn:aws:iam::111122223333:role/claviger-inventory")
                    && r.external_id() == Some("shared-id")
                    && r.source_identity() == Some(SOURCE_IDENTITY)
                    && r.role_session_name() == Some(SESSION_NAME)
                    && r.duration_seconds() == Some(3600)
            })
            .then_output(|| output(Duration::from_hours(1)));
        let sts = mock_client!(aws_sdk_sts, RuleMode::MatchAny, [&rule]);
        let broker = Broker::new(sts, "claviger-inventory".into(), Some("shared-id".into()));
        broker.credentials(&account()).await.unwrap();
        broker.credentials(&account()).await.unwrap();
        assert_eq!(rule.num_calls(), 1);
    }

    #[tokio::test]
    async fn a_session_about_to_end_is_renewed() {
        let rule = mock!(aws_sdk_sts::Client::assume_role)
            .then_output(|| output(Duration::from_secs(200)));
        let sts = mock_client!(aws_sdk_sts, RuleMode::MatchAny, [&rule]);
        let broker = Broker::new(sts, "r".into(), None);
        broker.credentials(&account()).await.unwrap();
        broker.credentials(&account()).await.unwrap();
        assert_eq!(rule.num_calls(), 2);
    }

    #[tokio::test]
    async fn a_refusal_says_that_the_role_cannot_be_assumed_and_is_not_kept() {
        let rule = mock!(aws_sdk_sts::Client::assume_role).then_error(|| {
            AssumeRoleError::generic(
                ErrorMetadata::builder().code("AccessDenied").message("no").build(),
            )
        });
        let sts = mock_client!(aws_sdk_sts, RuleMode::MatchAny, [&rule]);
        let broker = Broker::new(sts, "r".into(), None);
        for _ in 0..2 {
            let error = broker.credentials(&account()).await.unwrap_err();
            assert_eq!(
                (error.fault, error.code.as_deref()),
                (ScanFault::RoleNotAssumable, Some("AccessDenied"))
            );
        }
        assert_eq!(rule.num_calls(), 2);
    }
}
