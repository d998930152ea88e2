//! A resource policy in IAM's grammar, parsed completely or rejected with a position.

use serde_json::{Map, Value};
use std::fmt;

/// The maximum length of a resource policy in Secrets Manager, in characters.
pub const DOCUMENT_LIMIT: usize = 20_480;

/// Why a document cannot be interpreted, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{location}: {reason}")]
pub struct DocumentFault {
    /// Such as `Statement[2].Principal`.
    pub location: String,
    pub reason: String,
}

/// The maximum length of a key policy in KMS, in characters.
const KEY_POLICY_LIMIT: usize = 32_768;

/// The maximum length of an identity policy here, in characters. AWS's quota excludes white space and does not apply to AWS
/// managed policies: `ReadOnlyAccess` is longer than any quota.
const IDENTITY_LIMIT: usize = 524_288;

/// What a document is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Resource,
    Key,
    Identity,
    /// An SCP or RCP, whose principal is absent or everyone.
    Guardrail,
    /// A role's trust policy: it names who may assume the role, and no resource.
    Trust,
}

impl Whose {
    fn limit(self) -> usize {
        match self {
            Self::Resource => DOCUMENT_LIMIT,
            Self::Key => KEY_POLICY_LIMIT,
            Self::Identity | Self::Guardrail | Self::Trust => IDENTITY_LIMIT,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) statements: Vec<Statement>,
    /// Whether `${…}` is a policy variable: only in version 2012-10-17; in a document without it, the text is literal.
    pub(crate) has_variables: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) sid: Option<String>,
    pub(crate) allows: bool,
    pub(crate) principals: Principals,
    /// `true` for `NotAction`.
    pub(crate) not_actions: bool,
    pub(crate) actions: Vec<String>,
    pub(crate) not_resources: bool,
    pub(crate) resources: Vec<String>,
    pub(crate) conditions: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principals {
    Any,
    Only(Vec<Principal>),
    /// `NotPrincipal`.
    Except(Vec<Principal>),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Principal {
    Everyone,
    /// An account as a whole: its number, or the ARN of its root.
    Account(String),
    /// A role, user or session, by ARN.
    Arn(String),
    Service(String),
    Federated(String),
    CanonicalUser(String),
    /// The remainder of a deleted principal: an id without a name.
    Deleted(String),
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("*"),
            Self::Account(text)
            | Self::Arn(text)
            | Self::Service(text)
            | Self::Federated(text)
            | Self::CanonicalUser(text)
            | Self::Deleted(text) => f.write_str(text),
        }
    }
}

impl Principal {
    /// The principal's account, if its name shows it.
    pub(crate) fn account(&self) -> Option<&str> {
        match self {
            Self::Account(number) => Some(number),
            Self::Arn(arn) => arn.split(':').nth(4).filter(|number| !number.is_empty()),
            _ => None,
        }
    }
}

/// One key of one operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    /// As written, `IfExists` and `ForAnyValue:` included.
    pub(crate) operator: String,
    pub(crate) key: String,
    pub(crate) values: Vec<String>,
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.key, self.operator, self.values.join(", "))
    }
}

fn fault<T>(location: impl Into<String>, reason: impl Into<String>) -> Result<T, DocumentFault> {
    Err(DocumentFault { location: location.into(), reason: reason.into() })
}

impl Document {
    /// A resource policy: each statement names its principals.
    pub(crate) fn read(text: &str) -> Result<Self, DocumentFault> {
        Self::read_as(text, Whose::Resource)
    }

    /// An identity policy: its principal is the identity that it is attached to.
    pub(crate) fn read_identity(text: &str) -> Result<Self, DocumentFault> {
        Self::read_as(text, Whose::Identity)
    }

    /// A key policy.
    pub(crate) fn read_key_policy(text: &str) -> Result<Self, DocumentFault> {
        Self::read_as(text, Whose::Key)
    }

    /// A role's trust policy. Its statements are about the role itself: their resource is everything.
    pub(crate) fn read_trust(text: &str) -> Result<Self, DocumentFault> {
        Self::read_as(text, Whose::Trust)
    }

    /// A service control policy or resource control policy.
    pub(crate) fn read_guardrail(text: &str) -> Result<Self, DocumentFault> {
        Self::read_as(text, Whose::Guardrail)
    }

    fn read_as(text: &str, of: Whose) -> Result<Self, DocumentFault> {
        let characters = text.chars().count();
        let limit = of.limit();
        if characters > limit {
            return fault(
                "the document",
                format!("has {characters} characters; AWS takes at most {limit}"),
            );
        }
        let whole: Value = serde_json::from_str(text).or_else(|error| {
            fault(format!("line {}, column {}", error.line(), error.column()), "is not JSON")
        })?;
        let whole = object(&whole, "the document")?;
        known(whole, &["Version", "Id", "Statement"], "the document")?;
        let statements = match whole.get("Statement") {
            None => return fault("the document", "has no Statement"),
            Some(Value::Array(all)) => all
                .iter()
                .enumerate()
                .map(|(at, one)| Statement::read(one, &format!("Statement[{at}]"), of))
                .collect::<Result<_, _>>()?,
            Some(one) => vec![Statement::read(one, "Statement", of)?],
        };
        let has_variables = whole.get("Version").and_then(Value::as_str) == Some("2012-10-17");
        Ok(Self { statements, has_variables })
    }
}

impl Statement {
    fn read(value: &Value, location: &str, of: Whose) -> Result<Self, DocumentFault> {
        let whole = object(value, location)?;
        known(
            whole,
            &[
                "Sid",
                "Effect",
                "Principal",
                "NotPrincipal",
                "Action",
                "NotAction",
                "Resource",
                "NotResource",
                "Condition",
            ],
            location,
        )?;
        let allows = match whole.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => return fault(format!("{location}.Effect"), "has to be Allow or Deny"),
        };
        let principals = match (whole.get("Principal"), whole.get("NotPrincipal")) {
            (None, None) if matches!(of, Whose::Identity | Whose::Guardrail) => Principals::Any,
            _ if of == Whose::Identity => {
                return fault(location, "names a principal, which an identity policy does not");
            }
            (Some(one), None) => match principals(one, &format!("{location}.Principal"))? {
                all if all.contains(&Principal::Everyone) => Principals::Any,
                all => Principals::Only(all),
            },
            (None, Some(one)) => {
                Principals::Except(principals(one, &format!("{location}.NotPrincipal"))?)
            }
            _ => return fault(location, "needs exactly one of Principal and NotPrincipal"),
        };
        let (not_actions, actions) = either(whole, "Action", "NotAction", location)?;
        let (not_resources, resources) = match of {
            Whose::Trust if whole.contains_key("Resource") || whole.contains_key("NotResource") => {
                return fault(location, "names a resource, which a trust policy does not");
            }
            Whose::Trust => (false, vec!["*".to_owned()]),
            _ => either(whole, "Resource", "NotResource", location)?,
        };
        let conditions = match whole.get("Condition") {
            None => Vec::new(),
            Some(block) => conditions(block, &format!("{location}.Condition"))?,
        };
        let sid = whole.get("Sid").and_then(Value::as_str).map(ToOwned::to_owned);
        Ok(Self {
            sid,
            allows,
            principals,
            not_actions,
            actions,
            not_resources,
            resources,
            conditions,
        })
    }
}

fn object<'a>(value: &'a Value, location: &str) -> Result<&'a Map<String, Value>, DocumentFault> {
    value.as_object().map_or_else(|| fault(location, "has to be an object"), Ok)
}

fn known(map: &Map<String, Value>, keys: &[&str], location: &str) -> Result<(), DocumentFault> {
    match map.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => fault(
            location,
            format!("has {key:?}, which IAM does not know; known are {}", keys.join(", ")),
        ),
        None => Ok(()),
    }
}

/// A text or a list of texts.
fn texts(value: &Value, location: &str) -> Result<Vec<String>, DocumentFault> {
    let one = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let all = match value {
        Value::Array(all) => all.iter().map(one).collect::<Option<Vec<_>>>(),
        single => one(single).map(|text| vec![text]),
    };
    match all {
        Some(all) if !all.is_empty() => Ok(all),
        Some(_) => fault(location, "is empty"),
        None => fault(location, "has to be a text or a list of texts"),
    }
}

fn either(
    map: &Map<String, Value>,
    plain: &str,
    not: &str,
    location: &str,
) -> Result<(bool, Vec<String>), DocumentFault> {
    match (map.get(plain), map.get(not)) {
        (Some(value), None) => Ok((false, texts(value, &format!("{location}.{plain}"))?)),
        (None, Some(value)) => Ok((true, texts(value, &format!("{location}.{not}"))?)),
        _ => fault(location, format!("needs exactly one of {plain} and {not}")),
    }
}

type Make = fn(String, &str) -> Result<Principal, DocumentFault>;

fn principals(value: &Value, location: &str) -> Result<Vec<Principal>, DocumentFault> {
    let Value::Object(kinds) = value else {
        return match value.as_str() {
            Some("*") => Ok(vec![Principal::Everyone]),
            _ => fault(location, "has to be \"*\" or an object such as {\"AWS\": …}"),
        };
    };
    let mut found = Vec::new();
    for (kind, names) in kinds {
        let location = format!("{location}.{kind}");
        let make: Make = match kind.as_str() {
            "AWS" => aws_principal,
            "Service" => |name, _| Ok(Principal::Service(name)),
            "Federated" => |name, _| Ok(Principal::Federated(name)),
            "CanonicalUser" => |name, _| Ok(Principal::CanonicalUser(name)),
            _ => {
                return fault(
                    location,
                    "is not a kind of principal; known are AWS, Service, Federated, CanonicalUser",
                );
            }
        };
        for name in texts(names, &location)? {
            found.push(make(name, &location)?);
        }
    }
    if found.is_empty() { fault(location, "has no principal") } else { Ok(found) }
}

fn aws_principal(text: String, location: &str) -> Result<Principal, DocumentFault> {
    let is_number = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    let account = text.split(':').nth(4).unwrap_or_default();
    let is_root = text.ends_with(":root") && account.len() == 12;
    // The unique id with which AWS replaces a role or user that was deleted.
    let is_unique_id = (8..=128).contains(&text.len())
        && text.starts_with('A')
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let is_arn = text.starts_with("arn:");
    if text == "*" {
        Ok(Principal::Everyone)
    } else if is_number {
        Ok(Principal::Account(text))
    } else if is_arn && is_root && account.bytes().all(|b| b.is_ascii_digit()) {
        Ok(Principal::Account(account.to_owned()))
    } else if is_arn && account == "cloudfront" {
        // An origin access identity acts only for CloudFront.
        Ok(Principal::Service(text))
    } else if is_arn {
        Ok(Principal::Arn(text))
    } else if is_unique_id {
        Ok(Principal::Deleted(text))
    } else {
        fault(location, format!("{text:?} is not an account, ARN or \"*\""))
    }
}

fn conditions(block: &Value, location: &str) -> Result<Vec<Condition>, DocumentFault> {
    let mut found = Vec::new();
    for (operator, keys) in object(block, location)? {
        let location = format!("{location}.{operator}");
        for (key, values) in object(keys, &location)? {
            found.push(Condition {
                operator: operator.clone(),
                key: key.clone(),
                values: texts(values, &format!("{location}.{key}"))?,
            });
        }
    }
    Ok(found)
}
