//! What the file and the environment say, before it is parsed as settings.

use super::{
    SettingsError, Value, Written, located,
    references::{self, Elsewhere},
};
#[cfg(test)]
use crate::settings::Settings;
use crate::settings::{
    CaBundle,
    catalog::{self, Kind},
};
use claviger_aws::{OwnSecret, OwnSecrets};
use serde::{Deserialize, de::value::MapDeserializer};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

const PREFIX: &str = "CLAVIGER_";
/// OpenTelemetry's own variable; `CLAVIGER_OTLP_ENDPOINT` takes precedence.
pub(super) const OTLP: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// Variables of the command line and of the client: not settings of the server.
const OTHERS: &[&str] = &["file", "url"];
/// From this similarity on, a name is suggested.
const ALIKE: f64 = 0.8;

/// Every setting that is given, as written.
pub(in crate::settings) struct Collected(BTreeMap<String, Written>);

/// A configuration file.
pub(in crate::settings) struct Source<'a> {
    pub(in crate::settings) text: &'a str,
    /// Its folder, from which the paths in it count. Paths in the environment count from the working directory.
    pub(in crate::settings) folder: &'a Path,
}

/// Collects the settings of a file, overridden by the variables of the environment; if `only` names some, these alone,
/// whatever else is there.
pub(in crate::settings) fn collect(
    file: &Source,
    variables: impl Iterator<Item = (OsString, OsString)>,
    only: Option<&[&str]>,
) -> Result<Collected, SettingsError> {
    let mut unknown = Vec::new();
    let mut all = of_file(file, only, &mut unknown)?;
    all.extend(of_environment(variables, only, &mut unknown)?);
    if unknown.is_empty() {
        return Ok(Collected(all));
    }
    unknown.sort();
    Err(SettingsError(unknown.join("; ")))
}

fn is_wanted(name: &str, only: Option<&[&str]>) -> bool {
    only.is_none_or(|only| only.contains(&name))
}

fn of_file(
    file: &Source,
    only: Option<&[&str]>,
    unknown: &mut Vec<String>,
) -> Result<BTreeMap<String, Written>, SettingsError> {
    let known = super::names();
    let table: toml::Table =
        toml::from_str(file.text).map_err(|error| SettingsError(located(file.text, &error)))?;
    let mut given: BTreeMap<String, Written> = BTreeMap::new();
    for (label, value) in table {
        let (name, elsewhere) = match references::secret_of(&label) {
            Some((secret, elsewhere)) => (secret.to_owned(), Some(elsewhere)),
            None => (label.clone(), None),
        };
        if !is_wanted(&name, only) {
            continue;
        }
        if !known.contains(&name.as_str()) {
            unknown.push(no_setting(&name, nearest(&name, known).map(str::to_owned)));
            continue;
        }
        let is_path = catalog::is(&name, Kind::Path);
        let value = match (value, elsewhere) {
            (toml::Value::String(text), Some(elsewhere)) => {
                referred(elsewhere, text, Some(file.folder))
            }
            (toml::Value::String(text), None) if is_path && !text.is_empty() => {
                match file.folder.join(text).into_os_string().into_string() {
                    Ok(path) => Value::Text(path),
                    Err(_) => return Err(SettingsError(format!("{label} is not UTF-8 text"))),
                }
            }
            (toml::Value::String(text), None) => Value::Text(text),
            (other, _) => Value::Toml(other),
        };
        if let Some(other) = given.insert(name, Written { label: label.clone(), value }) {
            return Err(same(&label, &other.label));
        }
    }
    Ok(given)
}

fn referred(elsewhere: Elsewhere, text: String, folder: Option<&Path>) -> Value {
    match elsewhere {
        Elsewhere::SecretsManager => Value::Arn(text),
        // An empty path would be the folder.
        Elsewhere::File if text.is_empty() => Value::Text(text),
        Elsewhere::File => {
            Value::File(folder.map_or_else(|| PathBuf::from(&text), |it| it.join(&text)))
        }
    }
}

fn of_environment(
    variables: impl Iterator<Item = (OsString, OsString)>,
    only: Option<&[&str]>,
    unknown: &mut Vec<String>,
) -> Result<BTreeMap<String, Written>, SettingsError> {
    let known = super::names();
    let mut given: BTreeMap<String, Written> = BTreeMap::new();
    let (mut database, mut standard_otlp) = (None, None);
    for (label, value) in variables {
        // A variable that is not text is not ours.
        let Ok(label) = label.into_string() else { continue };
        let upper = label.to_uppercase();
        let name = match upper.strip_prefix(PREFIX) {
            Some(name) => name.to_lowercase(),
            None if label == OTLP => "otlp_endpoint".to_owned(),
            None if ["DATABASE_URL", "DATABASE_URL_FILE", "DATABASE_URL_ARN"]
                .contains(&label.as_str()) =>
            {
                label.to_lowercase()
            }
            None => continue,
        };
        if OTHERS.contains(&name.as_str()) {
            continue;
        }
        let (name, elsewhere) = match references::secret_of(&name) {
            Some((secret, elsewhere)) => (secret.to_owned(), Some(elsewhere)),
            None => (name, None),
        };
        if !is_wanted(&name, only) {
            continue;
        }
        let text =
            value.into_string().map_err(|_| SettingsError(format!("{label} is not UTF-8 text")))?;
        if !known.contains(&name.as_str()) {
            if !is_service_link(&name, &text) {
                let near = nearest(&name, known);
                let near = near.map(|near| PREFIX.to_owned() + &near.to_uppercase());
                unknown.push(no_setting(&label, near));
            }
            continue;
        }
        if catalog::is(&name, Kind::FileOnly) {
            return Err(SettingsError(format!("{label}: {name} can be set in the file only")));
        }
        let value = match elsewhere {
            Some(elsewhere) => referred(elsewhere, text, None),
            None => Value::Variable(text),
        };
        let entry = Written { label: label.clone(), value };
        if label == "DATABASE_URL" {
            database = Some(entry);
        } else if label == OTLP {
            standard_otlp = Some(entry);
        } else if let Some(other) = given.insert(name, entry) {
            return Err(same(&label, &other.label));
        }
    }
    if let Some(entry) = standard_otlp {
        given.entry("otlp_endpoint".to_owned()).or_insert(entry);
    }
    if let Some(entry) = database {
        if let Some(other) = given.get("database_url")
            && matches!(other.value, Value::File(_) | Value::Arn(_))
        {
            return Err(same(&entry.label, &other.label));
        }
        given.insert("database_url".to_owned(), entry);
    }
    Ok(given)
}

impl Collected {
    pub(in crate::settings) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Reads the secrets that are in files.
    pub(in crate::settings) fn read_files(mut self) -> Result<Self, SettingsError> {
        for written in self.0.values_mut() {
            if let Value::File(path) = &written.value {
                written.value = Value::Secret(references::content(&written.label, path)?);
            }
        }
        Ok(self)
    }

    /// Reads the secrets that are in Secrets Manager, with the credentials of the SDK's default chain. Without any, AWS is
    /// not called.
    pub(in crate::settings) async fn read_secrets(mut self) -> Result<Self, SettingsError> {
        // All of them first, so that a wrong one costs no call.
        let mut named = Vec::new();
        for (name, written) in &self.0 {
            if let Value::Arn(text) = &written.value {
                let secret: OwnSecret = text.parse().map_err(|error| written.fault(error))?;
                named.push((name.clone(), secret));
            }
        }
        if named.is_empty() {
            return Ok(self);
        }
        let bundle = match self.0.get("ca_bundle").map(|written| &written.value) {
            Some(Value::Variable(path) | Value::Text(path)) => Some(
                CaBundle::read(Path::new(path))
                    .map_err(|error| SettingsError(format!("ca_bundle: {error}")))?,
            ),
            _ => None,
        };
        let mut secrets = OwnSecrets::new(bundle.as_ref().map(CaBundle::pem)).await;
        for (name, secret) in named {
            let Some(written) = self.0.get_mut(&name) else { continue };
            let value = secrets.value(&secret).await.map_err(|error| written.fault(error))?;
            written.value = Value::Secret(value);
        }
        Ok(self)
    }

    /// Parses what was collected.
    pub(in crate::settings) fn parse<'de, T: Deserialize<'de>>(self) -> Result<T, SettingsError> {
        T::deserialize(MapDeserializer::new(self.0.into_iter()))
    }
}

/// Parses settings whose secrets are at most in files; for tests.
#[cfg(test)]
pub(in crate::settings) fn read(
    file: &str,
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Settings, SettingsError> {
    let file = Source { text: file, folder: Path::new("") };
    collect(&file, variables, None)?.read_files()?.parse()
}

fn same(one: &str, other: &str) -> SettingsError {
    SettingsError(format!("{one} and {other} are the same setting: remove one of them"))
}

fn no_setting(name: &str, near: Option<String>) -> String {
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
