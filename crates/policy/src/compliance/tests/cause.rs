//! One finding for each cause.

use super::*;

const PUBLIC: &str = r#"{"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}"#;
const OUTSIDE: &str = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:role/Reader"},
    "Action": "secretsmanager:GetSecretValue", "Resource": "*"}"#;

fn failing(pack: &str, statements: &[&str]) -> Vec<String> {
    let text = format!("{{\"Statement\": [{}]}}", statements.join(","));
    let case = with_deep(|deep| deep.resource_policy = Reading::Read(Some(text)));
    let policies = read_policies(pack).unwrap();
    let fails = |policy: &&Policy| {
        let outcome = outcome_among(policy, &policies, &case, NOW);
        matches!(policy.category(), Category::Exposure)
            && outcome.is_some_and(|outcome| outcome.verdict == Fail)
    };
    policies.iter().filter(fails).map(|policy| policy.id.clone()).collect()
}

fn pack(name: &str) -> &'static str {
    PACKS.iter().find(|(own, _)| *own == name).unwrap().1
}

#[test]
fn a_public_policy_opens_one_finding_in_every_pack() {
    for (name, text) in PACKS {
        let found = failing(text, &[PUBLIC]);
        assert!(found.len() <= 1, "{name}: {found:?}");
    }
    assert_eq!(failing(pack("baseline"), &[PUBLIC]), ["public-policy"]);
    assert_eq!(failing(pack("baseline"), &[OUTSIDE]), ["shared-outside"]);
}

#[test]
fn two_causes_open_two() {
    let both = failing(pack("baseline"), &[PUBLIC, OUTSIDE]);
    assert_eq!(both, ["public-policy", "shared-outside"]);
}

#[test]
fn a_broader_rule_alone_reports_it() {
    let alone = "id: outside\ntitle: Outside\nseverity: critical\nrule: {shared-outside: {}}\n";
    assert_eq!(failing(alone, &[PUBLIC]), ["outside"]);
    // A finding is not hidden behind one that matters less.
    let less = format!(
        "{alone}---\nid: public\ntitle: Public\nseverity: low\nrule: {{public-policy: {{}}}}\n"
    );
    assert_eq!(failing(&less, &[PUBLIC]), ["outside", "public"]);
}
