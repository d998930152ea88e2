//! The words of a search as SQL conditions.

use std::fmt::Write;

/// The search words as conditions, from parameter `first` on.
pub(crate) fn word_conditions(words: &[String], first: usize) -> String {
    (first..first + words.len()).fold(String::new(), |mut sql, n| {
        let _ = write!(sql, " and r.search like ${n}");
        sql
    })
}

/// Each word as a pattern that finds it anywhere.
pub(crate) fn patterns(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split_whitespace()
        .map(|word| {
            format!("%{}%", word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
        })
        .collect()
}
