//! The reference of rules has every rule and parameter of the schema, and the committed page is the rendered one.

use claviger_policy::compliance::{RULES, json_schema, reference_page};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

#[test]
fn the_page_is_as_the_catalog_has_it() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    let found = fs::read_to_string(page).unwrap_or_default();
    assert!(
        found == reference_page(),
        "docs/rules.md differs from the rules: run `cargo run -p claviger-policy --example rules`"
    );
}

/// A new rule, or a new parameter, needs an entry in the catalog.
#[test]
fn the_catalog_has_every_rule_and_parameter() {
    let schema: serde_json::Value = serde_json::from_str(&json_schema()).unwrap();
    let mut rules = BTreeMap::new();
    for variant in schema["$defs"]["PolicyRule"]["oneOf"].as_array().unwrap() {
        for (name, rule) in variant["properties"].as_object().unwrap() {
            let parameters: BTreeSet<&str> = rule["properties"]
                .as_object()
                .into_iter()
                .flat_map(|properties| properties.keys().map(String::as_str))
                .collect();
            rules.insert(name.as_str(), parameters);
        }
    }
    let catalog: BTreeMap<&str, BTreeSet<&str>> = RULES
        .iter()
        .map(|rule| (rule.name, rule.parameters.iter().map(|one| one.name).collect()))
        .collect();
    assert_eq!(catalog, rules, "crates/policy/src/compliance/catalog.rs lacks a rule or parameter");
    assert_eq!(RULES.len(), rules.len(), "a rule is in the catalog twice");
}

#[test]
fn every_example_is_a_policy_of_its_rule() {
    for rule in RULES {
        assert!(rule.example.starts_with(&format!("{}:", rule.name)), "{}", rule.name);
        assert!(rule.example_policy().is_some(), "the example of {} cannot be read", rule.name);
    }
}
