//! Roles of consumers in AWS: what is there, and the calls that create a role and attach it.

use crate::AwsError;
use async_trait::async_trait;
use claviger_domain::{
    accounts::readiness::ReadFailure,
    consumers::analyzer::{CustomCheck, PolicyFinding},
    ids::{AccountId, Region},
    remediation::{ConsumerCall, FunctionArn},
};
use std::collections::BTreeMap;

/// A call with the parameters of its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerOrder {
    pub account: AccountId,
    pub region: Region,
    /// Shown in CloudTrail; 2 to 64 of `[\w+=,.@-]`.
    pub session_name: String,
    pub source_identity: String,
    /// The session policy.
    pub policy: String,
}

/// A role that IAM has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExistingRole {
    pub arn: String,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    pub tags: BTreeMap<String, String>,
}

/// A Lambda function without the values of its environment variables, which are dropped while the response is parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerFunction {
    pub arn: String,
    /// The ARN of its execution role.
    pub role: String,
    /// Changes with each update: an update with an older one is refused.
    pub revision: String,
    /// `Successful`, `Failed` or `InProgress`; `None` if AWS returns none.
    pub last_update: Option<String>,
    /// `LastUpdateStatusReasonCode`, such as `EniLimitExceeded`.
    pub update_reason: Option<String>,
    /// The ARN of the customer managed key of its environment variables; `None` if AWS manages it.
    pub kms_key: Option<String>,
    pub is_in_vpc: bool,
    /// The names of its environment variables; `None` if Lambda could not decrypt them.
    pub variables: Option<Vec<String>>,
    pub tags: Result<BTreeMap<String, String>, ReadFailure>,
}

/// What AWS has of what a call changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsumerState {
    /// Of `CreateRole`: `None` if there is no such role.
    Role(Option<ExistingRole>),
    /// Of `PutRolePolicy`: the document; `None` if the role has no such policy.
    Policy(Option<String>),
    /// Of `AttachRolePolicy`: the ARNs of the role's managed policies.
    Attached(Vec<String>),
    /// Of `UpdateFunctionConfiguration`: `None` if there is no such function.
    Function(Option<Box<ConsumerFunction>>),
}

/// What a call takes besides its own parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleWrite {
    /// The mark that a created role gets, so that it is recognized.
    pub mark: String,
    /// The revision of the function that was read.
    pub revision: Option<String>,
}

/// The AWS calls about roles of consumers. The roles `claviger-consumers` and `claviger-iam` are opt-in: where one is missing,
/// its calls fail with `AssumeRole`.
#[async_trait]
pub trait ConsumerGateway: AnalyzerGateway {
    /// Whether the account has this policy, with which every role is created.
    async fn has_boundary(&self, order: &ConsumerOrder, arn: &str) -> Result<bool, AwsError>;

    /// A function with its tags; `None` if there is none.
    async fn consumer_function(
        &self,
        order: &ConsumerOrder,
        function: &FunctionArn,
    ) -> Result<Option<ConsumerFunction>, AwsError>;

    /// What AWS has of what the call changes.
    async fn consumer_state(
        &self,
        order: &ConsumerOrder,
        call: &ConsumerCall,
    ) -> Result<ConsumerState, AwsError>;

    /// Makes one call, in a session of `claviger-iam`.
    async fn apply(
        &self,
        order: &ConsumerOrder,
        call: &ConsumerCall,
        write: &RoleWrite,
    ) -> Result<(), AwsError>;

    /// The name of the role that creates and attaches roles.
    fn iam_role(&self) -> &str;

    /// The name of the role that reads functions.
    fn consumers_role(&self) -> &str;
}

/// The documents of a role that is not there yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftedPolicies {
    pub permission: String,
    pub trust: String,
    /// Actions that the permission policy must not grant; at most 100.
    pub not_granted: Vec<String>,
}

/// What AWS Access Analyzer says of them. A call that AWS does not answer is part of the result.
#[derive(Debug, Clone)]
pub struct PolicyReading {
    /// `ValidatePolicy` of the permission policy, every page.
    pub permission: Result<Vec<PolicyFinding>, AwsError>,
    /// `ValidatePolicy` of the trust policy, every page.
    pub trust: Result<Vec<PolicyFinding>, AwsError>,
    /// `CheckNoPublicAccess` of the trust policy.
    pub no_public_access: Result<CustomCheck, AwsError>,
    /// `CheckAccessNotGranted` of the permission policy.
    pub not_granted: Result<CustomCheck, AwsError>,
}

/// The AWS calls that check documents. They change nothing; AWS charges the account for the two custom checks.
#[async_trait]
pub trait AnalyzerGateway: Send + Sync + 'static {
    /// Asks AWS Access Analyzer in the order's account and Region. Only an account without access is an error.
    async fn check_policies(
        &self,
        order: &ConsumerOrder,
        policies: &DraftedPolicies,
    ) -> Result<PolicyReading, AwsError>;

    /// The name of the role that asks.
    fn checking_role(&self) -> &str;
}
