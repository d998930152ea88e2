//! Trusts of pipelines: how severe each is, which repositories get in, and tokens that it admits or refuses by the evaluation of
//! conditions that also says who can read a secret.

#![expect(clippy::expect_used, reason = "a sample that is no JSON is a fault of the test")]

mod fixes;
mod github;
mod others;
mod traps;

use claviger_domain::pipelines::{Breadth, IssuerKind, PipelineTrust, TrustSeverity};
use claviger_policy::{
    iam::Context,
    pipelines::{TokenRequest, admits, pipelines},
};

const GITHUB: &str = "token.actions.githubusercontent.com";

/// What is expected of a trust. Tokens are claims as JSON; `sub` alone is written as its text.
struct Case {
    name: &'static str,
    url: &'static str,
    /// The condition as JSON, in which `~` stands for the issuer's URL.
    condition: &'static str,
    severity: TrustSeverity,
    breadth: Breadth,
    repositories: &'static [&'static str],
    admitted: &'static [&'static str],
    refused: &'static [&'static str],
}

fn provider(url: &str) -> String {
    format!("arn:aws:iam::111122223333:oidc-provider/{url}")
}

/// A trust policy with one statement.
fn trust(url: &str, condition: &str) -> String {
    let condition = condition.replace('~', url);
    format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {{"Federated": "{}"}}, "Condition": {condition}}}]}}"#,
        provider(url)
    )
}

/// A token with the audience of AWS, unless it names another.
fn token(url: &str, text: &str) -> TokenRequest {
    let audience = match url {
        "gitlab.com" => "https://gitlab.com",
        "app.terraform.io" => "aws.workload.identity",
        url if url.starts_with("oidc.circleci.com") => "org-1",
        url if url.starts_with("api.bitbucket.org") => "ari:cloud:bitbucket::workspace/w-1",
        _ => "sts.amazonaws.com",
    };
    let claims: serde_json::Value = if text.starts_with('{') && text.contains('"') {
        serde_json::from_str(text).expect("claims are JSON")
    } else {
        serde_json::json!({ "sub": text })
    };
    let mut context = Context::new().with(&format!("{url}:aud"), audience);
    for (claim, value) in claims.as_object().expect("claims are an object") {
        context = context.with(&format!("{url}:{claim}"), value.as_str().expect("a text"));
    }
    TokenRequest { provider: provider(url), context }
}

fn check(cases: &[Case]) {
    for case in cases {
        let policy = trust(case.url, case.condition);
        let found = pipelines(&policy);
        let name = case.name;
        let severity = found.iter().map(|one| one.severity).max();
        assert_eq!(severity, Some(case.severity), "{name}: {found:#?}");
        let breadth = found.iter().map(|one| one.breadth).max();
        assert_eq!(breadth, Some(case.breadth), "{name}: {found:#?}");
        let repositories: Vec<&str> = found.iter().map(|one| one.repositories.as_str()).collect();
        assert_eq!(repositories, case.repositories, "{name}: {found:#?}");
        for text in case.admitted {
            assert_eq!(admits(&policy, &token(case.url, text)), Ok(true), "{name} admits {text}");
        }
        for text in case.refused {
            assert_eq!(admits(&policy, &token(case.url, text)), Ok(false), "{name} refuses {text}");
        }
        // Nobody but those of a trust that is wide, or of which it is not known, may be a stranger.
        let is_wide = breadth >= Some(Breadth::Tenant);
        let stranger = token(case.url, &stranger(found[0].issuer.kind));
        if !is_wide {
            assert_eq!(admits(&policy, &stranger), Ok(false), "{name} refuses a stranger");
        }
        for one in &found {
            assert!(one.findings.is_sorted_by(|a, b| a.severity >= b.severity), "{name}");
            assert!(!one.who.is_empty(), "{name}");
        }
    }
}

/// A subject of somebody who has nothing to do with the trust.
fn stranger(kind: IssuerKind) -> String {
    match kind {
        IssuerKind::GithubActions | IssuerKind::GithubEnterprise => {
            "repo:stranger/tool:ref:refs/heads/main"
        }
        IssuerKind::Gitlab | IssuerKind::GitlabSelfManaged => {
            "project_path:stranger/tool:ref_type:branch:ref:main"
        }
        IssuerKind::HcpTerraform => "organization:stranger:project:p:workspace:w:run_phase:apply",
        IssuerKind::Buildkite => {
            "organization:stranger:pipeline:p:ref:refs/heads/main:commit:c:step:s"
        }
        IssuerKind::Circleci => "org/org-1/project/stranger/user/u",
        IssuerKind::Bitbucket => "{stranger}:{step}",
        IssuerKind::Eks => "system:serviceaccount:stranger:tool",
        IssuerKind::OtherShared | IssuerKind::Other => "stranger",
    }
    .to_owned()
}

fn only(policy: &str) -> PipelineTrust {
    let mut found = pipelines(policy);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

fn says(found: &PipelineTrust, text: &str) -> bool {
    found.findings.iter().any(|one| one.text.contains(text))
}
