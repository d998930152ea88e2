use super::*;
use crate::{compliance::read_policies, exposure::OrganizationMembers};
use claviger_domain::{
    authz::AccountLocation,
    facts::{ReplicaStatus, ResourceDetails, ResourceFacts, Rotation},
    ids::{AccountId, Region},
};
use rstest::rstest;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-24 9:00 UTC);

struct Case {
    facts: ResourceFacts,
    deep: Option<ResourceDetails>,
    policy: Policy,
}

fn account() -> AccountId {
    "441205839201".parse().unwrap()
}

fn deep(policy: Option<&str>, replicas: &[&str]) -> ResourceDetails {
    ResourceDetails {
        of_change: None,
        resource_policy: Reading::Read(policy.map(Into::into)),
        versions: Reading::Read(Vec::new()),
        replicas: Reading::Read(
            replicas
                .iter()
                .map(|region| ReplicaStatus {
                    region: region.parse().unwrap(),
                    status: "InSync".into(),
                    message: None,
                    kms_key_id: None,
                })
                .collect(),
        ),
    }
}

impl Case {
    fn new(change: impl FnOnce(&mut SecretFacts)) -> Self {
        let mut secret = SecretFacts::default();
        change(&mut secret);
        let facts = ResourceFacts {
            arn: "arn:aws:secretsmanager:eu-west-1:441205839201:secret:a-AbCdEf".parse().unwrap(),
            name: "a".into(),
            description: None,
            tags: Some([("env".into(), "prod".into())].into()),
            kms_key_id: None,
            is_aws_managed_key: false,
            created_at: None,
            changed_at: None,
            detail: Detail::Secret(secret),
        };
        Self { facts, deep: Some(deep(None, &[])), policy: policy("owner: {}") }
    }

    fn resolve(&self, action: &str) -> Result<AwsCall, NoCall> {
        let action: RemediationAction = serde_json::from_str(action).unwrap();
        let location = AccountLocation {
            account: account(),
            account_name: "Payments".into(),
            units: Vec::new(),
        };
        let region: Region = "eu-west-1".parse().unwrap();
        let facts = Facts {
            resource: &self.facts,
            region: &region,
            location: &location,
            deep: self.deep.as_ref(),
            used_on: None,
            first_seen_at: NOW,
            team: None,
        };
        let org_context = OrganizationContext {
            around: OrganizationMembers {
                organization: Some("o-abc1234567".into()),
                accounts: [account()].into(),
            },
            regions: [region.clone()].into(),
            ..OrganizationContext::default()
        };
        resolve(&action, Some(&self.policy), &facts, &org_context, NOW)
    }
}

fn policy(rule: &str) -> Policy {
    read_policies(&format!("id: p\ntitle: P\nseverity: high\nrule: {{{rule}}}")).unwrap().remove(0)
}

#[rstest]
#[case::deleted(|s: &mut SecretFacts| s.deleted_at = Some(NOW), r#"{"rotate-now": {}}"#, "pending deletion")]
#[case::not_deleted(|_: &mut SecretFacts| {}, r#"{"restore": {}}"#, "not pending deletion")]
#[case::managed(|s: &mut SecretFacts| s.owning_service = Some("rds".into()), r#"{"schedule-deletion": {"window-days": 7}}"#, "rds manages it")]
#[case::replica(|s: &mut SecretFacts| s.primary_region = Some("us-east-1".parse().unwrap()), r#"{"set-tags": {"tags": {"a": "b"}}}"#, "its primary")]
#[case::no_function(|_: &mut SecretFacts| {}, r#"{"enable-rotation": {"days": 30, "rotate-immediately": false}}"#, "no rotation function")]
#[case::external(|s: &mut SecretFacts| s.secret_type = Some("SalesforceClientSecret".into()), r#"{"enable-rotation": {"days": 30, "rotate-immediately": false}}"#, "a managed external secret")]
#[case::rules_are_not_rotation(|s: &mut SecretFacts| s.rotation.rules = Some(RotationRules::default()), r#"{"rotate-now": {}}"#, "rotation is off")]
#[case::no_policy(|_: &mut SecretFacts| {}, r#"{"remove-statements": {}}"#, "no resource policy")]
#[case::own_region(|_: &mut SecretFacts| {}, r#"{"replicate": {"region": "eu-west-1"}}"#, "that Region itself")]
#[case::so_already(|_: &mut SecretFacts| {}, r#"{"set-tags": {"tags": {"env": "prod"}}}"#, "so already")]
#[case::no_replica(|_: &mut SecretFacts| {}, r#"{"remove-replica": {"region": "us-east-1"}}"#, "so already")]
#[case::no_previous(|_: &mut SecretFacts| {}, r#"{"roll-back": {}}"#, "no previous version")]
#[case::no_pending(|_: &mut SecretFacts| {}, r#"{"clear-pending": {}}"#, "no version has AWSPENDING")]
#[case::rotation_is_off(|s: &mut SecretFacts| s.rotation.enabled = Some(false), r#"{"cancel-rotation": {}}"#, "rotation is off")]
#[case::no_such_tag(|_: &mut SecretFacts| {}, r#"{"remove-tags": {"keys": ["owner"]}}"#, "so already")]
#[case::bad_policy(|_: &mut SecretFacts| {}, r#"{"replace-policy": {"document": "{"}}"#, "JSON")]
fn what_means_nothing_here_is_left_out_with_the_reason(
    #[case] change: fn(&mut SecretFacts),
    #[case] action: &str,
    #[case] why: &str,
) {
    let said = Case::new(change).resolve(action).unwrap_err().to_string();
    assert!(said.contains(why), "{said}");
}

#[test]
fn what_was_not_read_is_never_changed_blindly() {
    let mut case = Case::new(|secret| secret.primary_region = Some("eu-west-1".parse().unwrap()));
    case.deep = None;
    for action in [
        r#"{"remove-statements": {}}"#,
        r#"{"replace-policy": {"document": "{\"Version\":\"2012-10-17\",\"Statement\":[]}"}}"#,
        r#"{"schedule-deletion": {"window-days": 7}}"#,
        r#"{"replicate": {"region": "us-east-1"}}"#,
    ] {
        assert!(case.resolve(action).unwrap_err().to_string().contains("not read"), "{action}");
    }
    case.facts.tags = None;
    let said = case.resolve(r#"{"set-tags": {"tags": {"a": "b"}}}"#).unwrap_err().to_string();
    assert!(said.contains("could not be read"), "{said}");
}

#[test]
fn replicas_stand_in_the_way_of_a_deletion() {
    let mut case = Case::new(|secret| secret.primary_region = Some("eu-west-1".parse().unwrap()));
    case.deep = Some(deep(None, &["us-east-1"]));
    let action = r#"{"schedule-deletion": {"window-days": 7}}"#;
    assert!(case.resolve(action).unwrap_err().to_string().contains("replicas"));
    assert!(case.resolve(r#"{"remove-replica": {"region": "us-east-1"}}"#).is_ok());
    case.deep = Some(deep(None, &[]));
    assert_eq!(case.resolve(action), Ok(AwsCall::DeleteSecret { recovery_window_days: 7 }));
}

#[test]
fn names_of_the_account_are_filled_in() {
    let action = r#"{"enable-rotation": {"days": 30, "lambda": "arn:aws:lambda:{region}:{account}:function:rotate", "rotate-immediately": false}}"#;
    let Ok(AwsCall::RotateSecret { lambda_arn, rotate_immediately, .. }) =
        Case::new(|_| {}).resolve(action)
    else {
        panic!("a call")
    };
    assert_eq!(lambda_arn.unwrap(), "arn:aws:lambda:eu-west-1:441205839201:function:rotate");
    assert!(!rotate_immediately);
}

const INSIDE: &str = r#"{"Sid":"Inside","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::441205839201:role/app"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}"#;
const OPEN: &str = r#"{"Sid":"Open","Effect":"Allow","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*"}"#;
const DENY: &str = r#"{"Sid":"Deny","Effect":"Deny","Principal":"*","Action":"secretsmanager:DeleteSecret","Resource":"*"}"#;

fn public(statements: &str) -> Result<AwsCall, NoCall> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#);
    let mut case = Case::new(|_| {});
    case.deep = Some(deep(Some(&text), &[]));
    case.policy = policy("public-policy: {}");
    case.resolve(r#"{"remove-statements": {}}"#)
}

#[test]
fn only_the_statements_that_fail_are_taken_out() {
    let Ok(AwsCall::PutResourcePolicy { resource_policy }) =
        public(&format!("[{INSIDE},{OPEN},{DENY}]"))
    else {
        panic!("a policy")
    };
    assert!(resource_policy.contains("Inside") && resource_policy.contains(r#""Deny""#));
    assert!(!resource_policy.contains("Open"));
    assert_eq!(public(OPEN), Ok(AwsCall::DeleteResourcePolicy));
    assert!(public(INSIDE).unwrap_err().to_string().contains("no single statement"));
}

#[test]
fn a_call_finds_what_it_was_planned_for_or_says_so() {
    let mut case = Case::new(|_| {});
    let call = case.resolve(r#"{"set-tags": {"tags": {"owner": "payments"}}}"#).unwrap();
    let planned = call.changes(&case.facts, None);
    assert!(call.finds(&planned, &case.facts, None));
    // Someone else tagged it in the meantime.
    case.facts.tags.as_mut().unwrap().insert("owner".into(), "sre".into());
    assert!(!call.finds(&planned, &case.facts, None));
    case.facts.tags.as_mut().unwrap().insert("owner".into(), "payments".into());
    assert_eq!(call.changes(&case.facts, None), []);
}

#[test]
fn rotating_at_once_is_a_change_even_where_the_schedule_is_the_same() {
    let case = Case::new(|secret| {
        secret.rotation = Rotation {
            enabled: Some(true),
            lambda_arn: Some("arn:aws:lambda:eu-west-1:441205839201:function:r".into()),
            rules: Some(RotationRules {
                automatically_after_days: Some(30),
                ..RotationRules::default()
            }),
            ..Rotation::default()
        };
    });
    let action = |now: bool| {
        format!(r#"{{"enable-rotation": {{"days": 30, "rotate-immediately": {now}}}}}"#)
    };
    assert!(case.resolve(&action(false)).unwrap_err().to_string().contains("so already"));
    let call = case.resolve(&action(true)).unwrap();
    let fields: Vec<String> =
        call.changes(&case.facts, None).into_iter().map(|change| change.field).collect();
    assert_eq!(fields, ["AWSCURRENT"]);
}

#[test]
fn of_a_parameter_tags_alone_change() {
    let mut case = Case::new(|_| {});
    case.facts.detail = serde_json::from_str(
        r#"{"parameter": {"parameter_type": "String", "tier": null, "version": 1, "data_type": null, "allowed_pattern": null, "last_modified_user": null, "policies": []}}"#,
    )
    .unwrap();
    assert!(case.resolve(r#"{"set-tags": {"tags": {"a": "b"}}}"#).is_ok());
    assert!(case.resolve(r#"{"rotate-now": {}}"#).unwrap_err().to_string().contains("tags alone"));
}
