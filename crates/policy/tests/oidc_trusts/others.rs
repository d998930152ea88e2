//! All issuers but GitHub, and those that are not known.

use crate::{Case, check, only, says, trust};
use claviger_domain::pipelines::{
    Breadth::{
        self, Everyone, Group, Nobody, One, Owner, Owners, Repository, SomeRefs, Tenant, Unknown,
    },
    IssuerKind,
    TrustSeverity::{self, Critical, High, Low, Medium, NoFinding},
};

const fn of(
    url: &'static str,
    condition: &'static str,
    severity: TrustSeverity,
    breadth: Breadth,
    repositories: &'static [&'static str],
    admitted: &'static [&'static str],
    refused: &'static [&'static str],
) -> Case {
    Case { name: condition, url, condition, severity, breadth, repositories, admitted, refused }
}

#[test]
fn oidc_trusts_of_gitlab() {
    const URL: &str = "gitlab.com";
    const MAIN: &str = "project_path:acme/payments:ref_type:branch:ref:main";
    check(&[
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "https://gitlab.com", "~:sub": "project_path:acme/payments:ref_type:branch:ref:main"}}"#,
            NoFinding,
            One,
            &["acme/payments"],
            &[MAIN],
            &["project_path:acme/payments:ref_type:tag:ref:main"],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "https://gitlab.com"}, "StringLike": {"~:sub": "project_path:acme/payments:ref_type:branch:ref:release-*"}}"#,
            Low,
            SomeRefs,
            &["acme/payments"],
            &["project_path:acme/payments:ref_type:branch:ref:release-1"],
            &[MAIN],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "https://gitlab.com"}, "StringLike": {"~:sub": "project_path:acme/payments:*"}}"#,
            Medium,
            Repository,
            &["acme/payments"],
            &[MAIN],
            &["project_path:acme/web:ref_type:branch:ref:main"],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "https://gitlab.com"}, "StringLike": {"~:sub": "project_path:acme/*"}}"#,
            High,
            Owner,
            &["acme/*"],
            &[MAIN],
            &["project_path:acme-evil/x:ref_type:branch:ref:main"],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "https://gitlab.com"}, "StringLike": {"~:sub": "project_path:acme/platform/*:ref_type:branch:ref:main"}}"#,
            High,
            Owner,
            &["acme/platform/*"],
            &["project_path:acme/platform/x:ref_type:branch:ref:main"],
            &[MAIN],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "https://gitlab.com"}, "StringLike": {"~:sub": "project_path:acme*"}}"#,
            Critical,
            Owners,
            &["acme*"],
            &[MAIN, "project_path:acme-evil/x:ref_type:branch:ref:main"],
            &[],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "https://gitlab.com"}}"#,
            Critical,
            Everyone,
            &["*"],
            &[MAIN],
            &[],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "https://gitlab.com", "~:sub": "project_path:acme/*"}}"#,
            Low,
            Nobody,
            &[""],
            &[],
            &[MAIN],
        ),
        of(
            "gitlab.acme.example",
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}}"#,
            High,
            Tenant,
            &["*"],
            &[MAIN],
            &[],
        ),
        of(
            "git.acme.example",
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "project_path:acme/payments:*"}}"#,
            Medium,
            Repository,
            &["acme/payments"],
            &[MAIN],
            &[],
        ),
    ]);
}

#[test]
fn oidc_trusts_of_bitbucket() {
    const URL: &str = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc";
    check(&[
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "ari:cloud:bitbucket::workspace/w-1"}}"#,
            High,
            Tenant,
            &["*"],
            &["{r1}:{s1}"],
            &[],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "ari:cloud:bitbucket::workspace/w-1"}, "StringLike": {"~:sub": "{r1}:*"}}"#,
            Medium,
            Repository,
            &["acme/{r1}"],
            &["{r1}:{s1}", "{r1}:{e1}:{s1}"],
            &["{r2}:{s1}"],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "ari:cloud:bitbucket::workspace/w-1"}, "StringLike": {"~:sub": "{r1}:{e1}:*"}}"#,
            NoFinding,
            One,
            &["acme/{r1}"],
            &["{r1}:{e1}:{s1}"],
            &["{r1}:{s1}", "{r1}:{e2}:{s1}"],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "ari:cloud:bitbucket::workspace/w-1"}, "StringLike": {"~:sub": "*"}}"#,
            High,
            Tenant,
            &["*"],
            &["{r1}:{s1}"],
            &[],
        ),
    ]);
}

#[test]
fn oidc_trusts_of_circleci() {
    const URL: &str = "oidc.circleci.com/org/org-1";
    const JOB: &str = "org/org-1/project/p-1/user/u-1";
    check(&[
        of(URL, r#"{"StringEquals": {"~:aud": "org-1"}}"#, High, Tenant, &["*"], &[JOB], &[]),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "org-1"}, "StringLike": {"~:sub": "org/org-1/project/p-1/user/*"}}"#,
            Medium,
            Repository,
            &["org-1/p-1"],
            &[JOB],
            &["org/org-1/project/p-2/user/u-1"],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "org-1"}, "StringLike": {"~:sub": "org/org-1/*"}}"#,
            High,
            Tenant,
            &["*"],
            &[JOB],
            &[],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "org-2"}, "StringLike": {"~:sub": "org/org-1/project/p-1/*"}}"#,
            Medium,
            Repository,
            &["org-1/p-1"],
            &[],
            &[JOB],
        ),
    ]);
}

#[test]
fn oidc_trusts_of_hcp_terraform() {
    const URL: &str = "app.terraform.io";
    const APPLY: &str = "organization:acme:project:core:workspace:prod:run_phase:apply";
    const PLAN: &str = "organization:acme:project:core:workspace:prod:run_phase:plan";
    check(&[
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "aws.workload.identity", "~:sub": "organization:acme:project:core:workspace:prod:run_phase:apply"}}"#,
            NoFinding,
            One,
            &["acme/core/prod"],
            &[APPLY],
            &[PLAN],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "aws.workload.identity"}, "StringLike": {"~:sub": "organization:acme:project:core:workspace:prod:run_phase:*"}}"#,
            Medium,
            Repository,
            &["acme/core/prod"],
            &[APPLY, PLAN],
            &[],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "aws.workload.identity"}, "StringLike": {"~:sub": "organization:acme:project:core:workspace:*:run_phase:*"}}"#,
            Medium,
            Group,
            &["acme/core/*"],
            &[APPLY],
            &["organization:acme:project:web:workspace:prod:run_phase:apply"],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "aws.workload.identity"}, "StringLike": {"~:sub": "organization:acme:*"}}"#,
            High,
            Owner,
            &["acme/*"],
            &[APPLY],
            &["organization:acme-evil:project:p:workspace:w:run_phase:apply"],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "aws.workload.identity"}, "StringLike": {"~:sub": "organization:acme*"}}"#,
            Critical,
            Owners,
            &["acme*"],
            &[APPLY, "organization:acme-evil:project:p:workspace:w:run_phase:apply"],
            &[],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "aws.workload.identity"}}"#,
            Critical,
            Everyone,
            &["*"],
            &[APPLY],
            &[],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "vault.example", "~:sub": "organization:acme:project:core:workspace:prod:run_phase:apply"}}"#,
            Medium,
            One,
            &["acme/core/prod"],
            &[],
            &[APPLY],
        ),
    ]);
}

#[test]
fn oidc_trusts_of_buildkite() {
    const URL: &str = "agent.buildkite.com";
    const MAIN: &str = "organization:acme:pipeline:deploy:ref:refs/heads/main:commit:c1:step:s1";
    const OTHER: &str = "organization:acme:pipeline:deploy:ref:refs/heads/x:commit:c1:step:s1";
    check(&[
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "organization:acme:pipeline:deploy:ref:refs/heads/main:commit:*:step:*"}}"#,
            NoFinding,
            One,
            &["acme/deploy"],
            &[MAIN],
            &[OTHER],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "organization:acme:pipeline:deploy:*"}}"#,
            Medium,
            Repository,
            &["acme/deploy"],
            &[MAIN, OTHER],
            &["organization:acme:pipeline:deploy-2:ref:refs/heads/main:commit:c1:step:s1"],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "organization:acme:*"}}"#,
            High,
            Owner,
            &["acme/*"],
            &[MAIN],
            &[],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}}"#,
            Critical,
            Everyone,
            &["*"],
            &[MAIN],
            &[],
        ),
    ]);
}

#[test]
fn oidc_trusts_of_clusters() {
    const URL: &str = "oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF";
    const POD: &str = "system:serviceaccount:payments:ledger";
    check(&[
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:sub": "system:serviceaccount:payments:ledger"}}"#,
            NoFinding,
            One,
            &["payments/ledger"],
            &[POD],
            &["system:serviceaccount:web:ledger"],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "system:serviceaccount:payments:*"}}"#,
            Medium,
            Group,
            &["payments/*"],
            &[POD],
            &["system:serviceaccount:web:ledger"],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "system:serviceaccount:*:ledger"}}"#,
            High,
            Tenant,
            &["*"],
            &[POD],
            &[],
        ),
        of(
            URL,
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}}"#,
            High,
            Tenant,
            &["*"],
            &[POD],
            &[],
        ),
    ]);
    let cluster = only(&trust(URL, "{}"));
    assert_eq!(cluster.issuer.kind, IssuerKind::Eks);
    assert_eq!(cluster.who, "every service account of ABCDEF");
}

#[test]
fn oidc_trusts_of_other_issuers() {
    check(&[
        // What an issuer is that is not known, and what its subjects mean, is unknown, never good.
        of(
            "id.acme.example",
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:sub": "job-1"}}"#,
            TrustSeverity::Unknown,
            Unknown,
            &[""],
            &["job-1"],
            &[],
        ),
        of(
            "id.acme.example",
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}}"#,
            TrustSeverity::Unknown,
            Everyone,
            &["*"],
            &["job-1"],
            &[],
        ),
        of(
            "scalr.io",
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}}"#,
            Critical,
            Everyone,
            &["*"],
            &["account:x"],
            &[],
        ),
        of(
            "scalr.io",
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:sub": "account:acme:workspace:w"}}"#,
            NoFinding,
            One,
            &[""],
            &["account:acme:workspace:w"],
            &[],
        ),
        of(
            "api.pulumi.com/oidc",
            r#"{"StringLike": {"~:sub": "*"}}"#,
            Critical,
            Everyone,
            &["*"],
            &["x"],
            &[],
        ),
        of(
            "api.pulumi.com/oidc",
            r#"{"StringEquals": {"~:aud": "acme"}}"#,
            TrustSeverity::Unknown,
            Unknown,
            &[""],
            &[],
            &["x"],
        ),
    ]);
    let pulumi = only(&trust("api.pulumi.com/oidc", "{}"));
    assert!(says(&pulumi, "Since June 2025 IAM refuses"), "{pulumi:?}");
}
