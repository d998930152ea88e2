//! The words of a search, and as SQL patterns.

/// The words, in lower case.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.to_lowercase().split_whitespace().map(str::to_owned).collect()
}

/// Each word as a pattern that finds it anywhere.
pub(crate) fn patterns(text: &str) -> Vec<String> {
    words(text)
        .iter()
        .map(|word| {
            format!("%{}%", word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
        })
        .collect()
}
