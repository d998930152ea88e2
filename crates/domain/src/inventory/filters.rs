//! Filter values for a tag, an age, and a yes-or-no choice.

use std::{fmt, str::FromStr};

/// A condition on a tag. Keys and values are compared as in AWS, case-sensitively.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TagFilter {
    /// The key is present, with any value.
    Present(String),
    /// The tags were read, and the key is absent.
    Absent(String),
    /// The key has this value; a trailing `*` matches anything that follows.
    Is { key: String, value: String },
}

/// The maximum length of a tag's key or value, in characters, as in AWS.
const MAX_KEY: usize = 128;
const MAX_VALUE: usize = 256;

impl FromStr for TagFilter {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (absent, text) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
        let (key, value) =
            text.split_once('=').map_or((text, None), |(key, value)| (key, Some(value)));
        let fits = |text: &str, most| text.chars().count() <= most && !text.contains('\0');
        if key.is_empty() || !fits(key, MAX_KEY) || !fits(value.unwrap_or(""), MAX_VALUE) {
            return Err("key=value, key for any value, or !key where it is absent");
        }
        match (absent, value) {
            (false, None) => Ok(Self::Present(key.to_owned())),
            (true, None) => Ok(Self::Absent(key.to_owned())),
            (false, Some(value)) => Ok(Self::Is { key: key.to_owned(), value: value.to_owned() }),
            (true, Some(_)) => Err("!key alone: that a value is another cannot be asked yet"),
        }
    }
}

impl fmt::Display for TagFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present(key) => f.write_str(key),
            Self::Absent(key) => write!(f, "!{key}"),
            Self::Is { key, value } => write!(f, "{key}={value}"),
        }
    }
}

/// A condition on an age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgeFilter {
    /// Within this many days.
    Within(u16),
    /// More than this many days ago.
    Before(u16),
    /// Never.
    Never,
}

impl FromStr for AgeFilter {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "<7d, >90d (d for days, w for weeks, y for years) or never";
        if text == "never" {
            return Ok(Self::Never);
        }
        let mut rest = text.chars();
        let order = rest.next();
        let unit = rest.next_back();
        let days: u16 = match unit {
            Some('d') => 1,
            Some('w') => 7,
            Some('y') => 365,
            _ => return Err(EXPECTED),
        };
        let number: u16 = rest.as_str().parse().map_err(|_| EXPECTED)?;
        let days = number.checked_mul(days).filter(|days| *days > 0).ok_or(EXPECTED)?;
        match order {
            Some('<') => Ok(Self::Within(days)),
            Some('>') => Ok(Self::Before(days)),
            _ => Err(EXPECTED),
        }
    }
}

impl fmt::Display for AgeFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Within(days) => write!(f, "<{days}d"),
            Self::Before(days) => write!(f, ">{days}d"),
            Self::Never => f.write_str("never"),
        }
    }
}

/// `yes` or `no`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct YesNo(pub bool);

impl FromStr for YesNo {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "yes" => Ok(Self(true)),
            "no" => Ok(Self(false)),
            _ => Err("yes or no"),
        }
    }
}

impl fmt::Display for YesNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { "yes" } else { "no" })
    }
}

/// A text that is compared as a whole, such as a team's name or a key's id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exactly(pub String);

impl FromStr for Exactly {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() || text.contains('\0') || text.chars().count() > 2048 {
            return Err("a name of at most 2,048 characters");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Exactly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("owner=payments", TagFilter::Is { key: "owner".into(), value: "payments".into() })]
    #[case("a=b=c", TagFilter::Is { key: "a".into(), value: "b=c".into() })]
    #[case("env=", TagFilter::Is { key: "env".into(), value: String::new() })]
    #[case("env", TagFilter::Present("env".into()))]
    #[case("!env", TagFilter::Absent("env".into()))]
    fn a_tag_is_asked_for(#[case] text: &str, #[case] filter: TagFilter) {
        assert_eq!(text.parse(), Ok(filter.clone()));
        assert_eq!(filter.to_string(), text);
    }

    #[rstest]
    #[case("")]
    #[case("=x")]
    #[case("!")]
    #[case("!a=b")]
    fn what_asks_for_no_tag_is_refused(#[case] text: &str) {
        assert!(text.parse::<TagFilter>().is_err());
    }

    #[rstest]
    #[case("<7d", Ok(AgeFilter::Within(7)))]
    #[case(">2w", Ok(AgeFilter::Before(14)))]
    #[case(">1y", Ok(AgeFilter::Before(365)))]
    #[case("never", Ok(AgeFilter::Never))]
    #[case("7d", Err(()))]
    #[case("<0d", Err(()))]
    #[case("<99999d", Err(()))]
    #[case("<200y", Err(()))]
    #[case("<é", Err(()))]
    fn an_age_is_read(#[case] text: &str, #[case] age: Result<AgeFilter, ()>) {
        assert_eq!(text.parse::<AgeFilter>().map_err(|_| ()), age);
    }
}
