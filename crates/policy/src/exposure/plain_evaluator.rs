//! A simple evaluator of resource policies for the tests: it evaluates one request, with one or several values for each key,
//! against the JSON. It shares no code with the analysis, so that both can be compared.

use serde_json::Value;

/// The caller of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Who {
    /// Empty for a service.
    pub(crate) account: &'static str,
    /// The ARN of the role or user; empty for a service.
    pub(crate) arn: &'static str,
    /// Empty if it is in no Organization.
    pub(crate) organization: &'static str,
    pub(crate) path: &'static str,
    pub(crate) service: &'static str,
}

/// A request for one action on the secret.
#[derive(Debug, Clone)]
pub(crate) struct Request<'a> {
    pub(crate) who: &'a Who,
    pub(crate) action: &'a str,
    pub(crate) resource: &'a str,
    /// By key in lower case; a key that is missing here is absent from the request.
    pub(crate) context: Vec<(&'a str, Vec<&'a str>)>,
}

/// Whether the policy alone allows the request: an Allow matches, and no Deny.
pub(crate) fn lets_in(policy: &Value, request: &Request<'_>) -> bool {
    let statements: Vec<&Value> = match &policy["Statement"] {
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    };
    let speaks = |effect: &str| {
        statements.iter().any(|one| one["Effect"] == effect && is_about(one, request))
    };
    !speaks("Deny") && speaks("Allow")
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

fn is_about(statement: &Value, request: &Request<'_>) -> bool {
    let part =
        |plain: &str, negated: &str, meets: &dyn Fn(&Value) -> bool| match statement.get(plain) {
            Some(value) => meets(value),
            None => statement.get(negated).is_some_and(|value| !meets(value)),
        };
    part("Principal", "NotPrincipal", &|value| is_one_of(value, request.who))
        && part("Action", "NotAction", &|value| {
            let action = request.action.to_lowercase();
            texts(value).into_iter().any(|pattern| glob(&pattern.to_lowercase(), &action))
        })
        && part("Resource", "NotResource", &|value| {
            texts(value).into_iter().any(|pattern| glob(pattern, request.resource))
        })
        && conditions_hold(&statement["Condition"], request)
}

fn is_one_of(principal: &Value, who: &Who) -> bool {
    if principal == "*" {
        return true;
    }
    let named = |kind: &str| texts(&principal[kind]);
    named("AWS").into_iter().any(|name| {
        let root = format!("arn:aws:iam::{}:root", who.account);
        name == "*"
            || (!who.account.is_empty() && (name == who.account || name == root))
            || (!who.arn.is_empty() && name == who.arn)
    }) || named("Service").into_iter().any(|name| !who.service.is_empty() && name == who.service)
}

/// `*` is any text, `?` one character: by recursion, the simplest implementation.
fn glob(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = rest.as_str();
            glob(rest, text)
                || text.char_indices().any(|(at, c)| glob(rest, &text[at + c.len_utf8()..]))
        }
        Some(c) => {
            let mut others = text.chars();
            others.next().is_some_and(|first| {
                (c == '?' || c == first) && glob(rest.as_str(), others.as_str())
            })
        }
    }
}

fn conditions_hold(block: &Value, request: &Request<'_>) -> bool {
    let Some(operators) = block.as_object() else { return true };
    operators.iter().all(|(operator, keys)| {
        keys.as_object().is_some_and(|keys| {
            keys.iter().all(|(key, asked)| holds(operator, key, &texts(asked), request))
        })
    })
}

fn holds(operator: &str, key: &str, asked: &[&str], request: &Request<'_>) -> bool {
    let key = key.to_lowercase();
    let found = request.context.iter().find(|(name, _)| *name == key).map(|(_, values)| values);
    if operator == "Null" {
        return asked.iter().any(|asked| (*asked == "true") == found.is_none());
    }
    let (set, operator) = operator.split_once(':').unwrap_or(("", operator));
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    let is_negated = operator.contains("Not");
    let Some(found) = found else {
        return if_exists || set == "ForAllValues" || (is_negated && set.is_empty());
    };
    let plain = operator.replacen("Not", "", 1);
    let one = |value: &&str| asked.iter().any(|asked| compare(&plain, asked, value)) != is_negated;
    if set == "ForAllValues" { found.iter().all(one) } else { found.iter().any(one) }
}

fn compare(operator: &str, asked: &str, value: &str) -> bool {
    match operator {
        "StringEquals" => asked == value,
        "StringEqualsIgnoreCase" | "Bool" => asked.eq_ignore_ascii_case(value),
        "StringLike" => glob(asked, value),
        "ArnEquals" | "ArnLike" => {
            let (asked, value): (Vec<&str>, Vec<&str>) =
                (asked.splitn(6, ':').collect(), value.splitn(6, ':').collect());
            asked == ["*"]
                || (asked.len() == value.len() && asked.iter().zip(value).all(|(a, v)| glob(a, v)))
        }
        // ISO 8601 in UTC sorts as text does.
        "DateGreaterThan" => value > asked,
        "DateLessThan" => value < asked,
        "NumericLessThan" | "NumericGreaterThan" => {
            match (asked.parse::<f64>(), value.parse::<f64>()) {
                (Ok(asked), Ok(value)) if operator == "NumericLessThan" => value < asked,
                (Ok(asked), Ok(value)) => value > asked,
                _ => false,
            }
        }
        "IpAddress" => in_range(asked, value),
        other => panic!("the random policies have no {other}"),
    }
}

/// Bit by bit.
fn in_range(range: &str, address: &str) -> bool {
    let bits = |text: &str| -> Vec<bool> {
        let bytes = match text.parse().expect("an address") {
            std::net::IpAddr::V4(v4) => v4.octets().to_vec(),
            std::net::IpAddr::V6(v6) => v6.octets().to_vec(),
        };
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1 == 1)).collect()
    };
    let (network, length) = range.split_once('/').unwrap_or((range, "128"));
    let (network, address) = (bits(network), bits(address));
    let length = length.parse::<usize>().expect("a length").min(network.len());
    network.len() == address.len() && network[..length] == address[..length]
}
