//! What looks like a limit and is none, and what is not known.

use crate::{Case, GITHUB, check, only, provider, says, token, trust};
use claviger_domain::pipelines::{
    Breadth::{self, Everyone, Nobody, One, Owner, Unknown},
    TrustSeverity::{self, Critical, High, Low, Medium},
};
use claviger_policy::pipelines::{admits, pipelines};

const STRANGER: &str = "repo:stranger/tool:ref:refs/heads/main";
const MAIN: &str = "repo:acme/payments:ref:refs/heads/main";

const fn of(
    condition: &'static str,
    severity: TrustSeverity,
    breadth: Breadth,
    repositories: &'static [&'static str],
    admitted: &'static [&'static str],
    refused: &'static [&'static str],
) -> Case {
    Case {
        name: condition,
        url: GITHUB,
        condition,
        severity,
        breadth,
        repositories,
        admitted,
        refused,
    }
}

#[test]
fn oidc_trusts_with_operators_that_do_not_limit() {
    check(&[
        // A claim that a token may lack: the condition passes without it.
        of(
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "ForAllValues:StringEquals": {"~:environment": "prod"}}"#,
            Critical,
            Everyone,
            &["*"],
            &[STRANGER],
            &[],
        ),
        of(
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "ForAllValues:StringLike": {"~:repo": "acme/*"}}"#,
            Critical,
            Everyone,
            &["*"],
            &[STRANGER],
            &[],
        ),
        of(
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringEqualsIfExists": {"~:job_workflow_ref": "acme/ci/x.yml@main"}}"#,
            Critical,
            Everyone,
            &["*"],
            &[STRANGER],
            &[],
        ),
        // Every token has a subject, so it limits; it is fragile all the same.
        of(
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "ForAllValues:StringEquals": {"~:sub": "repo:acme/payments:ref:refs/heads/main"}}"#,
            Medium,
            One,
            &["acme/payments"],
            &[MAIN],
            &[STRANGER],
        ),
        of(
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "ForAllValues:StringLike": {"~:sub": "repo:acme/*"}, "Null": {"~:sub": "false"}}"#,
            High,
            Owner,
            &["acme/*"],
            &[MAIN],
            &[STRANGER],
        ),
        of(
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringEqualsIfExists": {"~:sub": "repo:acme/payments:ref:refs/heads/main"}}"#,
            Medium,
            One,
            &["acme/payments"],
            &[MAIN],
            &[STRANGER],
        ),
        of(
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "ForAnyValue:StringLike": {"~:sub": "repo:acme/*"}}"#,
            High,
            Owner,
            &["acme/*"],
            &[MAIN],
            &[STRANGER],
        ),
        // What is only excluded lets everyone else in.
        of(
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringNotLike": {"~:sub": "repo:stranger/*"}}"#,
            Critical,
            Everyone,
            &["*"],
            &[MAIN],
            &[STRANGER],
        ),
        of(
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringNotEquals": {"~:sub": "repo:acme/payments:pull_request"}}"#,
            Critical,
            Everyone,
            &["*"],
            &[STRANGER, MAIN],
            &["repo:acme/payments:pull_request"],
        ),
        // No token lacks its subject.
        of(
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "Null": {"~:sub": "true"}}"#,
            Low,
            Nobody,
            &[""],
            &[],
            &[MAIN, STRANGER],
        ),
        // Only the claims of this issuer count: the key of another one limits nothing that is known.
        of(
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "gitlab.com:sub": "project_path:acme/payments:ref_type:branch:ref:main"}}"#,
            Critical,
            Everyone,
            &["*"],
            &[],
            &[STRANGER],
        ),
        // Keys of the request are no identity.
        of(
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}"#,
            Critical,
            Everyone,
            &["*"],
            &[],
            &[STRANGER],
        ),
        // A value that only the request decides.
        of(
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:${aws:PrincipalTag/repository}:*"}}"#,
            TrustSeverity::Unknown,
            Unknown,
            &[""],
            &[],
            &[STRANGER],
        ),
        // An operator that IAM does not know.
        of(
            r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "NumericEquals": {"~:sub": "1"}}"#,
            TrustSeverity::Unknown,
            Unknown,
            &[""],
            &[],
            &[STRANGER],
        ),
    ]);
}

#[test]
fn oidc_trusts_and_their_audience() {
    check(&[
        of(
            r#"{"StringEquals": {"~:sub": "repo:acme@12/payments@34:ref:refs/heads/main"}}"#,
            Low,
            One,
            &["acme@12/payments@34"],
            &["repo:acme@12/payments@34:ref:refs/heads/main"],
            &[STRANGER],
        ),
        of(
            r#"{"StringEquals": {"~:aud": "api://AzureADTokenExchange", "~:sub": "repo:acme@12/payments@34:ref:refs/heads/main"}}"#,
            Medium,
            One,
            &["acme@12/payments@34"],
            &[],
            &["repo:acme@12/payments@34:ref:refs/heads/main"],
        ),
        of(
            r#"{"StringLike": {"~:aud": "*", "~:sub": "repo:acme@12/payments@34:ref:refs/heads/main"}}"#,
            Low,
            One,
            &["acme@12/payments@34"],
            &["repo:acme@12/payments@34:ref:refs/heads/main"],
            &[STRANGER],
        ),
        of(
            r#"{"StringEquals": {"~:aud": ["sts.amazonaws.com", "https://github.com/acme"], "~:sub": "repo:acme@12/payments@34:ref:refs/heads/main"}}"#,
            TrustSeverity::NoFinding,
            One,
            &["acme@12/payments@34"],
            &["repo:acme@12/payments@34:ref:refs/heads/main"],
            &[STRANGER],
        ),
    ]);
}

/// A whole document with one statement of GitHub, and what is beside it.
fn document(statement: &str, more: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}{more}]}}"#)
        .replace("PROVIDER", &provider(GITHUB))
        .replace('~', GITHUB)
}

const ALLOW: &str = r#"{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": "PROVIDER"},
    "Condition": {"StringEquals": {"~:aud": "sts.amazonaws.com"}}}"#;

#[test]
fn oidc_trusts_with_a_deny() {
    // A Deny of everything else is a limit.
    let limited = document(
        ALLOW,
        r#", {"Effect": "Deny", "Action": "sts:*", "Principal": {"Federated": "PROVIDER"},
            "Condition": {"StringNotLike": {"~:sub": "repo:acme/payments:*"}}}"#,
    );
    let found = only(&limited);
    assert_eq!(
        (found.breadth, found.repositories.as_str()),
        (Breadth::Repository, "acme/payments")
    );
    assert_eq!(admits(&limited, &token(GITHUB, MAIN)), Ok(true));
    assert_eq!(admits(&limited, &token(GITHUB, STRANGER)), Ok(false));

    // A Deny of something is not: everyone else gets in.
    let open = document(
        ALLOW,
        r#", {"Effect": "Deny", "Action": "sts:*", "Principal": "*", "Condition": {"StringLike": {"~:sub": "repo:stranger/*"}}}"#,
    );
    let found = only(&open);
    assert_eq!((found.severity, found.breadth), (Critical, Everyone));
    assert!(says(&found, "A Deny limits it as well"), "{found:?}");
    assert_eq!(admits(&open, &token(GITHUB, STRANGER)), Ok(false));

    let closed = document(ALLOW, r#", {"Effect": "Deny", "Action": "*", "Principal": "*"}"#);
    assert_eq!(only(&closed).breadth, Nobody);
    assert_eq!(admits(&closed, &token(GITHUB, MAIN)), Ok(false));
}

#[test]
fn oidc_trusts_with_actions_and_principals() {
    for (action, is_way) in [
        (r#""Action": "sts:*""#, true),
        (r#""Action": "*""#, true),
        (r#""Action": "sts:AssumeRoleWith*""#, true),
        (r#""Action": ["sts:TagSession", "STS:assumerolewithwebidentity"]"#, true),
        (r#""Action": "sts:AssumeRole""#, false),
        (r#""NotAction": "sts:AssumeRole""#, true),
        (r#""NotAction": "sts:AssumeRoleWithWebIdentity""#, false),
    ] {
        let statement = ALLOW.replace(r#""Action": "sts:AssumeRoleWithWebIdentity""#, action);
        let policy = document(&statement, "");
        assert_eq!(!pipelines(&policy).is_empty(), is_way, "{action}");
        assert_eq!(admits(&policy, &token(GITHUB, MAIN)), Ok(is_way), "{action}");
        if action.starts_with(r#""NotAction"#) && is_way {
            assert!(says(&only(&policy), "NotAction"), "{action}");
        }
    }
    let federated = r#"{"Federated": "PROVIDER"}"#;
    // Whom AWS lets in with these is not known.
    for principal in [r#""*""#, r#"{"AWS": "*"}"#] {
        let found = only(&document(&ALLOW.replace(federated, principal), ""));
        assert_eq!(found.severity, TrustSeverity::Unknown, "{principal}");
    }
    let except = ALLOW.replace("\"Principal\"", "\"NotPrincipal\"");
    assert_eq!(only(&document(&except, "")).severity, TrustSeverity::Unknown);
    // Two issuers in one statement are two ways.
    let two = ALLOW.replace(
        "\"PROVIDER\"",
        "[\"PROVIDER\", \"arn:aws:iam::111122223333:oidc-provider/gitlab.com\"]",
    );
    assert_eq!(pipelines(&document(&two, "")).len(), 2);
    // SAML and services are no pipelines.
    for principal in [
        r#"{"Service": "lambda.amazonaws.com"}"#,
        r#"{"Federated": "arn:aws:iam::111122223333:saml-provider/x"}"#,
    ] {
        assert!(pipelines(&document(&ALLOW.replace(federated, principal), "")).is_empty());
    }
}

#[test]
fn oidc_trusts_that_cannot_be_interpreted_are_unknown() {
    for text in [
        r#"{"Statement": [{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::1:oidc-provider/gitlab.com"}}]}"#,
        "not JSON with AssumeRoleWithWebIdentity",
    ] {
        assert_eq!(only(text).severity, TrustSeverity::Unknown, "{text}");
    }
    assert!(pipelines("not JSON").is_empty());
    // Without a version that knows variables, a dollar is a dollar.
    let old = trust(GITHUB, r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:sub": "repo:acme/${x}:pull_request"}}"#)
        .replace("2012-10-17", "2008-10-17");
    assert_eq!(only(&old).breadth, Breadth::PullRequests);
    assert_eq!(admits(&old, &token(GITHUB, "repo:acme/${x}:pull_request")), Ok(true));
}

#[test]
fn oidc_trusts_say_what_iam_refuses() {
    let says_it =
        |condition: &str| says(&only(&trust(GITHUB, condition)), "Since June 2025 IAM refuses");
    assert!(says_it(r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}}"#));
    assert!(!says_it(r#"{"StringLike": {"~:sub": "repo:acme/*"}}"#));
}
