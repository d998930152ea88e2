//! An evaluator of IAM policies over request contexts: what a document allows, denies, or does not match.
//!
//! Written for what emulators do not enforce: whether the generated session and role policies are as narrow as intended,
//! and broad enough. Principals are ignored: the documents are identity, session and boundary policies.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

mod condition;
mod pattern;

pub(crate) use condition::{Condition, literal};
pub(crate) use pattern::variable;
use pattern::{Pattern, covers_arn};
use serde_json::Value;
use std::{collections::BTreeMap, str::FromStr};

/// The context keys of a request with their values; a key that is missing was not sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context(BTreeMap<String, Vec<String>>);

impl Context {
    /// An empty context.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with a key of one value. Keys are case-insensitive.
    #[must_use]
    pub fn with(self, key: &str, value: impl Into<String>) -> Self {
        self.with_all(key, [value.into()])
    }

    /// The same with a key of any number of values.
    #[must_use]
    pub fn with_all(mut self, key: &str, values: impl IntoIterator<Item = String>) -> Self {
        self.0.insert(key.to_ascii_lowercase(), values.into_iter().collect());
        self
    }

    /// The same without a key.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.0.remove(&key.to_ascii_lowercase());
        self
    }

    /// The values of a key, if the request has it.
    pub(crate) fn get(&self, key: &str) -> Option<&[String]> {
        self.0.get(&key.to_ascii_lowercase()).map(Vec::as_slice)
    }
}

/// One authorization request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Such as `secretsmanager:RotateSecret`.
    pub action: String,
    /// An ARN, or `*` for an action that has no resource.
    pub resource: String,
    pub context: Context,
}

/// The decision on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    Allowed,
    /// No statement allows it.
    ImplicitDeny,
    ExplicitDeny,
}

/// A policy document that AWS would reject, or that this module does not support.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the policy cannot be evaluated: {0}")]
pub struct DocumentFault(String);

fn fault<T>(text: impl Into<String>) -> Result<T, DocumentFault> {
    Err(DocumentFault(text.into()))
}

/// A policy document, parsed completely: an unknown element is an error, never ignored.
#[derive(Debug, Clone)]
pub struct Document {
    statements: Vec<Statement>,
}

#[derive(Debug, Clone)]
struct Statement {
    denies: bool,
    actions: Matcher,
    resources: Matcher,
    conditions: Vec<Condition>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug, Clone)]
struct Matcher {
    is_not: bool,
    patterns: Vec<String>,
}

impl Document {
    /// The decision of this document alone.
    pub fn decide(&self, request: &Request) -> Decision {
        let mut decision = Decision::ImplicitDeny;
        for statement in self.statements.iter().filter(|one| one.applies(request)) {
            if statement.denies {
                return Decision::ExplicitDeny;
            }
            decision = Decision::Allowed;
        }
        decision
    }
}

/// The decision of several identity policies together.
pub fn decide(documents: &[Document], request: &Request) -> Decision {
    let all = documents.iter().map(|document| document.decide(request));
    all.fold(Decision::ImplicitDeny, |so_far, one| match (so_far, one) {
        (Decision::ExplicitDeny, _) | (_, Decision::ExplicitDeny) => Decision::ExplicitDeny,
        (Decision::Allowed, _) | (_, Decision::Allowed) => Decision::Allowed,
        _ => Decision::ImplicitDeny,
    })
}

/// The decision for a session: its role and its session policy must both allow the request.
pub fn decide_session(role: &[Document], session: &Document, request: &Request) -> Decision {
    decide(role, request).max(session.decide(request))
}

/// The elements of a statement; `Sid` and `Principal` are ignored.
const STATEMENT_FIELDS: [&str; 8] =
    ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition", "Principal"];

impl Statement {
    fn applies(&self, request: &Request) -> bool {
        let action = |pattern: &str| Pattern::of_action(pattern).covers(&request.action);
        let resource = |pattern: &str| covers_arn(pattern, &request.resource, &request.context);
        self.actions.matches(action)
            && self.resources.matches(resource)
            && self.conditions.iter().all(|condition| condition.holds(&request.context))
    }

    fn read(value: &Value) -> Result<Self, DocumentFault> {
        let Value::Object(fields) = value else { return fault("a statement is not an object") };
        if let Some(unknown) = fields.keys().find(|name| !STATEMENT_FIELDS.contains(&name.as_str()))
        {
            return fault(format!("a statement has no {unknown}"));
        }
        let denies = match fields.get("Effect").and_then(Value::as_str) {
            Some("Allow") => false,
            Some("Deny") => true,
            other => return fault(format!("{other:?} is not an effect")),
        };
        let actions = Matcher::read(fields.get("Action"), fields.get("NotAction"))?;
        // A trust policy applies to the role that it is attached to.
        let resources = match (fields.get("Resource"), fields.get("NotResource")) {
            (None, None) if fields.contains_key("Principal") => {
                Matcher { is_not: false, patterns: vec!["*".to_owned()] }
            }
            (one, not) => Matcher::read(one, not)?,
        };
        let mut conditions = Vec::new();
        match fields.get("Condition") {
            None => {}
            Some(Value::Object(operators)) => {
                for (operator, keys) in operators {
                    let Value::Object(keys) = keys else {
                        return fault(format!("{operator} has no keys"));
                    };
                    for (key, values) in keys {
                        conditions.push(Condition::read(operator, key, texts(values)?)?);
                    }
                }
            }
            Some(_) => return fault("Condition is not an object"),
        }
        Ok(Self { denies, actions, resources, conditions })
    }
}

impl Matcher {
    fn read(one: Option<&Value>, not: Option<&Value>) -> Result<Self, DocumentFault> {
        let (is_not, value) = match (one, not) {
            (Some(value), None) => (false, value),
            (None, Some(value)) => (true, value),
            _ => {
                return fault(
                    "a statement has one of Action and NotAction, Resource and NotResource",
                );
            }
        };
        let patterns = texts(value)?;
        if patterns.is_empty() {
            return fault("an empty list matches nothing");
        }
        Ok(Self { is_not, patterns })
    }

    fn matches(&self, covers: impl Fn(&str) -> bool) -> bool {
        self.patterns.iter().any(|pattern| covers(pattern)) != self.is_not
    }
}

/// One text or a list of them; numbers and booleans as AWS accepts them.
fn texts(value: &Value) -> Result<Vec<String>, DocumentFault> {
    match value {
        Value::String(text) => Ok(vec![text.clone()]),
        Value::Bool(_) | Value::Number(_) => Ok(vec![value.to_string()]),
        Value::Array(all) => {
            all.iter().map(texts).collect::<Result<Vec<_>, _>>().map(|all| all.concat())
        }
        Value::Null | Value::Object(_) => fault("a text or a list of texts was expected"),
    }
}

impl FromStr for Document {
    type Err = DocumentFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| DocumentFault(error.to_string()))?;
        if value.get("Version").and_then(Value::as_str) != Some("2012-10-17") {
            return fault("the version is not 2012-10-17");
        }
        let statements = match value.get("Statement") {
            Some(Value::Array(all)) => all.iter().map(Statement::read).collect::<Result<_, _>>()?,
            Some(one) => vec![Statement::read(one)?],
            None => return fault("it has no statements"),
        };
        Ok(Self { statements })
    }
}

#[cfg(test)]
mod tests;
