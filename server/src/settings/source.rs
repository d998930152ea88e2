//! The sources of settings: a TOML file, and the environment, which takes precedence.
//!
//! An environment variable is text, and only the setting's type determines how it is parsed. A text is never parsed
//! as a number first: `00123456` stays as it is.

mod secret_files;

pub(super) use secret_files::content;

use super::Settings;
use crate::StartError;
use serde::{
    Deserialize, Deserializer,
    de::{
        Error as _, IntoDeserializer, Visitor,
        value::{MapDeserializer, SeqDeserializer, StringDeserializer},
    },
    forward_to_deserialize_any,
};
use std::{collections::BTreeMap, ffi::OsString, fmt, fs, path::Path};

const PREFIX: &str = "CLAVIGER_";
/// OpenTelemetry's own variable; `CLAVIGER_OTLP_ENDPOINT` takes precedence.
const OTLP: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// Variables of the command line and of the client: not settings of the server.
const OTHERS: &[&str] = &["file", "url"];
/// Settings with parts, which one variable cannot express.
const FILE_ONLY: &[&str] = &["roles", "owners", "quotas", "oidc_authorize_parameters"];
/// From this similarity on, a name is suggested.
const ALIKE: f64 = 0.8;

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

/// Parses settings from the text of a file, overridden by the variables of the environment.
pub(super) fn read(
    file: &str,
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Settings, SettingsError> {
    let table: toml::Table =
        toml::from_str(file).map_err(|error| SettingsError(located(file, &error)))?;
    let known = names();
    let mut unknown = Vec::new();
    let mut written: BTreeMap<String, Written> = BTreeMap::new();
    for (name, value) in table {
        if !known.contains(&name.as_str()) {
            unknown.push(said(&name, nearest(&name, known).map(str::to_owned)));
        }
        let value = match value {
            toml::Value::String(text) => Value::Text(text),
            other => Value::Toml(other),
        };
        written.insert(name.clone(), Written { label: name, value });
    }
    let mut given = BTreeMap::new();
    let (mut database, mut standard_otlp) = (None, None);
    for (label, value) in variables {
        // A variable that is not text is not ours.
        let Ok(label) = label.into_string() else { continue };
        let upper = label.to_uppercase();
        let name = match upper.strip_prefix(PREFIX) {
            Some(name) => name.to_lowercase(),
            None if label == "DATABASE_URL" => "database_url".to_owned(),
            None if label == "DATABASE_URL_FILE" => "database_url_file".to_owned(),
            None if label == OTLP => "otlp_endpoint".to_owned(),
            None => continue,
        };
        if OTHERS.contains(&name.as_str()) {
            continue;
        }
        let text =
            value.into_string().map_err(|_| SettingsError(format!("{label} is not UTF-8 text")))?;
        let (name, text) = match secret_files::secret_of(&name) {
            Some(secret) => (secret.to_owned(), content(&label, &text)?),
            None => (name, text),
        };
        if !known.contains(&name.as_str()) {
            if !is_service_link(&name, &text) {
                let near = nearest(&name, known);
                unknown
                    .push(said(&label, near.map(|near| PREFIX.to_owned() + &near.to_uppercase())));
            }
            continue;
        }
        if FILE_ONLY.contains(&name.as_str()) {
            return Err(SettingsError(format!("{label}: {name} can be set in the file only")));
        }
        let entry = Written { label: label.clone(), value: Value::Variable(text) };
        if label == "DATABASE_URL" {
            database = Some(entry);
        } else if label == OTLP {
            standard_otlp = Some(entry);
        } else if let Some(other) = given.insert(name, entry) {
            return Err(same(&label, &other.label));
        }
    }
    if !unknown.is_empty() {
        unknown.sort();
        return Err(SettingsError(unknown.join("; ")));
    }
    if let Some(entry) = standard_otlp {
        given.entry("otlp_endpoint".to_owned()).or_insert(entry);
    }
    written.extend(given);
    if let Some(entry) = database {
        if let Some(file) = written.get("database_url").filter(|it| it.label.ends_with("_FILE")) {
            return Err(same(&entry.label, &file.label));
        }
        written.insert("database_url".to_owned(), entry);
    }
    Settings::deserialize(MapDeserializer::new(written.into_iter()))
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

fn same(one: &str, other: &str) -> SettingsError {
    SettingsError(format!("{one} and {other} are the same setting: remove one of them"))
}

fn said(name: &str, near: Option<String>) -> String {
    let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    format!("{name} is not a setting{hint}")
}

/// The most similar setting.
fn nearest(name: &str, known: &'static [&'static str]) -> Option<&'static str> {
    let name = name.to_lowercase();
    known
        .iter()
        .map(|known| (strsim::jaro_winkler(&name, known), *known))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}

/// Variables that Kubernetes adds to each container for a service named `claviger`: `CLAVIGER_SERVICE_HOST`, `CLAVIGER_PORT`,
/// `CLAVIGER_PORT_8080_TCP_ADDR`.
fn is_service_link(name: &str, value: &str) -> bool {
    let is_address = || ["tcp://", "udp://", "sctp://"].iter().any(|kind| value.starts_with(kind));
    let after = name.split("port_").nth(1).and_then(|rest| rest.chars().next());
    name.ends_with("service_host")
        || name.contains("service_port")
        || after.is_some_and(|c| c.is_ascii_digit())
        || (name.ends_with("port") && is_address())
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
}

impl Written {
    fn fault(&self, what: impl fmt::Display) -> SettingsError {
        SettingsError(format!("{}: {what}", self.label))
    }

    /// The text, if it is one; an empty text is an error.
    fn text(self) -> Result<Self, SettingsError> {
        match &self.value {
            Value::Variable(text) | Value::Text(text) if text.is_empty() => {
                Err(self.fault("is empty. Give it a value, or remove it"))
            }
            Value::Variable(_) | Value::Text(_) => Ok(self),
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
            Value::Toml(_) => self.deserialize_any(visitor),
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
fn names() -> &'static [&'static str] {
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
