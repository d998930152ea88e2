//! The calls to AWS that the services need, as traits, with the types that they take and return. `claviger-aws` makes them.
//!
//! Only types of Claviger occur here: services and pages compile without the AWS SDK.

mod alarms;
mod consumers;
mod creation;
mod error;
mod events;
mod grants;
mod readiness;
mod remediation;
mod rotation;
mod variables;

pub use alarms::{AlarmGateway, EventRule, RuleTarget};
pub use consumers::{
    AnalyzerGateway, ConsumerFunction, ConsumerGateway, ConsumerInstance, ConsumerOrder,
    ConsumerProject, ConsumerState, DraftedPolicies, ExistingProfile, ExistingRole, PolicyReading,
    ProfileAssociation, ProjectSource, ProjectUse, ProjectVariable, RoleWrite,
};
pub use creation::{CreationOrder, JsonFields, NewValue, json_object};
pub use error::AwsError;
pub use events::{EventQueue, QueueMessage, QueueSize};
pub use grants::{
    AccessGateway, CloudTrailEvent, IssuedSession, MIN_SESSION_SECONDS, ReadVersion, SecretValue,
    SessionOrder,
};
pub use readiness::{Identities, MemberRole, OurRole, ReadinessGateway};
pub use remediation::{CallOrder, RemediationGateway};
pub use rotation::{FunctionOrder, RotationGateway};
pub use variables::{VariableGateway, VariableReading, WorkloadVariables};

use async_trait::async_trait;
use claviger_domain::{
    accounts::{Organization, TagPolicyReading, identities::GuardrailReading},
    facts::{ResourceDetails, ResourceFacts},
    ids::{AccountId, Arn, Region},
    key::{KeyAccess, KeyReading},
};
use std::{collections::BTreeMap, sync::Arc};
use time::OffsetDateTime;

/// Everything that all services together call.
pub trait AllGateways:
    Gateway
    + AccessGateway
    + RemediationGateway
    + ReadinessGateway
    + RotationGateway
    + AlarmGateway
    + ConsumerGateway
    + VariableGateway
{
}

impl<A> AllGateways for A where
    A: Gateway
        + AccessGateway
        + RemediationGateway
        + ReadinessGateway
        + RotationGateway
        + AlarmGateway
        + ConsumerGateway
        + VariableGateway
{
}

/// The AWS calls of the services.
#[async_trait]
pub trait Gateway: Send + Sync + 'static {
    /// Reads the whole Organization: its OUs and accounts.
    async fn organization(&self) -> Result<Organization, AwsError>;

    /// Whether tag policies are enabled, and the policies with their targets. Parts that AWS does not return are part
    /// of the result.
    async fn tag_policies(&self) -> TagPolicyReading;

    /// The SCPs and RCPs with their targets. Parts that AWS does not return are part of the result.
    async fn guardrails(&self) -> Vec<GuardrailReading>;

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

    /// The policies and grants of customer managed keys of the account, by ARN, in their order.
    async fn key_access(
        &self,
        account: &AccountId,
        region: &Region,
        keys: &[String],
    ) -> Result<Vec<KeyAccess>, AwsError>;

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

    /// `DescribeSecret` by ARN or name, which is more recent than the list; `None` if the secret does not exist.
    async fn secret(&self, id: &str) -> Result<Option<ResourceFacts>, AwsError>;

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
