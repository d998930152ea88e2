//! Keys, tags and names.

use claviger_domain::{
    facts::{Detail, KeyClass, ResourceFacts, SecretFacts},
    governance::Outcome,
};
use regex::Regex;
use std::collections::BTreeMap;

pub(super) fn customer_key(resource: &ResourceFacts) -> Outcome {
    let key = resource.kms_key_id.as_deref().unwrap_or("absent: the AWS managed key");
    match resource.key_class() {
        KeyClass::CustomerManaged => {
            Outcome::pass("It is under a customer-managed key.").with("KmsKeyId", key)
        }
        KeyClass::AwsManaged => {
            Outcome::fail("It is under the AWS managed key.").with("KmsKeyId", key)
        }
        KeyClass::Plain => Outcome::not_applicable("It is a plain parameter, under no key at all."),
    }
}

pub(super) fn required_tags(
    resource: &ResourceFacts,
    wanted: &BTreeMap<String, Vec<String>>,
) -> Outcome {
    let Some(tags) = &resource.tags else {
        return Outcome::unknown("Its tags could not be read.");
    };
    let mut outcome = Outcome::pass("It has the tags that are asked for.");
    let mut wrong = |key: &str, what: String| {
        if outcome.evidence.is_empty() {
            outcome = Outcome::fail("Tags are missing, or have a value that is not allowed.");
        }
        outcome = outcome.clone().with(key, what);
    };
    for (key, values) in wanted {
        match tags.get(key) {
            Some(value) if value.trim().is_empty() => wrong(key, "is blank".into()),
            Some(value) if !values.is_empty() && !values.contains(value) => {
                wrong(key, format!("is {value}; allowed are {}", values.join(", ")));
            }
            Some(_) => {}
            None => {
                let near = tags.keys().find(|other| other.eq_ignore_ascii_case(key));
                wrong(
                    key,
                    match near {
                        Some(other) => format!("is missing; {other} is another tag"),
                        None => "is missing".into(),
                    },
                );
            }
        }
    }
    outcome
}

pub(super) fn owner(resource: &ResourceFacts) -> Outcome {
    let Some(tags) = &resource.tags else {
        return Outcome::unknown("Its tags could not be read.");
    };
    if let Some(owner) = tags.get("owner").filter(|value| !value.trim().is_empty()) {
        return Outcome::pass("It has an owner.").with("owner", owner);
    }
    let outcome = Outcome::fail("No tag names its owner.");
    match tags.keys().find(|key| key.eq_ignore_ascii_case("owner")) {
        Some(other) => outcome.with("tag", format!("{other} is another tag than owner")),
        None => outcome,
    }
}

pub(super) fn naming(resource: &ResourceFacts, pattern: Option<&Regex>) -> Outcome {
    if matches!(&resource.detail, Detail::Secret(SecretFacts { owning_service: Some(_), .. })) {
        return Outcome::not_applicable("Another AWS service named it.");
    }
    let Some(pattern) = pattern else {
        return Outcome::unknown("The policy's pattern cannot be used.");
    };
    if pattern.is_match(&resource.name) {
        Outcome::pass("Its name is as it should be.")
    } else {
        Outcome::fail("Its name is not as it should be.").with("pattern", pattern.as_str())
    }
}
