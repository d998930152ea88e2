use super::*;
use proptest::prelude::*;

fn document(text: &str) -> Document {
    Document::read(text).unwrap()
}

fn merged(levels: &[&[&str]]) -> EffectiveTagPolicy {
    let levels: Vec<Vec<Document>> =
        levels.iter().map(|level| level.iter().map(|text| document(text)).collect()).collect();
    EffectiveTagPolicy::merge(&levels)
}

fn effective(text: &str) -> EffectiveTagPolicy {
    EffectiveTagPolicy::read(text).unwrap()
}

const ROOT: &str = r#"{"tags": {"costcenter": {"tag_key": {"@@assign": "CostCenter"},
    "tag_value": {"@@assign": ["Development", "Support"]}}}}"#;

/// AWS's own examples, with the effective policies that its guide shows for them.
#[test]
fn policies_merge_as_in_aws_s_examples() {
    let overwrite = r#"{"tags": {"costcenter": {"tag_key": {"@@assign": "CostCenter"},
        "tag_value": {"@@assign": ["Sandbox"]}, "enforced_for": {"@@assign": ["redshift:*", "dynamodb:table"]}}}}"#;
    assert_eq!(
        merged(&[&[ROOT], &[overwrite]]),
        effective(
            r#"{"tags": {"costcenter": {"tag_key": "CostCenter", "tag_value": ["Sandbox"],
                "enforced_for": ["redshift:*", "dynamodb:table"]}}}"#
        )
    );
    let append = r#"{"tags": {"costcenter": {"tag_value": {"@@append": ["Marketing"]}}}}"#;
    assert_eq!(
        merged(&[&[ROOT], &[append]]),
        effective(
            r#"{"tags": {"costcenter": {"tag_key": "CostCenter", "tag_value": ["Development", "Marketing", "Support"]}}}"#
        )
    );
    let remove =
        r#"{"tags": {"costcenter": {"tag_value": {"@@remove": ["Development", "Marketing"]}}}}"#;
    assert_eq!(
        merged(&[&[ROOT], &[append], &[remove]]),
        effective(
            r#"{"tags": {"costcenter": {"tag_key": "CostCenter", "tag_value": ["Support"]}}}"#
        )
    );
}

#[test]
fn a_policy_binds_those_below_and_not_its_neighbours() {
    let closed = r#"{"tags": {"project": {"tag_key": {"@@assign": "PROJECT", "@@operators_allowed_for_child_policies": ["@@none"]},
        "tag_value": {"@@assign": ["A"], "@@operators_allowed_for_child_policies": ["@@append"]}}}}"#;
    let below = r#"{"tags": {"project": {"tag_key": {"@@assign": "project"}, "tag_value": {"@@assign": ["B"], "@@append": ["C"]}}}}"#;
    let with_dedicated_pool = r#"{"tags": {"project": {"tag_value": {"@@append": ["D"]}}}}"#;
    let found = merged(&[&[closed, with_dedicated_pool], &[below]]);
    let rule = &found.keys["project"];
    assert_eq!(rule.tag_key, "PROJECT");
    assert_eq!(rule.values, Some(["A", "C", "D"].map(String::from).into()));
    assert!(!rule.is_disputed);
    // A child cannot restore what a parent removed.
    let back = r#"{"tags": {"project": {"tag_key": {"@@operators_allowed_for_child_policies": ["@@all"]}}}}"#;
    assert_eq!(merged(&[&[closed], &[back], &[below]]).keys["project"].tag_key, "PROJECT");
    // Two at one target: what both allow.
    let other = r#"{"tags": {"project": {"tag_value": {"@@operators_allowed_for_child_policies": ["@@remove"]}}}}"#;
    assert_eq!(
        merged(&[&[closed, other], &[below]]).keys["project"].values,
        Some(["A".to_owned()].into())
    );
}

#[test]
fn a_closed_list_takes_no_new_keys() {
    let closed = r#"{"tags": {"@@operators_allowed_for_child_policies": ["@@none"], "env": {"tag_key": {"@@assign": "Env"},
        "@@operators_allowed_for_child_policies": ["@@none"]}}}"#;
    let below = r#"{"tags": {"env": {"tag_value": {"@@assign": ["prod"]}}, "team": {"tag_key": {"@@assign": "Team"}}}}"#;
    assert_eq!(
        merged(&[&[closed], &[below]]),
        effective(r#"{"tags": {"env": {"tag_key": "Env"}}}"#)
    );
}

#[test]
fn policies_at_one_place_that_differ_are_disputed() {
    let one = r#"{"tags": {"project": {"tag_key": {"@@assign": "PROJECT"}}}}"#;
    let other = r#"{"tags": {"Project": {"tag_key": {"@@assign": "project"}}}}"#;
    assert!(merged(&[&[one, other]]).keys["project"].is_disputed);
    assert!(!merged(&[&[one, one]]).keys["project"].is_disputed);
    // A policy further down overrides.
    assert!(!merged(&[&[one, other], &[one]]).keys["project"].is_disputed);
}

#[test]
fn tags_are_held_against_it() {
    let found = effective(
        r#"{"tags": {"costcenter": {"tag_key": "CostCenter", "tag_value": ["100", "2*", "*@x"],
            "report_required_tag_for": ["secretsmanager:ALL_SUPPORTED"]}, "team": {}}}"#,
    );
    let rule = &found.keys["costcenter"];
    let check = |pairs: &[(&str, &str)], of: &str| {
        let tags = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        rule.check(&tags, of)
    };
    let (secret, parameter) = ("secretsmanager:secret", "ssm:parameter");
    assert_eq!(check(&[("CostCenter", "100")], secret), TagCheck::Complies);
    assert_eq!(check(&[("CostCenter", "217")], secret), TagCheck::Complies);
    assert_eq!(check(&[("CostCenter", "a@x")], secret), TagCheck::Complies);
    assert_eq!(check(&[("CostCenter", "1000")], secret), TagCheck::Value("1000".into()));
    assert_eq!(check(&[("CostCenter", "")], secret), TagCheck::Value(String::new()));
    assert_eq!(check(&[("costcenter", "100")], secret), TagCheck::Written("costcenter".into()));
    assert_eq!(check(&[], secret), TagCheck::Missing);
    assert_eq!(check(&[], parameter), TagCheck::Complies);
    // Without a tag key the lower case is valid.
    assert_eq!(found.keys["team"].tag_key, "team");
}

#[test]
fn what_is_not_understood_is_refused_with_the_place() {
    for (text, location, reason) in [
        ("{", "the tag policy", "is not JSON"),
        ("[]", "the tag policy", "is to be an object"),
        ("{}", "the tag policy", "has no tags"),
        (r#"{"tags": {}, "more": 1}"#, "more", "is not known"),
        (r#"{"tags": {"a": {"tag_keys": {}}}}"#, "tags.a.tag_keys", "a tag key has"),
        (r#"{"tags": {"a": {"tag_key": "A"}}}"#, "tags.a.tag_key", "is to be an object"),
        (
            r#"{"tags": {"a": {"tag_key": {"@@add": "A"}}}}"#,
            "tags.a.tag_key.@@add",
            "operators are",
        ),
        (
            r#"{"tags": {"a": {"tag_key": {"@@append": "A"}}}}"#,
            "tags.a.tag_key.@@append",
            "is assigned",
        ),
        (
            r#"{"tags": {"a": {"tag_value": {"@@assign": [1]}}}}"#,
            "tags.a.tag_value.@@assign",
            "list of texts",
        ),
        (
            r#"{"tags": {"a": {"tag_value": {"@@operators_allowed_for_child_policies": ["@@some"]}}}}"#,
            "tags.a.tag_value.@@operators_allowed_for_child_policies",
            "@@some is not known",
        ),
    ] {
        let fault = Document::read(text).unwrap_err();
        assert_eq!(fault.location, location, "{text}");
        assert!(fault.reason.contains(reason), "{text}: {fault}");
    }
    let long = format!(
        r#"{{"tags": {{"a": {{"tag_value": {{"@@assign": ["{}"]}}}}}}}}"#,
        "x".repeat(10_000)
    );
    assert_eq!(Document::read(&long).unwrap_err().reason, "at most 10000 characters");
}

fn any_document() -> impl Strategy<Value = Document> {
    let values = prop::collection::vec("[a-c]", 0..3);
    let operator = prop::sample::select(vec!["@@assign", "@@append", "@@remove"]);
    let control =
        prop::option::of(prop::sample::subsequence(vec!["@@assign", "@@append", "@@remove"], 0..3));
    (operator, values, control, "[kl]").prop_map(|(operator, values, control, key)| {
        let mut setting = serde_json::json!({ operator: values });
        if let Some(control) = control {
            setting["@@operators_allowed_for_child_policies"] = serde_json::json!(control);
        }
        document(&serde_json::json!({"tags": {key: {"tag_value": setting}}}).to_string())
    })
}

proptest! {
    /// The order of the policies at one target only matters for what is reported as disputed.
    #[test]
    fn the_order_at_one_place_decides_nothing_unsaid(above in any_document(), level in prop::collection::vec(any_document(), 0..4)) {
        let there = EffectiveTagPolicy::merge(&[vec![above.clone()], level.clone()]);
        let back = EffectiveTagPolicy::merge(&[vec![above], level.into_iter().rev().collect()]);
        for (key, rule) in &there.keys {
            let other = &back.keys[key];
            prop_assert!(rule == other || (rule.is_disputed && other.is_disputed), "{rule:?} {other:?}");
        }
    }

    /// No input makes the parser panic.
    #[test]
    fn any_text_is_read_or_refused(text in r#"[{}\[\]",:@a-z]{0,80}"#) {
        let _ = Document::read(&text);
        let _ = EffectiveTagPolicy::read(&text);
    }
}
