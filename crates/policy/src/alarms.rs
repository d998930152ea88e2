//! The rules of EventBridge that bring alarms, as the install templates have them: `tests/infra.rs` compares both.

use claviger_domain::{alarms::check::AlarmRule, aws_event::TEST_TOKEN};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const RULES: &str = include_str!("../rules/events.json");

/// A rule, as it has to be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ExpectedRule {
    /// Such as `ENABLED`.
    pub state: String,
    pub pattern: Value,
    /// An event of AWS that the pattern has to match.
    pub sample: Value,
}

/// The rules by name.
pub fn expected_rules() -> Result<BTreeMap<String, ExpectedRule>, serde_json::Error> {
    serde_json::from_str(RULES)
}

impl ExpectedRule {
    /// The rule of this name.
    pub fn of(rule: AlarmRule) -> Option<Self> {
        expected_rules().ok()?.remove(&rule.to_string())
    }

    /// Whether a pattern of AWS says the same, in whatever order.
    pub fn has_pattern(&self, other: &str) -> bool {
        serde_json::from_str(other)
            .is_ok_and(|other: Value| sorted(&other) == sorted(&self.pattern))
    }

    /// What a test event that the rule matches consists of: its type, and its detail with the token.
    pub fn test_event(&self, token: &str) -> (String, Value) {
        let mut detail = self.sample["detail"].clone();
        if let Value::Object(fields) = &mut detail {
            fields.insert(TEST_TOKEN.to_owned(), Value::String(token.to_owned()));
        }
        let kind = self.sample["detail-type"].as_str().unwrap_or_default();
        (kind.to_owned(), detail)
    }
}

/// Lists of a pattern are alternatives: their order says nothing.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(sorted).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(fields) => {
            let fields: BTreeMap<&String, Value> =
                fields.iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(
                fields.into_iter().map(|(key, value)| (key.clone(), value)).collect::<Map<_, _>>(),
            )
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::{
        VariantArray as _,
        aws_event::{EventContent, read_event},
    };

    #[test]
    fn each_rule_has_a_pattern_and_a_test_that_is_understood() {
        for rule in AlarmRule::VARIANTS {
            let expected = ExpectedRule::of(*rule).unwrap();
            assert!(expected.has_pattern(&expected.pattern.to_string()), "{rule}");
            assert!(!matches!(
                read_event(&expected.sample.to_string()).unwrap().what,
                EventContent::Other
            ));
            let (kind, detail) = expected.test_event("token-1");
            let mut event = expected.sample.clone();
            event["source"] = "claviger.test".into();
            event["detail-type"] = kind.into();
            event["detail"] = detail;
            let read = read_event(&event.to_string()).unwrap();
            assert_eq!(read.what, EventContent::Test { token: Some("token-1".into()) }, "{rule}");
        }
    }

    #[test]
    fn the_order_of_a_pattern_says_nothing_and_its_content_everything() {
        let expected = ExpectedRule::of(AlarmRule::Reads).unwrap();
        let mut other = expected.pattern.clone();
        other["source"].as_array_mut().unwrap().reverse();
        assert!(expected.has_pattern(&other.to_string()));
        other["source"].as_array_mut().unwrap().pop();
        assert!(!expected.has_pattern(&other.to_string()));
        assert!(!expected.has_pattern("{"));
    }
}
