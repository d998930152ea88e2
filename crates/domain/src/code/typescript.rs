//! TypeScript for the AWS CDK. JSON is a part of it.

use super::pascal;

/// A class's name: it begins with a letter.
pub fn class(name: &str, before: &str) -> String {
    let class = pascal(name);
    if class.starts_with(|c: char| c.is_ascii_alphabetic()) {
        class
    } else {
        format!("{before}{class}")
    }
}
