//! What is about parameters alone.

use crate::govern::Rule;
use claviger_domain::{
    facts::{ParameterFacts, ParameterType, ResourceFacts},
    governance::Outcome,
};
use regex::Regex;

/// Words by which a credential is known.
const CREDENTIAL_WORDS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api-key",
    "api_key",
    "private-key",
    "private_key",
    "privatekey",
    "credential",
    "credentials",
    "access-key",
    "access_key",
    "client-secret",
    "client_secret",
    "jwt-key",
];

pub(super) fn of_parameter(
    rule: &Rule,
    parameter: &ParameterFacts,
    resource: &ResourceFacts,
    pattern: Option<&Regex>,
) -> Outcome {
    let is_secure = parameter.parameter_type == ParameterType::SecureString;
    match rule {
        Rule::SecureStringRequired { .. } => match pattern {
            None => Outcome::unknown("The policy's pattern cannot be used."),
            Some(pattern) if !pattern.is_match(&resource.name) => {
                Outcome::not_applicable("Its name does not ask for it.")
            }
            Some(_) if is_secure => Outcome::pass("It is a SecureString."),
            Some(pattern) => Outcome::fail("It should be a SecureString.")
                .with("Type", parameter.parameter_type)
                .with("pattern", pattern.as_str()),
        },
        Rule::PlainCredential {} if is_secure => Outcome::not_applicable("It is a SecureString."),
        Rule::PlainCredential {} => match credential_word(&resource.name) {
            Some(word) => Outcome::fail("A plain parameter has the name of a credential.")
                .with("Type", parameter.parameter_type)
                .with("its name has", word),
            None => Outcome::pass("Its name is not that of a credential."),
        },
        Rule::AdvancedExpiration { .. } => advanced_expiration(parameter, resource, pattern),
        _ => Outcome::not_applicable("It is about secrets of Secrets Manager."),
    }
}

/// The word in the last parts of a name that says it is a credential; `tokens-per-minute` is none.
fn credential_word(name: &str) -> Option<&'static str> {
    let leaf = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    CREDENTIAL_WORDS.iter().copied().find(|word| {
        leaf == *word || leaf.strip_suffix(word).is_some_and(|rest| rest.ends_with(['-', '_', '.']))
    })
}

fn advanced_expiration(
    parameter: &ParameterFacts,
    resource: &ResourceFacts,
    pattern: Option<&Regex>,
) -> Outcome {
    if parameter.tier.as_deref() != Some("Advanced") {
        return Outcome::not_applicable("It is not of the advanced tier.")
            .with("Tier", parameter.tier.as_deref().unwrap_or("absent"));
    }
    if pattern.is_some_and(|pattern| !pattern.is_match(&resource.name)) {
        return Outcome::not_applicable("Its name does not ask for it.");
    }
    let is_expiration = |text: &String| {
        serde_json::from_str::<serde_json::Value>(text)
            .ok()
            .and_then(|policy| Some(policy.get("Type")?.as_str()? == "Expiration"))
    };
    let kinds: Vec<Option<bool>> = parameter.policies.iter().map(is_expiration).collect();
    if kinds.contains(&Some(true)) {
        Outcome::pass("It has an expiration.")
    } else if kinds.contains(&None) {
        Outcome::unknown("One of its policies cannot be read.")
    } else {
        Outcome::fail("It is advanced, and has no expiration.").with("Tier", "Advanced")
    }
}
