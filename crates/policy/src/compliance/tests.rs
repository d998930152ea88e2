mod cause;
mod documents;
mod properties;
mod references;
mod rules;
mod verdicts;
mod version_diff;

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
    outcome_among(policy, &[], case, now)
}

/// Beside these other policies.
fn outcome_among(
    policy: &Policy,
    others: &[Policy],
    case: &Case,
    now: OffsetDateTime,
) -> Option<Outcome> {
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
    policy.evaluate_among(others, &facts, &org_context(), now)
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
                kms_key_id: None,
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
