//! Rules about keys, tags and names.

use crate::{
    compliance::TagPolicies,
    tag_policy::{TagCheck, TagRule, resource_type},
};
use claviger_domain::{
    compliance::Outcome,
    facts::{Detail, KeyClass, ResourceDetails, ResourceFacts, SecretFacts},
};
use regex::Regex;
use std::collections::BTreeMap;

pub(crate) fn customer_key(
    resource: &ResourceFacts,
    deep: Option<&ResourceDetails>,
    managed: impl Fn(&str) -> bool,
) -> Outcome {
    let key = resource.kms_key_id.as_deref().unwrap_or("absent: the AWS managed key");
    match resource.key_class() {
        KeyClass::CustomerManaged => {
            // After a change of key AWS re-encrypts only versions that the caller may re-encrypt.
            let left: Vec<(&str, String)> = deep
                .map(ResourceDetails::moved_with_the_key)
                .unwrap_or_default()
                .into_iter()
                .filter(|(_, version)| version.key_ids.iter().any(|id| managed(id)))
                .map(|(stage, version)| (stage, version.key_ids.join(", ")))
                .collect();
            if left.is_empty() {
                return Outcome::pass("It is under a customer-managed key.").with("KmsKeyId", key);
            }
            let failed = Outcome::fail(
                "Its key is a customer-managed one, but versions are still encrypted under the AWS managed key.",
            );
            left.into_iter().fold(failed.with("KmsKeyId", key), |outcome, (stage, ids)| {
                outcome.with(&format!("KmsKeyIds of {stage}"), ids)
            })
        }
        KeyClass::AwsManaged => {
            Outcome::fail("It is under the AWS managed key.").with("KmsKeyId", key)
        }
        KeyClass::Plain => Outcome::not_applicable("It is a plain parameter, under no key at all."),
    }
}

pub(crate) fn required_tags(
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

/// Tags that AWS sets, such as `aws:cloudformation:stack-name`, do not count.
pub(crate) fn tagged(resource: &ResourceFacts) -> Outcome {
    let Some(tags) = &resource.tags else {
        return Outcome::unknown("Its tags could not be read.");
    };
    match tags.keys().find(|key| !key.to_lowercase().starts_with("aws:")) {
        Some(key) => Outcome::pass("It is tagged.").with("tag", key),
        None if tags.is_empty() => Outcome::fail("It has no tag."),
        None => Outcome::fail("It has no tag but AWS's own."),
    }
}

pub(crate) fn tag_policy(resource: &ResourceFacts, policies: &TagPolicies) -> Outcome {
    let policy = match policies {
        TagPolicies::Known(policy) => policy,
        TagPolicies::Unread => {
            return Outcome::unknown("The Organization's tag policies were not read yet.");
        }
        TagPolicies::Unreadable(why) => {
            return Outcome::unknown("The Organization's tag policies could not be read.")
                .with("reason", why);
        }
    };
    if policy.keys.is_empty() {
        return Outcome::not_applicable("No tag policy of the Organization reaches its account.");
    }
    let Some(tags) = &resource.tags else {
        return Outcome::unknown("Its tags could not be read.");
    };
    let resource_type = resource_type(resource.kind());
    let (mut wrong, mut disputed) = (Vec::new(), Vec::new());
    for rule in policy.keys.values() {
        let found = match rule.check(tags, resource_type) {
            // A missing tag has no other error.
            TagCheck::Complies if rule.is_disputed && rule.is_named_in(tags) => String::new(),
            TagCheck::Complies => continue,
            TagCheck::Missing => "is missing".to_owned(),
            TagCheck::Written(other) => format!("is written {other}"),
            TagCheck::Value(value) => match &rule.values {
                Some(values) if values.is_empty() => {
                    "is there, and no value of it is allowed".into()
                }
                _ => format!("is {value}; allowed are {}", listed(rule)),
            },
        };
        if rule.is_disputed { disputed.push(rule) } else { wrong.push((rule, found)) }
    }
    if !wrong.is_empty() {
        let failed = Outcome::fail("Its tags do not comply with the Organization's tag policies.");
        return wrong
            .into_iter()
            .fold(failed, |outcome, (rule, found)| outcome.with(&rule.tag_key, found));
    }
    if !disputed.is_empty() {
        let open = Outcome::unknown(
            "Tag policies attached to the same place say different things: AWS takes the one that was attached first, and does not tell which.",
        );
        return disputed
            .into_iter()
            .fold(open, |outcome, rule| outcome.with(&rule.tag_key, "is disputed"));
    }
    Outcome::pass("Its tags comply with the Organization's tag policies.")
}

fn listed(rule: &TagRule) -> String {
    rule.values.iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ")
}

pub(crate) fn owner(resource: &ResourceFacts, team: Option<&str>) -> Outcome {
    if let Some(team) = team {
        return Outcome::pass("It has an owner.").with("owner", team);
    }
    let Some(tags) = &resource.tags else {
        return Outcome::unknown("Its tags could not be read.");
    };
    let outcome = Outcome::fail("No tag names its owner.");
    match tags.keys().find(|key| key.eq_ignore_ascii_case("owner")) {
        Some(other) => outcome.with("tag", format!("{other} is another tag than owner")),
        None => outcome,
    }
}

pub(crate) fn naming(resource: &ResourceFacts, pattern: Option<&Regex>) -> Outcome {
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
