//! The only use of the AWS SDK: reads the Organization, accesses member accounts, lists their inventory.
//!
//! Only `grants` reads a value, and only with the session of a grant.

#[macro_use]
mod paged;

mod accounts;
mod budget;
mod convert;
mod error;
mod grants;
mod identities;
mod inventory;
mod keys;
mod observer;
mod own_account;
mod parameters;
mod remediation;
mod retry_after;
mod session_cache;
mod tag_policies;

pub use accounts::readiness::{OurRole, ReadinessGateway};
pub use budget::{Api, Budget, UnknownApi};
pub use error::AwsError;
pub use grants::{
    AccessGateway, CloudTrailEvent, IssuedSession, MIN_SESSION_SECONDS, SecretValue, SessionOrder,
};
pub use identities::Identity;
pub use observer::{RequestObserver, RequestOutcome, RequestReport};
pub use own_account::{OwnAccountError, OwnAccountSettings};
pub use remediation::{CallOrder, RemediationGateway};

use async_trait::async_trait;
use aws_config::{
    BehaviorVersion, ConfigLoader, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig,
};
use claviger_domain::{
    accounts::{Organization, TagPolicyReading},
    facts::{ResourceDetails, ResourceFacts},
    ids::{AccountId, Arn, Region},
    key::KeyReading,
};
use inventory::RegionReader;
use observer::RequestReporter;
use secrecy::SecretString;
use session_cache::SessionCache;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use time::OffsetDateTime;

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
    /// The external id that the roles' trust policy requires.
    pub external_id: Option<SecretString>,
    /// Claviger's share of each API's quota, in percent; the account's applications have the rest.
    pub quota_percent: u8,
    /// Requests per second in an account and Region, by API, if the quota differs from AWS's default.
    pub quotas: BTreeMap<Api, u32>,
    /// Overrides AWS's endpoints and `AWS_ENDPOINT_URL`; for tests.
    pub endpoint_url: Option<String>,
}

/// The AWS calls of the services.
#[async_trait]
pub trait Gateway: Send + Sync + 'static {
    /// Reads the whole Organization: its OUs and accounts.
    async fn organization(&self) -> Result<Organization, AwsError>;

    /// Whether tag policies are enabled, and the policies with their targets. Parts that AWS does not return are part
    /// of the result.
    async fn tag_policies(&self) -> TagPolicyReading;

    /// The effective tag policy of an account, from AWS; `None` if none applies.
    async fn effective_tag_policy(&self, account: &AccountId) -> Result<Option<String>, AwsError>;

    /// The Regions that are enabled in an account, in order; at least one.
    async fn enabled_regions(&self, account: &AccountId) -> Result<Vec<Region>, AwsError>;

    /// The keys from KMS, by the names in the Region's secrets and parameters, in their order.
    async fn kms_keys(
        &self,
        account: &AccountId,
        region: &Region,
        named: &[String],
    ) -> Result<Vec<KeyReading>, AwsError>;

    /// Accesses an account with the inventory role, to read one Region.
    async fn open(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<Arc<dyn InventoryReader>, AwsError>;
}

/// One page of an AWS list; if there is a token, more follows, even after an empty page.
#[derive(Debug, Clone)]
pub struct AwsPage {
    pub facts: Vec<ResourceFacts>,
    pub next_token: Option<String>,
}

/// The tags of parameters by ARN, without parameters that were never tagged.
pub type ParameterTags = BTreeMap<String, BTreeMap<String, String>>;

/// Reads the metadata of one account in one Region.
#[async_trait]
pub trait InventoryReader: Send + Sync {
    /// `ListSecrets` with `IncludePlannedDeletion`, 100 at a time.
    async fn secrets(&self, token: Option<String>) -> Result<AwsPage, AwsError>;

    /// The tags of all parameters, which `DescribeParameters` omits. `None` if the role may
    /// not read them: unknown.
    async fn parameter_tags(&self) -> Result<ParameterTags, AwsError>;

    /// `DescribeParameters`, 50 at a time, without tags.
    async fn parameters(&self, token: Option<String>) -> Result<AwsPage, AwsError>;

    /// `DescribeSecret`, which is more recent than the list; `None` if the secret does not exist.
    async fn secret(&self, arn: &Arn) -> Result<Option<ResourceFacts>, AwsError>;

    /// `DescribeParameters` for exactly this name, with `ListTagsForResource`.
    async fn parameter(&self, name: &str) -> Result<Option<ResourceFacts>, AwsError>;

    /// Whether the secret still exists, from `DescribeSecret`, which is more recent than the list.
    async fn secret_exists(&self, arn: &Arn) -> Result<bool, AwsError>;

    /// The same from `DescribeParameters` for exactly this name.
    async fn parameter_exists(&self, name: &str) -> Result<bool, AwsError>;

    /// Details of one secret that lists omit: `GetResourcePolicy`, `ListSecretVersionIds`, and `DescribeSecret` if it is
    /// replicated. A denied call is part of the result; `None` if the secret no longer exists.
    async fn deep(
        &self,
        arn: &Arn,
        changed_at: Option<OffsetDateTime>,
        is_replicated: bool,
    ) -> Result<Option<ResourceDetails>, AwsError>;

    /// The number of API calls so far, without those that access the account.
    fn api_calls(&self) -> u32;
}

/// AWS itself, or the service at the endpoint.
pub struct AwsGateway {
    config: SdkConfig,
    session_cache: Arc<SessionCache>,
    budget: Arc<Budget>,
    roles: Roles,
    reporter: RequestReporter,
}

/// What every configuration has: retries and time limits.
fn loader() -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .retry_config(RetryConfig::standard().with_max_attempts(5))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(3))
                .operation_attempt_timeout(Duration::from_secs(20))
                .operation_timeout(Duration::from_secs(90))
                .build(),
        )
}

/// The names of the roles, and the Region for calls to global services.
struct Roles {
    access: String,
    remediation: String,
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
            session_cache: Arc::new(session_cache),
            budget: Arc::new(Budget::new(settings.quota_percent, &settings.quotas)),
            roles: Roles {
                access: settings.access_role.clone(),
                remediation: settings.remediation_role.clone(),
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
    let mut loader = loader().region(aws_config::Region::new(settings.region.to_string()));
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
