//! Words for POSIX shells.

/// A text in single quotes: one word, in which a shell reads nothing.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
