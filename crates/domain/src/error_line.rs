//! An error as one line of the log.

use std::{
    any::Any,
    error::Error,
    fmt::{self, Display, Write as _},
};

/// The rest of a longer error is left out.
const MAX_CHARS: usize = 800;

/// Displays an error with its sources on one line: each after a colon unless the text before already ends with it,
/// control characters as spaces, at most 800 characters. It never uses `Debug`, whose dumps contain whole responses.
#[derive(Clone, Copy)]
pub struct ErrorLine<E>(pub E);

impl<E: Error> Display for ErrorLine<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.0.to_string();
        let mut source = self.0.source();
        while let Some(error) = source {
            let more = error.to_string();
            if !text.ends_with(&more) {
                if !text.is_empty() {
                    text.push_str(": ");
                }
                text.push_str(&more);
            }
            source = error.source();
        }
        f.write_str(&one_line(&text))
    }
}

impl<E: Error> fmt::Debug for ErrorLine<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

/// A text as one line of at most 800 characters: control characters and runs of white space become one space.
pub fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let mut line = String::new();
    for (n, word) in words.filter(|word| !word.is_empty()).enumerate() {
        let gap = if n == 0 { "" } else { " " };
        // Into a `String`; it cannot fail.
        let _ = write!(line, "{gap}{word}");
    }
    if let Some((end, _)) = line.char_indices().nth(MAX_CHARS) {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// The text of a caught panic, as one line; `None` if it has none.
pub fn panic_line(panic: &(dyn Any + Send)) -> Option<String> {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).map(one_line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Fault {
        text: String,
        #[source]
        source: Option<Box<Fault>>,
    }

    fn fault(texts: &[&str]) -> Fault {
        Fault {
            text: texts[0].to_owned(),
            source: (texts.len() > 1).then(|| Box::new(fault(&texts[1..]))),
        }
    }

    #[test]
    fn sources_are_joined_once() {
        for (texts, line) in [
            (&["a"][..], "a"),
            (&["cannot read", "connection closed"], "cannot read: connection closed"),
            // Many errors already include their source's text.
            (&["cannot read: closed", "closed"], "cannot read: closed"),
            (&["service error", "", "denied"], "service error: denied"),
            (&["one\n  two\r\n\u{1b}[31mthree", "four"], "one two [31mthree: four"),
        ] {
            assert_eq!(ErrorLine(&fault(texts)).to_string(), line);
        }
    }

    #[test]
    fn a_long_error_is_cut() {
        let line = ErrorLine(&fault(&["é".repeat(5_000).as_str()])).to_string();
        assert_eq!(line.chars().count(), MAX_CHARS + 1);
    }
}
