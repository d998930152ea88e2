//! The corrected trusts: narrower than what was there, without an outage on the way, and accepted by the same evaluation.

use crate::{GITHUB, token, trust};
use claviger_domain::pipelines::{Breadth, TrustSeverity, TrustStep};
use claviger_policy::pipelines::{admits, corrected, pipelines};
use rstest::rstest;

const MAIN: &str = "repo:acme/payments:ref:refs/heads/main";
const MAIN_ID: &str = "repo:acme@12/payments@34:ref:refs/heads/main";

/// A step with the placeholders replaced, as a person does.
fn filled(step: &TrustStep) -> String {
    let pairs = [
        ("OWNER_ID", "12"),
        ("REPOSITORY_ID", "34"),
        ("OWNER", "acme"),
        ("REPOSITORY", "payments"),
        ("BRANCH", "main"),
        ("WORKSPACE_UUID", "w-1"),
        ("ORGANIZATION", "acme"),
        ("PROJECT", "core"),
        ("WORKSPACE", "prod"),
        ("PIPELINE", "deploy"),
        ("NAMESPACE", "payments"),
        ("SERVICE_ACCOUNT", "ledger"),
    ];
    pairs.iter().fold(step.trust.clone(), |text, (name, value)| text.replace(name, value))
}

fn severity(policy: &str) -> Option<TrustSeverity> {
    pipelines(policy).iter().map(|one| one.severity).max()
}

#[rstest]
#[case::no_subject(r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}}"#)]
#[case::owner(
    r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "StringLike": {"~:sub": "repo:acme/*"}}"#
)]
#[case::one_branch(r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:sub": "repo:acme/payments:ref:refs/heads/main"}}"#)]
#[case::never(
    r#"{"StringEquals": {"~:aud": "sts.amazonaws.com", "~:sub": "repo:acme/payments:*"}}"#
)]
#[case::for_all(
    r#"{"ForAllValues:StringEquals": {"~:sub": "repo:acme/payments:ref:refs/heads/main"}}"#
)]
fn oidc_trusts_of_github_move_to_ids_without_an_outage(#[case] condition: &str) {
    let steps = corrected(&trust(GITHUB, condition), "deploy");
    assert_eq!(steps.len(), 2, "{steps:#?}");
    let (both, ids) = (filled(&steps[0]), filled(&steps[1]));
    for sent in [MAIN, MAIN_ID] {
        assert_eq!(admits(&both, &token(GITHUB, sent)), Ok(true), "{sent}: {both}");
    }
    assert_eq!(admits(&ids, &token(GITHUB, MAIN_ID)), Ok(true), "{ids}");
    for refused in [MAIN, "repo:acme/web:pull_request", "repo:stranger/tool:ref:refs/heads/main"] {
        assert_eq!(admits(&ids, &token(GITHUB, refused)), Ok(false), "{refused}: {ids}");
    }
    assert_eq!(severity(&ids), Some(TrustSeverity::NoFinding), "{ids}");
    assert!(corrected(&ids, "deploy").is_empty(), "nothing is left to correct");
    assert!(steps[0].placeholders.iter().any(|one| one == "OWNER_ID"), "{steps:?}");
    // A branch that the trust does not name is for a person to name.
    let asks_for_branch = steps[0].placeholders.iter().any(|one| one == "BRANCH");
    assert_eq!(asks_for_branch, !condition.contains("refs/heads/"), "{steps:?}");
    assert!(steps[0].command.starts_with("aws iam update-assume-role-policy --role-name deploy "));
}

#[rstest]
#[case("gitlab.com", r#"{"StringLike": {"~:sub": "project_path:acme/*"}}"#)]
#[case("app.terraform.io", r#"{"StringLike": {"~:sub": "organization:acme:*"}}"#)]
#[case("agent.buildkite.com", "{}")]
#[case("token.actions.githubusercontent.com/acme-corp", "{}")]
#[case(
    "oidc.eks.eu-west-1.amazonaws.com/id/ABC",
    r#"{"StringLike": {"~:sub": "system:serviceaccount:*"}}"#
)]
fn oidc_trusts_of_others_are_corrected_at_once(#[case] url: &str, #[case] condition: &str) {
    let steps = corrected(&trust(url, condition), "deploy");
    assert_eq!(steps.len(), 1, "{steps:#?}");
    let fixed = filled(&steps[0]);
    assert_eq!(severity(&fixed), Some(TrustSeverity::NoFinding), "{fixed}");
    assert!(pipelines(&fixed).iter().all(|one| one.breadth == Breadth::One), "{fixed}");
}

#[test]
fn oidc_trusts_keep_what_is_not_about_the_token() {
    let policy = trust(
        GITHUB,
        r#"{"StringEquals": {"~:aud": "sts.amazonaws.com"}, "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}"#,
    );
    let steps = corrected(&policy, "it's");
    assert!(steps[0].trust.contains("192.0.2.0/24"), "{}", steps[0].trust);
    // A good trust stays, and one that nobody can interpret is no proposal.
    let good = trust(
        GITHUB,
        &format!(r#"{{"StringEquals": {{"~:aud": "sts.amazonaws.com", "~:sub": "{MAIN_ID}"}}}}"#),
    );
    assert!(corrected(&good, "deploy").is_empty());
    assert!(corrected("not JSON", "deploy").is_empty());
    assert!(corrected(&trust("id.acme.example", "{}"), "deploy").is_empty());
}
