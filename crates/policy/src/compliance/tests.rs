mod properties;
mod verdicts;

use super::{facts::owner_tag, *};
use crate::exposure::{Analyses, OrganizationMembers};
use claviger_domain::{
    authz::AccountLocation,
    compliance::CheckResult::{self, Fail, NotApplicable, Pass, Unknown},
    facts::{
        DatedVersion, Detail, ParameterFacts, ParameterType, Reading, ReplicaStatus,
        ResourceDetails, ResourceFacts, Rotation, RotationRules, SecretFacts, Version,
    },
};
use rstest::rstest;
use std::collections::BTreeMap;
use time::{Date, Duration, macros::datetime};

const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);
const OWN: &str = "441205839201";

/// A secret with all facts read and no findings, except for what a test changes.
#[derive(Debug, Clone)]
struct Case {
    resource: ResourceFacts,
    deep: Option<ResourceDetails>,
    used_on: Option<Date>,
}

fn ago(days: i64) -> OffsetDateTime {
    NOW - Duration::days(days)
}

fn case() -> Case {
    Case {
        resource: ResourceFacts {
            arn: format!("arn:aws:secretsmanager:eu-west-1:{OWN}:secret:a-AbCdEf").parse().unwrap(),
            name: "payments/a".into(),
            description: None,
            tags: Some(BTreeMap::from([("owner".into(), "payments".into())])),
            kms_key_id: None,
            is_aws_managed_key: false,
            created_at: Some(ago(400)),
            changed_at: Some(ago(1)),
            detail: Detail::Secret(SecretFacts::default()),
        },
        deep: Some(ResourceDetails {
            of_change: Some(ago(1)),
            resource_policy: Reading::Read(None),
            versions: Reading::Read(vec![DatedVersion {
                id: "v".into(),
                stages: vec!["AWSCURRENT".into()],
                created_at: Some(ago(10)),
                key_ids: Vec::new(),
            }]),
            replicas: Reading::Read(Vec::new()),
        }),
        used_on: Some(ago(1).date()),
    }
}

/// A secret under a key, with its current version under other keys.
fn under(key: &str, version: &[&str]) -> Case {
    let mut case = case();
    case.resource.kms_key_id = Some(key.into());
    if let Some(Reading::Read(versions)) = case.deep.as_mut().map(|deep| &mut deep.versions) {
        versions[0].key_ids = version.iter().map(|id| (*id).to_owned()).collect();
    }
    case
}

fn secret(change: impl FnOnce(&mut SecretFacts)) -> Case {
    let mut case = case();
    let Detail::Secret(facts) = &mut case.resource.detail else { unreachable!() };
    change(facts);
    case
}

fn parameter(name: &str, kind: ParameterType, change: impl FnOnce(&mut ParameterFacts)) -> Case {
    let mut case = case();
    let mut facts = ParameterFacts {
        parameter_type: kind,
        tier: Some("Standard".into()),
        version: Some(1),
        data_type: None,
        allowed_pattern: None,
        last_modified_user: None,
        policies: Vec::new(),
    };
    change(&mut facts);
    case.resource.name = name.into();
    case.resource.detail = Detail::Parameter(facts);
    case.deep = None;
    case.used_on = None;
    case
}

fn with_deep(change: impl FnOnce(&mut ResourceDetails)) -> Case {
    let mut case = case();
    change(case.deep.as_mut().unwrap());
    case
}

fn policy(rule: &str) -> Policy {
    let text = format!("id: p\ntitle: P\nseverity: high\nrule:\n  {rule}\n");
    read_policies(&text).unwrap().remove(0)
}

fn org_context() -> OrganizationContext {
    OrganizationContext {
        path_readers: PathReaders::Unread,
        tag_policies: TagPolicies::Unread,
        analyses: Analyses::default(),
        around: OrganizationMembers {
            organization: Some("o-ours".into()),
            accounts: [OWN, "458812704336"].iter().map(|id| id.parse().unwrap()).collect(),
        },
        regions: ["eu-west-1", "us-east-1"].iter().map(|code| code.parse().unwrap()).collect(),
    }
}

fn outcome_at(policy: &Policy, case: &Case, now: OffsetDateTime) -> Option<Outcome> {
    let location = AccountLocation {
        account: OWN.parse().unwrap(),
        account_name: "Payments".into(),
        units: vec![
            ("r-root".parse().unwrap(), String::new()),
            ("ou-work".parse().unwrap(), "Workloads".into()),
            ("ou-prod".parse().unwrap(), "Workloads/Production".into()),
        ],
    };
    let facts = Facts {
        resource: &case.resource,
        region: &"eu-west-1".parse().unwrap(),
        location: &location,
        deep: case.deep.as_ref(),
        used_on: case.used_on,
        first_seen_at: ago(300),
        team: owner_tag(&case.resource),
    };
    policy.evaluate(&facts, &org_context(), now)
}

fn outcome(rule: &str, case: &Case) -> Outcome {
    outcome_at(&policy(rule), case, NOW).unwrap()
}

fn on(last: Option<i64>, next: Option<i64>, schedule: &str) -> Case {
    secret(|facts| {
        facts.rotation = Rotation {
            enabled: Some(true),
            lambda_arn: None,
            external_role_arn: None,
            rules: Some(RotationRules {
                schedule_expression: Some(schedule.into()),
                ..Default::default()
            }),
            last_rotated_at: last.map(ago),
            next_rotation_at: next.map(ago),
        };
    })
}

fn off() -> Case {
    secret(|facts| {
        facts.rotation.enabled = Some(false);
        facts.rotation.rules =
            Some(RotationRules { automatically_after_days: Some(30), ..Default::default() });
    })
}

fn managed() -> Case {
    secret(|facts| {
        facts.owning_service = Some("rds".into());
        facts.rotation.enabled = Some(true);
    })
}

fn deleting() -> Case {
    secret(|facts| facts.deleted_at = Some(ago(2)))
}

fn replica() -> Case {
    secret(|facts| facts.primary_region = Some("us-east-1".parse().unwrap()))
}

fn pending(stages: &[&str], made: Option<OffsetDateTime>) -> Case {
    let stages: Vec<String> = stages.iter().map(ToString::to_string).collect();
    let mut case = secret(|facts| {
        facts.versions = vec![
            Version { id: "now".into(), stages: vec!["AWSCURRENT".into()] },
            Version { id: "new".into(), stages: stages.clone() },
        ];
    });
    case.deep.as_mut().unwrap().versions = Reading::Read(vec![DatedVersion {
        id: "new".into(),
        stages,
        created_at: made,
        key_ids: Vec::new(),
    }]);
    case
}

fn never_read(born: i64) -> Case {
    let mut case = case();
    case.used_on = None;
    case.resource.created_at = Some(ago(born));
    case
}

fn read_on(days: i64) -> Case {
    Case { used_on: Some(ago(days).date()), ..case() }
}

fn replicated(regions: &[(&str, &str)], used: i64) -> Case {
    let mut case = read_on(used);
    if let Detail::Secret(facts) = &mut case.resource.detail {
        facts.primary_region = Some("eu-west-1".parse().unwrap());
    }
    case.deep.as_mut().unwrap().replicas = Reading::Read(
        regions
            .iter()
            .map(|(region, status)| ReplicaStatus {
                region: region.parse().unwrap(),
                status: (*status).into(),
                message: None,
            })
            .collect(),
    );
    case
}

fn unread() -> Case {
    Case { deep: None, ..case() }
}

fn refused() -> Case {
    with_deep(|deep| {
        deep.resource_policy = Reading::Refused("AccessDenied".into());
        deep.versions = Reading::Refused("AccessDenied".into());
        deep.replicas = Reading::Refused("AccessDenied".into());
    })
}

fn nested(depth: usize) -> String {
    let mut text = r#""x""#.to_owned();
    for _ in 0..depth {
        text = format!(r#"{{"StringEquals": {text}}}"#);
    }
    format!(
        r#"{{"Statement": {{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {text}}}}}"#
    )
}

fn replicas_refused() -> Case {
    let mut case = replicated(&[], 92);
    case.deep.as_mut().unwrap().replicas = Reading::Refused("AccessDenied".into());
    case
}

fn shared(principal: &str, condition: &str) -> Case {
    let text = format!(
        r#"{{"Statement": {{"Effect": "Allow", "Principal": {principal}, "Action": "secretsmanager:GetSecretValue", "Resource": "*"{condition}}}}}"#
    );
    with_deep(|deep| deep.resource_policy = Reading::Read(Some(text)))
}

fn tagged(tags: Option<&[(&str, &str)]>) -> Case {
    let mut case = case();
    case.resource.tags =
        tags.map(|tags| tags.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect());
    case
}

const SISTER: &str = r#"{"AWS": "arn:aws:iam::458812704336:role/etl"}"#;
const STRANGER: &str = r#"{"AWS": "arn:aws:iam::773100984412:root"}"#;

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

#[rstest]
#[case("", true)]
#[case("scope: {within: {ous: [Workloads]}}", true)]
#[case("scope: {within: {ous: [ou-prod]}}", true)]
#[case("scope: {within: {ous: [Sandbox]}}", false)]
#[case("scope: {within: {kinds: [parameter]}}", false)]
#[case("scope: {within: {tags: {owner: [payments]}}}", true)]
#[case("scope: {within: {tags: {owner: [checkout]}}}", false)]
#[case("scope: {within: {names: [payments/]}}", true)]
#[case("scope: {except: [{accounts: ['441205839201']}]}", false)]
#[case("scope: {except: [{ous: [Sandbox]}, {names: [x]}]}", true)]
fn a_scope_covers_the_descendants_of_a_unit_and_its_exclusions_win(
    #[case] scope: &str,
    #[case] covered: bool,
) {
    let text = format!("id: p\ntitle: P\nseverity: high\n{scope}\nrule: {{owner: {{}}}}\n");
    let policy = read_policies(&text).unwrap().remove(0);
    assert_eq!(outcome_at(&policy, &case(), NOW).is_some(), covered);
}

#[rstest]
#[case("id: p\ntitle: P\nseverity: urgent\nrule: {owner: {}}", "line 3", "urgent")]
#[case("id: p\ntitle: P\nseverity: high\ncolour: red\nrule: {owner: {}}", "line 4", "colour")]
#[case("id: p\ntitle: P\nseverity: high\nscope: {ous: [x]}\nrule: {owner: {}}", "line 4", "ous")]
#[case("id: p\ntitle: P\nseverity: high\nrule: {ownr: {}}", "line 4", "ownr")]
#[case("id: P P\ntitle: P\nseverity: high\nrule: {owner: {}}", "id", "small letters")]
#[case("id: p\ntitle: P\nseverity: high\nrule: {value-age: {max-days: 0}}", "rule", "1 to 3650")]
#[case(
    "id: p\ntitle: P\nseverity: high\nrule: {naming: {pattern: '('}}",
    "rule",
    "regular expression"
)]
#[case(
    "id: p\ntitle: P\nseverity: high\nscope: {except: [{}]}\nrule: {owner: {}}",
    "scope.except",
    "leaves out"
)]
#[case("id: p\ntitle: P\nseverity: high\nrule: {owner: {}}\n---\nid: q\n", "line 6", "title")]
#[case(
    "id: p\ntitle: P\nseverity: high\nrule: {owner: {}}\n---\nid: p\ntitle: P\nseverity: high\nrule: {owner: {}}",
    "policy p",
    "twice"
)]
#[case("# nothing\n", "the file", "no policy")]
#[case(
    "id: p\ntitle: P\nseverity: high\nmode: enforce\nrule: {owner: {}}",
    "fix",
    "how a failure is fixed"
)]
#[case(
    "id: p\ntitle: P\nseverity: high\nrule: {owner: {}}\nfix: {do: {rotate-now: {}}}",
    "fix.do",
    "fixed by set-tags"
)]
#[case(
    "id: p\ntitle: P\nseverity: high\nrule: {naming: {pattern: x}}\nfix: {do: {rotate-now: {}}}",
    "fix.do",
    "no AWS action"
)]
#[case(
    "id: p\ntitle: P\nseverity: high\nrule: {owner: {}}\nfix: {do: {set-tags: {tags: {aws:x: y}}}}",
    "fix.do",
    "AWS's own"
)]
fn a_file_that_cannot_be_taken_says_where_and_why(
    #[case] text: &str,
    #[case] location: &str,
    #[case] why: &str,
) {
    let fault = read_policies(text).unwrap_err();
    assert!(fault.location.contains(location) && fault.reason.contains(why), "{fault:?}");
}

#[test]
fn a_fix_needs_a_second_person_unless_the_policy_says_otherwise() {
    let text = "id: p\ntitle: P\nseverity: high\nmode: enforce\nrule: {owner: {}}\nfix: {do: {set-tags: {tags: {owner: nobody}}}}";
    let fix = |text: &str| read_policies(text).unwrap().remove(0).fix.unwrap();
    assert_eq!(fix(text).approval, Approval::Required);
    let without = text.replace("}}}}", "}}}, approval: none}");
    assert_eq!(fix(&without).approval, Approval::None);
}

#[test]
fn the_packs_can_be_read_and_their_policies_have_ids_of_their_own() {
    let mut ids: Vec<String> = PACKS
        .iter()
        .flat_map(|(name, text)| read_policies(text).unwrap_or_else(|f| panic!("{name}: {f}")))
        .map(|policy| policy.id)
        .collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), all > 25), (all, true));
}

#[test]
fn the_published_schema_is_that_of_the_types() {
    let published = include_str!("../../../../docs/policy.schema.json");
    // Both are long: a diff after regeneration shows the difference.
    assert!(published.trim() == json_schema(), "claviger policy schema > docs/policy.schema.json");
}
