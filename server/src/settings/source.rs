//! The sources of settings: a TOML file, and the environment, which takes precedence.
//!
//! An environment variable is text, and only the setting's type determines how it is parsed. A text is never parsed
//! as a number first: `00123456` stays as it is.

mod collect;
mod references;

#[cfg(test)]
pub(super) use collect::read;
pub(super) use collect::{Collected, Source, collect};

use super::Settings;
use crate::StartError;
use secrecy::{ExposeSecret, SecretString};
use serde::{
    Deserialize, Deserializer,
    de::{
        Error as _, IntoDeserializer, Visitor,
        value::{SeqDeserializer, StringDeserializer},
    },
    forward_to_deserialize_any,
};
use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

/// The error, with its setting. Never contains the value of a text.
#[derive(Debug)]
pub(super) struct SettingsError(pub(super) String);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SettingsError {}

impl serde::de::Error for SettingsError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// The configuration file.
pub(super) fn text(file: &Path) -> Result<String, StartError> {
    fs::read_to_string(file)
        .map_err(|error| StartError::Settings(format!("{}: {error}", file.display())))
}

/// One text of a file, regardless of the rest.
pub(super) fn text_of(file: &str, name: &str) -> Result<Option<String>, String> {
    let table: toml::Table = toml::from_str(file).map_err(|error| located(file, &error))?;
    Ok(table.get(name).and_then(toml::Value::as_str).map(ToOwned::to_owned))
}

/// The line, and its error; never the line itself, which may contain a secret.
fn located(text: &str, error: &toml::de::Error) -> String {
    let line = error.span().map(|span| {
        let before = text.get(..span.start).unwrap_or_default();
        format!("line {}: ", before.matches('\n').count() + 1)
    });
    format!("{}{}", line.unwrap_or_default(), error.message())
}

/// One setting as written.
struct Written {
    /// Its name for people: the variable, or the key.
    label: String,
    value: Value,
}

enum Value {
    /// From the environment.
    Variable(String),
    /// From the file.
    Text(String),
    Toml(toml::Value),
    /// Still to be read from this file.
    File(PathBuf),
    /// Still to be read from Secrets Manager.
    Arn(String),
    /// What was read.
    Secret(SecretString),
}

impl Written {
    fn fault(&self, what: impl fmt::Display) -> SettingsError {
        SettingsError(format!("{}: {what}", self.label))
    }

    /// A fault of ours: only what was read is parsed.
    fn unread(&self) -> SettingsError {
        self.fault("was not read")
    }

    /// The text, if it is one; an empty text is an error.
    fn text(self) -> Result<Self, SettingsError> {
        match &self.value {
            Value::Variable(text) | Value::Text(text) if text.is_empty() => {
                Err(self.fault("is empty. Give it a value, or remove it"))
            }
            Value::Variable(_) | Value::Text(_) | Value::Secret(_) => Ok(self),
            Value::File(_) | Value::Arn(_) => Err(self.unread()),
            // Its value may be a secret.
            Value::Toml(_) => Err(self.fault("is to be a text. Write it in quotes")),
        }
    }
}

impl IntoDeserializer<'_, SettingsError> for Written {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Numbers are parsed from text only if the setting is a number.
macro_rules! parsed {
    ($($method:ident $visit:ident $type:ty),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SettingsError> {
            let label = self.label.clone();
            let read = match self.value {
                Value::Variable(text) | Value::Text(text) => match text.trim().parse::<$type>() {
                    Ok(value) => visitor.$visit(value),
                    Err(error) => Err(SettingsError::custom(format!("{text:?} cannot be read: {error}"))),
                },
                Value::Toml(value) => {
                    value.$method(visitor).map_err(|error| SettingsError::custom(error.message()))
                }
                _ => Err(SettingsError::custom("is not a text")),
            };
            read.map_err(|fault| SettingsError(format!("{label}: {fault}")))
        }
    )*};
}

impl<'de> Deserializer<'de> for Written {
    type Error = SettingsError;

    parsed!(
        deserialize_bool visit_bool bool,
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
        deserialize_f32 visit_f32 f32,
        deserialize_f64 visit_f64 f64,
    );

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SettingsError> {
        let label = self.label.clone();
        let read = match self.value {
            Value::Variable(text) | Value::Text(text) => visitor.visit_string(text),
            Value::Toml(value) => value
                .deserialize_any(visitor)
                .map_err(|error| SettingsError::custom(error.message())),
            Value::Secret(secret) => visitor.visit_string(secret.expose_secret().to_owned()),
            Value::File(_) | Value::Arn(_) => Err(SettingsError::custom("was not read")),
        };
        read.map_err(|fault: SettingsError| SettingsError(format!("{label}: {fault}")))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SettingsError> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SettingsError> {
        self.text()?.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SettingsError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, SettingsError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, SettingsError> {
        let written = self.text()?;
        let label = written.label.clone();
        let (Value::Variable(text) | Value::Text(text)) = written.value else {
            return Err(SettingsError(label));
        };
        let word: StringDeserializer<SettingsError> = text.into_deserializer();
        word.deserialize_enum(name, variants, visitor)
            .map_err(|fault| SettingsError(format!("{label}: {fault}")))
    }

    /// A variable's list is separated by commas.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SettingsError> {
        match &self.value {
            Value::Variable(text) => {
                let items: Vec<Written> = listed(text)
                    .map(|item| Written {
                        label: self.label.clone(),
                        value: Value::Variable(item.to_owned()),
                    })
                    .collect();
                visitor.visit_seq(SeqDeserializer::new(items.into_iter()))
            }
            Value::Text(_) => Err(self.fault("is to be a list, such as [\"one\", \"two\"]")),
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier ignored_any
    }
}

/// The items of a text with commas.
pub(super) fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// The names of all settings, from [`Settings`] itself.
pub(super) fn names() -> &'static [&'static str] {
    struct Names<'a>(&'a mut &'static [&'static str]);

    impl<'de> Deserializer<'de> for Names<'_> {
        type Error = SettingsError;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, SettingsError> {
            Err(SettingsError("settings are no struct".to_owned()))
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, SettingsError> {
            *self.0 = fields;
            Err(SettingsError(String::new()))
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    let mut names: &'static [&'static str] = &[];
    // It ends with the names, which serde reports as an error.
    let _ = Settings::deserialize(Names(&mut names));
    names
}

#[cfg(test)]
mod tests;
