use crate::{
    compliance::{Facts, OrganizationContext},
    remediation::{NoCall, resolve, warnings},
};
use claviger_domain::{
    authz::AccountLocation,
    facts::{
        DatedVersion, Detail, Reading, ReplicaStatus, ResourceDetails, ResourceFacts, SecretFacts,
        Version,
    },
    ids::Region,
    remediation::{AwsCall, RemediationAction},
};
use rstest::rstest;
use time::{
    Date, OffsetDateTime,
    macros::{date, datetime},
};

const NOW: OffsetDateTime = datetime!(2026-11-24 9:00 UTC);
/// When the previous version was made, and the current one.
const BEFORE: OffsetDateTime = datetime!(2026-10-01 9:00 UTC);
const SINCE: OffsetDateTime = datetime!(2026-11-01 9:00 UTC);
const LAMBDA: &str = "arn:aws:lambda:eu-west-1:441205839201:function:r";

/// A secret with the versions `current`, `previous` and, without a value, `pending`.
struct Case {
    secret: SecretFacts,
    deep: Option<ResourceDetails>,
    used_on: Option<Date>,
}

fn version(id: &str, stages: &[&str]) -> Version {
    Version { id: id.into(), stages: stages.iter().map(|stage| (*stage).to_owned()).collect() }
}

fn dated(version: &Version, at: OffsetDateTime) -> DatedVersion {
    DatedVersion {
        id: version.id.clone(),
        stages: version.stages.clone(),
        created_at: Some(at),
        key_ids: Vec::new(),
    }
}

impl Case {
    fn new(change: impl FnOnce(&mut SecretFacts)) -> Self {
        let mut secret = SecretFacts {
            versions: vec![
                version("current", &["AWSCURRENT"]),
                version("previous", &["AWSPREVIOUS"]),
                version("pending", &["AWSPENDING"]),
                version("empty", &["blue"]),
            ],
            ..SecretFacts::default()
        };
        change(&mut secret);
        let versions = vec![dated(&secret.versions[0], SINCE), dated(&secret.versions[1], BEFORE)];
        let deep = ResourceDetails {
            of_change: None,
            resource_policy: Reading::Read(None),
            versions: Reading::Read(versions),
            replicas: Reading::Read(Vec::new()),
        };
        Self { secret, deep: Some(deep), used_on: None }
    }

    /// The call, and what is warned about.
    fn resolve(&self, action: &str) -> Result<(AwsCall, Vec<String>), NoCall> {
        let action: RemediationAction = serde_json::from_str(action).unwrap();
        let location = AccountLocation {
            account: "441205839201".parse().unwrap(),
            account_name: "Payments".into(),
            units: Vec::new(),
        };
        let region: Region = "eu-west-1".parse().unwrap();
        let resource = ResourceFacts {
            arn: "arn:aws:secretsmanager:eu-west-1:441205839201:secret:a-AbCdEf".parse().unwrap(),
            name: "a".into(),
            description: None,
            tags: None,
            kms_key_id: None,
            is_aws_managed_key: false,
            created_at: None,
            changed_at: None,
            detail: Detail::Secret(self.secret.clone()),
        };
        let facts = Facts {
            resource: &resource,
            region: &region,
            location: &location,
            deep: self.deep.as_ref(),
            used_on: self.used_on,
            first_seen_at: NOW,
            team: None,
        };
        let org_context =
            OrganizationContext { regions: [region.clone()].into(), ..Default::default() };
        let call = resolve(&action, None, &facts, &org_context, NOW)?;
        let warnings = warnings(&call, &facts, &org_context, NOW);
        Ok((call, warnings))
    }
}

#[test]
fn the_previous_version_becomes_current_by_one_move() {
    let expected = AwsCall::UpdateSecretVersionStage {
        stage: "AWSCURRENT".into(),
        move_to: Some("previous".into()),
        remove_from: "current".into(),
    };
    let case = Case::new(|_| {});
    assert_eq!(case.resolve(r#"{"roll-back": {}}"#), Ok((expected.clone(), Vec::new())));
    let named = r#"{"roll-back": {"version": "previous"}}"#;
    assert_eq!(case.resolve(named), Ok((expected, Vec::new())));
}

#[rstest]
#[case::current("current", NoCall::IsCurrent)]
#[case::pending("pending", NoCall::IsPending)]
#[case::without_a_value("empty", NoCall::NoSuchVersion("empty".into()))]
#[case::deleted("gone", NoCall::NoSuchVersion("gone".into()))]
fn a_version_that_cannot_be_current_is_no_target(#[case] id: &str, #[case] why: NoCall) {
    let action = format!(r#"{{"roll-back": {{"version": "{id}"}}}}"#);
    assert_eq!(Case::new(|_| {}).resolve(&action), Err(why));
}

#[test]
fn a_version_of_unknown_content_is_no_target() {
    let mut case = Case::new(|_| {});
    case.deep = None;
    assert_eq!(case.resolve(r#"{"roll-back": {}}"#), Err(NoCall::UnreadVersions));
}

#[rstest]
#[case::owned(|s: &mut SecretFacts| s.owning_service = Some("rds".into()), Some(NoCall::ChangedInTarget), None)]
#[case::managed_rotated(|s: &mut SecretFacts| { s.rotation.enabled = Some(true); s.rotation.last_rotated_at = Some(SINCE); }, Some(NoCall::ChangedInTarget), None)]
#[case::managed_unknown(|s: &mut SecretFacts| s.rotation.enabled = Some(true), Some(NoCall::ChangedInTarget), None)]
#[case::managed_before(|s: &mut SecretFacts| { s.rotation.enabled = Some(true); s.rotation.last_rotated_at = Some(datetime!(2026-09-01 9:00 UTC)); }, None, None)]
#[case::function_rotated(|s: &mut SecretFacts| { s.rotation.lambda_arn = Some(LAMBDA.into()); s.rotation.last_rotated_at = Some(SINCE); }, None, Some("rotated on 2026-11-01"))]
#[case::function_unknown(|s: &mut SecretFacts| s.rotation.lambda_arn = Some(LAMBDA.into()), None, Some("has a rotation function"))]
#[case::function_before(|s: &mut SecretFacts| { s.rotation.lambda_arn = Some(LAMBDA.into()); s.rotation.last_rotated_at = Some(datetime!(2026-09-01 9:00 UTC)); }, None, None)]
fn a_password_that_the_target_no_longer_knows_is_not_brought_back(
    #[case] change: fn(&mut SecretFacts),
    #[case] refused: Option<NoCall>,
    #[case] warned: Option<&str>,
) {
    match (Case::new(change).resolve(r#"{"roll-back": {}}"#), refused) {
        (Err(why), Some(expected)) => assert_eq!(why, expected),
        (Ok((_, warnings)), None) => {
            assert_eq!(warnings.len(), usize::from(warned.is_some()), "{warnings:?}");
            assert!(warnings.iter().all(|text| text.contains(warned.unwrap())), "{warnings:?}");
        }
        (found, expected) => panic!("{found:?}, not {expected:?}"),
    }
}

#[test]
fn a_stuck_pending_is_cleared_with_or_without_a_value() {
    let clear = r#"{"clear-pending": {}}"#;
    let expected = AwsCall::UpdateSecretVersionStage {
        stage: "AWSPENDING".into(),
        move_to: None,
        remove_from: "pending".into(),
    };
    assert_eq!(Case::new(|_| {}).resolve(clear), Ok((expected, Vec::new())));
    let normal = Case::new(|s| s.versions = vec![version("1", &["AWSCURRENT", "AWSPENDING"]); 2]);
    assert_eq!(normal.resolve(clear), Err(NoCall::PendingIsCurrent));
    let rotating = Case::new(|s| s.rotation.enabled = Some(true));
    assert!(rotating.resolve(clear).unwrap().1[0].contains("running now"));
}

#[test]
fn what_a_cancelled_rotation_leaves_behind_is_said() {
    let case = Case::new(|s| s.rotation.enabled = Some(true));
    let (call, warnings) = case.resolve(r#"{"cancel-rotation": {}}"#).unwrap();
    assert_eq!(call, AwsCall::CancelRotateSecret);
    assert!(warnings[0].contains("AWSPENDING stays on version pending"), "{warnings:?}");
}

#[rstest]
#[case::recent(Some(date!(2026 - 10 - 25)), false, Some("Last read on 2026-10-25, in eu-west-1."))]
#[case::long_ago(Some(date!(2026 - 10 - 24)), false, None)]
#[case::never(None, false, None)]
#[case::not_scanned(None, true, Some("Its last use is unknown."))]
fn a_deletion_says_when_the_secret_was_last_used(
    #[case] used_on: Option<Date>,
    #[case] has_unseen: bool,
    #[case] says: Option<&str>,
) {
    let mut case = Case::new(|s| s.accessed_on = used_on);
    case.used_on = used_on;
    if has_unseen {
        // Removed since, and never scanned: what it was used for is unknown.
        let status = ReplicaStatus {
            region: "us-east-1".parse().unwrap(),
            status: "InSync".into(),
            message: None,
            kms_key_id: None,
        };
        case.deep.as_mut().unwrap().replicas = Reading::Read(vec![status]);
    }
    let warnings = case.resolve(r#"{"schedule-deletion": {"window-days": 30}}"#).unwrap().1;
    assert_eq!(warnings.len(), usize::from(says.is_some()), "{warnings:?}");
    assert!(warnings.iter().all(|text| text.starts_with(says.unwrap())), "{warnings:?}");
}
