//! YAML, as CloudFormation reads it. Written here because a serializer knows no short forms such as `!Ref`.

use serde_json::Value;
use std::fmt::Write as _;

/// The value as lines with this indent, the last with its end. `scalar` writes what fits on its line.
pub fn block(value: &Value, indent: usize, scalar: fn(&Value) -> String) -> String {
    let mut text = String::new();
    match value {
        Value::Object(all) if !all.is_empty() => {
            for (key, value) in all {
                let _ = write!(text, "{:indent$}{}:", "", string(key));
                entry(&mut text, value, indent + 2, scalar);
            }
        }
        Value::Array(all) if !all.is_empty() => {
            for value in all {
                let _ = write!(text, "{:indent$}-", "");
                if matches!(value, Value::Object(all) if !all.is_empty()) {
                    // The first key shares the line of the dash.
                    let lines = block(value, indent + 2, scalar);
                    let _ = write!(text, " {}", lines.trim_start());
                } else {
                    entry(&mut text, value, indent + 2, scalar);
                }
            }
        }
        one => {
            let _ = writeln!(text, "{:indent$}{}", "", scalar(one));
        }
    }
    text
}

fn entry(text: &mut String, value: &Value, indent: usize, scalar: fn(&Value) -> String) {
    let is_block = match value {
        Value::Object(all) => !all.is_empty(),
        Value::Array(all) => !all.is_empty(),
        _ => false,
    };
    if is_block {
        let _ = write!(text, "\n{}", block(value, indent, scalar));
    } else {
        let _ = writeln!(text, " {}", scalar(value));
    }
}

/// The lines with this indent, but for empty ones: the content of a block scalar.
pub fn indented(lines: &str, indent: usize) -> String {
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

/// A value that fits on its line, as it is.
pub fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => string(text),
        other => other.to_string(),
    }
}

/// Plain where every reader of YAML takes it for this string; else in quotes, as in JSON.
pub fn string(text: &str) -> String {
    const WORDS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/".contains(c))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    if is_plain { text.to_owned() } else { in_double_quotes(text) }
}

/// JSON's quotes and escapes, which YAML reads. JSON leaves what YAML does not print as it is: delete, the C1 controls and
/// Unicode's line ends.
fn in_double_quotes(text: &str) -> String {
    let mut written = String::new();
    for c in Value::from(text).to_string().chars() {
        if matches!(c, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}') {
            let _ = write!(written, "\\u{:04x}", u32::from(c));
        } else {
            written.push(c);
        }
    }
    written
}

/// A text in single quotes.
pub fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
