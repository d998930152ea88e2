//! Pipelines that may assume a role through an OIDC provider of IAM, and how wide the role's trust is.

pub mod query;
pub mod view;

pub use crate::remediation::role_name;

use crate::choice::InvalidChoice;
use serde::{Deserialize, Serialize};

/// Who issues the tokens that a trust accepts.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum IssuerKind {
    GithubActions,
    /// An enterprise with an issuer of its own: with its slug, on ghe.com, or GitHub Enterprise Server.
    GithubEnterprise,
    Gitlab,
    /// GitLab on a host of the organization.
    GitlabSelfManaged,
    Bitbucket,
    Circleci,
    HcpTerraform,
    Buildkite,
    /// The cluster's issuer for IAM roles for service accounts: a workload, no pipeline.
    Eks,
    /// Another issuer that many customers share.
    OtherShared,
    /// An issuer of which nothing is known.
    Other,
}

impl IssuerKind {
    pub fn label(self) -> &'static str {
        match self {
            Self::GithubActions => "GitHub Actions",
            Self::GithubEnterprise => "GitHub Enterprise",
            Self::Gitlab => "GitLab.com",
            Self::GitlabSelfManaged => "GitLab, self-managed",
            Self::Bitbucket => "Bitbucket",
            Self::Circleci => "CircleCI",
            Self::HcpTerraform => "HCP Terraform",
            Self::Buildkite => "Buildkite",
            Self::Eks => "EKS cluster (workload)",
            Self::OtherShared => "Other shared issuer",
            Self::Other => "Other issuer",
        }
    }
}

/// An issuer as an OIDC provider of IAM names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Issuer {
    pub kind: IssuerKind,
    /// Its URL without the scheme, such as `token.actions.githubusercontent.com`.
    pub url: String,
    /// The enterprise, workspace, organization or cluster whose own issuer it is.
    pub tenant: Option<String>,
}

/// How severe it is that a trust admits whom it admits. What is unknown ranks between high and medium: it is never good.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum TrustSeverity {
    NoFinding,
    Low,
    Medium,
    Unknown,
    High,
    Critical,
}

impl TrustSeverity {
    pub fn label(self) -> &'static str {
        match self {
            Self::NoFinding => "No finding",
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::Unknown => "Unknown",
            Self::High => "High",
            Self::Critical => "Critical",
        }
    }
}

/// How many identities of an issuer a subject admits, the narrowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Breadth {
    /// The condition never matches.
    Nobody,
    /// One branch, tag, environment, run phase or service account.
    One,
    /// Branches or tags by a pattern.
    SomeRefs,
    /// Pull requests of a repository.
    PullRequests,
    /// Everything in one repository, project, pipeline or workspace.
    Repository,
    /// Every repository of a project or namespace within an owner.
    Group,
    /// Every repository of an owner.
    Owner,
    /// Everything of the tenant whose issuer it is.
    Tenant,
    /// Owners by a pattern: anyone who registers a name that fits gets in.
    Owners,
    /// Everyone who uses the issuer.
    Everyone,
    Unknown,
}

/// Something to know about a trust, in plain words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustFinding {
    pub severity: TrustSeverity,
    pub text: String,
}

/// One way into a role: a statement, an issuer and a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PipelineTrust {
    pub issuer: Issuer,
    /// The ARN of the OIDC provider.
    pub provider: String,
    /// The statement's Sid, or its position counted from 1.
    pub statement: String,
    /// The pattern of `sub`, as it is written.
    pub subject: Option<String>,
    pub breadth: Breadth,
    /// Who gets in, such as `acme/payments, branch main`.
    pub who: String,
    /// The repositories that get in, such as `acme/payments` or `acme/*`; `*` for all of the issuer, empty if none or unknown.
    pub repositories: String,
    /// The most severe finding.
    pub severity: TrustSeverity,
    /// The most severe first.
    pub findings: Vec<TrustFinding>,
}

/// One step of correcting a trust.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustStep {
    pub title: String,
    pub note: String,
    /// The whole trust policy after this step, as indented JSON.
    pub trust: String,
    /// The AWS CLI command that puts it in place.
    pub command: String,
    /// Texts in capitals that have to be replaced first.
    pub placeholders: Vec<String>,
}
