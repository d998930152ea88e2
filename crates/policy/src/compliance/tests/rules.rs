//! What each rule makes of the facts.

use super::*;

#[rstest]
// SecretsManager.1. Remaining rules do not mean that rotation is on.
#[case("rotation-enabled: {}", case(), Fail)]
#[case("rotation-enabled: {}", off(), Fail)]
#[case("rotation-enabled: {}", on(None, None, "rate(30 days)"), Pass)]
// Managed rotation has no function.
#[case("rotation-enabled: {}", managed(), Pass)]
#[case("rotation-enabled: {}", deleting(), NotApplicable)]
#[case("rotation-enabled: {}", replica(), NotApplicable)]
#[case("rotation-enabled: {}", parameter("/a", ParameterType::SecureString, |_| {}), NotApplicable)]
#[case("rotation-interval: {max-days: 30}", on(None, None, "rate(30 days)"), Pass)]
#[case("rotation-interval: {max-days: 30}", on(None, None, "cron(0 3 1 * ? *)"), Fail)]
#[case("rotation-interval: {max-days: 31}", on(None, None, "cron(0 3 1 * ? *)"), Pass)]
#[case("rotation-interval: {max-days: 31}", on(None, None, "now and then"), Unknown)]
#[case("rotation-interval: {max-days: 90}", off(), Fail)]
#[case("rotation-interval: {max-days: 90}", managed(), Unknown)]
// SecretsManager.2 excludes secrets without rotation.
#[case("rotated-as-scheduled: {}", off(), NotApplicable)]
#[case("rotated-as-scheduled: {}", on(Some(29), None, "rate(30 days)"), Pass)]
#[case("rotated-as-scheduled: {}", on(Some(32), None, "rate(30 days)"), Fail)]
#[case("rotated-as-scheduled: {}", on(None, None, "rate(30 days)"), Fail)]
#[case("rotated-as-scheduled: {}", on(Some(1), None, "now and then"), Unknown)]
#[case("rotation-failing: {}", on(Some(40), Some(3), "rate(30 days)"), Fail)]
#[case("rotation-failing: {}", on(Some(3), Some(-27), "rate(30 days)"), Pass)]
#[case("rotation-failing: {}", on(Some(3), None, "rate(30 days)"), Unknown)]
#[case("rotation-failing: {}", off(), NotApplicable)]
// AWSPENDING together with AWSCURRENT is normal.
#[case("rotation-stuck: {}", pending(&["AWSPENDING"], Some(ago(5))), Fail)]
#[case("rotation-stuck: {}", pending(&["AWSPENDING"], None), Fail)]
#[case("rotation-stuck: {}", pending(&["AWSCURRENT", "AWSPENDING"], None), Pass)]
#[case("rotation-stuck: {grace-hours: 24}", pending(&["AWSPENDING"], Some(NOW - Duration::hours(2))), Pass)]
#[case("rotation-stuck: {grace-hours: 24}", pending(&["AWSPENDING"], Some(ago(5))), Fail)]
// LastChangedDate changes with a tag: the age is that of the AWSCURRENT version.
#[case("value-age: {max-days: 11}", case(), Pass)]
#[case("value-age: {max-days: 10}", case(), Fail)]
#[case("value-age: {max-days: 365}", unread(), Unknown)]
#[case("value-age: {max-days: 365}", refused(), Unknown)]
#[case("value-age: {max-days: 365}", with_deep(|d| d.versions = Reading::Read(vec![])), Unknown)]
#[case("value-age: {max-days: 365}", parameter("/a", ParameterType::SecureString, |_| {}), Pass)]
#[case("value-age: {max-days: 365}", parameter("/a", ParameterType::String, |_| {}), NotApplicable)]
// A new secret that nobody has read is not unused.
#[case("unused: {days: 90}", never_read(3), Pass)]
#[case("unused: {days: 90}", never_read(91), Fail)]
#[case("unused: {days: 90, grace-days: 10}", never_read(11), Fail)]
#[case("unused: {days: 90}", read_on(90), Pass)]
#[case("unused: {days: 90}", read_on(92), Fail)]
// A replica in a Region that no scan reads may be in use.
#[case("unused: {days: 90}", replicated(&[("ap-south-1", "InSync")], 92), Unknown)]
#[case("unused: {days: 90}", replicated(&[("us-east-1", "InSync")], 92), Fail)]
#[case("unused: {days: 90}", parameter("/a", ParameterType::String, |_| {}), NotApplicable)]
#[case("deletion-in-use: {days: 14}", deleting(), Fail)]
#[case("deletion-in-use: {days: 14}", Case { used_on: Some(ago(30).date()), ..deleting() }, Pass)]
#[case("deletion-in-use: {days: 14}", case(), NotApplicable)]
#[case("replica-health: {}", case(), NotApplicable)]
#[case("replica-health: {}", replicated(&[("us-east-1", "InSync")], 1), Pass)]
#[case("replica-health: {}", replicated(&[("us-east-1", "Failed")], 1), Fail)]
#[case("replica-health: {}", replicated(&[("us-east-1", "InProgress")], 1), Unknown)]
#[case("replica-health: {}", Case { deep: None, ..replicated(&[], 1) }, Unknown)]
#[case("customer-managed-key: {}", case(), Fail)]
#[case("customer-managed-key: {}", Case { resource: ResourceFacts { kms_key_id: Some("alias/payments".into()), ..case().resource }, ..case() }, Pass)]
#[case("customer-managed-key: {}", Case { resource: ResourceFacts { kms_key_id: Some("alias/aws/secretsmanager".into()), ..case().resource }, ..case() }, Fail)]
#[case("customer-managed-key: {}", under("alias/payments", &["arn:aws:kms:eu-west-1:1:key/1"]), Pass)]
#[case("customer-managed-key: {}", under("alias/payments", &["DefaultEncryptionKey"]), Fail)]
#[case("customer-managed-key: {}", under("alias/payments", &["arn:aws:kms:eu-west-1:1:alias/aws/secretsmanager"]), Fail)]
#[case("customer-managed-key: {}", parameter("/a", ParameterType::String, |_| {}), NotApplicable)]
#[case("required-tags: {tags: {owner: []}}", case(), Pass)]
#[case("required-tags: {tags: {owner: [], env: [prod, dev]}}", tagged(Some(&[("owner", "a"), ("env", "dev")])), Pass)]
#[case("required-tags: {tags: {env: [prod, dev]}}", tagged(Some(&[("env", "PROD")])), Fail)]
#[case("required-tags: {tags: {owner: []}}", tagged(Some(&[("owner", " ")])), Fail)]
#[case("required-tags: {tags: {owner: []}}", tagged(None), Unknown)]
#[case("owner: {}", case(), Pass)]
#[case("owner: {}", tagged(Some(&[("Owner", "payments")])), Fail)]
#[case("owner: {}", tagged(None), Unknown)]
#[case("naming: {pattern: '^payments/'}", case(), Pass)]
#[case("naming: {pattern: '^prod/'}", case(), Fail)]
#[case("naming: {pattern: '^prod/'}", managed(), NotApplicable)]
#[case("cel: {expression: \"tags.owner == 'payments'\"}", case(), Pass)]
#[case("cel: {expression: \"tags.owner == 'data'\"}", case(), Fail)]
#[case("cel: {expression: \"tags.owner == 'data'\"}", tagged(None), Unknown)]
#[case("cel: {expression: \"tags.owner == 'data'\"}", tagged(Some(&[])), Unknown)]
#[case("cel: {expression: \"has(tags.owner) && tags.owner == 'data'\"}", tagged(Some(&[])), Fail)]
#[case("cel: {expression: \"kind == 'secret' || tags.owner == 'data'\"}", tagged(None), Pass)]
#[case("cel: {expression: created_days > 300 && created_days < 500}", case(), Pass)]
#[case("cel: {expression: rotation_enabled}", case(), Fail)]
#[case("cel: {expression: rotation_enabled}", parameter("/a", ParameterType::String, |_| {}), Unknown)]
#[case("cel: {expression: \"parameter_type == 'SecureString'\"}", parameter("/a", ParameterType::String, |_| {}), Fail)]
#[case("cel: {expression: has_resource_policy}", unread(), Unknown)]
#[case("cel: {expression: has_resource_policy}", refused(), Unknown)]
#[case("cel: {expression: rotation_enabled}", deleting(), NotApplicable)]
// A resource policy that was not read is not a missing one.
#[case("public-policy: {}", unread(), Unknown)]
#[case("public-policy: {}", refused(), Unknown)]
#[case("public-policy: {}", case(), Pass)]
#[case("public-policy: {}", shared("\"*\"", ""), Fail)]
#[case("public-policy: {}", shared(SISTER, ""), Pass)]
#[case(
    "public-policy: {}",
    shared("\"*\"", r#", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-ours"}}"#),
    Pass
)]
#[case("public-policy: {}", with_deep(|d| d.resource_policy = Reading::Read(Some("{".into()))), Unknown)]
#[case("public-policy: {}", with_deep(|d| d.resource_policy = Reading::Read(Some(nested(50)))), Unknown)]
#[case("wide-grant: {}", with_deep(|d| d.resource_policy = Reading::Read(Some(nested(50)))), Unknown)]
#[case("public-policy: {}", with_deep(|d| d.resource_policy = Reading::Read(Some(nested(500)))), Unknown)]
#[case("public-policy: {}", with_deep(|d| d.resource_policy = Reading::Read(Some(" ".repeat(20_481)))), Unknown)]
#[case("shared-outside: {}", with_deep(|d| d.resource_policy = Reading::Read(Some("[1, 2]".into()))), Unknown)]
// The policy does not say which identities a provider issues.
#[case(
    "public-policy: {}",
    shared(r#"{"Federated": "arn:aws:iam::441205839201:saml-provider/corp"}"#, ""),
    Unknown
)]
#[case(
    "wide-grant: {}",
    shared(r#"{"Federated": "arn:aws:iam::441205839201:saml-provider/corp"}"#, ""),
    Unknown
)]
#[case(
    "wide-grant: {}",
    shared("\"*\"", r#", "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}"#),
    Unknown
)]
#[case("tagged: {}", case(), Pass)]
#[case("tagged: {}", tagged(Some(&[])), Fail)]
#[case("tagged: {}", tagged(Some(&[("aws:cloudformation:stack-name", "x")])), Fail)]
#[case("tagged: {}", tagged(None), Unknown)]
// A schedule that has ended, or that AWS rejects.
#[case("rotation-interval: {max-days: 30}", on(Some(1), None, "cron(0 8 1 1 ? 2020)"), Unknown)]
#[case("rotated-as-scheduled: {}", on(Some(1), None, "at(2020-01-01T00:00:00)"), Unknown)]
#[case(
    "rotation-interval: {max-days: 30}",
    on(Some(1), None, "rate(9223372036854775807 days)"),
    Unknown
)]
// Setting a value manually, and another schedule, change NextRotationDate; LastRotatedDate stays.
#[case("rotated-as-scheduled: {}", on(Some(200), Some(-20), "rate(30 days)"), Pass)]
#[case("rotated-as-scheduled: {}", on(None, Some(-29), "rate(30 days)"), Pass)]
#[case("rotated-as-scheduled: {}", on(Some(6), Some(2), "cron(0 16 1,15 * ? *)"), Fail)]
#[case("rotated-as-scheduled: {}", on(Some(1), Some(-1), "now and then"), Pass)]
// The replicas were not read: one may be in use.
#[case("unused: {days: 90}", Case { deep: None, ..replicated(&[], 92) }, Unknown)]
#[case("unused: {days: 90}", replicas_refused(), Unknown)]
#[case("shared-outside: {}", shared(STRANGER, ""), Fail)]
#[case("shared-outside: {}", shared("\"*\"", ""), Fail)]
#[case("shared-outside: {}", shared(SISTER, ""), Pass)]
#[case(
    "shared-outside: {}",
    shared("\"*\"", r#", "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}"#),
    Unknown
)]
#[case("shared-with-account: {}", shared(SISTER, ""), Fail)]
#[case("shared-with-account: {allowed: ['458812704336']}", shared(SISTER, ""), Pass)]
#[case("shared-with-account: {allowed: ['458812704336']}", shared(STRANGER, ""), Fail)]
#[case("wide-grant: {}", shared(SISTER, ""), Pass)]
#[case("wide-grant: {}", shared(r#"{"AWS": "458812704336"}"#, ""), Fail)]
#[case("wide-grant: {}", shared(r#"{"AWS": "441205839201"}"#, ""), Pass)]
#[case("secure-string-required: {pattern: '/secrets/'}", parameter("/secrets/a", ParameterType::String, |_| {}), Fail)]
#[case("secure-string-required: {pattern: '/secrets/'}", parameter("/secrets/a", ParameterType::SecureString, |_| {}), Pass)]
#[case("secure-string-required: {pattern: '/secrets/'}", parameter("/a", ParameterType::String, |_| {}), NotApplicable)]
#[case("plain-credential: {}", parameter("/db/password", ParameterType::String, |_| {}), Fail)]
#[case("plain-credential: {}", parameter("/db/ADMIN_PASSWORD", ParameterType::StringList, |_| {}), Fail)]
#[case("plain-credential: {}", parameter("/db/password", ParameterType::SecureString, |_| {}), NotApplicable)]
#[case("plain-credential: {}", parameter("/limits/tokens-per-minute", ParameterType::String, |_| {}), Pass)]
#[case("plain-credential: {}", case(), NotApplicable)]
#[case("advanced-expiration: {}", parameter("/a", ParameterType::String, |p| p.tier = Some("Advanced".into())), Fail)]
#[case("advanced-expiration: {}", parameter("/a", ParameterType::String, |p| {
    p.tier = Some("Advanced".into());
    p.policies = vec![r#"{"Type":"Expiration","Version":"1.0","Attributes":{}}"#.into()];
}), Pass)]
#[case("advanced-expiration: {}", parameter("/a", ParameterType::String, |_| {}), NotApplicable)]
fn a_rule_says_what_the_facts_say(
    #[case] rule: &str,
    #[case] case: Case,
    #[case] verdict: CheckResult,
) {
    let found = outcome(rule, &case);
    assert_eq!(found.verdict, verdict, "{found:?}");
    assert!(found.says.ends_with('.'), "{found:?}");
}

#[test]
fn the_evidence_names_what_decided_and_stays_the_same_from_day_to_day() {
    let case = on(Some(40), Some(3), "rate(30 days)");
    let policy = policy("rotation-failing: {}");
    let today = outcome_at(&policy, &case, NOW).unwrap();
    assert_eq!(today, outcome_at(&policy, &case, NOW + Duration::days(5)).unwrap());
    assert_eq!(
        (today.evidence[0].fact.as_str(), today.evidence[0].value.as_str()),
        ("NextRotationDate", "2026-11-21")
    );
}
