//! Secrets as code: what is written, what is a comment, and what is left out.

use super::*;
use crate::{
    facts::{Detail, Reading, ReplicaStatus, Rotation, RotationRules, SecretFacts},
    key::{KeyManager, KmsKey},
};
use rstest::rstest;
use time::macros::datetime;
use uuid::Uuid;

const AT: OffsetDateTime = datetime!(2026-11-29 12:00 UTC);
const READ_AT: OffsetDateTime = datetime!(2026-11-28 03:00 UTC);
const ACCOUNT: &str = "111122223333";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/0b1c";

/// A secret of which everything was read, and which has nothing but a name.
fn record(name: &str) -> SecretRecord {
    SecretRecord {
        id: ResourceId(Uuid::nil()),
        facts: ResourceFacts {
            arn: format!("arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:{name}-AbCdEf")
                .parse()
                .unwrap(),
            name: name.into(),
            description: None,
            tags: Some(BTreeMap::new()),
            kms_key_id: None,
            is_aws_managed_key: false,
            created_at: None,
            changed_at: None,
            detail: Detail::Secret(SecretFacts::default()),
        },
        account: ACCOUNT.parse().unwrap(),
        account_name: "Payments".into(),
        region: "eu-west-1".parse().unwrap(),
        kms: None,
        details: Some(ResourceDetails {
            of_change: None,
            resource_policy: Reading::Read(None),
            versions: Reading::Read(Vec::new()),
            replicas: Reading::Read(Vec::new()),
        }),
        read_at: Some(READ_AT),
        is_gone: false,
    }
}

fn secret(record: &mut SecretRecord) -> &mut SecretFacts {
    let Detail::Secret(secret) = &mut record.facts.detail else { panic!("a parameter") };
    secret
}

fn tag(record: &mut SecretRecord, key: &str, value: &str) {
    record.facts.tags.get_or_insert_default().insert(key.into(), value.into());
}

fn replica(record: &mut SecretRecord, region: &str, key: Option<&str>) {
    let status = ReplicaStatus {
        region: region.parse().unwrap(),
        status: "InSync".into(),
        message: None,
        kms_key_id: key.map(Into::into),
    };
    record.details.as_mut().unwrap().replicas = Reading::Read(vec![status]);
}

fn policy(record: &mut SecretRecord, text: &str) {
    record.details.as_mut().unwrap().resource_policy = Reading::Read(Some(text.into()));
}

fn rotation(record: &mut SecretRecord, enabled: bool, rules: RotationRules) {
    secret(record).rotation = Rotation {
        enabled: Some(enabled),
        lambda_arn: Some("arn:aws:lambda:eu-west-1:111122223333:function:rotate".into()),
        rules: Some(rules),
        ..Rotation::default()
    };
}

fn days(days: i64) -> RotationRules {
    RotationRules { automatically_after_days: Some(days), ..RotationRules::default() }
}

/// A secret with everything that an export writes.
fn full() -> SecretRecord {
    let mut full = record("payments/ledger/postgres");
    full.facts.description =
        Some("The ledger's \"main\" user, ${not} a template\nÜber 2 Zeilen".into());
    full.facts.kms_key_id = Some(KEY.into());
    full.kms = Some(Reading::Read(Some(KmsKey {
        arn: KEY.into(),
        manager: KeyManager::Customer,
        state: "Enabled".into(),
        deletion_at: None,
        is_multi_region: false,
        aliases: Some(vec!["alias/payments".into()]),
    })));
    tag(&mut full, "owner", "payments");
    tag(&mut full, "cost center", "cc-1 \"x\"");
    tag(&mut full, "aws:createdBy", "somebody");
    replica(&mut full, "us-east-1", Some("alias/aws/secretsmanager"));
    policy(
        &mut full,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalTag/team":"${aws:ResourceTag/team}"}}}]}"#,
    );
    let rules = RotationRules {
        schedule_expression: Some("cron(0 3 1 * ? *)".into()),
        automatically_after_days: Some(30),
        duration: Some("3h".into()),
    };
    rotation(&mut full, true, rules);
    full
}

fn text(records: &[SecretRecord], format: CodeFormat) -> String {
    let files = export(records, format, AT).files;
    files.iter().flat_map(|file| ["== ", &file.name, "\n", &file.text]).collect()
}

#[test]
fn everything_that_was_read_is_written() {
    let mut owned = record("rds!db-1");
    secret(&mut owned).owning_service = Some("rds".into());
    let records = [full(), owned];
    insta::assert_snapshot!("terraform", text(&records, CodeFormat::Terraform));
    insta::assert_snapshot!("cloudformation", text(&records, CodeFormat::CloudFormation));
    insta::assert_snapshot!("cdk", text(&records, CodeFormat::Cdk));
}

#[test]
fn tags_of_aws_are_not_written() {
    for format in [CodeFormat::Terraform, CodeFormat::CloudFormation, CodeFormat::Cdk] {
        let text = text(&[full()], format);
        assert!(text.contains("cost center") && !text.contains("aws:createdBy"), "{text}");
    }
}

#[rstest]
#[case(CodeFormat::Terraform, "data \"aws_secretsmanager_secret\" \"rds_db_1\"", "resource \"")]
#[case(CodeFormat::Cdk, "Secret.fromSecretCompleteArn(this, \"RdsDb1\"", "new CfnSecret")]
fn what_a_service_owns_is_only_referred_to(
    #[case] format: CodeFormat,
    #[case] wanted: &str,
    #[case] unwanted: &str,
) {
    let mut owned = record("rds!db-1");
    secret(&mut owned).owning_service = Some("rds".into());
    let export = export(&[owned], format, AT);
    let text = &export.files[0].text;
    assert!(text.contains(wanted) && !text.contains(unwanted), "{text}");
    assert_eq!((export.managed, export.left_out.len()), (0, 1));
    assert_eq!(export.left_out[0].reason, "rds owns it, and changes it.");
    assert!(export.left_out[0].is_referenced);
}

#[test]
fn a_template_has_no_reference_to_what_it_does_not_manage() {
    let mut owned = record("rds!db-1");
    secret(&mut owned).owning_service = Some("rds".into());
    assert!(export(std::slice::from_ref(&owned), CodeFormat::CloudFormation, AT).files.is_empty());
    let text = text(&[full(), owned], CodeFormat::CloudFormation);
    assert!(text.contains("# Not managed here: rds!db-1. rds owns it"), "{text}");
}

#[rstest]
#[case::gone(|one: &mut SecretRecord| one.is_gone = true, "deleted")]
#[case::pending(|one: &mut SecretRecord| secret(one).deleted_at = Some(AT), "pending deletion")]
fn what_cannot_be_imported_is_left_out(#[case] change: fn(&mut SecretRecord), #[case] why: &str) {
    let mut other = record("a/gone");
    change(&mut other);
    let alone = export(std::slice::from_ref(&other), CodeFormat::Terraform, AT);
    assert!(alone.files.is_empty() && alone.managed == 0);
    assert!(alone.left_out[0].reason.contains(why), "{:?}", alone.left_out);
    let text = text(&[record("b"), other], CodeFormat::Terraform);
    assert!(text.contains("# Not in this file: a/gone. It is"), "{text}");
    assert!(!text.contains("secret:a/gone"), "{text}");
}

#[test]
fn a_replica_is_exported_with_its_primary() {
    let mut one = record("a");
    secret(&mut one).primary_region = Some("us-east-1".parse().unwrap());
    let export = export(&[one], CodeFormat::Terraform, AT);
    assert_eq!(export.left_out[0].reason, "It is a replica: export its primary in us-east-1.");
}

#[test]
fn a_replica_whose_key_was_not_read_is_not_replaced() {
    let mut one = record("a");
    replica(&mut one, "us-east-1", None);
    let text = text(&[one.clone()], CodeFormat::Terraform);
    assert!(text.contains("ignore_changes = [replica]"), "{text}");
    assert!(text.contains("# Not read: the key of the replica in us-east-1."), "{text}");
    replica(&mut one, "us-east-1", Some("alias/aws/secretsmanager"));
    let text = self::text(&[one], CodeFormat::Terraform);
    assert!(!text.contains("ignore_changes"), "{text}");
    assert!(text.contains("kms_key_id = \"alias/aws/secretsmanager\""), "{text}");
}

#[test]
fn what_was_not_read_is_a_comment() {
    let mut one = record("a");
    one.facts.tags = None;
    one.facts.kms_key_id = Some(KEY.into());
    secret(&mut one).primary_region = Some("eu-west-1".parse().unwrap());
    one.details = None;
    let unread = text(std::slice::from_ref(&one), CodeFormat::Terraform);
    for note in ["tags", "replicas", "resource policy", "the key"] {
        assert!(unread.contains(&format!("# Not read: {note}.\n")), "{note}: {unread}");
    }
    assert!(unread.contains("ignore_changes = [tags, tags_all, replica]"), "{unread}");
    one.details = Some(ResourceDetails {
        of_change: None,
        resource_policy: Reading::Refused("AccessDenied".into()),
        versions: Reading::Read(Vec::new()),
        replicas: Reading::Refused("AccessDenied".into()),
    });
    one.kms = Some(Reading::Refused("AccessDenied".into()));
    let denied = text(&[one], CodeFormat::CloudFormation);
    for note in ["replicas", "resource policy", "the key"] {
        assert!(
            denied.contains(&format!("# Not read: {note} (AccessDenied).\n")),
            "{note}: {denied}"
        );
    }
}

/// What was read before the last change would put an old policy back.
#[test]
fn details_of_an_older_change_count_as_not_read() {
    let mut one = full();
    let change = datetime!(2026-11-27 08:00 UTC);
    one.facts.changed_at = Some(change);
    one.details.as_mut().unwrap().of_change = Some(change);
    let current = text(std::slice::from_ref(&one), CodeFormat::Terraform);
    assert!(current.contains("_secret_policy\"") && current.contains("replica {"), "{current}");
    one.facts.changed_at = Some(READ_AT);
    for format in [CodeFormat::Terraform, CodeFormat::CloudFormation, CodeFormat::Cdk] {
        let text = text(std::slice::from_ref(&one), format);
        for what in ["replicas", "resource policy"] {
            let note = format!("Not read: {what} (not since the secret's last change).");
            assert!(text.contains(&note), "{text}");
        }
        for fact in
            ["_secret_policy\"", "ResourcePolicy", "replica {", "ReplicaRegions", "replicaRegions"]
        {
            assert!(!text.contains(fact), "{fact}: {text}");
        }
    }
    let terraform = text(&[one], CodeFormat::Terraform);
    assert!(terraform.contains("ignore_changes = [replica]"), "{terraform}");
}

/// The export is no reading: a file that is written today can have facts of last week.
#[test]
fn the_time_is_that_of_the_reading() {
    let mut never = record("b");
    never.read_at = None;
    for format in [CodeFormat::Terraform, CodeFormat::CloudFormation, CodeFormat::Cdk] {
        let text = text(&[record("a"), never.clone()], format);
        assert!(text.contains("As AWS listed it at 2026-11-28T03:00:00Z."), "{text}");
        assert!(text.contains("When AWS listed it is not known."), "{text}");
        assert!(!text.contains("2026-11-29"), "{text}");
    }
}

/// The CDK leaves a construct of this id out, so that a stack with it would not be synthesized.
#[test]
fn no_construct_is_named_default() {
    let cdk = text(&[record("default")], CodeFormat::Cdk);
    assert!(cdk.contains("new CfnSecret(this, \"DefaultEuWest1\""), "{cdk}");
    assert!(!cdk.contains("\"Default\""), "{cdk}");
}

#[rstest]
#[case::off(|one: &mut SecretRecord| rotation(one, false, days(30)), "Rotation is off; arn:aws:lambda")]
#[case::rules(|one: &mut SecretRecord| rotation(one, true, RotationRules::default()), "Not read: when it rotates.")]
#[case::function(|one: &mut SecretRecord| {
    rotation(one, true, days(30));
    secret(one).rotation.lambda_arn = None;
}, "Not read: what rotates it.")]
fn a_rotation_is_written_only_whole(#[case] change: fn(&mut SecretRecord), #[case] note: &str) {
    let mut one = record("a");
    change(&mut one);
    for format in [CodeFormat::Terraform, CodeFormat::CloudFormation, CodeFormat::Cdk] {
        let text = text(std::slice::from_ref(&one), format);
        assert!(text.contains(note), "{text}");
        let resources =
            ["_secret_rotation\"", "SecretsManager::RotationSchedule", "new CfnRotationSchedule"];
        assert!(resources.iter().all(|resource| !text.contains(resource)), "{text}");
    }
}

#[test]
fn no_rotation_starts_by_an_import() {
    let mut one = record("a");
    rotation(&mut one, true, days(30));
    let terraform = text(std::slice::from_ref(&one), CodeFormat::Terraform);
    assert!(terraform.contains("rotate_immediately  = false"), "{terraform}");
    assert!(terraform.contains("automatically_after_days = 30"), "{terraform}");
    let template = text(&[one], CodeFormat::CloudFormation);
    assert!(template.contains("RotateImmediatelyOnUpdate: false"), "{template}");
}

/// CloudFormation would put the value of another secret in its place.
#[rstest]
#[case::description(|one: &mut SecretRecord| one.facts.description = Some("{{resolve:secretsmanager:b}}".into()), "the description")]
#[case::tag(|one: &mut SecretRecord| tag(one, "a", "x{{resolve:ssm:b}}"), "the tag \"a\"")]
#[case::policy(|one: &mut SecretRecord| policy(one, r#"{"Id":"{{resolve:ssm:b}}"}"#), "the resource policy")]
#[case::token(|one: &mut SecretRecord| tag(one, "a", "${Token[TOKEN.1]}"), "the tag \"a\"")]
fn a_reference_of_cloudformation_is_not_written(
    #[case] change: fn(&mut SecretRecord),
    #[case] what: &str,
) {
    let mut one = record("a");
    change(&mut one);
    for format in [CodeFormat::CloudFormation, CodeFormat::Cdk] {
        let text = text(std::slice::from_ref(&one), format);
        assert!(!text.contains("resolve:") && !text.contains("Token["), "{text}");
        assert!(text.contains(&format!("Not written: {what}")), "{text}");
    }
    // To Terraform it is a text.
    let text = text(&[one], CodeFormat::Terraform);
    assert!(text.contains("resolve:") || text.contains("$${Token["), "{text}");
}

#[test]
fn a_stack_that_manages_a_secret_keeps_it() {
    let mut one = record("a");
    tag(&mut one, "aws:cloudformation:stack-name", "payments");
    let left_out = export(std::slice::from_ref(&one), CodeFormat::Cdk, AT).left_out;
    assert_eq!(left_out[0].reason, "The CloudFormation stack payments manages it.");
    let text = text(&[one], CodeFormat::Terraform);
    assert!(
        text.contains("# The CloudFormation stack payments manages it: remove it there"),
        "{text}"
    );
}

#[test]
fn names_that_differ_in_signs_only_get_labels_of_their_own() {
    let mut other_region = record("a/b");
    other_region.region = "us-east-1".parse().unwrap();
    let records = [
        record("a/b"),
        record("a-b"),
        record("A_B"),
        other_region,
        record("x"),
        record("x/resource-policy"),
    ];
    let text = text(&records, CodeFormat::Terraform);
    let labels: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("resource \"aws_secretsmanager_secret\" \""))
        .collect();
    let unique: std::collections::BTreeSet<&&str> = labels.iter().collect();
    assert_eq!((labels.len(), unique.len()), (6, 6), "{labels:?}");
    assert!(text.contains("alias               = \"us_east_1\""), "{text}");
    // The resource policy of `x` would have the other's logical id.
    assert!(labels.contains(&"x_resource_policy_eu_west_1\" {"), "{labels:?}");
}

#[test]
fn a_key_of_another_account_is_named_as_aws_names_it() {
    let mut one = full();
    let foreign = KEY.replace(ACCOUNT, "444455556666");
    one.facts.kms_key_id = Some(foreign.clone());
    let Some(Reading::Read(Some(key))) = &mut one.kms else { panic!("no key") };
    key.arn = foreign.clone();
    let text = text(&[one], CodeFormat::Terraform);
    assert!(text.contains(&format!("kms_key_id  = \"{foreign}\"")), "{text}");
    assert!(!text.contains("data \"aws_kms"), "{text}");
}

#[test]
fn an_alias_is_found_by_its_name() {
    let mut one = full();
    one.facts.kms_key_id = Some("arn:aws:kms:eu-west-1:111122223333:alias/payments".into());
    let text = text(&[one], CodeFormat::Terraform);
    assert!(text.contains("data \"aws_kms_alias\" \"payments_eu_west_1\""), "{text}");
    assert!(text.contains("kms_key_id  = data.aws_kms_alias.payments_eu_west_1.arn"), "{text}");
}

#[test]
fn each_account_and_each_stack_has_a_file() {
    let mut far = record("b");
    far.region = "us-east-1".parse().unwrap();
    let mut other = record("c");
    other.account = "444455556666".parse().unwrap();
    let records = [record("a"), far, other];
    let names = |format| -> Vec<String> {
        export(&records, format, AT).files.into_iter().map(|file| file.name).collect()
    };
    let terraform = ["secrets-111122223333.tf", "secrets-444455556666.tf"];
    assert_eq!(names(CodeFormat::Terraform), terraform);
    assert_eq!(names(CodeFormat::CloudFormation).len(), 6);
    assert!(names(CodeFormat::Cdk).contains(&"secrets-111122223333-us-east-1.ts".to_owned()));
}
