//! A tag policy's document, as written and as AWS merges it; parsed completely or rejected with a position.
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_example-tag-policies.html>

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// AWS's maximum length, in characters.
pub const TAG_POLICY_LIMIT: usize = 10_000;

/// Why a tag policy is invalid, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{location}: {reason}")]
pub struct TagPolicyFault {
    /// Names from the top down, separated by dots; empty for the document itself.
    pub location: String,
    pub reason: String,
}

fn fault(location: &str, reason: impl Into<String>) -> TagPolicyFault {
    let location = if location.is_empty() { "the tag policy" } else { location };
    TagPolicyFault { location: location.to_owned(), reason: reason.into() }
}

/// An operation on a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operator {
    Assign,
    Append,
    Remove,
}

const ALL: [Operator; 3] = [Operator::Assign, Operator::Append, Operator::Remove];
const CONTROL: &str = "@@operators_allowed_for_child_policies";

/// The operations that child policies may use.
pub(crate) type Allowed = BTreeSet<Operator>;

pub(crate) fn everything() -> Allowed {
    ALL.into()
}

/// The settings of a tag key, by AWS's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Name {
    TagKey,
    TagValue,
    EnforcedFor,
    ReportRequiredTagFor,
}

/// One policy's operation on one setting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) done: BTreeMap<Operator, Vec<String>>,
    pub(crate) allows: Option<Allowed>,
}

/// One policy's settings for one tag key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) settings: BTreeMap<Name, Setting>,
    pub(crate) allows: Option<Allowed>,
}

/// A tag policy as written, with its operators. Policy keys are in lower case, because AWS treats them case-insensitively.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    pub(super) keys: BTreeMap<String, Key>,
    pub(super) allows: Option<Allowed>,
}

impl Document {
    pub fn read(text: &str) -> Result<Self, TagPolicyFault> {
        let mut document = Self::default();
        for (name, value) in tags_of(text)? {
            let location = format!("tags.{name}");
            if name == CONTROL {
                document.allows = Some(allowed(&location, &value)?);
                continue;
            }
            let key = document.keys.entry(name.to_lowercase()).or_default();
            for (name, value) in object(&location, value)? {
                let location = format!("{location}.{name}");
                if name == CONTROL {
                    key.allows = Some(allowed(&location, &value)?);
                    continue;
                }
                let setting = name.parse::<Name>().map_err(|_| unknown_setting(&location))?;
                key.settings.insert(setting, written(&location, setting, value)?);
            }
        }
        Ok(document)
    }
}

/// The merged settings of a tag key.
pub(crate) type Plain = BTreeMap<Name, Vec<String>>;

/// An effective policy, as `DescribeEffectivePolicy` returns it: without operators.
pub(crate) fn read_plain(text: &str) -> Result<BTreeMap<String, Plain>, TagPolicyFault> {
    let mut keys = BTreeMap::new();
    for (name, value) in tags_of(text)? {
        let location = format!("tags.{name}");
        let mut plain = Plain::new();
        for (setting, value) in object(&location, value)? {
            let location = format!("{location}.{setting}");
            let name = setting.parse::<Name>().map_err(|_| unknown_setting(&location))?;
            plain.insert(name, values(&location, value)?);
        }
        keys.insert(name.to_lowercase(), plain);
    }
    Ok(keys)
}

fn unknown_setting(location: &str) -> TagPolicyFault {
    fault(location, "a tag key has tag_key, tag_value, enforced_for and report_required_tag_for")
}

fn tags_of(text: &str) -> Result<Map<String, Value>, TagPolicyFault> {
    if text.chars().count() > TAG_POLICY_LIMIT {
        return Err(fault("", format!("at most {TAG_POLICY_LIMIT} characters")));
    }
    let value: Value =
        serde_json::from_str(text).map_err(|error| fault("", format!("is not JSON: {error}")))?;
    let mut whole = object("", value)?;
    let tags = whole.remove("tags").ok_or_else(|| fault("", "has no tags"))?;
    if let Some(other) = whole.keys().next() {
        return Err(fault(other, "is not known; a tag policy has tags alone"));
    }
    object("tags", tags)
}

fn object(location: &str, value: Value) -> Result<Map<String, Value>, TagPolicyFault> {
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(fault(location, "is to be an object")),
    }
}

/// One text or several.
fn values(location: &str, value: Value) -> Result<Vec<String>, TagPolicyFault> {
    let texts = match value {
        Value::String(text) => return Ok(vec![text]),
        Value::Array(texts) => texts,
        _ => return Err(fault(location, "is to be a text or a list of texts")),
    };
    texts
        .into_iter()
        .map(|text| match text {
            Value::String(text) => Ok(text),
            _ => Err(fault(location, "is to be a list of texts")),
        })
        .collect()
}

fn written(location: &str, name: Name, value: Value) -> Result<Setting, TagPolicyFault> {
    let mut setting = Setting::default();
    for (operator, value) in object(location, value)? {
        let location = format!("{location}.{operator}");
        if operator == CONTROL {
            setting.allows = Some(allowed(&location, &value)?);
            continue;
        }
        let operator = operator_of(&operator)
            .ok_or_else(|| fault(&location, "operators are @@assign, @@append and @@remove"))?;
        let given = values(&location, value)?;
        if name == Name::TagKey && (operator != Operator::Assign || given.len() != 1) {
            return Err(fault(&location, "a tag key is assigned, and is one"));
        }
        setting.done.insert(operator, given);
    }
    Ok(setting)
}

fn operator_of(text: &str) -> Option<Operator> {
    Some(match text {
        "@@assign" => Operator::Assign,
        "@@append" => Operator::Append,
        "@@remove" => Operator::Remove,
        _ => return None,
    })
}

fn allowed(location: &str, value: &Value) -> Result<Allowed, TagPolicyFault> {
    let mut allowed = Allowed::new();
    for word in values(location, value.clone())? {
        match word.as_str() {
            "@@all" => allowed.extend(ALL),
            "@@none" => {}
            word => {
                allowed.insert(operator_of(word).ok_or_else(|| {
                    fault(location, format!("{word} is not known; @@all, @@none, @@assign, @@append and @@remove are"))
                })?);
            }
        }
    }
    Ok(allowed)
}
