//! IAM's condition operators, evaluated on the value of a request for a key.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use super::{
    document::Condition,
    network::Range,
    patterns::{arn_matches, has_variable, matches},
};
use std::cmp::Ordering;
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339};

/// How a key with several values is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    One,
    ForAny,
    ForAll,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Base {
    Text { ignores_case: bool },
    Like,
    Arn,
    Number(Order),
    Date(Order),
    Bool,
    Ip,
    Null,
    Binary,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    fn holds(self, found: Ordering) -> bool {
        match self {
            Self::Equal => found == Ordering::Equal,
            Self::Less => found == Ordering::Less,
            Self::LessOrEqual => found != Ordering::Greater,
            Self::Greater => found == Ordering::Greater,
            Self::GreaterOrEqual => found != Ordering::Less,
        }
    }
}

/// A parsed operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) base: Base,
    pub(crate) is_negated: bool,
    pub(crate) if_exists: bool,
    pub(crate) set: Set,
}

impl Operator {
    /// `None` for an operator that IAM does not know.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (set, rest) = match text.split_once(':') {
            Some(("ForAllValues", rest)) => (Set::ForAll, rest),
            Some(("ForAnyValue", rest)) => (Set::ForAny, rest),
            Some(_) => return None,
            None => (Set::One, text),
        };
        let (name, if_exists) = match rest.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let (base, is_negated) = base(name)?;
        if base == Base::Null && (if_exists || set != Set::One) {
            return None;
        }
        Some(Self { base, is_negated, if_exists, set })
    }
}

fn base(name: &str) -> Option<(Base, bool)> {
    let text = |ignores_case| Base::Text { ignores_case };
    Some(match name {
        "StringEquals" => (text(false), false),
        "StringNotEquals" => (text(false), true),
        "StringEqualsIgnoreCase" => (text(true), false),
        "StringNotEqualsIgnoreCase" => (text(true), true),
        "StringLike" => (Base::Like, false),
        "StringNotLike" => (Base::Like, true),
        "NumericEquals" => (Base::Number(Order::Equal), false),
        "NumericNotEquals" => (Base::Number(Order::Equal), true),
        "NumericLessThan" => (Base::Number(Order::Less), false),
        "NumericLessThanEquals" => (Base::Number(Order::LessOrEqual), false),
        "NumericGreaterThan" => (Base::Number(Order::Greater), false),
        "NumericGreaterThanEquals" => (Base::Number(Order::GreaterOrEqual), false),
        "DateEquals" => (Base::Date(Order::Equal), false),
        "DateNotEquals" => (Base::Date(Order::Equal), true),
        "DateLessThan" => (Base::Date(Order::Less), false),
        "DateLessThanEquals" => (Base::Date(Order::LessOrEqual), false),
        "DateGreaterThan" => (Base::Date(Order::Greater), false),
        "DateGreaterThanEquals" => (Base::Date(Order::GreaterOrEqual), false),
        "Bool" => (Base::Bool, false),
        "BinaryEquals" => (Base::Binary, false),
        "IpAddress" => (Base::Ip, false),
        "NotIpAddress" => (Base::Ip, true),
        "ArnEquals" | "ArnLike" => (Base::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Base::Arn, true),
        "Null" => (Base::Null, false),
        _ => return None,
    })
}

/// A possible value of a request for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Slot {
    Absent,
    Text(String),
    Several(Vec<String>),
    Network(Range),
    /// A value that was not determined; whether a condition matches it is undetermined.
    Some,
}

/// Whether a condition matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    Yes,
    No,
    /// Undetermined.
    Unsure,
    /// Resolved at the time of the request: assumed to be what the caller chooses.
    AsWished,
}

impl From<bool> for Holds {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// A parsed condition.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    /// In lower case: IAM's keys are case-insensitive.
    pub(crate) key: String,
    /// `None` for an operator that IAM does not know.
    pub(crate) operator: Option<Operator>,
    pub(crate) values: Vec<String>,
    has_variable: bool,
}

impl Test {
    pub(super) fn of(condition: &Condition) -> Self {
        Self {
            key: condition.key.to_ascii_lowercase(),
            operator: Operator::read(&condition.operator),
            has_variable: condition.values.iter().any(|value| has_variable(value)),
            values: condition.values.clone(),
        }
    }

    /// Whether it matches the request's value for its key.
    pub(super) fn holds(&self, slot: &Slot) -> Holds {
        let Some(operator) = self.operator else { return Holds::Unsure };
        if operator.base == Base::Null {
            return self.is_null(slot);
        }
        if self.has_variable {
            return Holds::AsWished;
        }
        let (values, several): (&[String], bool) = match slot {
            Slot::Some => return Holds::Unsure,
            Slot::Absent => {
                let of_absent = operator.if_exists
                    || operator.set == Set::ForAll
                    || (operator.is_negated && operator.set == Set::One);
                return of_absent.into();
            }
            Slot::Network(range) => return self.of_network(operator, range),
            Slot::Text(value) => (std::slice::from_ref(value), false),
            Slot::Several(values) => (values, true),
        };
        let one = |value: &String| match (self.meets(operator.base, value), operator.is_negated) {
            (Holds::Yes, true) => Holds::No,
            (Holds::No, true) => Holds::Yes,
            (found, _) => found,
        };
        if operator.set == Set::ForAll && several {
            all(values.iter().map(one))
        } else {
            any(values.iter().map(one))
        }
    }

    fn is_null(&self, slot: &Slot) -> Holds {
        let is_absent = matches!(slot, Slot::Absent);
        any(self.values.iter().map(|value| match value.to_ascii_lowercase().as_str() {
            "true" => is_absent.into(),
            "false" => (!is_absent).into(),
            _ => Holds::Unsure,
        }))
    }

    fn of_network(&self, operator: Operator, atom: &Range) -> Holds {
        if operator.base != Base::Ip {
            return Holds::Unsure;
        }
        let found = any(self.values.iter().map(|value| match Range::read(value) {
            Some(range) => range.holds(atom).into(),
            None => Holds::Unsure,
        }));
        match (found, operator.is_negated) {
            (Holds::Yes, true) => Holds::No,
            (Holds::No, true) => Holds::Yes,
            (found, _) => found,
        }
    }

    /// Whether one value of a request matches any of the condition's.
    fn meets(&self, base: Base, value: &str) -> Holds {
        any(self.values.iter().map(|asked| match base {
            Base::Text { ignores_case: false } => (asked == value).into(),
            Base::Text { ignores_case: true } => {
                (asked.to_lowercase() == value.to_lowercase()).into()
            }
            Base::Like => matches(asked, value).into(),
            Base::Arn => arn_matches(asked, value).into(),
            Base::Bool => match asked.to_ascii_lowercase().as_str() {
                asked @ ("true" | "false") => value.eq_ignore_ascii_case(asked).into(),
                _ => Holds::Unsure,
            },
            Base::Number(order) => match (number(asked), number(value)) {
                (Some(asked), Some(value)) => {
                    value.partial_cmp(&asked).is_some_and(|found| order.holds(found)).into()
                }
                (None, _) => Holds::Unsure,
                (_, None) => Holds::No,
            },
            Base::Date(order) => match (moment(asked), moment(value)) {
                (Some(asked), Some(value)) => order.holds(value.cmp(&asked)).into(),
                (None, _) => Holds::Unsure,
                (_, None) => Holds::No,
            },
            Base::Ip | Base::Binary | Base::Null => Holds::Unsure,
        }))
    }
}

fn any(all: impl Iterator<Item = Holds>) -> Holds {
    let mut found = Holds::No;
    for one in all {
        match one {
            Holds::Yes => return Holds::Yes,
            Holds::No => {}
            other => found = other,
        }
    }
    found
}

fn all(all: impl Iterator<Item = Holds>) -> Holds {
    let mut found = Holds::Yes;
    for one in all {
        match one {
            Holds::No => return Holds::No,
            Holds::Yes => {}
            other => found = other,
        }
    }
    found
}

/// A finite number.
pub(crate) fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// A date in IAM's format: ISO 8601, with time or only a day, or seconds since 1970.
pub(crate) fn moment(text: &str) -> Option<OffsetDateTime> {
    let text = text.trim();
    if let Ok(at) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(at);
    }
    if let Ok(seconds) = text.parse::<i64>() {
        return OffsetDateTime::from_unix_timestamp(seconds).ok();
    }
    let short = text.strip_suffix('Z').unwrap_or(text);
    let completed = match short.split_once('T') {
        None => return day(short),
        Some((date, clock)) if clock.len() == 5 => format!("{date}T{clock}:00Z"),
        Some(_) => format!("{short}Z"),
    };
    OffsetDateTime::parse(&completed, &Rfc3339).ok()
}

fn day(text: &str) -> Option<OffsetDateTime> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    Date::parse(text, format).ok().map(|date| date.midnight().assume_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn test(operator: &str, values: &[&str]) -> Test {
        Test::of(&Condition {
            operator: operator.into(),
            key: "k".into(),
            values: values.iter().map(ToString::to_string).collect(),
        })
    }

    fn text(value: &str) -> Slot {
        Slot::Text(value.into())
    }

    #[rstest]
    // For an absent key: IAM's own table.
    #[case("StringEquals", Holds::No)]
    #[case("StringNotEquals", Holds::Yes)]
    #[case("StringEqualsIfExists", Holds::Yes)]
    #[case("StringNotEqualsIfExists", Holds::Yes)]
    #[case("ForAllValues:StringEquals", Holds::Yes)]
    #[case("ForAllValues:StringNotEquals", Holds::Yes)]
    #[case("ForAnyValue:StringEquals", Holds::No)]
    #[case("ForAnyValue:StringNotEquals", Holds::No)]
    #[case("NotIpAddress", Holds::Yes)]
    #[case("IpAddress", Holds::No)]
    #[case("Bool", Holds::No)]
    fn a_key_that_is_absent(#[case] operator: &str, #[case] holds: Holds) {
        assert_eq!(test(operator, &["true"]).holds(&Slot::Absent), holds);
    }

    #[rstest]
    #[case("StringEquals", "A", "a", false)]
    #[case("StringEqualsIgnoreCase", "A", "a", true)]
    #[case("NumericLessThan", "10", "9.5", true)]
    #[case("NumericGreaterThanEquals", "10", "10", true)]
    #[case("DateGreaterThan", "2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z", true)]
    #[case("DateLessThan", "2020-01-01", "2026-01-01T00:00:00Z", false)]
    #[case("DateLessThan", "2026-01-01T00:00Z", "1577836800", true)]
    #[case("Bool", "True", "true", true)]
    fn values_are_compared(
        #[case] operator: &str,
        #[case] asked: &str,
        #[case] value: &str,
        #[case] holds: bool,
    ) {
        assert_eq!(test(operator, &[asked]).holds(&text(value)), holds.into());
    }

    #[rstest]
    #[case("ForAnyValues:StringEquals")]
    #[case("NullIfExists")]
    #[case("StringMatches")]
    #[case("IfExists")]
    #[case("")]
    fn an_operator_that_iam_does_not_know_is_unsure(#[case] operator: &str) {
        assert_eq!(test(operator, &["x"]).holds(&text("x")), Holds::Unsure);
    }

    #[rstest]
    #[case("NumericEquals")]
    #[case("DateEquals")]
    #[case("Bool")]
    fn a_value_that_cannot_be_read_is_unsure(#[case] operator: &str) {
        assert_eq!(test(operator, &["soon"]).holds(&text("1")), Holds::Unsure);
    }
}
