//! Rules only for parameters.

use crate::{
    compliance::{PathReaders, PolicyRule},
    parameters_by_path::ByPath,
};
use claviger_domain::{
    compliance::Outcome,
    facts::{ParameterFacts, ParameterType, ResourceFacts},
};
use regex::Regex;

/// Words that mark the name of a credential.
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

/// The maximum number of principals in a message.
const MAX_NAMED: usize = 5;

pub(crate) fn read_by_path(resource: &ResourceFacts, readers: &PathReaders) -> Outcome {
    let readers = match readers {
        PathReaders::Known(readers) => readers,
        PathReaders::Unread => {
            return Outcome::unknown("The identity policies of its account were not read yet.");
        }
        PathReaders::Unreadable(why) => {
            return Outcome::unknown("The identity policies of its account could not be read.")
                .with("reason", why);
        }
    };
    let found: Vec<(&str, ByPath)> = readers
        .iter()
        .filter_map(|one| Some((one.principal.as_str(), one.reads(resource.arn.as_str())?)))
        .collect();
    let (reads, perhaps): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(_, how)| matches!(how, ByPath::Reads(_)));
    let (outcome, named) = if !reads.is_empty() {
        let says =
            "It is denied to a principal that can read it with GetParametersByPath all the same.";
        (Outcome::fail(says), reads)
    } else if !perhaps.is_empty() {
        let says = "It is denied to a principal that may read it with GetParametersByPath, under conditions that cannot be decided here.";
        (Outcome::unknown(says), perhaps)
    } else {
        return Outcome::pass("Nobody to whom it is denied can list it by path.");
    };
    let rest = named.len().saturating_sub(MAX_NAMED);
    let outcome = named.into_iter().take(MAX_NAMED).fold(outcome, |outcome, (principal, how)| {
        let (ByPath::Reads(path) | ByPath::Perhaps(path)) = how;
        outcome.with(principal, format!("lists {path}"))
    });
    if rest > 0 { outcome.with("more principals", rest) } else { outcome }
}

pub(crate) fn of_parameter(
    rule: &PolicyRule,
    parameter: &ParameterFacts,
    resource: &ResourceFacts,
    pattern: Option<&Regex>,
) -> Outcome {
    let is_secure = parameter.parameter_type == ParameterType::SecureString;
    match rule {
        PolicyRule::SecureStringRequired { .. } => match pattern {
            None => Outcome::unknown("The policy's pattern cannot be used."),
            Some(pattern) if !pattern.is_match(&resource.name) => {
                Outcome::not_applicable("Its name does not ask for it.")
            }
            Some(_) if is_secure => Outcome::pass("It is a SecureString."),
            Some(pattern) => Outcome::fail("It should be a SecureString.")
                .with("Type", parameter.parameter_type)
                .with("pattern", pattern.as_str()),
        },
        PolicyRule::PlainCredential {} if is_secure => {
            Outcome::not_applicable("It is a SecureString.")
        }
        PolicyRule::PlainCredential {} => match credential_label(&resource.name) {
            Some(word) => Outcome::fail("A plain parameter has the name of a credential.")
                .with("Type", parameter.parameter_type)
                .with("its name has", word),
            None => Outcome::pass("Its name is not that of a credential."),
        },
        PolicyRule::AdvancedExpiration { .. } => advanced_expiration(parameter, resource, pattern),
        _ => Outcome::not_applicable("It is about secrets of Secrets Manager."),
    }
}

/// The word in the last parts of a name that marks a credential; `tokens-per-minute` has none.
fn credential_label(name: &str) -> Option<&'static str> {
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
