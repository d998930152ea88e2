//! The role of a workload that reads secrets or parameters: who assumes it, what it reads, and under which conditions.

pub mod analyzer;
pub mod attach;
mod conditions;
pub mod declared;
mod form;
pub mod found;
mod names;
pub mod pipeline;
mod read;
mod trusted;
pub mod view;

pub use form::RoleForm;
pub use names::suggested_role_name;

use crate::{choice::InvalidChoice, ids::Arn};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The kinds of workloads that a role can be for.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_fn = InvalidChoice::of::<Self>, parse_err_ty = InvalidChoice)]
pub enum ConsumerKind {
    Lambda,
    Ec2,
    EcsTask,
    EcsExecution,
    EksIrsa,
    EksPodIdentity,
    #[strum(serialize = "codebuild")]
    CodeBuild,
    #[strum(serialize = "github")]
    GitHub,
    #[strum(serialize = "gitlab")]
    GitLab,
    Account,
}

impl ConsumerKind {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Lambda => "Lambda function",
            Self::Ec2 => "EC2 instance",
            Self::EcsTask => "ECS task role",
            Self::EcsExecution => "ECS execution role",
            Self::EksIrsa => "EKS service account (IRSA)",
            Self::EksPodIdentity => "EKS Pod Identity",
            Self::CodeBuild => "CodeBuild project",
            Self::GitHub => "GitHub Actions",
            Self::GitLab => "GitLab CI",
            Self::Account => "Another AWS account",
        }
    }
}

/// Who assumes the role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consumer {
    Lambda {
        /// The only function whose calls count; `None` if any function with this role may read.
        function: Option<String>,
    },
    Ec2,
    EcsTask,
    /// ECS reads with it before the containers start.
    EcsExecution,
    EksIrsa {
        /// The issuer without its scheme, such as `oidc.eks.eu-west-1.amazonaws.com/id/0123`.
        issuer: String,
        workload: ServiceAccount,
    },
    EksPodIdentity {
        /// `None` if any cluster of the account may.
        cluster: Option<Arn>,
        workload: ServiceAccount,
    },
    CodeBuild {
        project: String,
    },
    GitHub {
        owner: String,
        repository: String,
        /// The numbers of the owner and of the repository, which stay when they are renamed.
        ids: Option<(u64, u64)>,
        run: GitHubRun,
    },
    GitLab {
        /// Such as `gitlab.com`.
        host: String,
        project: String,
        branch: String,
    },
    Account {
        principal: OtherPrincipal,
        external_id: Option<String>,
    },
}

/// A service account of Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccount {
    pub namespace: String,
    pub name: String,
}

/// Which runs of a repository's workflows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GitHubRun {
    Branch(String),
    Environment(String),
}

/// A principal of another account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherPrincipal {
    /// Of a role, a user, or an account's root, which stands for the whole account.
    pub arn: Arn,
    pub is_whole_account: bool,
}

/// How the policy names what the role reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleMode {
    /// By exact ARNs.
    Exact,
    /// By a tag that the role and the resource have with the same value (ABAC).
    ByTag(String),
}

/// Further conditions; each narrows the role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleConditions {
    /// `o-…`.
    pub organization: Option<String>,
    /// As in `aws:PrincipalOrgPaths`, such as `o-…/r-…/ou-…/*`.
    pub ou_paths: Vec<String>,
    pub vpcs: Vec<String>,
    pub endpoints: Vec<String>,
    pub from: Option<OffsetDateTime>,
    /// Exclusive.
    pub until: Option<OffsetDateTime>,
    /// Key and value.
    pub principal_tag: Option<(String, String)>,
    /// Key and value.
    pub resource_tag: Option<(String, String)>,
    /// Addresses and CIDR ranges.
    pub source_ips: Vec<String>,
}

/// A role as it was asked for, every field read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRequest {
    pub name: String,
    pub consumer: Consumer,
    pub mode: RoleMode,
    /// Staging labels; empty for no condition on them.
    pub stages: Vec<String>,
    pub conditions: RoleConditions,
    /// The ARN of a policy.
    pub boundary: Option<Arn>,
}

/// How a role is exported.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_fn = InvalidChoice::of::<Self>, parse_err_ty = InvalidChoice)]
pub enum RoleExport {
    #[default]
    Json,
    Terraform,
    CloudFormation,
    Cdk,
    Cli,
}

impl RoleExport {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Terraform => "Terraform",
            Self::CloudFormation => "CloudFormation",
            Self::Cdk => "CDK (TypeScript)",
            Self::Cli => "AWS CLI",
        }
    }
}
