//! Which issuer an OIDC provider of IAM stands for, and what is known of its tokens.

use super::subject::Grammar;
use claviger_domain::pipelines::{Issuer, IssuerKind};

/// What is known of an issuer.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    pub(super) issuer: Issuer,
    /// Whether other customers of the issuer have the same URL.
    pub(super) is_shared: bool,
    /// The claim without which IAM refuses a new or changed trust since June 2025.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html>
    pub(super) control: Option<&'static str>,
    pub(super) grammar: Option<Grammar>,
    /// Claims beside `sub` and `aud` that STS passes on to conditions.
    pub(super) claims: &'static [&'static str],
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html>
const GITHUB_CLAIMS: &[&str] = &[
    "actor",
    "actor_id",
    "enterprise_id",
    "environment",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "workflow",
];

/// Other issuers that IAM knows as shared, each with the claim that it requires.
const OTHER_SHARED: &[(&str, &str)] = &[
    ("accounts.google.com", "aud"),
    ("api.pulumi.com/oidc", "aud"),
    ("cognito-identity.amazonaws.com", "aud"),
    ("graph.facebook.com", "app_id"),
    ("oidc-configuration.audit-log.githubusercontent.com", "sub"),
    ("oidc.codefresh.io", "sub"),
    ("oidc.vercel.com", "aud"),
    ("proidc.upbound.io", "sub"),
    ("sandboxes.cloud", "aud"),
    ("scalr.io", "sub"),
    ("studio.datachain.ai/api", "sub"),
    ("tokens.cloud.shisho.dev", "sub"),
    ("vstoken.actions.githubusercontent.com", "sub"),
    ("www.amazon.com", "app_id"),
];

impl Profile {
    /// Of the provider's URL without the scheme. `subjects` are the patterns that the trust has for it: they tell a GitLab on
    /// a host of its own from other hosts.
    pub(super) fn of(url: &str, subjects: &[&str]) -> Self {
        let url = url.trim_end_matches('/');
        let of = |kind, tenant: Option<&str>, grammar| Self {
            issuer: Issuer { kind, url: url.to_owned(), tenant: tenant.map(ToOwned::to_owned) },
            is_shared: false,
            control: None,
            grammar,
            claims: &[],
        };
        let shared = |kind, grammar| Self {
            is_shared: true,
            control: Some("sub"),
            ..of(kind, None, grammar)
        };
        let github = |tenant: &str| Self {
            claims: GITHUB_CLAIMS,
            ..of(IssuerKind::GithubEnterprise, Some(tenant), Some(Grammar::Github))
        };
        let (host, path) = url.split_once('/').unwrap_or((url, ""));
        match (host, path) {
            ("token.actions.githubusercontent.com", "") => Self {
                claims: GITHUB_CLAIMS,
                ..shared(IssuerKind::GithubActions, Some(Grammar::Github))
            },
            ("token.actions.githubusercontent.com", slug) => github(slug),
            (host, "") if host.starts_with("token.actions.") && host.ends_with(".ghe.com") => {
                github(host)
            }
            (host, "_services/token") => github(host),
            ("gitlab.com", "") => shared(IssuerKind::Gitlab, Some(Grammar::Gitlab)),
            ("app.terraform.io", "") => {
                shared(IssuerKind::HcpTerraform, Some(Grammar::HcpTerraform))
            }
            ("agent.buildkite.com", "") => shared(IssuerKind::Buildkite, Some(Grammar::Buildkite)),
            ("oidc.circleci.com", path) if path.starts_with("org/") => {
                of(IssuerKind::Circleci, path.strip_prefix("org/"), Some(Grammar::Circleci))
            }
            ("api.bitbucket.org", path) if path.contains("/pipelines-config/identity/oidc") => {
                let workspace = path.split("workspaces/").nth(1).and_then(|x| x.split('/').next());
                of(IssuerKind::Bitbucket, workspace, Some(Grammar::Bitbucket))
            }
            (host, path) if is_eks(host) && path.starts_with("id/") => {
                of(IssuerKind::Eks, path.strip_prefix("id/"), Some(Grammar::Kubernetes))
            }
            _ => {
                if let Some((_, control)) = OTHER_SHARED.iter().find(|(known, _)| *known == url) {
                    return Self {
                        control: Some(control),
                        claims: &["app_id", "amr", "azp", "oaud"],
                        ..shared(IssuerKind::OtherShared, None)
                    };
                }
                let is_gitlab = host.split('.').any(|part| part == "gitlab")
                    || subjects.iter().any(|subject| subject.starts_with("project_path:"));
                if is_gitlab {
                    of(IssuerKind::GitlabSelfManaged, Some(host), Some(Grammar::Gitlab))
                } else {
                    of(IssuerKind::Other, None, None)
                }
            }
        }
    }

    /// Whether the name of an owner, and so what it means, can pass to somebody else.
    pub(super) fn has_immutable_subjects(&self) -> bool {
        self.issuer.kind == IssuerKind::GithubActions
    }

    pub(super) fn knows(&self, claim: &str) -> bool {
        matches!(claim, "sub" | "aud") || self.claims.contains(&claim)
    }

    /// What is wrong with an audience: tokens that were made for something else are accepted.
    pub(super) fn is_foreign_audience(&self, audience: &str) -> bool {
        let is_sts = audience == "sts.amazonaws.com" || audience == "sts.amazonaws.com.cn";
        match self.issuer.kind {
            IssuerKind::GithubActions | IssuerKind::GithubEnterprise => {
                !is_sts && !audience.starts_with("https://github.com/")
            }
            IssuerKind::Buildkite | IssuerKind::Eks => !is_sts,
            IssuerKind::HcpTerraform => !is_sts && audience != "aws.workload.identity",
            IssuerKind::Circleci => !is_sts && Some(audience) != self.issuer.tenant.as_deref(),
            IssuerKind::Bitbucket => {
                !is_sts && !audience.starts_with("ari:cloud:bitbucket::workspace/")
            }
            // A pipeline of GitLab chooses its audience.
            IssuerKind::Gitlab
            | IssuerKind::GitlabSelfManaged
            | IssuerKind::OtherShared
            | IssuerKind::Other => false,
        }
    }

    /// The audience that a corrected trust asks for.
    pub(super) fn audience(&self) -> String {
        match self.issuer.kind {
            IssuerKind::HcpTerraform => "aws.workload.identity".to_owned(),
            IssuerKind::Circleci => self.issuer.tenant.clone().unwrap_or_default(),
            IssuerKind::Bitbucket => "ari:cloud:bitbucket::workspace/WORKSPACE_UUID".to_owned(),
            IssuerKind::Gitlab | IssuerKind::GitlabSelfManaged => {
                format!("https://{}", self.issuer.url)
            }
            _ => "sts.amazonaws.com".to_owned(),
        }
    }
}

/// `oidc.eks.eu-west-1.amazonaws.com`, in China with its own suffix, or the dual-stack name.
fn is_eks(host: &str) -> bool {
    let is_own = host.starts_with("oidc.eks.")
        && (host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn"));
    is_own || (host.starts_with("oidc-eks.") && host.ends_with(".api.aws"))
}
