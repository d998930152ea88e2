//! Names that policy files, access policies and rows use: rules and their fields, Cedar's entities and actions, packs and their
//! policies. A change of one of these snapshots breaks files that people have written.

use claviger_policy::{
    SCHEMA,
    compliance::{PACKS, json_schema, read_policies},
};
use serde_json::Value;
use std::collections::BTreeSet;

/// The path of every field, and each value that a field accepts.
fn fields(of: &str, schema: &Value, definitions: &Value, found: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|at| at.rsplit('/').next()) {
        fields(of, &definitions[name], definitions, found);
    }
    for (name, below) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{of}.{name}");
        fields(&path, below, definitions, found);
        found.insert(path);
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        for below in schema[several].as_array().into_iter().flatten() {
            fields(of, below, definitions, found);
        }
    }
    for word in schema["enum"].as_array().into_iter().flatten().chain(schema.get("const")) {
        found.insert(format!("{of} = {word}"));
    }
    for below in [&schema["items"], &schema["additionalProperties"]] {
        if below.is_object() {
            fields(&format!("{of}[]"), below, definitions, found);
        }
    }
}

#[test]
fn fields_of_policy_files() {
    let schema: Value = serde_json::from_str(&json_schema()).unwrap();
    let mut found = BTreeSet::new();
    fields("", &schema, &schema["$defs"], &mut found);
    assert!(found.contains(".rule.rotation-interval.max-days"), "{found:?}");
    let lines: Vec<String> = found.into_iter().collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn entities_and_actions_of_access_policies() {
    let lines: Vec<&str> =
        SCHEMA.lines().map(|line| line.split("//").next().unwrap_or_default().trim_end()).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

/// Findings, exceptions and saved URLs contain the policies' ids.
#[test]
fn policies_of_packs() {
    let mut lines = Vec::new();
    for (pack, text) in PACKS {
        let policies = read_policies(text).unwrap();
        let ids: Vec<&str> = policies.iter().map(|policy| policy.id.as_str()).collect();
        lines.push(format!("{pack}: {}", ids.join(" ")));
    }
    insta::assert_snapshot!(lines.join("\n"));
}
