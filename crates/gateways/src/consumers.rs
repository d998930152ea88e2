//! Roles of consumers in AWS: what is there, and the calls that create a role and attach it.

use crate::AwsError;
use async_trait::async_trait;
use claviger_domain::{
    accounts::readiness::ReadFailure,
    consumers::analyzer::{CustomCheck, PolicyFinding},
    ids::{AccountId, Region},
    remediation::{ConsumerCall, FunctionArn, InstanceArn, ProjectArn},
};
use std::collections::{BTreeMap, BTreeSet};

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

/// A `CodeBuild` project without the values of its environment variables and its buildspec, which are dropped while the response is
/// parsed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConsumerProject {
    pub arn: String,
    /// The ARN of its service role.
    pub role: String,
    /// The first is the project's own, the others are secondary ones.
    pub sources: Vec<ProjectSource>,
    /// The type of each artifact that it stores, such as `S3`.
    pub artifacts: Vec<String>,
    pub variables: Vec<ProjectVariable>,
    /// The image that it pulls with its service role; `None` if `CodeBuild` pulls it with credentials of its own.
    pub image: Option<String>,
    /// The log group of its builds; `None` if they write no logs to `CloudWatch`.
    pub log_group: Option<String>,
    pub uses: BTreeSet<ProjectUse>,
    /// The ARN or alias of the key of its artifacts; `None` if AWS manages it.
    pub encryption_key: Option<String>,
    pub tags: BTreeMap<String, String>,
}

/// Where a project's source is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectSource {
    /// Such as `GITHUB`.
    pub kind: String,
    /// How `CodeBuild` signs in, such as `CODECONNECTIONS`; `None` if the project does not say.
    pub auth: Option<String>,
}

/// An environment variable by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectVariable {
    pub name: String,
    /// `PLAINTEXT`, `PARAMETER_STORE` or `SECRETS_MANAGER`.
    pub kind: String,
}

/// What a project does with its role besides building.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProjectUse {
    /// Builds join a VPC.
    Vpc,
    /// A cache in S3.
    Cache,
    /// Logs in S3.
    StoredLogs,
    /// A secret with the credentials of a registry.
    RegistryCredential,
    /// Batch builds, which have a role of their own.
    Batches,
}

/// An EC2 instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConsumerInstance {
    /// Such as `running`.
    pub state: String,
    /// With an instance profile; `None` if it has none.
    pub association: Option<ProfileAssociation>,
    pub tags: BTreeMap<String, String>,
}

/// An instance profile that an instance has, or is about to have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileAssociation {
    pub id: String,
    /// The ARN of the instance profile.
    pub profile: String,
    /// `associating`, `associated` or `disassociating`.
    pub state: String,
}

/// An instance profile that IAM has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExistingProfile {
    pub arn: String,
    /// The ARNs of its roles: at most one.
    pub roles: Vec<String>,
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
    /// Of `UpdateProject`: `None` if there is no such project.
    Project(Option<Box<ConsumerProject>>),
    /// Of `CreateInstanceProfile` and `AddRoleToInstanceProfile`: `None` if there is no such instance profile.
    Profile(Option<ExistingProfile>),
    /// Of what gives an instance its profile: `None` if there is no such instance.
    Instance(Option<Box<ConsumerInstance>>),
}

/// What a call takes besides its own parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleWrite {
    /// The mark that a created role gets, so that it is recognized.
    pub mark: String,
    /// The revision of the function, or the id of the association, that was read.
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

    /// A project with its tags; `None` if there is none.
    async fn consumer_project(
        &self,
        order: &ConsumerOrder,
        project: &ProjectArn,
    ) -> Result<Option<ConsumerProject>, AwsError>;

    /// An instance with its tags and its instance profile; `None` if there is none.
    async fn consumer_instance(
        &self,
        order: &ConsumerOrder,
        instance: &InstanceArn,
    ) -> Result<Option<ConsumerInstance>, AwsError>;

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

    /// The name of the role that reads functions, projects and instances.
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
    /// Asks AWS Access Analyzer in the order's account and Region, and ends in time: a page waits for it. Only an account without
    /// access is an error.
    async fn check_policies(
        &self,
        order: &ConsumerOrder,
        policies: &DraftedPolicies,
    ) -> Result<PolicyReading, AwsError>;

    /// The name of the role that asks.
    fn checking_role(&self) -> &str;
}
