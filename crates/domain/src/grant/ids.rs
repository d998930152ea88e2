//! Numbers that people say to each other: `R-3117`, `G-2190`.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "-{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = &'static str;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let digits = text
                    .strip_prefix(concat!($prefix, "-"))
                    .or_else(|| text.strip_prefix(concat!($prefix, "-").to_ascii_lowercase().as_str()))
                    .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
                digits.and_then(|digits| digits.parse().ok()).map(Self).ok_or($expected)
            }
        }
    };
}

numbered!(
    /// A request as it was made: it never changes.
    RequestId,
    "R",
    "the number of a request, such as R-3117"
);
numbered!(
    /// One account's part of a request, and what comes of it.
    GrantId,
    "G",
    "the number of a grant, such as G-2190"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        assert_eq!("G-2190".parse(), Ok(GrantId(2190)));
        assert_eq!("g-7".parse(), Ok(GrantId(7)));
        assert_eq!(GrantId(12).to_string(), "G-12");
        for bad in ["2190", "G-", "G--1", "R-1", "G-1x", "G-99999999999999999999"] {
            assert!(bad.parse::<GrantId>().is_err(), "{bad}");
        }
    }
}
