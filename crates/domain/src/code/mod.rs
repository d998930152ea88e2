//! Texts of code that people take elsewhere: names, strings and documents as HCL, YAML, TypeScript and shells write them. Pure.

pub mod hcl;
pub mod shell;
#[cfg(test)]
mod tests;
pub mod typescript;
pub mod yaml;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    pub name: String,
    pub text: String,
}

/// Words of letters and digits, such as `app-reads` in two.
pub fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
}

/// The words in one, each with a capital: `payments/api-key` is `PaymentsApiKey`.
pub fn pascal(name: &str) -> String {
    let mut text = String::new();
    for word in words(name) {
        let (first, rest) = word.split_at(1);
        text.push_str(&first.to_ascii_uppercase());
        text.push_str(rest);
    }
    text
}

/// The words joined by hyphens, with at most so many characters: `/payments/api key` is `payments-api-key`.
pub fn hyphenated(name: &str, max: usize) -> String {
    let mut text = words(name).collect::<Vec<_>>().join("-");
    // Words have ASCII characters only.
    text.truncate(max);
    let length = text.trim_end_matches('-').len();
    text.truncate(length);
    text
}

/// JSON with two spaces, and a line's end.
pub fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// JSON below a line that is indented by so much; the first line is not.
pub fn below(value: &Value, indent: usize) -> String {
    format!("{value:#}").replace('\n', &format!("\n{:indent$}", ""))
}

/// A text that stays in the line of a comment.
pub fn in_comment(text: &str) -> String {
    // What editors and parsers take for the end of a line: control characters, and the two separators of Unicode.
    text.chars()
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { '?' } else { c })
        .collect()
}
