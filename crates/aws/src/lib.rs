//! The only AWS SDK: reads the Organization, enters member accounts, pages through their inventory.
//!
//! Only `access` asks for a value, and only with the session of a grant.

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
mod parameters;
mod remediation;
mod retry_after;
mod session_cache;
mod tag_policies;

pub use accounts::readiness::{Identity, OurRole, ReadinessGateway};
pub use budget::{Api, Budget};
pub use error::AwsError;
pub use grants::{
    AccessGateway, CloudTrailEvent, IssuedSession, MIN_SESSION_SECONDS, SecretValue, SessionOrder,
};
pub use remediation::{CallOrder, RemediationGateway};

use async_trait::async_trait;
use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use claviger_domain::{
    accounts::{Organization, TagPolicyReading},
    facts::{ResourceDetails, ResourceFacts},
    ids::{AccountId, Arn, Region},
    key::KeyReading,
};
use inventory::RegionReader;
use secrecy::SecretString;
use session_cache::SessionCache;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use time::OffsetDateTime;

/// How to reach AWS.
#[derive(Debug, Clone)]
pub struct AwsSettings {
    /// The Region of the hub's own calls, such as STS.
    pub region: Region,
    /// The role to assume in each account, by name.
    pub inventory_role: String,
    /// The role of just-in-time sessions, in each account.
    pub access_role: String,
    /// The role that changes things, in each account.
    pub remediation_role: String,
    /// What the role's trust policy asks of us.
    pub external_id: Option<SecretString>,
    /// The share of each API's quota that we take, in percent; the account's applications have the rest.
    pub quota_percent: u8,
    /// Requests a second in an account and Region, by API, where AWS's own quota is not what it has.
    pub quotas: BTreeMap<Api, u32>,
    /// Instead of AWS's own endpoints and of `AWS_ENDPOINT_URL`; for tests.
    pub endpoint_url: Option<String>,
}

/// What the services ask of AWS.
#[async_trait]
pub trait Gateway: Send + Sync + 'static {
    /// Reads the Organization whole: its units and accounts.
    async fn organization(&self) -> Result<Organization, AwsError>;

    /// Whether tag policies are turned on, and the policies with the places they are attached to. What AWS does not tell is
    /// part of the answer.
    async fn tag_policies(&self) -> TagPolicyReading;

    /// What AWS makes of the tag policies for an account; `None` where none applies to it.
    async fn effective_tag_policy(&self, account: &AccountId) -> Result<Option<String>, AwsError>;

    /// The Regions that are enabled in an account, in order; at least one.
    async fn enabled_regions(&self, account: &AccountId) -> Result<Vec<Region>, AwsError>;

    /// What KMS says of keys, by the names that secrets and parameters of the Region have for them, in their order.
    async fn kms_keys(
        &self,
        account: &AccountId,
        region: &Region,
        named: &[String],
    ) -> Result<Vec<KeyReading>, AwsError>;

    /// Enters an account with the inventory role, to read one Region.
    async fn open(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<Arc<dyn InventoryReader>, AwsError>;
}

/// One page of an AWS list; more follows where there is a token, even after an empty page.
#[derive(Debug, Clone)]
pub struct AwsPage {
    pub facts: Vec<ResourceFacts>,
    pub next_token: Option<String>,
}

/// The tags of parameters by ARN; a parameter that was never tagged is not among them.
pub type ParameterTags = BTreeMap<String, BTreeMap<String, String>>;

/// Reads the metadata of one account in one Region.
#[async_trait]
pub trait InventoryReader: Send + Sync {
    /// `ListSecrets` with `IncludePlannedDeletion`, 100 at a time.
    async fn secrets(&self, token: Option<String>) -> Result<AwsPage, AwsError>;

    /// The tags of all parameters, which `DescribeParameters` leaves out. `None` where the role may
    /// not read them: unknown.
    async fn parameter_tags(&self) -> Result<ParameterTags, AwsError>;

    /// `DescribeParameters`, 50 at a time, without tags.
    async fn parameters(&self, token: Option<String>) -> Result<AwsPage, AwsError>;

    /// `DescribeSecret`, which is fresher than the list; `None` where it is not there.
    async fn secret(&self, arn: &Arn) -> Result<Option<ResourceFacts>, AwsError>;

    /// `DescribeParameters` for this very name, with `ListTagsForResource`.
    async fn parameter(&self, name: &str) -> Result<Option<ResourceFacts>, AwsError>;

    /// Asks `DescribeSecret`, which is fresher than the list, whether the secret is still there.
    async fn secret_exists(&self, arn: &Arn) -> Result<bool, AwsError>;

    /// Asks `DescribeParameters` for this very name.
    async fn parameter_exists(&self, name: &str) -> Result<bool, AwsError>;

    /// What lists leave out of one secret: `GetResourcePolicy`, `ListSecretVersionIds`, and `DescribeSecret` where it is
    /// replicated. A refusal is part of the answer; `None` where the secret is not there any more.
    async fn deep(
        &self,
        arn: &Arn,
        changed_at: Option<OffsetDateTime>,
        is_replicated: bool,
    ) -> Result<Option<ResourceDetails>, AwsError>;

    /// API calls made so far, the entering not counted.
    fn api_calls(&self) -> u32;
}

/// AWS itself, or whatever answers at the endpoint.
pub struct AwsGateway {
    config: SdkConfig,
    session_cache: Arc<SessionCache>,
    budget: Arc<Budget>,
    roles: Roles,
}

/// The names of our roles, and where global services are called.
struct Roles {
    access: String,
    remediation: String,
    hub_region: Region,
}

impl AwsGateway {
    /// Takes credentials from the SDK's default chain. Connects to nothing yet.
    pub async fn new(settings: &AwsSettings) -> Self {
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .region(aws_config::Region::new(settings.region.to_string()))
            .retry_config(RetryConfig::standard().with_max_attempts(5))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(3))
                    .operation_attempt_timeout(Duration::from_secs(20))
                    .operation_timeout(Duration::from_secs(90))
                    .build(),
            );
        if let Some(url) = &settings.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        Self::over(loader.load().await, settings)
    }

    /// Over a configuration that somebody else made, such as a test's.
    pub fn over(config: SdkConfig, settings: &AwsSettings) -> Self {
        let session_cache = SessionCache::new(
            aws_sdk_sts::Client::new(&config),
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
        }
    }
}

#[async_trait]
impl Gateway for AwsGateway {
    async fn organization(&self) -> Result<Organization, AwsError> {
        crate::accounts::organization::read(&aws_sdk_organizations::Client::new(&self.config)).await
    }

    async fn tag_policies(&self) -> TagPolicyReading {
        tag_policies::read(&aws_sdk_organizations::Client::new(&self.config)).await
    }

    async fn effective_tag_policy(&self, account: &AccountId) -> Result<Option<String>, AwsError> {
        tag_policies::effective(&aws_sdk_organizations::Client::new(&self.config), account).await
    }

    async fn enabled_regions(&self, account: &AccountId) -> Result<Vec<Region>, AwsError> {
        self.list_regions(account).await
    }

    async fn kms_keys(
        &self,
        account: &AccountId,
        region: &Region,
        named: &[String],
    ) -> Result<Vec<KeyReading>, AwsError> {
        self.describe_keys(account, region, named).await
    }

    async fn open(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<Arc<dyn InventoryReader>, AwsError> {
        self.session_cache.credentials(account).await?;
        let reader =
            RegionReader::new(&self.config, &self.session_cache, &self.budget, account, region);
        Ok(Arc::new(reader))
    }
}

/// Who the console is to AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    pub account: AccountId,
    pub arn: String,
}

impl AwsGateway {
    /// `GetCallerIdentity`, which needs credentials and no permission.
    pub async fn caller_identity(&self) -> Result<CallerIdentity, AwsError> {
        const OPERATION: &str = "GetCallerIdentity";
        let answer = aws_sdk_sts::Client::new(&self.config)
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| AwsError::of(OPERATION, &error))?;
        let account = answer.account().unwrap_or_default();
        let account = account.parse().map_err(|_| AwsError::nonsense(OPERATION, "no account"))?;
        Ok(CallerIdentity { account, arn: answer.arn().unwrap_or_default().to_owned() })
    }
}
