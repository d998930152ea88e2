//! Scopes of policies.

use super::Facts;
use claviger_domain::{authz::Scope, facts::Kind, ids::AccountId};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The scope of a policy: everywhere, unless restricted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct PolicyScope {
    /// Conditions, all of which must match; without conditions: everywhere.
    pub within: ScopePart,
    /// Exclusions.
    pub except: Vec<ScopePart>,
}

/// A part of the inventory: all given conditions must match, any entry of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ScopePart {
    /// OUs with their descendants, by id or by path such as `Workloads/Production`.
    pub ous: Vec<String>,
    #[schemars(with = "Vec<String>")]
    pub accounts: Vec<AccountId>,
    /// A tag's key with the matching values; an empty list means any value.
    pub tags: BTreeMap<String, Vec<String>>,
    /// `secret` or `parameter`.
    #[schemars(with = "Vec<String>")]
    pub kinds: Vec<Kind>,
    /// Prefixes of names.
    pub names: Vec<String>,
}

impl PolicyScope {
    pub fn covers(&self, facts: &Facts<'_>) -> bool {
        self.within.covers(facts)
            && !self.except.iter().any(|part| !part.is_empty() && part.covers(facts))
    }

    /// Whether it names OUs. What knows only an account, or a file, does not know which OU contains it.
    pub fn names_ous(&self) -> bool {
        !self.within.ous.is_empty() || self.except.iter().any(|part| !part.ous.is_empty())
    }

    /// In a sentence.
    pub fn explain(&self) -> String {
        let within = match self.within.explain() {
            text if text.is_empty() => "All accounts".to_owned(),
            text => format!("Where {text}"),
        };
        let except: Vec<String> = self.except.iter().map(ScopePart::explain).collect();
        match except.len() {
            0 => format!("{within}."),
            _ => format!("{within}, but not where {}.", except.join(", nor where ")),
        }
    }
}

impl ScopePart {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn covers(&self, facts: &Facts<'_>) -> bool {
        fn any<T>(list: &[T], holds: impl Fn(&T) -> bool) -> bool {
            list.is_empty() || list.iter().any(holds)
        }
        let tags = facts.resource.tags.as_ref();
        any(&self.ous, |ou| Scope::Ou(ou.clone()).covers(facts.location))
            && any(&self.accounts, |account| *account == facts.location.account)
            && any(&self.kinds, |kind| *kind == facts.resource.kind())
            && any(&self.names, |start| facts.resource.name.starts_with(start.as_str()))
            && self.tags.iter().all(|(key, values)| {
                tags.and_then(|tags| tags.get(key)).is_some_and(|value| any(values, |v| v == value))
            })
    }

    fn explain(&self) -> String {
        let mut parts = Vec::new();
        let mut say = |what: &str, values: Vec<String>| {
            if !values.is_empty() {
                parts.push(format!("{what} {}", values.join(" or ")));
            }
        };
        say("the unit is", self.ous.clone());
        say("the account is", self.accounts.iter().map(ToString::to_string).collect());
        say("it is a", self.kinds.iter().map(ToString::to_string).collect());
        say("the name begins with", self.names.clone());
        for (key, values) in &self.tags {
            if values.is_empty() {
                parts.push(format!("it has the tag {key}"));
            } else {
                parts.push(format!("the tag {key} is {}", values.join(" or ")));
            }
        }
        parts.join(" and ")
    }
}
