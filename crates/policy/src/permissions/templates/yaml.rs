//! Policies as YAML blocks of a CloudFormation template, with its short forms.

pub(super) use claviger_domain::code::yaml::indented;

use claviger_domain::code::yaml::{self, string};
use serde_json::Value;

/// The value as lines with this indent, the last with its end. Strings with `${…}` become `!Sub`, or `!Ref` where they
/// are nothing else.
pub(super) fn block(value: &Value, indent: usize) -> String {
    yaml::block(value, indent, scalar)
}

/// A value that fits on its line.
pub(super) fn scalar(value: &Value) -> String {
    let Value::String(text) = value else { return value.to_string() };
    let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    match name {
        // A variable of IAM stays as it is; `!Sub` would want it escaped, and cfn-lint refuses one that resolves nothing.
        Some(name) if name.starts_with("aws:") => string(text),
        Some(name) if !name.contains("${") => format!("!Ref {}", string(name)),
        _ if text.contains("${") => format!("!Sub {}", Value::from(text.as_str())),
        _ => string(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn strings_stay_strings() {
        for text in ["2012-10-17", "false", "No", "*", "?*", "a: b", "", "- a", "1", "arn:", "a #b"]
        {
            let written = scalar(&json!(text));
            assert!(written.starts_with('"'), "{text} became {written}");
            assert_eq!(serde_saphyr::from_str::<String>(&written).unwrap(), text);
        }
        assert_eq!(scalar(&json!("sts:ExternalId")), "sts:ExternalId");
        assert_eq!(scalar(&json!("${A}")), "!Ref A");
        assert_eq!(scalar(&json!("${AWS::Region}")), "!Ref AWS::Region");
        assert_eq!(scalar(&json!("arn:${A}:${B}")), "!Sub \"arn:${A}:${B}\"");
        assert_eq!(scalar(&json!("${A}${B}")), "!Sub \"${A}${B}\"");
        let own = scalar(&json!("${aws:PrincipalAccount}"));
        assert_eq!(serde_saphyr::from_str::<String>(&own).unwrap(), "${aws:PrincipalAccount}");
    }

    #[test]
    fn a_policy_is_the_same_when_it_is_read_again() {
        let value = json!({
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": ["a:B", "c:*"], "Resource": "*"},
                {"Deny": {"StringLike": {"aws:RequestTag/a:b": "?*", "x": []}}, "Empty": {}},
                "text", ["a", ["b"]],
            ],
        });
        let text = block(&value, 4);
        assert_eq!(serde_saphyr::from_str::<Value>(&text).unwrap(), value, "{text}");
    }
}
