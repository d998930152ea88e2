//! The only use of the AWS SDK: reads the Organization, accesses member accounts, lists their inventory.
//!
//! Only `grants` reads a value, and only with the session of a grant; `own_secrets` reads Claviger's own when a process starts.

#[macro_use]
mod paged;

mod accounts;
mod alarms;
mod budget;
mod consumers;
mod convert;
mod creation;
mod database_token;
mod error;
mod event_queue;
mod function_calls;
mod grants;
mod http;
mod identities;
mod inline_policy;
mod inventory;
mod keys;
mod member_roles;
mod observer;
mod own_account;
mod own_secrets;
mod parameters;
mod remediation;
mod retry_after;
mod rotation;
mod session_cache;
mod signed;
mod tag_policies;
mod variables;
mod xml;

pub use budget::{Api, Budget, UnknownApi};
pub use claviger_domain::accounts::identities::Identity;
pub use claviger_gateways::{
    AccessGateway, AlarmGateway, AllGateways, AnalyzerGateway, AwsError, AwsPage, CallOrder,
    CloudTrailEvent, ConsumerFunction, ConsumerGateway, ConsumerInstance, ConsumerOrder,
    ConsumerProject, ConsumerState, CreationOrder, DraftedPolicies, EventQueue, EventRule,
    ExistingProfile, ExistingRole, FunctionOrder, Gateway, Identities, InventoryReader,
    IssuedSession, MIN_SESSION_SECONDS, MemberRole, NewValue, OurRole, ParameterTags,
    PolicyReading, ProfileAssociation, ProjectSource, ProjectUse, ProjectVariable, QueueMessage,
    QueueSize, ReadVersion, ReadinessGateway, RemediationGateway, RoleWrite, RotationGateway,
    RuleTarget, SecretValue, SessionOrder, VariableGateway, VariableReading, WorkloadVariables,
    json_object,
};
pub use database_token::{DatabaseTokens, DatabaseUser, TokenError, region_of_endpoint};
pub use http::{HttpsProxy, InvalidProxy, RootCertificates};
pub use observer::{RequestObserver, RequestOutcome, RequestReport};
pub use own_account::{OwnAccountError, OwnAccountSettings};
pub use own_secrets::{OwnSecret, OwnSecretError, OwnSecrets};

use async_trait::async_trait;
use aws_config::{
    BehaviorVersion, ConfigLoader, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig,
};
use claviger_domain::{
    accounts::{Organization, TagPolicyReading, identities::GuardrailReading},
    ids::{AccountId, Region},
    key::{KeyAccess, KeyReading},
};
use error::FromSdk as _;
use inventory::RegionReader;
use observer::RequestReporter;
use secrecy::SecretString;
use session_cache::SessionCache;
use signed::SignedCalls;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// A client with Claviger's own credentials.
macro_rules! global_client {
    ($sdk:ident, $config:expr, $reporter:expr) => {
        $sdk::Client::from_conf(
            $sdk::config::Builder::from($config).interceptor($reporter.clone()).build(),
        )
    };
}

/// The AWS configuration.
#[derive(Debug, Clone)]
pub struct AwsSettings {
    /// The Region of the hub's own calls, such as STS.
    pub region: Region,
    /// The role to assume in each account, by name.
    pub inventory_role: String,
    /// The role of just-in-time sessions, in each account.
    pub access_role: String,
    /// The remediation role, in each account.
    pub remediation_role: String,
    /// The role that reads who uses a secret, where an account has it.
    pub consumers_role: String,
    /// The role that creates and attaches roles of consumers, where an account has it.
    pub iam_role: String,
    /// The external id that the roles' trust policy requires.
    pub external_id: Option<SecretString>,
    /// Claviger's share of each API's quota, in percent; the account's applications have the rest.
    pub quota_percent: u8,
    /// Requests per second in an account and Region, by API, if the quota differs from AWS's default.
    pub quotas: BTreeMap<Api, u32>,
    /// Trusted in addition to the system's.
    pub root_certificates: Option<RootCertificates>,
    /// Overrides AWS's endpoints and `AWS_ENDPOINT_URL`; for tests.
    pub endpoint_url: Option<String>,
}

/// AWS itself, or the service at the endpoint.
pub struct AwsGateway {
    config: SdkConfig,
    session_cache: Arc<SessionCache>,
    budget: Arc<Budget>,
    roles: Roles,
    reporter: RequestReporter,
    /// Calls of services whose SDK is not a part of this program.
    signed: SignedCalls,
}

/// What every configuration has: retries, time limits, trusted certificates and the proxy of the environment.
fn loader(certificates: Option<&RootCertificates>) -> ConfigLoader {
    // The server refuses to start with a proxy that cannot be used.
    let proxy = HttpsProxy::of_environment().ok().flatten();
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12());
    if let Some(client) = http::http_client(certificates, proxy) {
        loader = loader.http_client(client);
    }
    loader.retry_config(RetryConfig::standard().with_max_attempts(5)).timeout_config(
        TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            .operation_attempt_timeout(Duration::from_secs(20))
            .operation_timeout(Duration::from_secs(90))
            .build(),
    )
}

/// The names of the roles, and the Region for calls to global services.
struct Roles {
    inventory: String,
    access: String,
    remediation: String,
    consumers: String,
    iam: String,
    external_id: Option<SecretString>,
    hub_region: Region,
}

impl AwsGateway {
    /// Uses credentials from the SDK's default chain. Does not connect yet.
    pub async fn new(settings: &AwsSettings) -> Self {
        Self::reporting(load(settings).await, settings, RequestReporter::none())
    }

    /// The same, with a report of each request to `observer`.
    pub async fn observed(settings: &AwsSettings, observer: Arc<dyn RequestObserver>) -> Self {
        Self::reporting(load(settings).await, settings, RequestReporter::new(observer))
    }

    /// With an existing configuration, such as a test's.
    pub fn over(config: SdkConfig, settings: &AwsSettings) -> Self {
        Self::reporting(config, settings, RequestReporter::none())
    }

    fn reporting(config: SdkConfig, settings: &AwsSettings, reporter: RequestReporter) -> Self {
        let session_cache = SessionCache::new(
            global_client!(aws_sdk_sts, &config, reporter),
            settings.inventory_role.clone(),
            settings.external_id.clone(),
            settings.region.clone(),
        );
        Self {
            config,
            signed: SignedCalls::new(settings.root_certificates.as_ref(), reporter.clone()),
            session_cache: Arc::new(session_cache),
            budget: Arc::new(Budget::new(settings.quota_percent, &settings.quotas)),
            roles: Roles {
                inventory: settings.inventory_role.clone(),
                access: settings.access_role.clone(),
                remediation: settings.remediation_role.clone(),
                consumers: settings.consumers_role.clone(),
                iam: settings.iam_role.clone(),
                external_id: settings.external_id.clone(),
                hub_region: settings.region.clone(),
            },
            reporter,
        }
    }

    fn organizations(&self) -> aws_sdk_organizations::Client {
        global_client!(aws_sdk_organizations, &self.config, self.reporter)
    }
}
/// The SDK's configuration.
async fn load(settings: &AwsSettings) -> SdkConfig {
    let mut loader = loader(settings.root_certificates.as_ref())
        .region(aws_config::Region::new(settings.region.to_string()));
    if let Some(url) = &settings.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    loader.load().await
}

#[async_trait]
impl Gateway for AwsGateway {
    #[tracing::instrument(level = "debug", skip_all)]
    async fn organization(&self) -> Result<Organization, AwsError> {
        crate::accounts::organization::read(&self.organizations()).await
    }

    #[tracing::instrument(level = "debug", skip_all)]
    async fn guardrails(&self) -> Vec<GuardrailReading> {
        tag_policies::guardrails(&self.organizations()).await
    }

    #[tracing::instrument(level = "debug", skip_all)]
    async fn tag_policies(&self) -> TagPolicyReading {
        tag_policies::read(&self.organizations()).await
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    async fn effective_tag_policy(&self, account: &AccountId) -> Result<Option<String>, AwsError> {
        tag_policies::effective(&self.organizations(), account).await
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    async fn enabled_regions(&self, account: &AccountId) -> Result<Vec<Region>, AwsError> {
        self.list_regions(account).await
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region, key.count = named.len()))]
    async fn kms_keys(
        &self,
        account: &AccountId,
        region: &Region,
        named: &[String],
    ) -> Result<Vec<KeyReading>, AwsError> {
        self.describe_keys(account, region, named).await
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region, key.count = keys.len()))]
    async fn key_access(
        &self,
        account: &AccountId,
        region: &Region,
        keys: &[String],
    ) -> Result<Vec<KeyAccess>, AwsError> {
        self.read_key_access(account, region, keys).await
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    async fn open(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<Arc<dyn InventoryReader>, AwsError> {
        self.session_cache.credentials(account).await?;
        let reader = RegionReader::new(self, account, region);
        Ok(Arc::new(reader))
    }
}

/// Claviger's identity in AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    pub account: AccountId,
    pub arn: String,
}

impl AwsGateway {
    /// `GetCallerIdentity`, which needs credentials and no permission.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn caller_identity(&self) -> Result<CallerIdentity, AwsError> {
        const OPERATION: &str = "GetCallerIdentity";
        let answer = global_client!(aws_sdk_sts, &self.config, self.reporter)
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| AwsError::of(OPERATION, &error))?;
        let account = answer.account().unwrap_or_default();
        let account = account.parse().map_err(|_| AwsError::nonsense(OPERATION, "no account"))?;
        Ok(CallerIdentity { account, arn: answer.arn().unwrap_or_default().to_owned() })
    }
}
