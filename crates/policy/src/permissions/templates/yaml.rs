//! Policies as YAML blocks of a CloudFormation template.
//!
//! Written here because a serializer knows no short forms (`!Sub`, `!Ref`), and none of it is needed for JSON values but this.

use serde_json::Value;
use std::fmt::Write;

/// The value as lines with this indent, the last with its end. Strings with `${…}` become `!Sub`, or `!Ref` where they
/// are nothing else.
pub(super) fn block(value: &Value, indent: usize) -> String {
    let mut text = String::new();
    match value {
        Value::Object(all) if !all.is_empty() => {
            for (key, value) in all {
                let _ = write!(text, "{:indent$}{}:", "", string(key));
                entry(&mut text, value, indent + 2);
            }
        }
        Value::Array(all) if !all.is_empty() => {
            for value in all {
                let _ = write!(text, "{:indent$}-", "");
                if matches!(value, Value::Object(all) if !all.is_empty()) {
                    // The first key shares the line of the dash.
                    let lines = block(value, indent + 2);
                    let _ = write!(text, " {}", lines.trim_start());
                } else {
                    entry(&mut text, value, indent + 2);
                }
            }
        }
        one => {
            let _ = writeln!(text, "{:indent$}{}", "", scalar(one));
        }
    }
    text
}

/// The lines with this indent, but for empty ones: the content of a block scalar.
pub(super) fn indented(lines: &str, indent: usize) -> String {
    let mut text = String::new();
    for line in lines.lines() {
        if line.is_empty() {
            text.push('\n');
        } else {
            let _ = writeln!(text, "{:indent$}{line}", "");
        }
    }
    text
}

fn entry(text: &mut String, value: &Value, indent: usize) {
    let is_block = match value {
        Value::Object(all) => !all.is_empty(),
        Value::Array(all) => !all.is_empty(),
        _ => false,
    };
    if is_block {
        let _ = write!(text, "\n{}", block(value, indent));
    } else {
        let _ = writeln!(text, " {}", scalar(value));
    }
}

/// A value that fits on its line.
pub(super) fn scalar(value: &Value) -> String {
    let Value::String(text) = value else { return value.to_string() };
    let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    match name {
        Some(name) if !name.contains("${") => format!("!Ref {}", string(name)),
        _ if text.contains("${") => format!("!Sub {}", Value::from(text.as_str())),
        _ => string(text),
    }
}

/// Plain where every reader of YAML takes it for this string; else in quotes, as in JSON.
fn string(text: &str) -> String {
    const WORDS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/".contains(c))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    if is_plain { text.to_owned() } else { Value::from(text).to_string() }
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
