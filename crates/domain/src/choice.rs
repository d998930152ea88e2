//! Enums that are texts: in URLs, columns, audit entries and `/v1`. `strum` reads and writes them.

use std::fmt::Display;
use strum::VariantArray;

/// A text that is none of an enum's. Shows what would be valid: `secret or parameter`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidChoice(String);

impl InvalidChoice {
    /// For `strum(parse_err_fn)`: lists the texts of `T`, in the order of its variants.
    pub fn of<T: VariantArray + Display>(_: &str) -> Self {
        let texts: Vec<String> = T::VARIANTS.iter().map(ToString::to_string).collect();
        Self(match texts.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::{compliance::Severity, facts::Kind};

    #[test]
    fn the_error_lists_what_is_valid() {
        let error = "secrets".parse::<Kind>().unwrap_err();
        assert_eq!(error.to_string(), "secret or parameter");
        let error = "High".parse::<Severity>().unwrap_err();
        assert_eq!(error.to_string(), "critical, high, medium or low");
    }
}
