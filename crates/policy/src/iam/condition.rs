//! Conditions: operators with `IfExists`, `ForAllValues`, `ForAnyValue`, and keys that are absent from the request.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use super::{
    Context, DocumentFault, fault,
    pattern::{Pattern, covers_arn, variable},
};
use crate::exposure::moment;
use std::net::IpAddr;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    /// An operator for a key of one value.
    Single,
    ForAllValues,
    ForAnyValue,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compare {
    Text,
    TextIgnoringCase,
    TextLike,
    Number(Order),
    Date(Order),
    Bool,
    Binary,
    Ip,
    Arn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone)]
pub(crate) struct Condition {
    key: String,
    values: Vec<String>,
    test: Test,
}

#[derive(Debug, Clone, Copy)]
enum Test {
    /// `Null`.
    IsMissing,
    Compare {
        how: Compare,
        is_not: bool,
        set: Set,
        if_exists: bool,
    },
}

impl Condition {
    pub(crate) fn read(
        operator: &str,
        key: &str,
        values: Vec<String>,
    ) -> Result<Self, DocumentFault> {
        let key = key.to_owned();
        if operator == "Null" {
            return match values.as_slice() {
                [one] if one == "true" || one == "false" => {
                    Ok(Self { key, values, test: Test::IsMissing })
                }
                _ => fault("Null takes true or false"),
            };
        }
        let (set, rest) = match operator.split_once(':') {
            Some(("ForAllValues", rest)) => (Set::ForAllValues, rest),
            Some(("ForAnyValue", rest)) => (Set::ForAnyValue, rest),
            Some(_) => return fault(format!("{operator} is not an operator")),
            None => (Set::Single, operator),
        };
        let (name, if_exists) = match rest.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let Some((how, is_not)) = compare(name) else {
            return fault(format!("{operator} is not an operator"));
        };
        Ok(Self { key, values, test: Test::Compare { how, is_not, set, if_exists } })
    }

    pub(crate) fn holds(&self, context: &Context) -> bool {
        let found = context.get(&self.key).filter(|values| !values.is_empty());
        let (how, is_not, set, if_exists) = match self.test {
            Test::IsMissing => {
                let wants_missing = self.values.iter().any(|value| value == "true");
                return found.is_none() == wants_missing;
            }
            Test::Compare { how, is_not, set, if_exists } => (how, is_not, set, if_exists),
        };
        let Some(found) = found else {
            return match set {
                // AWS: the empty set matches ForAllValues.
                Set::ForAllValues => true,
                Set::ForAnyValue => if_exists,
                Set::Single => if_exists || is_not,
            };
        };
        let among = |value: &String| {
            self.values.iter().any(|wanted| how.matches(wanted, value, context)) != is_not
        };
        match set {
            Set::ForAllValues => found.iter().all(among),
            // A negated operator must match every value, any other operator one.
            Set::Single if is_not => !found.iter().any(|value| !among(value)),
            Set::ForAnyValue | Set::Single => found.iter().any(among),
        }
    }
}

fn compare(name: &str) -> Option<(Compare, bool)> {
    Some(match name {
        "StringEquals" => (Compare::Text, false),
        "StringNotEquals" => (Compare::Text, true),
        "StringEqualsIgnoreCase" => (Compare::TextIgnoringCase, false),
        "StringNotEqualsIgnoreCase" => (Compare::TextIgnoringCase, true),
        "StringLike" => (Compare::TextLike, false),
        "StringNotLike" => (Compare::TextLike, true),
        "NumericEquals" => (Compare::Number(Order::Equal), false),
        "NumericNotEquals" => (Compare::Number(Order::Equal), true),
        "NumericLessThan" => (Compare::Number(Order::Less), false),
        "NumericLessThanEquals" => (Compare::Number(Order::LessOrEqual), false),
        "NumericGreaterThan" => (Compare::Number(Order::Greater), false),
        "NumericGreaterThanEquals" => (Compare::Number(Order::GreaterOrEqual), false),
        "DateEquals" => (Compare::Date(Order::Equal), false),
        "DateNotEquals" => (Compare::Date(Order::Equal), true),
        "DateLessThan" => (Compare::Date(Order::Less), false),
        "DateLessThanEquals" => (Compare::Date(Order::LessOrEqual), false),
        "DateGreaterThan" => (Compare::Date(Order::Greater), false),
        "DateGreaterThanEquals" => (Compare::Date(Order::GreaterOrEqual), false),
        "Bool" => (Compare::Bool, false),
        "BinaryEquals" => (Compare::Binary, false),
        "IpAddress" => (Compare::Ip, false),
        "NotIpAddress" => (Compare::Ip, true),
        // AWS compares ArnEquals and ArnLike the same way.
        "ArnEquals" | "ArnLike" => (Compare::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Compare::Arn, true),
        _ => return None,
    })
}

impl Compare {
    fn matches(self, wanted: &str, value: &str, context: &Context) -> bool {
        match self {
            Self::Text | Self::Binary => literal(wanted, context).is_some_and(|text| text == value),
            Self::TextIgnoringCase => literal(wanted, context)
                .is_some_and(|text| text.to_lowercase() == value.to_lowercase()),
            Self::TextLike => {
                Pattern::of(wanted, context).is_some_and(|pattern| pattern.covers(value))
            }
            Self::Arn => covers_arn(wanted, value, context),
            Self::Bool => wanted.eq_ignore_ascii_case(value),
            Self::Number(order) => match (wanted.parse::<f64>(), value.parse::<f64>()) {
                (Ok(wanted), Ok(value)) => {
                    value.partial_cmp(&wanted).is_some_and(|is| order.holds(is))
                }
                _ => false,
            },
            Self::Date(order) => match (moment(wanted), moment(value)) {
                (Some(wanted), Some(value)) => order.holds(value.cmp(&wanted)),
                _ => false,
            },
            Self::Ip => within(wanted, value),
        }
    }
}

/// A text for an operator without wildcards, with its variables resolved.
pub(crate) fn literal(wanted: &str, context: &Context) -> Option<String> {
    let mut text = String::new();
    let mut rest = wanted;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, left) = after.split_once('}')?;
        text.push_str(before);
        text.push_str(&variable(name, context)?);
        rest = left;
    }
    text.push_str(rest);
    Some(text)
}

impl Order {
    fn holds(self, is: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => is.is_eq(),
            Self::Less => is.is_lt(),
            Self::LessOrEqual => is.is_le(),
            Self::Greater => is.is_gt(),
            Self::GreaterOrEqual => is.is_ge(),
        }
    }
}

/// Whether a range such as `203.0.113.0/24` contains an address.
fn within(range: &str, address: &str) -> bool {
    let (network, bits) = match range.split_once('/') {
        Some((network, bits)) => (network, bits.parse::<u32>().ok()),
        None => (range, Some(128)),
    };
    let (Ok(network), Ok(address), Some(bits)) =
        (network.parse::<IpAddr>(), address.parse::<IpAddr>(), bits)
    else {
        return false;
    };
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let mask = u32::MAX.checked_shl(32 - bits.min(32)).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let mask = u128::MAX.checked_shl(128 - bits.min(128)).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        _ => false,
    }
}
