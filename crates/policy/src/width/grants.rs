//! The sessions of grants.

use super::*;
use claviger_domain::parameter_change::ParameterForm;
use rstest::rstest;

const US: &str = "us-east-1";
const FUNCTION: &str = "arn:aws:lambda:us-east-1:441205839201:function:rotate-ledger";
const OWN_KEY: &str = "arn:aws:kms:us-east-1:441205839201:key/5d0c0000-0000-0000-0000-000000000001";
const OTHER_KEY: &str =
    "arn:aws:kms:us-east-1:441205839201:key/5d0c0000-0000-0000-0000-000000000002";

const ROTATE: &str = "secretsmanager:RotateSecret";
const LAMBDA: &str = "secretsmanager:RotationLambdaARN";
const RULES: &str = "secretsmanager:ModifyRotationRules";
const AT_ONCE: &str = "secretsmanager:RotateImmediately";
const ROLE: &str = "secretsmanager:ExternalSecretRotationRoleArn";

fn rotated_by(function: &str) -> ResourceFacts {
    secret(US, |secret| {
        secret.rotation.enabled = Some(true);
        secret.rotation.lambda_arn = Some(function.into());
    })
}

fn keyed(mut facts: ResourceFacts, key: &str) -> ResourceFacts {
    facts.kms_key_id = Some(key.into());
    facts
}

/// A plain `RotateSecret`, as AWS may send it: without the keys of absent fields, or with their defaults.
#[rstest]
#[case(none())]
#[case(none().with(RULES, "false").with(AT_ONCE, "true"))]
#[case(none().with(AT_ONCE, "true"))]
#[case(none().with(LAMBDA, FUNCTION))]
#[case(none().with(LAMBDA, FUNCTION).with(RULES, "false").with(AT_ONCE, "true"))]
fn a_rotate_session_rotates_as_the_secret_is_set_up(#[case] sent: Context) {
    let facts = rotated_by(FUNCTION);
    let session = Session::of_grant(Action::Rotate, &facts);
    session.allows(ROTATE, facts.arn.as_str(), sent);
    session.allows("lambda:InvokeFunction", FUNCTION, none());
}

#[rstest]
#[case::foreign_function(none().with(LAMBDA, "arn:aws:lambda:us-east-1:999999999999:function:evil"))]
#[case::other_function(none().with(LAMBDA, "arn:aws:lambda:us-east-1:441205839201:function:other"))]
#[case::other_version(none().with(LAMBDA, format!("{FUNCTION}:2")))]
#[case::other_capitals(none().with(LAMBDA, FUNCTION.to_uppercase()))]
#[case::by_name(none().with(LAMBDA, "rotate-ledger"))]
#[case::schedule(none().with(RULES, "true"))]
#[case::own_function_and_schedule(none().with(LAMBDA, FUNCTION).with(RULES, "true"))]
#[case::no_rotation(none().with(AT_ONCE, "false"))]
#[case::schedule_without_rotation(none().with(RULES, "true").with(AT_ONCE, "false"))]
#[case::external_role(none().with(ROLE, "arn:aws:iam::441205839201:role/other"))]
fn a_rotate_session_changes_nothing_else(#[case] sent: Context) {
    let facts = rotated_by(FUNCTION);
    let session = Session::of_grant(Action::Rotate, &facts);
    session.refuses(ROTATE, facts.arn.as_str(), sent);
}

#[rstest]
#[case::plain(FUNCTION)]
#[case::alias("arn:aws:lambda:us-east-1:441205839201:function:rotate-ledger:live")]
#[case::version("arn:aws:lambda:us-east-1:441205839201:function:rotate-ledger:7")]
fn a_rotate_session_invokes_its_function_alone(#[case] own: &str) {
    let session = Session::of_grant(Action::Rotate, &rotated_by(own));
    session.allows("lambda:InvokeFunction", own, none());
    for other in [
        FUNCTION,
        "arn:aws:lambda:us-east-1:441205839201:function:rotate-ledger:live",
        "arn:aws:lambda:us-east-1:441205839201:function:rotate-ledger:7",
        "arn:aws:lambda:us-east-1:441205839201:function:rotate-ledger-2",
        "arn:aws:lambda:eu-west-1:441205839201:function:rotate-ledger",
        "arn:aws:lambda:us-east-1:999999999999:function:rotate-ledger",
    ] {
        if other != own {
            session.refuses("lambda:InvokeFunction", other, none());
        }
    }
    session.refuses("lambda:UpdateFunctionCode", own, none());
    session.refuses("lambda:AddPermission", own, none());
}

/// Managed rotation has no function: the session cannot set one.
#[test]
fn a_rotate_session_without_a_function_sets_none() {
    let facts = secret(US, |secret| {
        secret.rotation.enabled = Some(true);
        secret.owning_service = Some("rds".into());
    });
    let session = Session::of_grant(Action::Rotate, &facts);
    session.allows(ROTATE, facts.arn.as_str(), none());
    session.allows(ROTATE, facts.arn.as_str(), none().with(RULES, "false").with(AT_ONCE, "true"));
    session.refuses(ROTATE, facts.arn.as_str(), none().with(LAMBDA, FUNCTION));
    session.refuses("lambda:InvokeFunction", FUNCTION, none());
}

/// The session may name a managed external secret's current role.
#[test]
fn a_rotate_session_keeps_the_external_role() {
    let own = "arn:aws:iam::441205839201:role/rotates";
    let facts = secret(US, |secret| secret.rotation.external_role_arn = Some(own.into()));
    let session = Session::of_grant(Action::Rotate, &facts);
    session.allows(ROTATE, facts.arn.as_str(), none());
    session.allows(ROTATE, facts.arn.as_str(), none().with(ROLE, own));
    session.refuses(ROTATE, facts.arn.as_str(), none().with(ROLE, format!("{own}-2")));
    session.refuses("iam:PassRole", own, none());
}

/// In one session, each secret is bound to its own function.
#[test]
fn a_rotate_session_does_not_mix_functions() {
    let (one, mut two) = (rotated_by(FUNCTION), rotated_by(&format!("{FUNCTION}-2")));
    two.arn = format!("{}2", two.arn).parse().unwrap();
    let session = Session::of_grants(Action::Rotate, &[&one, &two]);
    session.allows(ROTATE, one.arn.as_str(), none().with(LAMBDA, FUNCTION));
    session.refuses(ROTATE, two.arn.as_str(), none().with(LAMBDA, FUNCTION));
    session.allows(ROTATE, two.arn.as_str(), none().with(LAMBDA, format!("{FUNCTION}-2")));
}

/// What no session of a grant may do, whatever its action.
#[rstest]
fn no_session_does_what_it_is_not_for(
    #[values(Action::Read, Action::Write, Action::Rotate)] action: Action,
) {
    let facts = keyed(rotated_by(FUNCTION), OWN_KEY);
    let session = Session::of_grant(action, &facts);
    let arn = facts.arn.as_str();
    let own = match action {
        Action::Read => "secretsmanager:GetSecretValue",
        Action::Write => "secretsmanager:PutSecretValue",
        Action::Rotate => ROTATE,
        Action::Change => unreachable!("it consists of two, which are tested together below"),
    };
    session.allows(own, arn, none());
    for other in [
        "secretsmanager:GetSecretValue",
        "secretsmanager:BatchGetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:RotateSecret",
        "secretsmanager:CancelRotateSecret",
        "secretsmanager:UpdateSecret",
        "secretsmanager:UpdateSecretVersionStage",
        "secretsmanager:DeleteSecret",
        "secretsmanager:PutResourcePolicy",
        "secretsmanager:TagResource",
        "secretsmanager:DescribeSecret",
        "secretsmanager:ListSecrets",
        "ssm:GetParameter",
        "kms:Decrypt",
        "iam:PassRole",
    ] {
        if other != own {
            session.refuses(other, arn, none());
        }
    }
    session.refuses(
        own,
        "arn:aws:secretsmanager:us-east-1:441205839201:secret:pay/ledger2-AbCdEf",
        none(),
    );
    session.refuses(
        own,
        "arn:aws:secretsmanager:eu-west-1:441205839201:secret:pay/ledger-AbCdEf",
        none(),
    );
    let late = none().with("aws:CurrentTime", "2026-11-24T13:00:00Z");
    assert_ne!(session.decide_at(own, arn, late), Decision::Allowed, "its time is over");
}

#[rstest]
#[case::by_arn(OWN_KEY)]
#[case::by_id("5d0c0000-0000-0000-0000-000000000001")]
#[case::by_alias("alias/pay")]
#[case::by_the_arn_of_an_alias("arn:aws:kms:us-east-1:441205839201:alias/pay")]
fn keys_serve_their_own_secret_alone(#[case] key: &str) {
    let facts = keyed(secret(US, |_| {}), key);
    let service = "secretsmanager.us-east-1.amazonaws.com";
    let used = through(service, "SecretARN", &facts.arn);
    let read = Session::of_grant(Action::Read, &facts);
    read.allows("kms:Decrypt", OWN_KEY, used.clone());
    read.refuses("kms:Encrypt", OWN_KEY, used.clone());
    read.refuses("kms:GenerateDataKey", OWN_KEY, used.clone());
    let write = Session::of_grant(Action::Write, &facts);
    write.allows("kms:GenerateDataKey", OWN_KEY, used.clone());
    write.allows("kms:Decrypt", OWN_KEY, used.clone());
    let rotate = Session::of_grant(Action::Rotate, &facts);
    rotate.refuses("kms:Decrypt", OWN_KEY, used.clone());
    let other: Arn = format!("{}x", facts.arn).parse().unwrap();
    for session in [&read, &write] {
        session.refuses("kms:Decrypt", OWN_KEY, none());
        session.refuses("kms:Decrypt", OWN_KEY, through(service, "SecretARN", &other));
        let elsewhere = through("secretsmanager.eu-west-1.amazonaws.com", "SecretARN", &facts.arn);
        session.refuses("kms:Decrypt", OWN_KEY, elsewhere);
        session.refuses("kms:Decrypt", OWN_KEY, used.clone().without("kms:ViaService"));
        session.refuses("kms:CreateGrant", OWN_KEY, used.clone());
    }
    if !key.contains("alias/") {
        read.refuses("kms:Decrypt", OTHER_KEY, used);
    }
}

/// To read and write is both, and nothing more.
#[test]
fn a_change_session_reads_and_writes() {
    let facts = keyed(secret(US, |_| {}), OWN_KEY);
    let session = Session::of_grant(Action::Change, &facts);
    let arn = facts.arn.as_str();
    session.allows("secretsmanager:GetSecretValue", arn, none());
    session.allows("secretsmanager:PutSecretValue", arn, none());
    for other in [
        ROTATE,
        "secretsmanager:BatchGetSecretValue",
        "secretsmanager:UpdateSecret",
        "secretsmanager:UpdateSecretVersionStage",
        "secretsmanager:DeleteSecret",
        "secretsmanager:DescribeSecret",
    ] {
        session.refuses(other, arn, none());
    }
    let used = through("secretsmanager.us-east-1.amazonaws.com", "SecretARN", &facts.arn);
    session.allows("kms:Decrypt", OWN_KEY, used.clone());
    session.allows("kms:GenerateDataKey", OWN_KEY, used.clone());
    session.refuses("kms:Encrypt", OWN_KEY, used.clone());
    session.refuses("kms:Decrypt", OTHER_KEY, used);
}

const PUT: &str = "ssm:PutParameter";

/// The session that changes a parameter writes it with the new key and tier, and with no other.
#[test]
fn a_session_that_changes_a_parameter_can_make_this_change_alone() {
    let facts = keyed(parameter(US, ParameterType::SecureString, "Standard"), OWN_KEY);
    let used = through("ssm.us-east-1.amazonaws.com", "PARAMETER_ARN", &facts.arn);
    let arn = facts.arn.as_str();
    let change = |form: ParameterForm| Session::of_change(&facts, &form.read().unwrap());
    let policies = || none().with("ssm:Overwrite", "true").with("ssm:Policies", "true");

    let rekey = change(ParameterForm { key: OTHER_KEY.into(), ..ParameterForm::default() });
    rekey.allows(PUT, arn, none().with("ssm:Overwrite", "true"));
    rekey.refuses(PUT, arn, policies());
    rekey.refuses(PUT, arn, none().with("ssm:Overwrite", "false"));
    rekey.refuses(PUT, &format!("{arn}x"), none());
    rekey.refuses("ssm:GetParameter", arn, none());
    rekey.allows("kms:Encrypt", OTHER_KEY, used.clone());
    let old = rekey.decide("kms:Encrypt", OWN_KEY, used.clone());
    assert_eq!(old, Decision::ExplicitDeny, "{}", rekey.text);
    let raised = rekey.decide("kms:GenerateDataKey", OTHER_KEY, used.clone());
    assert_ne!(raised, Decision::Allowed, "the tier stays");

    let up = change(ParameterForm { tier: "Advanced".into(), ..ParameterForm::default() });
    up.allows("kms:GenerateDataKey", OWN_KEY, used.clone());
    up.refuses("kms:Encrypt", OWN_KEY, used.clone());
    let other = up.decide("kms:GenerateDataKey", OTHER_KEY, used.clone());
    assert_eq!(other, Decision::ExplicitDeny, "{}", up.text);
    up.refuses(PUT, arn, policies());

    let expires = change(ParameterForm {
        tier: "Advanced".into(),
        no_change_days: "20".into(),
        ..ParameterForm::default()
    });
    expires.allows(PUT, arn, policies());
    expires.refuses("ssm:DeleteParameter", arn, none());

    let to_aws = change(ParameterForm { key: "alias/aws/ssm".into(), ..ParameterForm::default() });
    for key in [OWN_KEY, OTHER_KEY] {
        let decision = to_aws.decide("kms:Encrypt", key, used.clone());
        assert_ne!(decision, Decision::Allowed, "{}", to_aws.text);
    }
}

#[rstest]
#[case(none())]
#[case(none().with("ssm:Overwrite", "true"))]
#[case(none().with("ssm:Overwrite", "true").with("ssm:Policies", "false"))]
#[case(none().with("ssm:Overwrite", "true").with("ssm:Policies", ""))]
fn a_write_session_gives_a_parameter_a_value(#[case] sent: Context) {
    for kind in [ParameterType::String, ParameterType::StringList, ParameterType::SecureString] {
        let facts = parameter(US, kind, "Standard");
        let session = Session::of_grant(Action::Write, &facts);
        session.allows(PUT, facts.arn.as_str(), sent.clone());
    }
}

#[rstest]
#[case::policies(none().with("ssm:Overwrite", "true").with("ssm:Policies", "true"))]
#[case::policies_as_text(none().with("ssm:Policies", r#"[{"Type":"Expiration"}]"#))]
#[case::policies_taken_away(none().with("ssm:Policies", "[{}]"))]
#[case::made_new(none().with("ssm:Overwrite", "false"))]
fn a_write_session_does_not_change_a_parameter_otherwise(#[case] sent: Context) {
    for tier in ["Standard", "Advanced", "Intelligent-Tiering"] {
        let facts = parameter(US, ParameterType::SecureString, tier);
        let session = Session::of_grant(Action::Write, &facts);
        session.refuses(PUT, facts.arn.as_str(), sent.clone());
        for other in [
            "ssm:GetParameter",
            "ssm:GetParameters",
            "ssm:GetParametersByPath",
            "ssm:GetParameterHistory",
            "ssm:DeleteParameter",
            "ssm:LabelParameterVersion",
            "ssm:AddTagsToResource",
        ] {
            session.refuses(other, facts.arn.as_str(), none());
        }
    }
}

/// The tier determines how AWS encrypts: Encrypt for standard parameters, a data key for advanced ones.
#[rstest]
#[case("Standard", true, false)]
#[case("Advanced", false, true)]
#[case("Intelligent-Tiering", true, true)]
fn a_write_session_keeps_key_and_tier(
    #[case] tier: &str,
    #[case] encrypts: bool,
    #[case] makes_data_keys: bool,
    #[values(OWN_KEY, "5d0c0000-0000-0000-0000-000000000001", "alias/pay")] key: &str,
) {
    let facts = keyed(parameter(US, ParameterType::SecureString, tier), key);
    let session = Session::of_grant(Action::Write, &facts);
    let used = through("ssm.us-east-1.amazonaws.com", "PARAMETER_ARN", &facts.arn);
    let aliased = |alias: &str| used.clone().with_all("kms:ResourceAliases", [alias.to_owned()]);
    for (action, may) in [("kms:Encrypt", encrypts), ("kms:GenerateDataKey", makes_data_keys)] {
        let decision = session.decide(action, OWN_KEY, aliased("alias/pay"));
        assert_eq!(decision == Decision::Allowed, may, "{action}: {}", session.text);
        // Another key, or the AWS managed one, is denied, whatever the key's policy allows.
        for other in [aliased("alias/other"), aliased("alias/aws/ssm"), used.clone()] {
            let decision = session.decide(action, OTHER_KEY, other);
            assert_eq!(decision, Decision::ExplicitDeny, "{action}: {}", session.text);
        }
    }
    session.refuses("kms:Decrypt", OWN_KEY, aliased("alias/pay"));
    session.refuses("kms:Encrypt", OWN_KEY, none());
    let other: Arn = format!("{}x", facts.arn).parse().unwrap();
    let foreign = through("ssm.us-east-1.amazonaws.com", "PARAMETER_ARN", &other);
    session.refuses("kms:Encrypt", OWN_KEY, foreign);
}

/// Under the AWS managed key a session needs no permission, so only a Deny keeps the tier.
#[test]
fn a_standard_parameter_under_the_aws_key_stays_standard() {
    let key = OTHER_KEY;
    let used =
        |facts: &ResourceFacts| through("ssm.us-east-1.amazonaws.com", "PARAMETER_ARN", &facts.arn);
    let standard = parameter(US, ParameterType::SecureString, "Standard");
    let session = Session::of_grant(Action::Write, &standard);
    let decision = session.decide("kms:GenerateDataKey", key, used(&standard));
    assert_eq!(decision, Decision::ExplicitDeny);
    assert_eq!(session.decide("kms:Encrypt", key, used(&standard)), Decision::ImplicitDeny);
    let advanced = parameter(US, ParameterType::SecureString, "Advanced");
    let session = Session::of_grant(Action::Write, &advanced);
    let decision = session.decide("kms:GenerateDataKey", key, used(&advanced));
    assert_eq!(decision, Decision::ImplicitDeny, "the key's own policy decides");
}

#[test]
fn a_read_session_reads_a_parameter() {
    for tier in ["Standard", "Advanced"] {
        let facts = keyed(parameter(US, ParameterType::SecureString, tier), OWN_KEY);
        let session = Session::of_grant(Action::Read, &facts);
        session.allows("ssm:GetParameter", facts.arn.as_str(), none());
        let used = through("ssm.us-east-1.amazonaws.com", "PARAMETER_ARN", &facts.arn);
        session.allows("kms:Decrypt", OWN_KEY, used);
        session.refuses("ssm:GetParametersByPath", facts.arn.as_str(), none());
        session.refuses("ssm:GetParameterHistory", facts.arn.as_str(), none());
        session.refuses(PUT, facts.arn.as_str(), none());
    }
}

#[rstest]
#[case("us-gov-west-1", "aws-us-gov", "secretsmanager.us-gov-west-1.amazonaws.com")]
#[case("cn-north-1", "aws-cn", "secretsmanager.cn-north-1.amazonaws.com.cn")]
fn sessions_are_as_wide_in_other_partitions(
    #[case] region: &str,
    #[case] partition: &str,
    #[case] service: &str,
) {
    let mut facts = keyed(secret(region, |_| {}), "5d0c");
    let function = format!("arn:{partition}:lambda:{region}:{ACCOUNT}:function:rotate");
    let Detail::Secret(detail) = &mut facts.detail else { unreachable!() };
    detail.rotation.lambda_arn = Some(function.clone());
    let key = format!("arn:{partition}:kms:{region}:{ACCOUNT}:key/5d0c");
    let read = Session::of_grant(Action::Read, &facts);
    read.allows("secretsmanager:GetSecretValue", facts.arn.as_str(), none());
    read.allows("kms:Decrypt", &key, through(service, "SecretARN", &facts.arn));
    let rotate = Session::of_grant(Action::Rotate, &facts);
    rotate.allows("lambda:InvokeFunction", &function, none());
    for session in [read, rotate] {
        assert!(!session.text.contains("arn:aws:"), "{}", session.text);
    }
}
