//! GitHub Actions, with both forms of `sub`, and enterprises with an issuer of their own.

use crate::{Case, GITHUB, check};
use claviger_domain::pipelines::{
    Breadth::{Everyone, Nobody, One, Owner, Owners, PullRequests, Repository, SomeRefs, Tenant, Unknown},
    TrustSeverity::{self, Critical, High, Low, Medium, NoFinding},
};

const MAIN: &str = "repo:acme/payments:ref:refs/heads/main";
const MAIN_ID: &str = "repo:acme@12/payments@34:ref:refs/heads/main";
const OTHER_BRANCH: &str = "repo:acme/payments:ref:refs/heads/fix";
const OTHER_REPOSITORY: &str = "repo:acme/web:ref:refs/heads/main";
const PULL_REQUEST: &str = "repo:acme/payments:pull_request";
const EVIL: &str = "repo:acme-evil/payments:ref:refs/heads/main";
const STRANGER: &str = "repo:stranger/tool:ref:refs/heads/main";
const SLUG: &str = "token.actions.githubusercontent.com/acme-corp";

/// A trust of GitHub Actions.
const fn of(
    name: &'static str,
    condition: &'static str,
    severity: TrustSeverity,
    breadth: claviger_domain::pipelines::Breadth,
    repositories: &'static [&'static str],
    admitted: &'static [&'static str],
    refused: &'static [&'static str],
) -> Case {
    Case { name, url: GITHUB, condition, severity, breadth, repositories, admitted, refused }
}

#[test]
fn oidc_trusts_of_github_by_name() {
    check(&[
        of("one branch", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:sub": "repo:acme/payments:ref:refs/heads/main"}}"#,
            Low, One, &["acme/payments"], &[MAIN], &[OTHER_BRANCH, OTHER_REPOSITORY, PULL_REQUEST, MAIN_ID, STRANGER]),
        of("one branch, by StringLike", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:acme/payments:ref:refs/heads/main"}}"#,
            Low, One, &["acme/payments"], &[MAIN], &[OTHER_BRANCH, EVIL]),
        of("an environment", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:sub": "repo:acme/payments:environment:prod"}}"#,
            Low, One, &["acme/payments"], &["repo:acme/payments:environment:prod"], &[MAIN, "repo:acme/payments:environment:dev"]),
        of("a tag", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:sub": "repo:acme/payments:ref:refs/tags/v1"}}"#,
            Low, One, &["acme/payments"], &["repo:acme/payments:ref:refs/tags/v1"], &[MAIN]),
        of("tags by a pattern", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:acme/payments:ref:refs/tags/v*"}}"#,
            Low, SomeRefs, &["acme/payments"], &["repo:acme/payments:ref:refs/tags/v9"], &[MAIN]),
        of("release branches", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:acme/payments:ref:refs/heads/release/*"}}"#,
            Low, SomeRefs, &["acme/payments"], &["repo:acme/payments:ref:refs/heads/release/1"], &[MAIN]),
        of("any branch", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:acme/payments:ref:refs/heads/*"}}"#,
            Medium, Repository, &["acme/payments"], &[MAIN, OTHER_BRANCH], &[PULL_REQUEST, OTHER_REPOSITORY]),
        of("any environment", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:acme/payments:environment:*"}}"#,
            Medium, Repository, &["acme/payments"], &["repo:acme/payments:environment:x"], &[MAIN]),
        of("a whole repository", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:acme/payments:*"}}"#,
            Medium, Repository, &["acme/payments"], &[MAIN, OTHER_BRANCH, PULL_REQUEST], &[OTHER_REPOSITORY, EVIL, MAIN_ID]),
        of("pull requests", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:sub": "repo:acme/payments:pull_request"}}"#,
            Medium, PullRequests, &["acme/payments"], &[PULL_REQUEST], &[MAIN]),
        of("two repositories", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:sub": ["repo:acme/payments:ref:refs/heads/main", "repo:acme/web:ref:refs/heads/main"]}}"#,
            Low, One, &["acme/payments", "acme/web"], &[MAIN, OTHER_REPOSITORY], &[OTHER_BRANCH]),
        of("one narrow and one wide", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": ["repo:acme/payments:ref:refs/heads/main", "repo:acme/*"]}}"#,
            High, Owner, &["acme/*", "acme/payments"], &[MAIN, OTHER_REPOSITORY], &[EVIL]),
        of("an owner", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:acme/*"}}"#,
            High, Owner, &["acme/*"], &[MAIN, OTHER_REPOSITORY, PULL_REQUEST], &[EVIL, STRANGER]),
        of("an owner's main branches", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:acme/*:ref:refs/heads/main"}}"#,
            High, Owner, &["acme/*"], &[MAIN, OTHER_REPOSITORY], &[OTHER_BRANCH, EVIL]),
        of("a repository without its end", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:acme/payments*"}}"#,
            High, Owner, &["acme/payments*"], &[MAIN, "repo:acme/payments-old:pull_request"], &[OTHER_REPOSITORY]),
        of("an owner without its end", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:acme*"}}"#,
            Critical, Owners, &["acme*"], &[MAIN, EVIL], &[STRANGER]),
        of("an owner with one free character", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:acme?/payments:*"}}"#,
            Critical, Owners, &["acme?"], &["repo:acme1/payments:pull_request"], &[MAIN]),
        of("a repository's name of any owner", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:*/payments:ref:refs/heads/main"}}"#,
            Critical, Everyone, &["*"], &[MAIN, EVIL], &[STRANGER]),
        of("every repository", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:*"}}"#,
            Critical, Everyone, &["*"], &[MAIN, STRANGER], &[]),
        of("a star", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "*"}}"#,
            Critical, Everyone, &["*"], &[MAIN, STRANGER], &[]),
        of("no subject", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}}"#,
            Critical, Everyone, &["*"], &[MAIN, STRANGER], &[]),
        of("no condition", r"{}", Critical, Everyone, &["*"], &[MAIN, STRANGER], &[]),
        of("StringEquals with a wildcard", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:sub": "repo:acme/*"}}"#,
            Low, Nobody, &[""], &[], &[MAIN, STRANGER]),
        of("in any case of letters", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringEqualsIgnoreCase": {"~:sub": "REPO:Acme/Payments:ref:refs/heads/main"}}"#,
            TrustSeverity::Unknown, Unknown, &[""], &[MAIN], &[STRANGER]),
    ]);
}

#[test]
fn oidc_trusts_of_github_by_id() {
    check(&[
        of("one branch", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:sub": "repo:acme@12/payments@34:ref:refs/heads/main"}}"#,
            NoFinding, One, &["acme@12/payments@34"], &[MAIN_ID], &[MAIN, "repo:acme@13/payments@34:ref:refs/heads/main"]),
        of("both forms", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:sub": ["repo:acme@12/payments@34:ref:refs/heads/main", "repo:acme/payments:ref:refs/heads/main"]}}"#,
            Low, One, &["acme/payments", "acme@12/payments@34"], &[MAIN, MAIN_ID], &[OTHER_BRANCH]),
        of("an environment", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:sub": "repo:acme@12/payments@34:environment:prod"}}"#,
            NoFinding, One, &["acme@12/payments@34"], &["repo:acme@12/payments@34:environment:prod"], &[MAIN_ID]),
        of("a whole repository", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:acme@12/payments@34:*"}}"#,
            Medium, Repository, &["acme@12/payments@34"], &[MAIN_ID], &[MAIN]),
        of("an owner", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:acme@12/*"}}"#,
            High, Owner, &["acme@12/*"], &[MAIN_ID], &[MAIN, "repo:acme@123/x@1:pull_request"]),
        of("an owner's id without its end", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:acme@12*"}}"#,
            Critical, Owners, &["acme@12*"], &[MAIN_ID, "repo:acme@123/x@1:pull_request"], &[MAIN]),
        of("names, with the repository's id", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:repository_id": "34", "~:sub": "repo:acme/payments:ref:refs/heads/main"}}"#,
            NoFinding, One, &["acme/payments"], &[r#"{"sub": "repo:acme/payments:ref:refs/heads/main", "repository_id": "34"}"#],
            &[r#"{"sub": "repo:acme/payments:ref:refs/heads/main", "repository_id": "35"}"#]),
    ]);
}

#[test]
fn oidc_trusts_of_github_by_other_claims() {
    check(&[
        of("a repository", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:repository": "acme/payments"}}"#,
            Medium, Repository, &["acme/payments"], &[r#"{"sub": "x", "repository": "acme/payments"}"#], &[STRANGER]),
        of("a repository in an environment", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:repository": "acme/payments", "~:environment": "prod"}}"#,
            NoFinding, One, &["acme/payments"], &[r#"{"sub": "x", "repository": "acme/payments", "environment": "prod"}"#],
            &[r#"{"sub": "x", "repository": "acme/payments"}"#]),
        of("a repository's id", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:repository_id": "34"}}"#,
            Medium, Repository, &["34"], &[r#"{"sub": "x", "repository_id": "34"}"#], &[STRANGER]),
        of("an owner's id", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:repository_owner_id": "12"}}"#,
            High, Owner, &["12/*"], &[r#"{"sub": "x", "repository_owner_id": "12"}"#], &[STRANGER]),
        of("an enterprise", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:enterprise_id": "7"}}"#,
            High, Tenant, &["*"], &[r#"{"sub": "x", "enterprise_id": "7"}"#], &[STRANGER]),
        of("a reusable workflow", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:job_workflow_ref": "acme/ci/.github/workflows/deploy.yml@refs/heads/main"}}"#,
            High, Unknown, &[""], &[r#"{"sub": "repo:stranger/x:pull_request", "job_workflow_ref": "acme/ci/.github/workflows/deploy.yml@refs/heads/main"}"#], &[STRANGER]),
        of("an environment of anyone", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:environment": "prod"}}"#,
            Critical, Everyone, &["*"], &[r#"{"sub": "repo:stranger/x:environment:prod", "environment": "prod"}"#], &[STRANGER]),
        of("a subject of its own form that names no owner", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:sub": "environment:prod"}}"#,
            Critical, Everyone, &["*"], &["environment:prod"], &[STRANGER]),
        of("a subject of its own form that names an owner", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:sub": "repository_owner:acme:environment:prod"}}"#,
            TrustSeverity::Unknown, Unknown, &[""], &["repository_owner:acme:environment:prod"], &[STRANGER]),
        of("a claim of which nothing is known", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:runner_environment": "self-hosted"}}"#,
            TrustSeverity::Unknown, Unknown, &[""], &[], &[STRANGER]),
    ]);
}

#[test]
fn oidc_trusts_of_enterprises_with_their_own_issuer() {
    let of = |name, url, condition, severity, breadth, repositories, admitted| Case {
        name,
        url,
        condition,
        severity,
        breadth,
        repositories,
        admitted,
        refused: &[],
    };
    check(&[
        of("no subject", SLUG, r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}}"#, High, Tenant, &["*"], &[STRANGER]),
        of("every repository", SLUG, r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:*"}}"#,
            High, Tenant, &["*"], &[STRANGER]),
        of("one branch", SLUG, r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:sub": "repo:acme/payments:ref:refs/heads/main"}}"#,
            NoFinding, One, &["acme/payments"], &[MAIN]),
        of("GitHub Enterprise Server", "ghe.acme.example/_services/token", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}}"#,
            High, Tenant, &["*"], &[STRANGER]),
        of("data residency", "token.actions.acme.ghe.com", r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:acme/*"}}"#,
            High, Owner, &["acme/*"], &[MAIN]),
    ]);
}
