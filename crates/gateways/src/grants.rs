//! Sessions of just-in-time access, and the calls that use them.

use crate::AwsError;
use async_trait::async_trait;
use claviger_domain::{
    grants::GrantResource,
    ids::{AccountId, Region},
    parameter_change::ParameterChange,
};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use time::OffsetDateTime;

/// AWS's minimum.
pub const MIN_SESSION_SECONDS: i32 = 900;

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

impl SessionOrder {
    /// The shortest session, without tags: for calls of Claviger itself.
    pub fn for_calls(
        account: &AccountId,
        session_name: &str,
        source_identity: &str,
        policy: &str,
    ) -> Self {
        Self {
            account: account.clone(),
            session_name: session_name.to_owned(),
            source_identity: source_identity.to_owned(),
            tags: Vec::new(),
            policy: policy.to_owned(),
            seconds: MIN_SESSION_SECONDS,
        }
    }
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

/// A value with the version that has it: an id, or the number of a parameter's version.
#[derive(Debug)]
pub struct ReadVersion {
    pub value: SecretValue,
    pub version: String,
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

    /// The same with its version. A secret's other versions are named by their id.
    async fn version(
        &self,
        session: &IssuedSession,
        resource: &GrantResource,
        id: Option<&str>,
    ) -> Result<ReadVersion, AwsError>;

    /// `PutSecretValue` with the text or the bytes, or `PutParameter`; returns the new version. A parameter keeps its type, key, tier, data type,
    /// allowed pattern and description.
    async fn put_value(
        &self,
        session: &IssuedSession,
        resource: &GrantResource,
        value: &SecretValue,
        idempotency: &str,
    ) -> Result<String, AwsError>;

    /// `PutParameter` with a value and changed settings; returns the new version. What the change doesn't name is kept.
    async fn change_parameter(
        &self,
        session: &IssuedSession,
        resource: &GrantResource,
        value: &SecretString,
        change: &ParameterChange,
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

    /// A session of the access role that may only describe a secret that does not exist: issued before all sessions of the
    /// account are denied, it shows when they are.
    async fn issue_probe(&self, account: &AccountId) -> Result<IssuedSession, AwsError>;

    /// Whether AWS denies the probe, and not a session that is issued now.
    async fn is_probe_refused(
        &self,
        probe: &IssuedSession,
        region: &Region,
    ) -> Result<bool, AwsError>;

    /// `LookupEvents` for one access key, newest first; at most two calls.
    async fn events_of(
        &self,
        account: &AccountId,
        region: &Region,
        access_key_id: &str,
    ) -> Result<Vec<CloudTrailEvent>, AwsError>;
}
