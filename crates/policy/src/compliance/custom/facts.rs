//! The facts that an expression may use. An unknown fact is undefined, and makes the result unknown.

use crate::compliance::{Facts, day};
use cel::{Context, Value};
use claviger_domain::facts::{Detail, Reading};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
};
use time::{Date, OffsetDateTime, UtcOffset};

/// A type of the expressions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    Bool,
    Int,
    Text,
    List(Box<Self>),
    /// From texts.
    Map(Box<Self>),
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Text => f.write_str("string"),
            Self::List(of) => write!(f, "list({of})"),
            Self::Map(of) => write!(f, "map(string, {of})"),
        }
    }
}

/// The type of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Bool,
    Int,
    Text,
    Texts,
    TextMap,
}

impl Of {
    pub(super) fn into_type(self) -> Type {
        match self {
            Self::Bool => Type::Bool,
            Self::Int => Type::Int,
            Self::Text => Type::Text,
            Self::Texts => Type::List(Box::new(Type::Text)),
            Self::TextMap => Type::Map(Box::new(Type::Text)),
        }
    }
}

/// A fact as expressions see it, and as evidence shows it: with dates, so that it is the same every day.
pub(super) struct Known {
    pub(super) value: Value,
    pub(super) shown: String,
}

/// A fact by its name.
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) of: Of,
    read: fn(&Facts<'_>, OffsetDateTime) -> Option<Known>,
}

const fn fact(
    name: &'static str,
    of: Of,
    read: fn(&Facts<'_>, OffsetDateTime) -> Option<Known>,
) -> Fact {
    Fact { name, of, read }
}

/// All of them, as documented in docs/compliance.md.
pub(crate) const FACTS: &[Fact] = &[
    fact("kind", Of::Text, |f, _| Some(text(f.resource.kind().to_string()))),
    fact("name", Of::Text, |f, _| Some(text(&f.resource.name))),
    fact("arn", Of::Text, |f, _| Some(text(f.resource.arn.as_str()))),
    fact("description", Of::Text, |f, _| {
        Some(text(f.resource.description.as_deref().unwrap_or_default()))
    }),
    fact("account", Of::Text, |f, _| Some(text(f.location.account.as_str()))),
    fact("account_name", Of::Text, |f, _| Some(text(&f.location.account_name))),
    fact("units", Of::Texts, |f, _| {
        Some(texts(f.location.units.iter().map(|(_, path)| path.as_str())))
    }),
    fact("region", Of::Text, |f, _| Some(text(f.region.as_str()))),
    fact("tags", Of::TextMap, |f, _| {
        let tags = f.resource.tags.as_ref()?;
        let values: HashMap<String, Value> =
            tags.iter().map(|(key, value)| (key.clone(), text(value).value)).collect();
        Some(Known { shown: listed(tags), value: values.into() })
    }),
    fact("kms_key", Of::Text, |f, _| {
        Some(text(f.resource.kms_key_id.as_deref().unwrap_or_default()))
    }),
    fact("created_days", Of::Int, |f, now| Some(days(f.resource.created_at?, now))),
    fact("changed_days", Of::Int, |f, now| Some(days(f.resource.changed_at?, now))),
    fact("value_days", Of::Int, |f, now| match &f.resource.detail {
        Detail::Secret(_) => Some(days(f.deep?.stage_made("AWSCURRENT")?, now)),
        // A parameter changes with a new value, or with a change of its policies.
        Detail::Parameter(_) => Some(days(f.resource.changed_at?, now)),
    }),
    fact("used_days", Of::Int, |f, now| Some(between(f.used_on?, now))),
    fact("rotation_enabled", Of::Bool, |f, _| match &f.resource.detail {
        Detail::Secret(secret) => Some(truth(secret.rotation.enabled == Some(true))),
        Detail::Parameter(_) => None,
    }),
    fact("rotated_days", Of::Int, |f, now| match &f.resource.detail {
        Detail::Secret(secret) => Some(days(secret.rotation.last_rotated_at?, now)),
        Detail::Parameter(_) => None,
    }),
    fact("replicas", Of::Texts, |f, _| match &f.deep?.replicas {
        Reading::Read(replicas) => Some(texts(replicas.iter().map(|one| one.region.as_str()))),
        Reading::Refused(_) => None,
    }),
    fact("owning_service", Of::Text, |f, _| match &f.resource.detail {
        Detail::Secret(secret) => Some(text(secret.owning_service.as_deref().unwrap_or_default())),
        Detail::Parameter(_) => Some(text("")),
    }),
    fact("secret_type", Of::Text, |f, _| match &f.resource.detail {
        Detail::Secret(secret) => Some(text(secret.secret_type.as_deref().unwrap_or_default())),
        Detail::Parameter(_) => Some(text("")),
    }),
    fact("has_resource_policy", Of::Bool, |f, _| match &f.deep?.resource_policy {
        Reading::Read(policy) => Some(truth(policy.is_some())),
        Reading::Refused(_) => None,
    }),
    fact("parameter_type", Of::Text, |f, _| match &f.resource.detail {
        Detail::Parameter(parameter) => Some(text(parameter.parameter_type.to_string())),
        Detail::Secret(_) => None,
    }),
    fact("tier", Of::Text, |f, _| match &f.resource.detail {
        Detail::Parameter(parameter) => parameter.tier.as_deref().map(text),
        Detail::Secret(_) => None,
    }),
];

fn text(value: impl Into<String>) -> Known {
    let shown = value.into();
    Known { value: Value::String(Arc::new(shown.clone())), shown }
}

fn texts<'a>(values: impl Iterator<Item = &'a str>) -> Known {
    let all: Vec<&str> = values.collect();
    let values = all.iter().map(|one| text(*one).value).collect();
    Known { shown: all.join(", "), value: Value::List(Arc::new(values)) }
}

fn truth(is_so: bool) -> Known {
    Known { value: Value::Bool(is_so), shown: is_so.to_string() }
}

fn listed(tags: &BTreeMap<String, String>) -> String {
    tags.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ")
}

/// Whole days since this time.
fn days(at: OffsetDateTime, now: OffsetDateTime) -> Known {
    Known { value: Value::Int((now - at).whole_days()), shown: day(at) }
}

fn between(day: Date, now: OffsetDateTime) -> Known {
    let days = (now.to_offset(UtcOffset::UTC).date() - day).whole_days();
    Known { value: Value::Int(days), shown: day.to_string() }
}

/// These facts of a resource, each with its value if it is known.
pub(super) fn read(
    names: &[&'static str],
    facts: &Facts<'_>,
    now: OffsetDateTime,
) -> Vec<(&'static str, Option<Known>)> {
    FACTS
        .iter()
        .filter(|fact| names.contains(&fact.name))
        .map(|fact| (fact.name, (fact.read)(facts, now)))
        .collect()
}

/// The variables of an expression: only the known facts.
pub(super) fn context(known: &[(&'static str, Option<Known>)]) -> Context<'static, 'static> {
    let mut context = Context::default();
    for (name, known) in known {
        if let Some(known) = known {
            context.add_variable_from_value(*name, known.value.clone());
        }
    }
    context
}
