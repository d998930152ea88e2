//! What a condition does to the set of those who are let in.

use super::document::Condition;

/// Who is left of everybody, once a condition holds. The less is known, the wider.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Narrowing {
    /// It narrows nobody out: always true, or true where the key is absent.
    Nothing,
    /// To these Organizations.
    Organizations(Vec<String>),
    /// To these accounts.
    Accounts(Vec<String>),
    /// To what matches these ARNs, whose accounts they name.
    Arns(Vec<String>),
    /// By where the request comes from, by time or tags: who that may be cannot be decided here.
    Undecided,
}

/// An operator without its set prefix and `IfExists`.
struct Operator<'a> {
    base: &'a str,
    if_exists: bool,
    for_all: bool,
}

fn operator(text: &str) -> Operator<'_> {
    let (for_all, rest) = match text.split_once(':') {
        Some(("ForAllValues", rest)) => (true, rest),
        Some(("ForAnyValue", rest)) => (false, rest),
        _ => (false, text),
    };
    match rest.strip_suffix("IfExists") {
        Some(base) => Operator { base, if_exists: true, for_all },
        None => Operator { base: rest, if_exists: false, for_all },
    }
}

/// Every operator that IAM knows.
const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];

/// Whether IAM knows the operator at all.
pub(crate) fn is_known(condition: &Condition) -> bool {
    OPERATORS.contains(&operator(&condition.operator).base)
}

/// What an Allow's condition leaves of everybody.
pub(crate) fn of(condition: &Condition) -> Narrowing {
    let Operator { base, if_exists, for_all } = operator(&condition.operator);
    let positive = matches!(
        base,
        "StringEquals" | "StringEqualsIgnoreCase" | "StringLike" | "ArnEquals" | "ArnLike"
    );
    // Both are true of a request that lacks the key, as one without an Organization does.
    if if_exists || for_all {
        return Narrowing::Nothing;
    }
    if !positive {
        return match base {
            "IpAddress" if !condition.values.iter().any(|range| range.ends_with("/0")) => {
                Narrowing::Undecided
            }
            "DateLessThan" | "DateLessThanEquals" | "DateGreaterThan" | "DateGreaterThanEquals" => {
                Narrowing::Undecided
            }
            _ => Narrowing::Nothing,
        };
    }
    keyed(&condition.key, &condition.values, base)
}

/// What a Deny's condition leaves: a Deny of all but these is as good as an Allow of these alone. Holds where the
/// key is absent as well, because the negated operators are true of that.
pub(crate) fn of_denied(condition: &Condition) -> Option<Narrowing> {
    let Operator { base, for_all, .. } = operator(&condition.operator);
    let positive = match base {
        "StringNotEquals" | "StringNotEqualsIgnoreCase" => "StringEquals",
        "StringNotLike" => "StringLike",
        "ArnNotEquals" => "ArnEquals",
        "ArnNotLike" => "ArnLike",
        _ => return None,
    };
    if for_all {
        return None;
    }
    match keyed(&condition.key, &condition.values, positive) {
        Narrowing::Nothing => None,
        narrowing => Some(narrowing),
    }
}

fn keyed(key: &str, values: &[String], base: &str) -> Narrowing {
    let has_wildcard = |text: &str| text.contains(['*', '?']);
    let is_pattern = matches!(base, "StringLike" | "ArnLike" | "ArnEquals");
    // A value that is a wildcard alone matches everything that has the key.
    let all = is_pattern && values.iter().any(|value| value.chars().all(|c| c == '*'));
    let exact = !is_pattern || !values.iter().any(|value| has_wildcard(value));
    // Variables such as ${aws:PrincipalTag/team} are filled in at the time of the request.
    let fixed = !values.iter().any(|value| value.contains("${"));
    match key.to_ascii_lowercase().as_str() {
        // Having the key says only that there is some Organization.
        "aws:principalorgid" | "aws:sourceorgid" if exact && fixed => {
            Narrowing::Organizations(values.to_vec())
        }
        "aws:principalorgpaths" if fixed => {
            let roots: Option<Vec<String>> = values
                .iter()
                .map(|path| {
                    path.split('/').next().filter(|id| id.starts_with("o-") && !has_wildcard(id))
                })
                .map(|id| id.map(ToOwned::to_owned))
                .collect();
            roots.map_or(Narrowing::Nothing, Narrowing::Organizations)
        }
        "aws:principalaccount" | "aws:sourceaccount" if exact && fixed => {
            Narrowing::Accounts(values.to_vec())
        }
        "aws:principalarn" | "aws:sourcearn" if !all && fixed => {
            let named = values.iter().all(|arn| {
                arn.split(':')
                    .nth(4)
                    .is_some_and(|account| account.len() == 12 && !has_wildcard(account))
            });
            if named { Narrowing::Arns(values.to_vec()) } else { Narrowing::Nothing }
        }
        "aws:sourcevpce" | "aws:sourcevpc" | "aws:userid" | "aws:username"
        | "aws:sourceidentity"
            if !all =>
        {
            Narrowing::Undecided
        }
        key if !all && key.starts_with("aws:principaltag/") => Narrowing::Undecided,
        _ => Narrowing::Nothing,
    }
}

/// What a condition does, in words.
pub(crate) fn explain(condition: &Condition) -> String {
    let text = condition.to_string();
    if !is_known(condition) {
        return format!("{text}: an operator that IAM does not know; nothing is taken from it");
    }
    let Operator { if_exists, for_all, .. } = operator(&condition.operator);
    let what = match of(condition) {
        Narrowing::Organizations(_) => "narrows to the Organization",
        Narrowing::Accounts(_) => "narrows to the account",
        Narrowing::Arns(_) => "narrows to these principals",
        Narrowing::Undecided => {
            "narrows by where, when or how; who that may be cannot be decided here"
        }
        Narrowing::Nothing if if_exists || for_all => {
            "does not narrow: it is true of a request without this key"
        }
        Narrowing::Nothing => "does not narrow who is let in",
    };
    format!("{text}: {what}")
}
