//! Lists one account in one Region, within the budget.

use crate::{
    Api, AwsError, AwsGateway, AwsPage, Budget, InventoryReader, ParameterTags, convert,
    error::FromSdk as _,
    retry_after::RetryAfter,
    session_cache::{MemberCredentials, SessionCache},
};
use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::{
    config::retry::RetryPartition,
    error::{ProvideErrorMetadata, SdkError},
};
use aws_sdk_ssm::types::{ParameterMetadata, ParameterStringFilter};
use claviger_domain::{
    facts::{DatedVersion, Reading, ResourceDetails, ResourceFacts},
    ids::{AccountId, Arn, Region},
    scan::RegionScanFault,
};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};
use time::OffsetDateTime;

const SECRETS_A_PAGE: i32 = 100;
const PARAMETERS_A_PAGE: i32 = 50;
const TAGGED_A_PAGE: i32 = 100;

/// A token that AWS repeats would cause an endless loop.
const MAX_TAG_PAGES: u32 = 10_000;

pub(crate) struct RegionReader {
    secrets: aws_sdk_secretsmanager::Client,
    ssm: aws_sdk_ssm::Client,
    tagging: aws_sdk_resourcegroupstagging::Client,
    session_cache: Arc<SessionCache>,
    budget: Arc<Budget>,
    key: (AccountId, Region),
    calls: AtomicU32,
}

impl RegionReader {
    /// Clients that share the process's HTTP client, each with the account's own retry budget.
    pub(crate) fn new(gateway: &AwsGateway, account: &AccountId, region: &Region) -> Self {
        let AwsGateway { config, session_cache, budget, reporter, .. } = gateway;
        let member = member(config, session_cache, account, region);
        let partition = |service: &str| partition(service, account, region);
        Self {
            secrets: aws_sdk_secretsmanager::Client::from_conf(
                aws_sdk_secretsmanager::config::Builder::from(&member)
                    .retry_partition(partition("secretsmanager"))
                    .retry_classifier(RetryAfter)
                    .interceptor(reporter.clone())
                    .build(),
            ),
            ssm: aws_sdk_ssm::Client::from_conf(
                aws_sdk_ssm::config::Builder::from(&member)
                    .retry_partition(partition("ssm"))
                    .retry_classifier(RetryAfter)
                    .interceptor(reporter.clone())
                    .build(),
            ),
            tagging: aws_sdk_resourcegroupstagging::Client::from_conf(
                aws_sdk_resourcegroupstagging::config::Builder::from(&member)
                    .retry_partition(partition("tagging"))
                    .retry_classifier(RetryAfter)
                    .interceptor(reporter.clone())
                    .build(),
            ),
            session_cache: Arc::clone(session_cache),
            budget: Arc::clone(budget),
            key: (account.clone(), region.clone()),
            calls: AtomicU32::new(0),
        }
    }

    /// The versions that have a stage, with their dates.
    async fn versions(&self, arn: &Arn) -> Result<Vec<DatedVersion>, AwsError> {
        const OPERATION: &str = "ListSecretVersionIds";
        let mut versions = Vec::new();
        let mut token = None;
        // A secret has about 100 versions at most.
        for _ in 0..10 {
            self.ready(Api::ListSecretVersionIds).await;
            let answer = self
                .secrets
                .list_secret_version_ids()
                .secret_id(arn.as_str())
                .max_results(SECRETS_A_PAGE)
                .set_next_token(token)
                .send()
                .await;
            let answer = self.taken(OPERATION, answer).await?;
            versions.extend(answer.versions().iter().filter_map(convert::version));
            token = more(answer.next_token());
            if token.is_none() {
                return Ok(versions);
            }
        }
        Err(AwsError::nonsense(OPERATION, "the list does not end"))
    }

    /// `DescribeSecret`; `None` if it does not exist.
    async fn described(&self, id: &str) -> Result<Option<DescribeSecretOutput>, AwsError> {
        self.ready(Api::DescribeSecret).await;
        match self.secrets.describe_secret().secret_id(id).send().await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(self.failed("DescribeSecret", &error).await),
        }
    }

    /// The parameter with exactly this name.
    pub(crate) async fn named(&self, name: &str) -> Result<Option<ParameterMetadata>, AwsError> {
        const OPERATION: &str = "DescribeParameters";
        self.ready(Api::DescribeParameters).await;
        let filter = ParameterStringFilter::builder()
            .key("Name")
            .option("Equals")
            .values(name)
            .build()
            .map_err(|error| AwsError::nonsense(OPERATION, error.to_string()))?;
        let answer = self.ssm.describe_parameters().parameter_filters(filter).send().await;
        let answer = self.taken(OPERATION, answer).await?;
        let mut found = answer.parameters.unwrap_or_default().into_iter();
        Ok(found.find(|parameter| parameter.name() == Some(name)))
    }

    /// The response, or the meaning of its error.
    async fn taken<T, E, R>(
        &self,
        operation: &'static str,
        answer: Result<T, SdkError<E, R>>,
    ) -> Result<T, AwsError>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        match answer {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.failed(operation, &error).await),
        }
    }

    /// The meaning of a failed call. A session that AWS no longer accepts is not used again.
    async fn failed<E, R>(&self, operation: &'static str, error: &SdkError<E, R>) -> AwsError
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let error = AwsError::of(operation, error);
        if error.fault == RegionScanFault::NoCredentials {
            self.session_cache.forget(&self.key.0).await;
        }
        error
    }

    async fn ready(&self, api: Api) {
        self.budget.ready(api, &self.key).await;
        self.calls.fetch_add(1, Ordering::Relaxed);
    }
}

/// A client of a service in a member account, with its own retry budget.
macro_rules! member_client {
    ($gateway:expr, $sdk:ident, $service:literal, $account:expr, $region:expr) => {
        $sdk::Client::from_conf(
            $sdk::config::Builder::from(&crate::inventory::member(
                &$gateway.config,
                &$gateway.session_cache,
                $account,
                $region,
            ))
            .retry_partition(crate::inventory::partition($service, $account, $region))
            .interceptor($gateway.reporter.clone())
            .build(),
        )
    };
}
pub(crate) use member_client;

/// The account's own retry budget: the SDK would share one among all accounts.
pub(crate) fn partition(service: &str, account: &AccountId, region: &Region) -> RetryPartition {
    RetryPartition::new(format!("{service}-{account}-{region}"))
}

/// A configuration with the inventory role's session in an account.
pub(crate) fn member(
    config: &SdkConfig,
    session_cache: &Arc<SessionCache>,
    account: &AccountId,
    region: &Region,
) -> SdkConfig {
    config
        .to_builder()
        .region(aws_config::Region::new(region.to_string()))
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(
            MemberCredentials {
                session_cache: Arc::clone(session_cache),
                account: account.clone(),
            },
        ))
        // The hub's cache is not valid for the member.
        .identity_cache(aws_config::identity::IdentityCache::lazy().build())
        .build()
}

/// A denied call is a result; other errors are retried. For a secret that is marked for deletion AWS always rejects
/// calls with `InvalidRequestException`.
pub(crate) fn refused<T>(error: AwsError) -> Result<Reading<T>, AwsError> {
    match (error.fault, error.code.as_deref()) {
        (RegionScanFault::Denied, None) => Ok(Reading::Refused("AccessDenied".to_owned())),
        (RegionScanFault::Denied, Some(code)) | (_, Some(code @ "InvalidRequestException")) => {
            Ok(Reading::Refused(code.to_owned()))
        }
        _ => Err(error),
    }
}

/// A token for the next page; AWS ends some lists with an empty one.
fn more(token: Option<&str>) -> Option<String> {
    token.filter(|token| !token.is_empty()).map(ToOwned::to_owned)
}

#[async_trait]
impl InventoryReader for RegionReader {
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %self.key.0, aws.region = %self.key.1))]
    async fn secrets(&self, token: Option<String>) -> Result<AwsPage, AwsError> {
        self.ready(Api::ListSecrets).await;
        let answer = self
            .secrets
            .list_secrets()
            .include_planned_deletion(true)
            .max_results(SECRETS_A_PAGE)
            .set_next_token(token)
            .send()
            .await;
        let answer = self.taken("ListSecrets", answer).await?;
        Ok(AwsPage {
            facts: answer.secret_list().iter().map(convert::secret).collect::<Result<_, _>>()?,
            next_token: more(answer.next_token()),
        })
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %self.key.0, aws.region = %self.key.1))]
    async fn parameter_tags(&self) -> Result<ParameterTags, AwsError> {
        const OPERATION: &str = "GetResources";
        let mut tags = ParameterTags::new();
        let mut token = None;
        for _ in 0..MAX_TAG_PAGES {
            self.ready(Api::GetResources).await;
            let answer = self
                .tagging
                .get_resources()
                .resource_type_filters("ssm:parameter")
                .resources_per_page(TAGGED_A_PAGE)
                .set_pagination_token(token)
                .send()
                .await;
            let answer = self.taken(OPERATION, answer).await?;
            for resource in answer.resource_tag_mapping_list() {
                let Some(arn) = resource.resource_arn() else { continue };
                let own = resource
                    .tags()
                    .iter()
                    .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
                    .collect();
                tags.insert(arn.to_owned(), own);
            }
            token = more(answer.pagination_token());
            if token.is_none() {
                return Ok(tags);
            }
        }
        Err(AwsError::nonsense(OPERATION, "the list does not end"))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %self.key.0, aws.region = %self.key.1))]
    async fn parameters(&self, token: Option<String>) -> Result<AwsPage, AwsError> {
        self.ready(Api::DescribeParameters).await;
        let answer = self
            .ssm
            .describe_parameters()
            .max_results(PARAMETERS_A_PAGE)
            .set_next_token(token)
            .send()
            .await;
        let answer = self.taken("DescribeParameters", answer).await?;
        let (account, region) = &self.key;
        Ok(AwsPage {
            facts: answer
                .parameters()
                .iter()
                .map(|entry| convert::parameter(entry, account, region))
                .collect::<Result<_, _>>()?,
            next_token: more(answer.next_token()),
        })
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %self.key.0, aws.region = %self.key.1))]
    async fn secret(&self, id: &str) -> Result<Option<ResourceFacts>, AwsError> {
        match self.described(id).await? {
            Some(answer) => Ok(Some(convert::described(answer)?)),
            None => Ok(None),
        }
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %self.key.0, aws.region = %self.key.1))]
    async fn parameter(&self, name: &str) -> Result<Option<ResourceFacts>, AwsError> {
        const OPERATION: &str = "ListTagsForResource";
        let Some(entry) = self.named(name).await? else { return Ok(None) };
        self.ready(Api::GetResources).await;
        let tags = self
            .ssm
            .list_tags_for_resource()
            .resource_type(aws_sdk_ssm::types::ResourceTypeForTagging::Parameter)
            .resource_id(name)
            .send()
            .await;
        let tags = self.taken(OPERATION, tags).await?;
        let (account, region) = &self.key;
        let mut facts = convert::parameter(&entry, account, region)?;
        let tags = tags.tag_list().iter();
        facts.tags = Some(tags.map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect());
        Ok(Some(facts))
    }

    async fn secret_exists(&self, arn: &Arn) -> Result<bool, AwsError> {
        Ok(self.described(arn.as_str()).await?.is_some())
    }

    async fn parameter_exists(&self, name: &str) -> Result<bool, AwsError> {
        Ok(self.named(name).await?.is_some())
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %self.key.0, aws.region = %self.key.1))]
    async fn deep(
        &self,
        arn: &Arn,
        changed_at: Option<OffsetDateTime>,
        is_replicated: bool,
    ) -> Result<Option<ResourceDetails>, AwsError> {
        self.ready(Api::GetResourcePolicy).await;
        let policy = self.secrets.get_resource_policy().secret_id(arn.as_str()).send().await;
        let policy = match policy {
            Ok(answer) => Reading::Read(answer.resource_policy.filter(|text| !text.is_empty())),
            Err(error) if error.code() == Some("ResourceNotFoundException") => return Ok(None),
            Err(error) => refused(self.failed("GetResourcePolicy", &error).await)?,
        };
        let versions = match self.versions(arn).await {
            Ok(versions) => Reading::Read(versions),
            Err(error) => refused(error)?,
        };
        let replicas = if is_replicated {
            self.ready(Api::DescribeSecret).await;
            match self.secrets.describe_secret().secret_id(arn.as_str()).send().await {
                Ok(answer) => Reading::Read(convert::replicas(answer.replication_status())?),
                Err(error) => refused(self.failed("DescribeSecret", &error).await)?,
            }
        } else {
            Reading::Read(Vec::new())
        };
        Ok(Some(ResourceDetails {
            of_change: changed_at,
            resource_policy: policy,
            versions,
            replicas,
        }))
    }

    fn api_calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(fault: RegionScanFault, code: Option<&str>) -> AwsError {
        AwsError {
            operation: "GetResourcePolicy",
            fault,
            code: code.map(ToOwned::to_owned),
            detail: String::new(),
        }
    }

    /// Otherwise one secret that is marked for deletion would prevent reading all others of its Region.
    #[test]
    fn what_aws_refuses_for_good_is_an_answer() {
        let said = |fault, code| refused::<()>(error(fault, code)).ok();
        for code in ["AccessDeniedException", "InvalidRequestException"] {
            let fault = if code.starts_with("Access") {
                RegionScanFault::Denied
            } else {
                RegionScanFault::Other
            };
            assert_eq!(said(fault, Some(code)), Some(Reading::Refused(code.into())));
        }
        assert_eq!(said(RegionScanFault::Throttled, Some("ThrottlingException")), None);
        assert_eq!(said(RegionScanFault::Unreachable, None), None);
    }
}
