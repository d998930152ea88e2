//! The sessions of remediation's calls.

use super::*;
use crate::remediation::session_policy;
use claviger_domain::{
    facts::RotationRules,
    remediation::{AwsCall, ExternalRotation},
};
use rstest::rstest;

const EU: &str = "eu-west-1";
const OLD: &str = "arn:aws:kms:eu-west-1:441205839201:key/01d";
const NEW: &str = "arn:aws:kms:eu-west-1:441205839201:key/2e3";
const VIA: &str = "secretsmanager.eu-west-1.amazonaws.com";

fn session(call: &AwsCall, facts: &ResourceFacts) -> Session {
    let text = session_policy(call, facts, &EU.parse().unwrap());
    assert!(text.chars().count() <= SESSION_POLICY_LIMIT);
    Session::new(Role::Remediation, "aws", text)
}

/// Without kms:Encrypt AWS changes the key and leaves every version under the old one.
#[rstest]
#[case(NEW)]
#[case("2e3")]
#[case("alias/new")]
fn a_change_of_key_encrypts_the_versions_again(#[case] key: &str) {
    let mut facts = secret(EU, |_| {});
    facts.kms_key_id = Some(OLD.into());
    let session = session(&AwsCall::UpdateSecret { kms_key_id: key.into() }, &facts);
    let used = through(VIA, "SecretARN", &facts.arn);
    session.allows("secretsmanager:UpdateSecret", facts.arn.as_str(), none());
    for action in ["kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt"] {
        session.allows(action, NEW, used.clone());
    }
    session.allows("kms:Decrypt", OLD, used.clone());
    session.allows("kms:Encrypt", NEW, none().with("kms:ViaService", VIA));
    if !key.contains("alias/") {
        session.refuses("kms:Encrypt", OLD, used.clone());
    }
    let other: Arn = format!("{}x", facts.arn).parse().unwrap();
    session.refuses("kms:Decrypt", OLD, through(VIA, "SecretARN", &other));
    session.refuses("kms:Decrypt", OLD, none());
    session.refuses("kms:Encrypt", NEW, used.without("kms:ViaService"));
    session.refuses("secretsmanager:GetSecretValue", facts.arn.as_str(), none());
}

#[test]
fn a_replica_is_made_under_its_key_in_its_region() {
    let mut facts = secret(EU, |_| {});
    facts.kms_key_id = Some(OLD.into());
    let call = AwsCall::ReplicateSecretToRegions {
        region: "us-east-1".parse().unwrap(),
        kms_key_id: Some("alias/there".into()),
    };
    let session = session(&call, &facts);
    let there = facts.arn.in_region(&"us-east-1".parse().unwrap());
    let key = "arn:aws:kms:us-east-1:441205839201:key/77";
    session.allows("secretsmanager:ReplicateSecretToRegions", facts.arn.as_str(), none());
    session.allows("kms:Decrypt", OLD, through(VIA, "SecretARN", &facts.arn));
    let used = through("secretsmanager.us-east-1.amazonaws.com", "SecretARN", &there);
    for action in ["kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt"] {
        session.allows(action, key, used.clone());
        session.refuses(action, key, none());
    }
    session.refuses("kms:Encrypt", OLD, through(VIA, "SecretARN", &facts.arn));
}

const FUNCTION: &str = "arn:aws:lambda:eu-west-1:441205839201:function:rotate";
const LAMBDA: &str = "secretsmanager:RotationLambdaARN";

#[test]
fn rotation_is_set_up_with_the_planned_function_alone() {
    let facts = secret(EU, |secret| secret.rotation.lambda_arn = Some(format!("{FUNCTION}-old")));
    let call = AwsCall::RotateSecret {
        lambda_arn: Some(FUNCTION.into()),
        external: None,
        rules: RotationRules { automatically_after_days: Some(30), ..RotationRules::default() },
        rotate_immediately: false,
    };
    let session = session(&call, &facts);
    let action = "secretsmanager:RotateSecret";
    let sent = |function: &str| {
        none()
            .with(LAMBDA, function)
            .with("secretsmanager:ModifyRotationRules", "true")
            .with("secretsmanager:RotateImmediately", "false")
    };
    session.allows(action, facts.arn.as_str(), sent(FUNCTION));
    session.refuses(action, facts.arn.as_str(), sent("arn:aws:lambda:eu-west-1:1:function:evil"));
    session.allows("lambda:InvokeFunction", FUNCTION, none());
    session.refuses("lambda:InvokeFunction", &format!("{FUNCTION}-old"), none());
}

#[test]
fn a_managed_external_secret_gets_the_planned_role_alone() {
    let role = "arn:aws:iam::441205839201:role/partner";
    let facts = secret(EU, |secret| {
        secret.secret_type = Some("SalesforceClientSecret".into());
        secret.rotation.external_role_arn = Some(format!("{role}-old"));
    });
    let call = AwsCall::RotateSecret {
        lambda_arn: None,
        external: Some(ExternalRotation { role_arn: role.into(), metadata: [].into() }),
        rules: RotationRules { automatically_after_days: Some(30), ..RotationRules::default() },
        rotate_immediately: false,
    };
    let session = session(&call, &facts);
    let sent = |role: &str| none().with("secretsmanager:ExternalSecretRotationRoleArn", role);
    session.allows("secretsmanager:RotateSecret", facts.arn.as_str(), sent(role));
    session.refuses(
        "secretsmanager:RotateSecret",
        facts.arn.as_str(),
        sent(&format!("{role}-old")),
    );
    let to = |service: &str| none().with("iam:PassedToService", service);
    session.allows("iam:PassRole", role, to("secretsmanager.amazonaws.com"));
    session.refuses("iam:PassRole", role, to("lambda.amazonaws.com"));
    session.refuses("iam:PassRole", &format!("{role}-old"), to("secretsmanager.amazonaws.com"));
}

#[test]
fn rotating_now_changes_nothing_else() {
    let facts = secret(EU, |secret| secret.rotation.lambda_arn = Some(FUNCTION.into()));
    let session = session(&AwsCall::RotateNow, &facts);
    let action = "secretsmanager:RotateSecret";
    session.allows(action, facts.arn.as_str(), none());
    session.allows("lambda:InvokeFunction", FUNCTION, none());
    session.refuses("lambda:InvokeFunction", &format!("{FUNCTION}:2"), none());
    let rules = none().with("secretsmanager:ModifyRotationRules", "true");
    session.refuses(action, facts.arn.as_str(), rules);
    session.refuses(action, facts.arn.as_str(), none().with(LAMBDA, format!("{FUNCTION}x")));
}

#[test]
fn a_deleted_secret_can_be_restored() {
    let facts = secret(EU, |_| {});
    let session = session(&AwsCall::DeleteSecret { recovery_window_days: 7 }, &facts);
    let (action, arn) = ("secretsmanager:DeleteSecret", facts.arn.as_str());
    let force = "secretsmanager:ForceDeleteWithoutRecovery";
    session.allows(action, arn, none().with("secretsmanager:RecoveryWindowInDays", "7"));
    session.refuses(action, arn, none().with(force, "true"));
}

#[test]
fn a_roll_back_moves_its_stage_of_its_secret_and_reads_no_value() {
    let facts = secret(EU, |_| {});
    let call = AwsCall::UpdateSecretVersionStage {
        stage: "AWSCURRENT".into(),
        move_to: Some("1".into()),
        remove_from: "2".into(),
    };
    let session = session(&call, &facts);
    let (action, arn) = ("secretsmanager:UpdateSecretVersionStage", facts.arn.as_str());
    let moving = |stage: &str| none().with("secretsmanager:VersionStage", stage);
    session.allows(action, arn, moving("AWSCURRENT"));
    session.refuses(action, arn, moving("AWSPENDING"));
    session.refuses(action, arn, none());
    session.refuses(action, &format!("{arn}x"), moving("AWSCURRENT"));
    session.refuses("secretsmanager:GetSecretValue", arn, none());
    session.refuses("secretsmanager:PutSecretValue", arn, none());
}

#[test]
fn a_change_of_description_changes_no_key() {
    let mut facts = secret(EU, |_| {});
    facts.kms_key_id = Some(OLD.into());
    let session = session(&AwsCall::UpdateDescription { description: "Orders".into() }, &facts);
    let (action, arn) = ("secretsmanager:UpdateSecret", facts.arn.as_str());
    session.allows(action, arn, none().with("secretsmanager:Description", "Orders"));
    session.refuses(action, arn, none().with("secretsmanager:KmsKeyId", NEW));
    let used = through(VIA, "SecretARN", &facts.arn);
    for key in ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"] {
        session.refuses(key, OLD, used.clone());
    }
}
