//! The tag policies of the Organization: merged from the root down as AWS merges them, and compared with tags.

mod document;

pub use document::{Document, TAG_POLICY_LIMIT, TagPolicyFault};

use claviger_domain::facts::Kind;
use document::{Allowed, Key, Name, Operator, Plain, Setting, everything, read_plain};
use std::collections::{BTreeMap, BTreeSet};

/// What tag policies call the type.
pub const fn resource_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Secret => "secretsmanager:secret",
        Kind::Parameter => "ssm:parameter",
    }
}

/// The requirements for one tag key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagRule {
    /// Its capitalization.
    pub tag_key: String,
    /// Its allowed values, each with at most one `*`. `None` if any value is allowed; an empty list forbids the key.
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_example-tag-policies.html>
    pub values: Option<BTreeSet<String>>,
    /// The resource types for which AWS rejects tags that do not comply.
    pub enforced_for: BTreeSet<String>,
    /// The resource types that require the tag.
    pub required_for: BTreeSet<String>,
    /// Whether policies attached to the same target contradict each other: AWS applies the one that was attached first,
    /// and does not return which that is.
    pub is_disputed: bool,
}

/// The result of a rule for a resource's tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagCheck {
    /// The key has this capitalization and an allowed value; or it is absent and not required.
    Complies,
    Missing,
    /// Another capitalization of the key.
    Written(String),
    Value(String),
}

impl TagRule {
    /// Compares the tags of a resource of a type such as `secretsmanager:secret` with the rule.
    pub fn check(&self, tags: &BTreeMap<String, String>, resource_type: &str) -> TagCheck {
        if let Some(other) =
            tags.keys().find(|key| **key != self.tag_key && same_but_for_case(key, &self.tag_key))
        {
            return TagCheck::Written(other.clone());
        }
        match tags.get(&self.tag_key) {
            None if reaches(&self.required_for, resource_type) => TagCheck::Missing,
            Some(value) if !self.takes(value) => TagCheck::Value(value.clone()),
            _ => TagCheck::Complies,
        }
    }

    /// Whether there is such a tag, in any capitalization.
    pub fn is_named_in(&self, tags: &BTreeMap<String, String>) -> bool {
        tags.keys().any(|key| same_but_for_case(key, &self.tag_key))
    }

    /// Whether resources of a type such as `secretsmanager:secret` need the tag.
    pub fn is_required_for(&self, resource_type: &str) -> bool {
        reaches(&self.required_for, resource_type)
    }

    fn takes(&self, value: &str) -> bool {
        let Some(values) = &self.values else { return true };
        values.iter().any(|pattern| match pattern.split_once('*') {
            None => pattern == value,
            Some((before, after)) => {
                value.len() >= before.len() + after.len()
                    && value.starts_with(before)
                    && value.ends_with(after)
            }
        })
    }
}

fn same_but_for_case(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Whether a list of resource types contains one: itself, or all of its service.
fn reaches(types: &BTreeSet<String>, resource_type: &str) -> bool {
    let service = resource_type.split(':').next().unwrap_or_default();
    types.iter().any(|named| {
        named == resource_type
            || named
                .split_once(':')
                .is_some_and(|(of, what)| of == service && matches!(what, "*" | "ALL_SUPPORTED"))
    })
}

/// The effective rules of an account, by policy key in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EffectiveTagPolicy {
    pub keys: BTreeMap<String, TagRule>,
}

impl EffectiveTagPolicy {
    /// As `DescribeEffectivePolicy` returns it.
    pub fn read(text: &str) -> Result<Self, TagPolicyFault> {
        let keys = read_plain(text)?;
        Ok(Self { keys: keys.into_iter().map(|(key, plain)| rule(key, plain, false)).collect() })
    }

    /// Merges the policies attached to each target, from the root down to the account.
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/inheritance-examples.html>
    pub fn merge(levels: &[Vec<Document>]) -> Self {
        let mut merged = Merged::default();
        for level in levels {
            merged.descend(level);
        }
        let keys = merged.keys.into_iter().map(|(key, at)| {
            let disputed = at.settings.values().any(|setting| setting.is_disputed);
            // A policy with only child operators sets nothing.
            let set = at.settings.into_iter().filter(|(_, setting)| setting.is_set);
            let plain = set.map(|(name, setting)| (name, setting.values)).collect();
            rule(key, plain, disputed)
        });
        Self { keys: keys.collect() }
    }

    /// Whether both have the same requirements, whatever is disputed.
    pub fn agrees(&self, other: &Self) -> bool {
        let plain = |one: &Self| {
            let mut one = one.clone();
            for rule in one.keys.values_mut() {
                rule.is_disputed = false;
            }
            one
        };
        plain(self) == plain(other)
    }
}

fn rule(key: String, mut plain: Plain, is_disputed: bool) -> (String, TagRule) {
    let values = plain.remove(&Name::TagValue).map(|values| values.into_iter().collect());
    let mut take = |name| plain.remove(&name).unwrap_or_default();
    let rule = TagRule {
        // Without one, the lower case applies.
        tag_key: take(Name::TagKey).pop().unwrap_or_else(|| key.clone()),
        values,
        enforced_for: take(Name::EnforcedFor).into_iter().collect(),
        required_for: take(Name::ReportRequiredTagFor).into_iter().collect(),
        is_disputed,
    };
    (key, rule)
}

/// The result of the levels merged so far.
struct Merged {
    keys: BTreeMap<String, MergedKey>,
    /// The operators allowed below: new keys are assigned.
    allows: Allowed,
}

impl Default for Merged {
    fn default() -> Self {
        Self { keys: BTreeMap::new(), allows: everything() }
    }
}

struct MergedKey {
    settings: BTreeMap<Name, MergedSetting>,
    allows: Allowed,
}

impl Default for MergedKey {
    fn default() -> Self {
        Self { settings: BTreeMap::new(), allows: everything() }
    }
}

struct MergedSetting {
    values: Vec<String>,
    allows: Allowed,
    is_disputed: bool,
    /// Whether any policy has assigned or appended to it.
    is_set: bool,
}

impl Default for MergedSetting {
    fn default() -> Self {
        Self { values: Vec::new(), allows: everything(), is_disputed: false, is_set: false }
    }
}

impl Merged {
    /// One level further down. A policy's child operators restrict the levels below, never its own level.
    fn descend(&mut self, level: &[Document]) {
        let keys: BTreeSet<&String> = level.iter().flat_map(|one| one.keys.keys()).collect();
        for name in keys {
            let parts: Vec<&Key> = level.iter().filter_map(|one| one.keys.get(name)).collect();
            if !self.keys.contains_key(name) && !self.allows.contains(&Operator::Assign) {
                continue;
            }
            self.keys.entry(name.clone()).or_default().descend(&parts);
        }
        narrow(&mut self.allows, level.iter().map(|one| &one.allows));
    }
}

impl MergedKey {
    fn descend(&mut self, parts: &[&Key]) {
        let names: BTreeSet<Name> =
            parts.iter().flat_map(|part| part.settings.keys()).copied().collect();
        for name in names {
            let parts: Vec<&Setting> =
                parts.iter().filter_map(|part| part.settings.get(&name)).collect();
            if !self.settings.contains_key(&name) && !self.allows.contains(&Operator::Assign) {
                continue;
            }
            self.settings.entry(name).or_default().descend(&parts);
        }
        narrow(&mut self.allows, parts.iter().map(|part| &part.allows));
    }
}

impl MergedSetting {
    fn descend(&mut self, parts: &[&Setting]) {
        let done = |operator: Operator| -> Vec<&Vec<String>> {
            let allowed = self.allows.contains(&operator);
            parts.iter().filter(|_| allowed).filter_map(|part| part.done.get(&operator)).collect()
        };
        let (assigned, appended, removed) =
            (done(Operator::Assign), done(Operator::Append), done(Operator::Remove));
        self.is_set |= !assigned.is_empty() || !appended.is_empty();
        if let Some(first) = assigned.first() {
            let as_set = |values: &Vec<String>| values.iter().cloned().collect::<BTreeSet<_>>();
            self.is_disputed = assigned.iter().any(|other| as_set(other) != as_set(first));
            self.values.clone_from(first);
        }
        for value in appended.into_iter().flatten() {
            if !self.values.contains(value) {
                self.values.push(value.clone());
            }
        }
        self.values.retain(|value| !removed.iter().any(|gone| gone.contains(value)));
        narrow(&mut self.allows, parts.iter().map(|part| &part.allows));
    }
}

/// The operators that all of them allow; a policy without restrictions allows all, and none can restore what a parent removed.
fn narrow<'a>(allows: &mut Allowed, by: impl Iterator<Item = &'a Option<Allowed>>) {
    for other in by.flatten() {
        allows.retain(|operator| other.contains(operator));
    }
}

#[cfg(test)]
mod tests;
