//! A value on its way into a command: which secret, which JSON key, and what the command gets.

use crate::{
    error::CliError,
    value::{decoded, without_field},
};
use claviger_domain::{grants::view::Revealed, value::members};
use std::str::FromStr;
use zeroize::Zeroizing;

/// `SECRET[#JSON_KEY]`. No name or ARN of AWS has a `#`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) secret: String,
    pub(crate) key: Option<String>,
}

/// An invalid `NAME=SECRET[#JSON_KEY]` or a part of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidSource {
    #[error("name a secret or parameter, as SECRET or SECRET#JSON_KEY")]
    NoSecret,
    #[error("name a key of the JSON value after the #, or leave the # out")]
    NoKey,
    #[error("use {0}")]
    NoName(&'static str),
    #[error(
        "{0:?} cannot be the name of an environment variable: use letters, digits and _, and don't start with a digit"
    )]
    Variable(String),
    #[error("{0:?} cannot be used: use 0 for standard input, or a number from 3 to 255")]
    Descriptor(String),
}

impl FromStr for Source {
    type Err = InvalidSource;

    fn from_str(text: &str) -> Result<Self, InvalidSource> {
        let (secret, key) = match text.split_once('#') {
            Some((_, "")) => return Err(InvalidSource::NoKey),
            Some((secret, key)) => (secret, Some(key.to_owned())),
            None => (text, None),
        };
        if secret.is_empty() {
            return Err(InvalidSource::NoSecret);
        }
        Ok(Self { secret: secret.to_owned(), key })
    }
}

/// Whether shells and programs can read a variable of this name.
pub(crate) fn is_variable(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.chars().all(is_plain) && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// What the command gets. Its memory is cleared when it is dropped.
pub(crate) enum Content {
    Text(Zeroizing<String>),
    Bytes(Zeroizing<Vec<u8>>),
}

impl Content {
    /// For an environment variable.
    pub(crate) fn as_variable(&self, secret: &str) -> Result<&str, CliError> {
        match self {
            Self::Bytes(_) => Err(CliError::Input(format!(
                "{secret} is binary, and an environment variable holds text only"
            ))),
            Self::Text(text) if text.contains('\0') => Err(CliError::Input(format!(
                "{secret} has a NUL character, which no environment variable can hold"
            ))),
            Self::Text(text) => Ok(text),
        }
    }

    pub(crate) fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Text(mut text) => Zeroizing::new(std::mem::take(&mut *text).into_bytes()),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// The whole value, or one key of its JSON.
pub(crate) fn content(revealed: &Revealed, source: &Source) -> Result<Content, CliError> {
    let secret = &source.secret;
    match (revealed, &source.key) {
        (Revealed::Text(text), None) => Ok(Content::Text(text.clone())),
        (Revealed::Text(text), Some(key)) => Ok(Content::Text(key_of(text, secret, key)?)),
        (Revealed::Binary(_), Some(_)) => {
            Err(CliError::Input(format!("{secret} is binary, so it has no keys")))
        }
        (Revealed::Binary(encoded), None) => Ok(Content::Bytes(decoded(encoded)?)),
    }
}

fn key_of(text: &str, secret: &str, key: &str) -> Result<Zeroizing<String>, CliError> {
    let all = members(text).ok_or_else(|| {
        CliError::Input(format!("{secret} is not a JSON object, so it has no keys"))
    })?;
    let mut fit = all.iter().filter(|member| member.name == key);
    match (fit.next(), fit.count()) {
        (Some(member), 0) => Ok(member.content()),
        (Some(_), more) => Err(CliError::Ambiguous(format!(
            "{secret} has the key {key} {} times. Correct the value with `clv edit` or `clv put`",
            more + 1
        ))),
        (None, _) => Err(without_field(secret, key, &all)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, InvalidSource, Source, content, is_variable};
    use claviger_domain::grants::view::Revealed;

    fn of(text: &str) -> Result<Source, InvalidSource> {
        text.parse()
    }

    #[test]
    fn a_source_is_a_secret_with_or_without_a_key() {
        let source = |secret: &str, key: Option<&str>| {
            Ok(Source { secret: secret.into(), key: key.map(Into::into) })
        };
        assert_eq!(of("pay/db"), source("pay/db", None));
        assert_eq!(of("pay/db#a#b"), source("pay/db", Some("a#b")));
        assert_eq!(of("a=b#c"), source("a=b", Some("c")));
        assert_eq!(of(""), Err(InvalidSource::NoSecret));
        assert_eq!(of("#a"), Err(InvalidSource::NoSecret));
        assert_eq!(of("pay/db#"), Err(InvalidSource::NoKey));
    }

    #[test]
    fn names_of_variables() {
        assert!(["A", "_a9", "db_URL"].into_iter().all(is_variable));
        for bad in ["", "9A", "A-B", "A B", "A=B", "É", "A\0"] {
            assert!(!is_variable(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_variable_holds_text_without_nul() {
        let of = |revealed: Revealed, source: &str| {
            content(&revealed, &source.parse().unwrap())
                .and_then(|content| content.as_variable("pay/db").map(str::to_owned))
                .map_err(|fault| fault.to_string())
        };
        let text = |text: &str| Revealed::Text(text.to_owned().into());
        assert_eq!(of(text("a\nb"), "s"), Ok("a\nb".to_owned()));
        assert_eq!(of(text(r#"{"a":"x","n":1.10}"#), "s#n"), Ok("1.10".to_owned()));
        for (revealed, source, says) in [
            (text("a\0b"), "s", "NUL"),
            (text(r#"{"a":"\u0000"}"#), "s#a", "NUL"),
            (Revealed::Binary("AAE=".to_owned().into()), "s", "pay/db is binary"),
            (Revealed::Binary("AAE=".to_owned().into()), "s#a", "no keys"),
            (text("plain"), "s#a", "is not a JSON object"),
            (text(r#"{"b":1}"#), "s#a", "It has b"),
            (text(r#"{"a":1,"a":2}"#), "s#a", "2 times"),
        ] {
            let fault = of(revealed, source).unwrap_err();
            assert!(fault.contains(says), "{fault}");
        }
        let bytes = content(&Revealed::Binary("AAE=".to_owned().into()), &"s".parse().unwrap());
        assert!(matches!(bytes.map(Content::into_bytes), Ok(bytes) if *bytes == [0, 1]));
    }
}
