//! Texts with placeholders such as `{{current.key}}`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rotation_steps::{Credential, Fault};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, de::Error as _};
use std::fmt;
use zeroize::Zeroizing;

/// What is not encoded in an address: RFC 3986's unreserved characters.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A parsed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(Placeholder),
}

/// What stands between braces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Placeholder {
    /// The credential's name at the vendor, which this rotation gives it.
    Name,
    /// The id of the version that is made.
    Token,
    /// The signed token of the description's `jwt`.
    Jwt,
    Member(Source, String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// What works now: in `revoke`, the proven credential.
    Current,
    New,
    Old,
    /// The administrator's secret.
    Admin,
}

impl fmt::Display for Placeholder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => formatter.write_str("name"),
            Self::Token => formatter.write_str("token"),
            Self::Jwt => formatter.write_str("jwt"),
            Self::Member(source, member) => {
                let source = match source {
                    Source::Current => "current",
                    Source::New => "new",
                    Source::Old => "old",
                    Source::Admin => "admin",
                };
                write!(formatter, "{source}.{member}")
            }
        }
    }
}

impl Placeholder {
    fn parse(text: &str) -> Option<Self> {
        let (source, member) = match text {
            "name" => return Some(Self::Name),
            "token" => return Some(Self::Token),
            "jwt" => return Some(Self::Jwt),
            _ => text.split_once('.')?,
        };
        let source = match source {
            "current" => Source::Current,
            "new" => Source::New,
            "old" => Source::Old,
            "admin" => Source::Admin,
            _ => return None,
        };
        let is_name = !member.is_empty()
            && member.chars().all(|one| one.is_ascii_alphanumeric() || "_-".contains(one));
        is_name.then(|| Self::Member(source, member.to_owned()))
    }
}

impl Template {
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once("{{") {
            let (inside, after) =
                after.split_once("}}").ok_or_else(|| format!("{text}: {{{{ without }}}}"))?;
            let placeholder = Placeholder::parse(inside.trim()).ok_or_else(|| {
                format!(
                    "{text}: {inside} is none of name, token, jwt, current.…, new.…, old.…, admin.…"
                )
            })?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(Part::Placeholder(placeholder));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    pub fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.0.iter().filter_map(|part| match part {
            Part::Placeholder(placeholder) => Some(placeholder),
            Part::Text(_) => None,
        })
    }

    /// The text before the first placeholder.
    pub fn literal_start(&self) -> &str {
        match self.0.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }

    /// The whole text. With `is_address`, what is put in is percent-encoded.
    pub fn render(&self, values: &Values<'_>, is_address: bool) -> Result<SecretString, Fault> {
        let mut text = Zeroizing::new(String::with_capacity(512));
        for part in &self.0 {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Placeholder(placeholder) => {
                    let value = values.get(placeholder)?;
                    if is_address {
                        text.extend(utf8_percent_encode(value.expose_secret(), ENCODED));
                    } else {
                        text.push_str(value.expose_secret());
                    }
                }
            }
        }
        Ok(SecretString::from(text.as_str()))
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// What the placeholders of one call stand for.
#[derive(Clone, Copy, Default)]
pub struct Values<'a> {
    pub name: &'a str,
    pub token: &'a str,
    pub jwt: Option<&'a SecretString>,
    pub current: Option<&'a Credential>,
    pub new: Option<&'a Credential>,
    pub old: Option<&'a Credential>,
    pub admin: Option<&'a Credential>,
}

impl Values<'_> {
    pub fn get(&self, placeholder: &Placeholder) -> Result<SecretString, Fault> {
        let missing = || Fault::new(format!("there is no {placeholder}"));
        match placeholder {
            Placeholder::Name => Ok(self.name.into()),
            Placeholder::Token => Ok(self.token.into()),
            Placeholder::Jwt => self.jwt.cloned().ok_or_else(missing),
            Placeholder::Member(source, member) => {
                let credential = match source {
                    Source::Current => self.current,
                    Source::New => self.new,
                    Source::Old => self.old,
                    Source::Admin => self.admin,
                };
                credential.and_then(|it| it.text(member)).ok_or_else(missing)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str, is_address: bool) -> Result<String, Fault> {
        let current = Credential::parse(&r#"{"key":"a b/c","port":1}"#.to_owned().into())?;
        let values = Values { name: "n", current: Some(&current), ..Values::default() };
        let template = Template::parse(text).map_err(Fault::new)?;
        Ok(template.render(&values, is_address)?.expose_secret().to_owned())
    }

    #[test]
    fn places_are_filled_and_encoded_in_addresses() {
        assert_eq!(rendered("x {{ current.key }} {{name}}", false).unwrap(), "x a b/c n");
        assert_eq!(rendered("/{{current.key}}?{{current.port}}", true).unwrap(), "/a%20b%2Fc?1");
    }

    #[test]
    fn what_is_not_there_is_named_and_what_is_no_place_is_refused() {
        let fault = rendered("{{current.other}}", false).unwrap_err();
        assert_eq!(fault.to_string(), "there is no current.other");
        assert!(rendered("{{new.key}}", false).is_err());
        for text in ["{{", "{{env.HOME}}", "{{current}}", "{{current.}}", "{{current.a b}}", "{{}}"]
        {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
