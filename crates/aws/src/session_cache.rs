//! Sessions in member accounts: assumed once, cached until shortly before they expire. For a scan with the credentials at
//! hand no role is assumed: the account's session is what the SDK found.

use crate::{AwsError, error::FromSdk as _};
use aws_credential_types::{
    Credentials,
    provider::{self, ProvideCredentials, SharedCredentialsProvider, error::CredentialsError},
};
use aws_sdk_sts::operation::assume_role::builders::AssumeRoleFluentBuilder;
use claviger_domain::{
    error_line::ErrorLine,
    ids::{AccountId, Arn, InvalidId, Region},
    partition::Partition,
    scan::RegionScanFault,
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::sync::{Mutex, OnceCell};

/// With role chaining AWS grants an hour at most.
const SESSION_SECONDS: i32 = 3600;
const RENEW_BEFORE: Duration = Duration::from_mins(5);
/// The session name in CloudTrail of the member account: who assumed the role and why.
const SESSION_NAME: &str = "claviger-inventory-sweep";
const SOURCE_IDENTITY: &str = "claviger";
/// Not a call of AWS: the SDK's own search for credentials.
const OWN_CREDENTIALS: &str = "AWS credentials";

/// Assumes the inventory role per account.
pub(crate) struct SessionCache {
    sts: aws_sdk_sts::Client,
    role: String,
    external_id: Option<SecretString>,
    /// The credentials of the only account; `None` where a role is assumed in each.
    own: Option<SharedCredentialsProvider>,
    /// The Region of the hub's own calls.
    region: Region,
    /// From the caller's identity, after the first request.
    partition: OnceCell<Partition>,
    /// One lock per account: the Regions of one account wait for one session, other accounts do not.
    sessions: Mutex<HashMap<AccountId, Arc<Mutex<Option<Credentials>>>>>,
}

impl SessionCache {
    pub(crate) fn new(
        sts: aws_sdk_sts::Client,
        role: String,
        external_id: Option<SecretString>,
        region: Region,
    ) -> Self {
        let (partition, sessions) = (OnceCell::new(), Mutex::default());
        Self { sts, role, external_id, own: None, region, partition, sessions }
    }

    /// Assumes no role: the credentials are those of the account itself.
    pub(crate) fn of_own_account(
        sts: aws_sdk_sts::Client,
        own: SharedCredentialsProvider,
        region: Region,
    ) -> Self {
        Self { own: Some(own), ..Self::new(sts, String::new(), None, region) }
    }

    /// Claviger's partition, from `GetCallerIdentity`. AWS requires no permission; if something on the
    /// way denies the call nevertheless, the Region determines the partition.
    pub(crate) async fn partition(&self) -> Result<&Partition, AwsError> {
        const OPERATION: &str = "GetCallerIdentity";
        let ask = || async {
            let answer = match self.sts.get_caller_identity().send().await {
                Ok(answer) => answer,
                Err(error) => {
                    let error = AwsError::of(OPERATION, &error);
                    return match error.fault {
                        RegionScanFault::Denied => Ok(Partition::of_region(&self.region)),
                        _ => Err(error),
                    };
                }
            };
            let arn: Arn = answer
                .arn()
                .unwrap_or_default()
                .parse()
                .map_err(|error: InvalidId| AwsError::nonsense(OPERATION, error.to_string()))?;
            Ok(Partition::of_arn(&arn))
        };
        self.partition.get_or_try_init(ask).await
    }

    /// The ARN of a Claviger role in an account.
    pub(crate) async fn role_arn(
        &self,
        account: &AccountId,
        role: &str,
    ) -> Result<String, AwsError> {
        let partition = self.partition().await?;
        Ok(format!("arn:{partition}:iam::{account}:role/{role}"))
    }

    /// Credentials that are valid for some more minutes.
    pub(crate) async fn credentials(&self, account: &AccountId) -> Result<Credentials, AwsError> {
        let slot = Arc::clone(self.sessions.lock().await.entry(account.clone()).or_default());
        let mut slot = slot.lock().await;
        if let Some(credentials) = slot.as_ref().filter(|credentials| is_fresh(credentials)) {
            return Ok(credentials.clone());
        }
        let credentials = match &self.own {
            None => self.assume(account).await?,
            Some(own) => own.provide_credentials().await.map_err(|error| AwsError {
                operation: OWN_CREDENTIALS,
                fault: RegionScanFault::NoCredentials,
                code: None,
                detail: ErrorLine(&error).to_string(),
            })?,
        };
        *slot = Some(credentials.clone());
        Ok(credentials)
    }

    /// Discards a session: the next use requests a new one.
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

    /// Requests a session of a role in an account from STS; `terms` are its parameters.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.role = role))]
    pub(crate) async fn ask(
        &self,
        role: &str,
        account: &AccountId,
        terms: impl FnOnce(AssumeRoleFluentBuilder) -> AssumeRoleFluentBuilder,
    ) -> Result<Credentials, AwsError> {
        const OPERATION: &str = "AssumeRole";
        // The error shows that the account is inaccessible, whichever call it was.
        let role_arn = self
            .role_arn(account, role)
            .await
            .map_err(|error| AwsError { operation: OPERATION, ..error })?;
        // The condition in the trust policies of all roles.
        let external_id = self.external_id.as_ref().map(|id| id.expose_secret().to_owned());
        let answer = terms(self.sts.assume_role().role_arn(role_arn).set_external_id(external_id))
            .send()
            .await
            .map_err(|error| {
                let error = AwsError::of(OPERATION, &error);
                match error.fault {
                    // STS also returns "denied" for a role that does not exist.
                    RegionScanFault::Denied => {
                        AwsError { fault: RegionScanFault::RoleNotAssumable, ..error }
                    }
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
            "claviger-session-cache",
        ))
    }
}

fn is_fresh(credentials: &Credentials) -> bool {
    // Only an account's own keys never expire; every assumed session does.
    credentials.expiry().is_none_or(|expiry| expiry > SystemTime::now() + RENEW_BEFORE)
}

/// Lets an SDK client request a session again when a long scan outlasts its session.
#[derive(Clone)]
pub(crate) struct MemberCredentials {
    pub(crate) session_cache: Arc<SessionCache>,
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
            self.session_cache
                .credentials(&self.account)
                .await
                .map_err(CredentialsError::provider_error)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_sts::operation::{
        assume_role::{AssumeRoleError, AssumeRoleOutput},
        get_caller_identity::{GetCallerIdentityError, GetCallerIdentityOutput},
    };
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

    fn region() -> Region {
        "us-east-1".parse().unwrap()
    }

    fn identity(partition: &'static str) -> aws_smithy_mocks::Rule {
        mock!(aws_sdk_sts::Client::get_caller_identity).then_output(move || {
            GetCallerIdentityOutput::builder()
                .arn(format!("arn:{partition}:sts::999988887777:assumed-role/hub/i-0"))
                .build()
        })
    }

    #[tokio::test]
    async fn roles_are_named_in_the_partition_of_the_caller() {
        for partition in ["aws", "aws-us-gov", "aws-cn"] {
            let rule = mock!(aws_sdk_sts::Client::assume_role)
                .match_requests(move |r| {
                    let expected = format!("arn:{partition}:iam::111122223333:role/r");
                    r.role_arn() == Some(expected.as_str())
                })
                .then_output(|| output(Duration::from_hours(1)));
            let who = identity(partition);
            let sts = mock_client!(aws_sdk_sts, RuleMode::MatchAny, [&rule, &who]);
            let session_cache = SessionCache::new(sts, "r".into(), None, region());
            session_cache.credentials(&account()).await.unwrap();
            session_cache.forget(&account()).await;
            session_cache.credentials(&account()).await.unwrap();
            assert_eq!((rule.num_calls(), who.num_calls()), (2, 1), "asked once");
        }
    }

    #[tokio::test]
    async fn where_the_identity_is_denied_the_region_tells() {
        let denied = mock!(aws_sdk_sts::Client::get_caller_identity).then_error(|| {
            GetCallerIdentityError::generic(ErrorMetadata::builder().code("AccessDenied").build())
        });
        let sts = mock_client!(aws_sdk_sts, RuleMode::MatchAny, [&denied]);
        let session_cache =
            SessionCache::new(sts, "r".into(), None, "us-gov-west-1".parse().unwrap());
        assert_eq!(session_cache.partition().await.unwrap().as_str(), "aws-us-gov");
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
        let who = identity("aws");
        let sts = mock_client!(aws_sdk_sts, RuleMode::MatchAny, [&rule, &who]);
        let id = Some("shared-id".into());
        let session_cache = SessionCache::new(sts, "claviger-inventory".into(), id, region());
        session_cache.credentials(&account()).await.unwrap();
        session_cache.credentials(&account()).await.unwrap();
        assert_eq!(rule.num_calls(), 1);
    }

    #[tokio::test]
    async fn a_session_about_to_end_is_renewed() {
        let rule = mock!(aws_sdk_sts::Client::assume_role)
            .then_output(|| output(Duration::from_secs(200)));
        let who = identity("aws");
        let sts = mock_client!(aws_sdk_sts, RuleMode::MatchAny, [&rule, &who]);
        let session_cache = SessionCache::new(sts, "r".into(), None, region());
        session_cache.credentials(&account()).await.unwrap();
        session_cache.credentials(&account()).await.unwrap();
        assert_eq!(rule.num_calls(), 2);
    }

    #[tokio::test]
    async fn a_refusal_says_that_the_role_cannot_be_assumed_and_is_not_kept() {
        let rule = mock!(aws_sdk_sts::Client::assume_role).then_error(|| {
            AssumeRoleError::generic(
                ErrorMetadata::builder().code("AccessDenied").message("no").build(),
            )
        });
        let who = identity("aws");
        let sts = mock_client!(aws_sdk_sts, RuleMode::MatchAny, [&rule, &who]);
        let session_cache = SessionCache::new(sts, "r".into(), None, region());
        for _ in 0..2 {
            let error = session_cache.credentials(&account()).await.unwrap_err();
            assert_eq!(
                (error.fault, error.code.as_deref()),
                (RegionScanFault::RoleNotAssumable, Some("AccessDenied"))
            );
        }
        assert_eq!(rule.num_calls(), 2);
    }
}
