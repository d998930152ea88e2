use super::*;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

const ARN: &str = "arn:aws:secretsmanager:eu-west-1:441205839201:secret:a-AbCdEf";
const OWN: &str = "441205839201";
const SISTER: &str = "458812704336";
const STRANGER: &str = "773100984412";
const NOW: OffsetDateTime = time::macros::datetime!(2026-11-24 12:00 UTC);

fn around() -> OrganizationMembers {
    OrganizationMembers {
        organization: Some("o-ours".into()),
        accounts: [OWN, SISTER].iter().map(|id| id.parse().unwrap()).collect(),
    }
}

fn exposure(statements: Value) -> Exposure {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    analyse(&text, ARN, &OWN.parse().unwrap(), &around(), NOW).unwrap()
}

fn allow(principal: Value, condition: Value) -> Value {
    let mut statement = json!({
        "Effect": "Allow", "Principal": principal, "Action": "secretsmanager:GetSecretValue", "Resource": "*"
    });
    if !condition.is_null() {
        statement["Condition"] = condition;
    }
    statement
}

#[rstest]
#[case("*", Value::Null, PrincipalLocation::Everyone)]
#[case("*", json!({"StringEquals": {"aws:PrincipalOrgID": "o-ours"}}), PrincipalLocation::InOrganization)]
#[case("*", json!({"StringEquals": {"aws:principalorgid": ["o-ours"]}}), PrincipalLocation::InOrganization)]
#[case("*", json!({"StringEquals": {"aws:PrincipalOrgID": ["o-ours", "o-other"]}}), PrincipalLocation::Outside)]
#[case("*", json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}), PrincipalLocation::Everyone)]
// True for anyone without an Organization.
#[case("*", json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-ours"}}), PrincipalLocation::Everyone)]
#[case("*", json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-ours"}}), PrincipalLocation::Everyone)]
#[case("*", json!({"Null": {"aws:PrincipalOrgID": "false"}}), PrincipalLocation::Everyone)]
#[case("*", json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-ours/r-a/*"}}), PrincipalLocation::InOrganization)]
#[case("*", json!({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-ours/r-a/*"}}), PrincipalLocation::Everyone)]
#[case("*", json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/r-a/*"}}), PrincipalLocation::Everyone)]
#[case("*", json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}}), PrincipalLocation::Undecided)]
#[case("*", json!({"StringLike": {"aws:SourceVpce": "*"}}), PrincipalLocation::Everyone)]
#[case("*", json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), PrincipalLocation::Undecided)]
#[case("*", json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}), PrincipalLocation::Everyone)]
#[case("*", json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::458812704336:role/*"}}), PrincipalLocation::InOrganization)]
#[case("*", json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}), PrincipalLocation::Everyone)]
#[case("*", json!({"StringEquals": {"aws:PrincipalAccount": "773100984412"}}), PrincipalLocation::Outside)]
#[case("*", json!({"Bool": {"aws:SecureTransport": "true"}}), PrincipalLocation::Everyone)]
#[case("*", json!({"StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}}), PrincipalLocation::Everyone)]
#[case("*", json!({"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}), PrincipalLocation::Everyone)]
fn a_condition_narrows_only_what_it_narrows(
    #[case] principal: &str,
    #[case] condition: Value,
    #[case] location: PrincipalLocation,
) {
    let found = exposure(json!([allow(json!(principal), condition)]));
    assert_eq!(found.widest(), Some(location), "{found:?}");
}

#[rstest]
#[case(json!({"AWS": "*"}), PrincipalLocation::Everyone)]
#[case(json!({"AWS": OWN}), PrincipalLocation::SameAccount)]
#[case(json!({"AWS": "arn:aws:iam::458812704336:root"}), PrincipalLocation::InOrganization)]
#[case(json!({"AWS": "arn:aws:iam::458812704336:role/etl"}), PrincipalLocation::InOrganization)]
#[case(json!({"AWS": [OWN, STRANGER]}), PrincipalLocation::Outside)]
#[case(json!({"Service": "lambda.amazonaws.com"}), PrincipalLocation::Service)]
// Anyone can get an identity there.
#[case(json!({"Federated": "cognito-identity.amazonaws.com"}), PrincipalLocation::Everyone)]
#[case(json!({"Federated": "arn:aws:iam::441205839201:saml-provider/corp"}), PrincipalLocation::Undecided)]
#[case(json!({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}), PrincipalLocation::Undecided)]
fn a_principal_stands_where_its_account_does(
    #[case] principal: Value,
    #[case] location: PrincipalLocation,
) {
    assert_eq!(exposure(json!([allow(principal, Value::Null)])).widest(), Some(location));
}

#[test]
fn a_stranger_behind_an_endpoint_is_still_a_stranger() {
    let condition = json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}});
    let found = exposure(json!([allow(json!({"AWS": STRANGER}), condition)]));
    assert_eq!(found.widest(), Some(PrincipalLocation::Outside));
}

#[test]
fn who_was_deleted_is_nobody() {
    assert_eq!(
        exposure(json!([allow(json!({"AWS": "AROAEXAMPLEID"}), Value::Null)])).widest(),
        None
    );
}

#[test]
fn an_allow_for_all_but_some_is_one_for_everybody() {
    let statement =
        json!({"Effect": "Allow", "NotPrincipal": {"AWS": OWN}, "Action": "*", "Resource": "*"});
    let found = exposure(json!([statement]));
    assert_eq!(found.widest(), Some(PrincipalLocation::Everyone));
    assert!(found.grantees[0].wide_actions && found.grantees[0].reads);
}

#[test]
fn all_actions_but_some_is_wide_and_reads() {
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": OWN}, "NotAction": "secretsmanager:DeleteSecret", "Resource": "*"});
    let found = exposure(json!([statement]));
    assert!(found.grantees[0].wide_actions && found.grantees[0].reads);
}

#[test]
fn a_statement_about_another_secret_says_nothing_here() {
    let mut other = allow(json!("*"), Value::Null);
    other["Resource"] = json!("arn:aws:secretsmanager:eu-west-1:441205839201:secret:b-*");
    assert_eq!(exposure(json!([other])).widest(), None);
}

#[test]
fn a_deny_wins() {
    let deny = |principal: Value| json!({"Effect": "Deny", "Principal": principal, "Action": "secretsmanager:*", "Resource": "*"});
    let everybody = allow(json!("*"), Value::Null);
    let stranger = allow(json!({"AWS": format!("arn:aws:iam::{STRANGER}:role/x")}), Value::Null);
    assert_eq!(exposure(json!([everybody, deny(json!("*"))])).widest(), None);
    assert_eq!(exposure(json!([stranger, deny(json!({"AWS": STRANGER}))])).widest(), None);
    // A Deny for one leaves everyone else allowed.
    assert_eq!(
        exposure(json!([everybody, deny(json!({"AWS": STRANGER}))])).widest(),
        Some(PrincipalLocation::Everyone)
    );
    // A Deny that covers less than the Allow leaves the rest.
    let mut less = deny(json!("*"));
    less["Action"] = json!("secretsmanager:DeleteSecret");
    assert_eq!(exposure(json!([everybody, less])).widest(), Some(PrincipalLocation::Everyone));
}

#[test]
fn a_deny_for_all_outside_keeps_those_outside_out() {
    let fence = json!({"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-ours"}}});
    let found = exposure(json!([allow(json!("*"), Value::Null), fence.clone()]));
    assert_eq!((found.widest(), found.notes.len()), (Some(PrincipalLocation::InOrganization), 0));
    // AWS's data perimeter spares AWS services by a second condition: they are allowed, and no other outsider.
    let mut perimeter = fence;
    perimeter["Condition"]["Bool"] = json!({"aws:PrincipalIsAWSService": "false"});
    let found = exposure(json!([allow(json!("*"), Value::Null), perimeter]));
    let mut locations: Vec<PrincipalLocation> =
        found.grantees.iter().map(|one| one.location).collect();
    locations.sort();
    assert_eq!(locations, [PrincipalLocation::InOrganization, PrincipalLocation::Service]);
}

#[rstest]
#[case("{", "line 1")]
#[case("[]", "the document: has to be an object")]
#[case(r#"{"Statement": [], "Colour": 1}"#, "Colour")]
#[case(r#"{"Statement": [{"Effect": "Maybe"}]}"#, "Statement[0].Effect")]
#[case(
    r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#,
    "Principal and NotPrincipal"
)]
#[case(r#"{"Statement": {"Effect": "Allow", "Principal": {"Person": "x"}, "Action": "*", "Resource": "*"}}"#, "Statement.Principal.Person")]
#[case(
    r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": [], "Resource": "*"}}"#,
    "Statement.Action: is empty"
)]
#[case(r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "somebody"}, "Action": "*", "Resource": "*"}}"#, "Statement.Principal.AWS")]
fn what_cannot_be_read_says_where(#[case] text: &str, #[case] says: &str) {
    let fault = analyse(text, ARN, &OWN.parse().unwrap(), &around(), NOW).unwrap_err().to_string();
    assert!(fault.contains(says), "{fault}");
}

#[test]
fn a_document_beyond_the_limit_is_not_read() {
    let text = " ".repeat(DOCUMENT_LIMIT + 1);
    assert!(analyse(&text, ARN, &OWN.parse().unwrap(), &around(), NOW).is_err());
}

/// AWS rejects each of these; whatever it means, it never counts as good.
#[rstest]
#[case::a_wildcard_for_the_account(json!({"AWS": "arn:aws:iam::*:root"}))]
#[case::a_wildcard_for_the_role(json!({"AWS": "arn:aws:iam::*:role/x"}))]
#[case::no_account(json!({"AWS": "arn:aws:iam::12345:role/x"}))]
#[case::a_bucket(json!({"AWS": "arn:aws:s3:::bucket"}))]
fn an_odd_principal_never_passes(#[case] principal: Value) {
    let found = exposure(json!([allow(principal, Value::Null)]));
    let is_open = |one: &Grantee| one.may_be_anyone || one.location == PrincipalLocation::Everyone;
    assert!(found.grantees.iter().any(is_open), "{found:?}");
}

/// A Deny that AWS would reject, or whose key it does not list, is undetermined.
#[rstest]
#[case(json!({"StringNotMatches": {"aws:PrincipalOrgID": "o-ours"}}))]
#[case(json!({"ForAnyValues:StringNotEquals": {"aws:PrincipalOrgID": "o-ours"}}))]
#[case(json!({"StringNotEquals": {"aws:WhoKnows": "x"}}))]
#[case(json!({"StringNotEquals": {"s3:prefix": "x"}}))]
#[case(json!({"NotIpAddress": {"aws:SourceIp": "somewhere"}}))]
#[case(json!({"DateGreaterThan": {"aws:CurrentTime": "soon"}}))]
fn what_aws_does_not_know_is_undecided(#[case] condition: Value) {
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition});
    let found = exposure(json!([allow(json!("*"), Value::Null), deny]));
    assert!(found.grantees.iter().any(|one| one.may_be_anyone), "{found:?}");
}

#[test]
fn dates_are_held_against_the_moment() {
    let until = |operator: &str, date: &str| {
        let found =
            exposure(json!([allow(json!("*"), json!({operator: {"aws:CurrentTime": date}}))]));
        (found.widest(), found.until.is_some())
    };
    assert_eq!(
        until("DateGreaterThan", "2020-01-01T00:00:00Z"),
        (Some(PrincipalLocation::Everyone), false)
    );
    assert_eq!(until("DateGreaterThan", "2030-01-01T00:00:00Z"), (None, true));
    assert_eq!(until("DateLessThan", "2020-01-01"), (None, false));
    assert_eq!(until("DateLessThan", "2030-01-01"), (Some(PrincipalLocation::Everyone), true));
}

#[test]
fn what_can_be_read_is_said_of_those_who_can() {
    let everything =
        json!({"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*"});
    let fence = json!({"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-ours"}}});
    let found = exposure(json!([everything, fence]));
    let said: Vec<(PrincipalLocation, bool)> =
        found.grantees.iter().map(|one| (one.location, one.reads)).collect();
    assert!(said.contains(&(PrincipalLocation::Everyone, false)), "{said:?}");
    assert!(said.contains(&(PrincipalLocation::InOrganization, true)), "{said:?}");
}

#[rstest]
#[case("aws:PrincipalTag/team", "payments", "doesn't restrict access")]
#[case("aws:PrincipalOrgID", "o-ours", "restricts access to the Organization")]
#[case("aws:PrincipalAccount", STRANGER, "restricts access to the account")]
#[case("aws:SourceVpce", "vpce-1", "restricts by where the request comes from")]
#[case("aws:PrincipalServiceName", "s3.amazonaws.com", "restricts access to AWS services")]
#[case("aws:WhoKnows", "x", "AWS does not list")]
fn each_condition_is_explained(#[case] key: &str, #[case] value: &str, #[case] says: &str) {
    let found = exposure(json!([allow(json!("*"), json!({"StringEquals": {key: value}}))]));
    assert!(found.grantees[0].conditions[0].contains(says), "{found:?}");
}

/// Many Denies with many conditions: the search ends, and what it did not determine is undetermined.
#[test]
fn a_policy_as_large_as_may_be_is_analysed_in_time() {
    let mut all = vec![allow(json!("*"), Value::Null)];
    while json!(all).to_string().len() < DOCUMENT_LIMIT - 700 {
        let n = all.len();
        let block = |operator: &str| {
            json!({
                operator: {"aws:PrincipalTag/a": format!("{n}*"), "aws:PrincipalTag/b": format!("*{n}"), "aws:SourceVpc": format!("vpc-{n}")}
            })
        };
        let mut deny = allow(json!("*"), block(["StringNotLike", "StringLike"][n % 2]));
        deny["Effect"] = json!("Deny");
        all.push(deny);
    }
    let began = std::time::Instant::now();
    let found = exposure(json!(all));
    assert!(!found.grantees.is_empty());
    assert!(began.elapsed() < std::time::Duration::from_secs(20), "{:?}", began.elapsed());
}

#[test]
fn it_is_explained_in_sentences() {
    let statements = json!([
        allow(json!("*"), json!({"StringEquals": {"aws:PrincipalOrgID": "o-ours"}})),
        allow(json!({"AWS": format!("arn:aws:iam::{STRANGER}:root")}), Value::Null),
        {"Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "secretsmanager:DescribeSecret", "Resource": ARN},
    ]);
    let explained = exposure(statements).explain("{}");
    let sentences: Vec<&str> = explained.rows.iter().map(|row| row.sentence.as_str()).collect();
    insta::assert_snapshot!(format!("{}\n{}", explained.summary, sentences.join("\n")), @r"
    Resource policy allows access from outside the Organization.
    Anyone in the Organization can read the value, under one condition.
    Every principal that account 773100984412 lets (outside the Organization) can read the value, without a condition.
    Every principal that account 441205839201 lets (in this account) cannot read the value, but may do other things, without a condition.
    ");
}

/// Statements with few different values, so that they overlap.
fn any_statement(effect: &'static str) -> impl Strategy<Value = Value> {
    let principal = prop_oneof![
        Just(json!("*")),
        Just(json!({"AWS": OWN})),
        Just(json!({"AWS": STRANGER})),
        Just(json!({"AWS": format!("arn:aws:iam::{SISTER}:role/r")})),
    ];
    let action = prop_oneof![
        Just(json!("secretsmanager:GetSecretValue")),
        Just(json!("secretsmanager:*")),
        Just(json!(["secretsmanager:DescribeSecret", "secretsmanager:Get*"])),
    ];
    let condition = prop_oneof![
        Just(Value::Null),
        Just(json!({"StringEquals": {"aws:PrincipalOrgID": "o-ours"}})),
        Just(json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-ours"}})),
        Just(json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::773100984412:role/*"}})),
        Just(json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})),
    ];
    (principal, action, condition, any::<[bool; 2]>()).prop_map(
        move |(who, what, when, [np, na])| {
            let mut statement = json!({"Effect": effect, "Resource": "*"});
            let np = np && who != "*";
            statement[if np { "NotPrincipal" } else { "Principal" }] = who;
            statement[if na { "NotAction" } else { "Action" }] = what;
            if !when.is_null() {
                statement["Condition"] = when;
            }
            statement
        },
    )
}

proptest! {
    #[test]
    fn an_added_deny_never_widens(
        allows in prop::collection::vec(any_statement("Allow"), 1..4),
        denies in prop::collection::vec(any_statement("Deny"), 0..3),
        more in any_statement("Deny"),
    ) {
        let before: Vec<Value> = allows.into_iter().chain(denies).collect();
        let mut after = before.clone();
        after.push(more);
        let (before, after) = (exposure(json!(before)), exposure(json!(after)));
        // An undetermined caller may turn out to be outside.
        let settled = |location: PrincipalLocation| match location {
            PrincipalLocation::Undecided => PrincipalLocation::Outside,
            other => other,
        };
        let widest = |e: &Exposure| e.widest().map(settled);
        prop_assert!(widest(&after) <= widest(&before));
        let reading = |e: &Exposure| {
            let locations = e.grantees.iter().filter(|g| g.reads).map(|g| g.location);
            locations.max().map(settled)
        };
        prop_assert!(reading(&after) <= reading(&before));
    }

    #[test]
    fn the_order_of_statements_does_not_matter(
        statements in prop::collection::vec(
            prop_oneof![any_statement("Allow"), any_statement("Deny")], 1..5),
    ) {
        let mut turned = statements.clone();
        turned.reverse();
        let sorted = |statements: Vec<Value>| {
            let mut found: Vec<String> =
                exposure(json!(statements)).grantees.iter().map(|g| format!("{g:?}")).collect();
            found.sort();
            found
        };
        prop_assert_eq!(sorted(statements), sorted(turned));
    }

    #[test]
    fn no_text_makes_the_reader_fall_over(text in ".{0,300}") {
        let _ = analyse(&text, ARN, &OWN.parse().unwrap(), &around(), NOW);
    }

    /// Operators, keys and values of any kind: the result is public or undetermined, unless the
    /// condition is one that an outsider cannot meet.
    #[test]
    fn no_condition_makes_it_fall_over(
        operator in "(ForAnyValue:|ForAllValues:|For:)?(String|Arn|Date|Numeric|Bool|IpAddress|Null|Odd)(Not)?(Equals|Like|LessThan)?(IfExists)?",
        key in "(aws:(PrincipalTag/|Source|Principal|Current)?(Arn|OrgID|OrgPaths|Ip|Vpc|Time|Account)?|[a-z]{1,4}:[a-z]{0,4}|.{0,4})",
        values in prop::collection::vec("(\\*|\\?|[0-9a-z:/.*?-]|\\$\\{[a-z:]*\\}?){0,16}", 1..4),
        effect in prop_oneof![Just("Allow"), Just("Deny")],
        depth in 0_usize..60,
    ) {
        let mut condition = json!({operator: {key: values}});
        for _ in 0..depth.saturating_sub(30) {
            condition = json!({"StringEquals": condition});
        }
        let mut one = allow(json!("*"), condition);
        one["Effect"] = json!(effect);
        let text = json!({"Statement": [allow(json!("*"), Value::Null), one]}).to_string();
        if let Ok(found) = analyse(&text, ARN, &OWN.parse().unwrap(), &around(), NOW) {
            let _ = found.explain(&text);
        }
    }
}
