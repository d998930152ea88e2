use super::*;
use rstest::rstest;
use serde_json::json;

const ARN: &str = "arn:aws:secretsmanager:eu-west-1:441205839201:secret:a-AbCdEf";

fn request(action: &str, resource: &str, context: Context) -> Request {
    Request { action: action.into(), resource: resource.into(), context }
}

fn document(statements: Value) -> Document {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string().parse().unwrap()
}

#[rstest]
#[case("secretsmanager:GetSecretValue", true)]
#[case("SecretsManager:getsecretvalue", true)]
#[case("secretsmanager:Get*", true)]
#[case("secretsmanager:?etSecretValue", true)]
#[case("*", true)]
#[case("secretsmanager:Get", false)]
#[case("ssm:*", false)]
fn actions(#[case] pattern: &str, #[case] allowed: bool) {
    let policy = document(json!({"Effect": "Allow", "Action": pattern, "Resource": "*"}));
    let decision = policy.decide(&request("secretsmanager:GetSecretValue", ARN, Context::new()));
    assert_eq!(decision == Decision::Allowed, allowed);
    let policy = document(json!({"Effect": "Allow", "NotAction": pattern, "Resource": "*"}));
    let decision = policy.decide(&request("secretsmanager:GetSecretValue", ARN, Context::new()));
    assert_eq!(decision == Decision::Allowed, !allowed);
}

#[rstest]
#[case("*", true)]
#[case(ARN, true)]
#[case("arn:aws:secretsmanager:*:441205839201:secret:*", true)]
#[case("arn:aws:secretsmanager:eu-west-1:441205839201:secret:a-??????", true)]
#[case("arn:aws:secretsmanager:eu-west-1:441205839201:secret:A-AbCdEf", false)]
#[case("arn:aws:secretsmanager:*", false)]
#[case("arn:aws-cn:secretsmanager:*:*:secret:*", false)]
#[case("arn:aws:secretsmanager:eu-west-1:441205839201:secret:${aws:PrincipalTag/team}-*", true)]
#[case("arn:aws:secretsmanager:eu-west-1:441205839201:secret:${aws:PrincipalTag/other}*", false)]
fn resources(#[case] pattern: &str, #[case] covered: bool) {
    let context = Context::new().with("aws:PrincipalTag/team", "a");
    let asked = request("s:A", ARN, context);
    let policy = document(json!({"Effect": "Allow", "Action": "*", "Resource": [pattern]}));
    assert_eq!(policy.decide(&asked) == Decision::Allowed, covered);
    let policy = document(json!({"Effect": "Allow", "Action": "*", "NotResource": pattern}));
    assert_eq!(policy.decide(&asked) == Decision::Allowed, !covered);
}

#[test]
fn a_variable_stands_for_itself_and_not_for_a_pattern() {
    let policy = document(
        json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::${aws:username}"}),
    );
    let context = Context::new().with("aws:username", "*");
    assert_eq!(
        policy.decide(&request("s3:Get", "arn:aws:s3:::b", context)),
        Decision::ImplicitDeny
    );
}

/// Each operator: with the key as given, `None` if it is absent from the request.
#[rstest]
#[case("StringEquals", json!(["a", "b"]), Some("b"), true)]
#[case("StringEquals", json!("a"), Some("A"), false)]
#[case("StringEquals", json!("a*"), Some("ab"), false)]
#[case("StringEquals", json!("a"), None, false)]
#[case("StringEqualsIfExists", json!("a"), None, true)]
#[case("StringEqualsIfExists", json!("a"), Some("b"), false)]
#[case("StringEqualsIfExists", json!(""), Some(""), true)]
#[case("StringNotEquals", json!(["a", "b"]), Some("c"), true)]
#[case("StringNotEquals", json!(["a", "b"]), Some("b"), false)]
#[case("StringNotEquals", json!("a"), None, true)]
#[case("StringEqualsIgnoreCase", json!("a"), Some("A"), true)]
#[case("StringLike", json!("a*"), Some("ab"), true)]
#[case("StringLike", json!("*"), None, false)]
#[case("StringNotLike", json!("a*"), Some("ab"), false)]
#[case("NumericLessThanEquals", json!(30), Some("30"), true)]
#[case("NumericGreaterThan", json!("30"), Some("30"), false)]
#[case("NumericEquals", json!("30"), Some("x"), false)]
#[case("DateLessThan", json!("2026-11-24T13:00:00Z"), Some("2026-11-24T12:59:59Z"), true)]
#[case("DateLessThan", json!("2026-11-24T13:00:00Z"), Some("2026-11-24T13:00:00Z"), false)]
#[case("DateGreaterThan", json!("0"), Some("2026-11-24T13:00:00Z"), true)]
#[case("Bool", json!("true"), Some("true"), true)]
#[case("Bool", json!(false), Some("true"), false)]
#[case("Bool", json!("false"), None, false)]
#[case("BoolIfExists", json!("false"), None, true)]
#[case("IpAddress", json!("203.0.113.0/24"), Some("203.0.113.9"), true)]
#[case("IpAddress", json!("203.0.113.0/24"), Some("203.0.114.9"), false)]
#[case("NotIpAddress", json!("2001:db8::/32"), Some("2001:db8::1"), false)]
#[case("IpAddress", json!("0.0.0.0/0"), Some("198.51.100.1"), true)]
#[case("ArnLike", json!("arn:aws:iam::*:role/x"), Some("arn:aws:iam::111122223333:role/x"), true)]
#[case("ArnEquals", json!("arn:aws:iam::*:role/x"), Some("arn:aws:iam::1:role/y"), false)]
#[case("Null", json!("true"), None, true)]
#[case("Null", json!("true"), Some("x"), false)]
#[case("Null", json!(false), Some("x"), true)]
fn operators(
    #[case] operator: &str,
    #[case] wanted: Value,
    #[case] found: Option<&str>,
    #[case] holds: bool,
) {
    let policy = document(json!({
        "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {"a:Key": wanted}},
    }));
    let context = found.map_or_else(Context::new, |value| Context::new().with("A:key", value));
    assert_eq!(policy.decide(&request("a:A", "*", context)) == Decision::Allowed, holds);
}

#[rstest]
#[case("ForAllValues:StringEquals", &["a"], true)]
#[case("ForAllValues:StringEquals", &["a", "c"], false)]
#[case("ForAllValues:StringEquals", &[], true)]
#[case("ForAllValues:StringNotEquals", &["c"], true)]
#[case("ForAllValues:StringNotEquals", &["a", "c"], false)]
#[case("ForAnyValue:StringEquals", &["a", "c"], true)]
#[case("ForAnyValue:StringEquals", &["c"], false)]
#[case("ForAnyValue:StringEquals", &[], false)]
#[case("ForAnyValue:StringNotEquals", &["a", "c"], true)]
#[case("ForAnyValue:StringEqualsIfExists", &[], true)]
fn sets(#[case] operator: &str, #[case] found: &[&str], #[case] holds: bool) {
    let policy = document(json!({
        "Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {operator: {"aws:TagKeys": ["a", "b"]}},
    }));
    let values = found.iter().map(|value| (*value).to_owned());
    let context = Context::new().with_all("aws:TagKeys", values);
    assert_eq!(policy.decide(&request("a:A", "*", context)) == Decision::Allowed, holds);
    if found.is_empty() {
        let without = policy.decide(&request("a:A", "*", Context::new()));
        assert_eq!(without == Decision::Allowed, holds, "no values are as no key");
    }
}

#[test]
fn all_conditions_hold_together_and_a_deny_wins() {
    let policy = document(json!([
        {"Effect": "Allow", "Action": "a:*", "Resource": "*",
         "Condition": {"StringEquals": {"a:K": "x", "a:L": "y"}, "Bool": {"a:B": "true"}}},
        {"Effect": "Deny", "Action": "a:Delete", "Resource": "*"},
    ]));
    let all = Context::new().with("a:K", "x").with("a:L", "y").with("a:B", "true");
    assert_eq!(policy.decide(&request("a:Get", "*", all.clone())), Decision::Allowed);
    assert_eq!(policy.decide(&request("a:Delete", "*", all.clone())), Decision::ExplicitDeny);
    for key in ["a:K", "a:L", "a:B"] {
        let without = all.clone().without(key);
        assert_eq!(policy.decide(&request("a:Get", "*", without)), Decision::ImplicitDeny, "{key}");
    }
}

#[test]
fn a_session_is_its_role_and_its_policy_together() {
    let role = [
        document(json!({"Effect": "Allow", "Action": ["a:Get", "a:Put"], "Resource": "*"})),
        document(json!({"Effect": "Deny", "Action": "a:Put", "Resource": "*"})),
    ];
    let session = document(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
    let none = document(json!([]));
    let ask = |action: &str| request(action, "*", Context::new());
    assert_eq!(decide_session(&role, &session, &ask("a:Get")), Decision::Allowed);
    assert_eq!(decide_session(&role, &session, &ask("a:Put")), Decision::ExplicitDeny);
    assert_eq!(decide_session(&role, &session, &ask("a:List")), Decision::ImplicitDeny);
    assert_eq!(decide_session(&role, &none, &ask("a:Get")), Decision::ImplicitDeny);
}

#[rstest]
#[case(json!({"Effect": "Permit", "Action": "*", "Resource": "*"}))]
#[case(json!({"Effect": "Allow", "Resource": "*"}))]
#[case(json!({"Effect": "Allow", "Action": "*"}))]
#[case(json!({"Effect": "Allow", "Action": "*", "NotAction": "x", "Resource": "*"}))]
#[case(json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Conditions": {}}))]
#[case(json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringIs": {"a": "b"}}}))]
#[case(json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"ForSomeValues:StringEquals": {"a": "b"}}}))]
#[case(json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Null": {"a": "maybe"}}}))]
fn what_is_not_understood_is_an_error(#[case] statement: Value) {
    let text = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    assert!(text.parse::<Document>().is_err(), "{text}");
    assert!(r#"{"Statement": []}"#.parse::<Document>().is_err());
}
