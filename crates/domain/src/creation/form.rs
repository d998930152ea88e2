//! The form of a new secret or parameter, field by field, as a browser sends it. The value is no part of it.

use super::{
    CANARY_TAG, JsonTemplate, NewDetail, NewReplica, NewResource, NewRotation, PasswordRules,
    ShapeFault, Tier,
};
use crate::{
    day::parse_day,
    facts::{ParameterType, RotationRules},
    grants::MAX_SENTENCE_CHARS,
    remediation::ExternalRotation,
    text_fields::{append, put},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The fields of the form; `kind` says which of them apply.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreationForm {
    pub account: String,
    pub region: String,
    /// `secret` (also if empty) or `parameter`.
    pub kind: String,
    pub name: String,
    pub description: String,
    pub key: String,
    /// `key=value`, one per line.
    pub tags: String,
    pub policy: String,
    /// Regions, one per line; each may be followed by a key of that Region.
    pub replicas: String,
    /// `Type` of a managed external secret. This and the six fields below are of a secret alone.
    pub secret_type: String,
    /// The ARN of the function that rotates it.
    pub function: String,
    /// The ARN of the role with which Secrets Manager rotates a managed external secret.
    pub role: String,
    /// What the partner wants to know: `key=value`, one per line.
    pub metadata: String,
    /// Days between rotations; or a schedule.
    pub days: String,
    /// `rate(…)` or `cron(…)`, in UTC.
    pub schedule: String,
    /// `yes` if the first rotation follows at once.
    pub immediately: String,
    /// `yes` for a canary: a secret that nobody uses, of which each read raises an alarm.
    pub canary: String,
    /// `SecureString` if empty.
    pub parameter_type: String,
    /// `Standard` if empty.
    pub tier: String,
    pub allowed_pattern: String,
    pub expires: String,
    /// How the value is given: `text` (also if empty), `pairs`, `generated`, or a template such as `database`.
    pub format: String,
    /// Characters of a generated password.
    pub length: String,
    /// `yes` leaves punctuation out of a generated password.
    pub plain: String,
    pub reason: String,
}

/// How the value is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueFormat {
    Text,
    /// `key=value` lines, which become JSON.
    Pairs,
    /// All of it by `GetRandomPassword`.
    Generated,
    Template(JsonTemplate),
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Reads `key=value` lines; blank lines do not count.
pub(super) fn pairs(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut all = BTreeMap::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (key, value) = line
            .split_once('=')
            .ok_or_else(|| format!("Write each line as key=value; {:?} has no =.", line.trim()))?;
        let key = key.trim().to_owned();
        if all.insert(key.clone(), value.trim().to_owned()).is_some() {
            return Err(format!("{key} is named twice."));
        }
    }
    Ok(all)
}

impl CreationForm {
    /// Its fields by the names that the browser sends.
    const fn fields(&mut self) -> [(&'static str, &mut String); 25] {
        [
            ("account", &mut self.account),
            ("region", &mut self.region),
            ("kind", &mut self.kind),
            ("name", &mut self.name),
            ("description", &mut self.description),
            ("key", &mut self.key),
            ("tags", &mut self.tags),
            ("policy", &mut self.policy),
            ("replicas", &mut self.replicas),
            ("secret_type", &mut self.secret_type),
            ("function", &mut self.function),
            ("role", &mut self.role),
            ("metadata", &mut self.metadata),
            ("days", &mut self.days),
            ("schedule", &mut self.schedule),
            ("immediately", &mut self.immediately),
            ("canary", &mut self.canary),
            ("parameter_type", &mut self.parameter_type),
            ("tier", &mut self.tier),
            ("allowed_pattern", &mut self.allowed_pattern),
            ("expires", &mut self.expires),
            ("format", &mut self.format),
            ("length", &mut self.length),
            ("plain", &mut self.plain),
            ("reason", &mut self.reason),
        ]
    }

    /// The form in a URL's query; other fields are ignored.
    #[must_use]
    pub fn from_url_query(query: &str) -> Self {
        Self::from_fields(form_urlencoded::parse(query.as_bytes()))
    }

    /// The form from fields by name; others are ignored.
    #[must_use]
    pub fn from_fields<T: AsRef<str>>(fields: impl IntoIterator<Item = (T, T)>) -> Self {
        let mut form = Self::default();
        for (field, value) in fields {
            put(form.fields(), field.as_ref(), value.as_ref());
        }
        form
    }

    /// The URL query of the form, without empty fields.
    #[must_use]
    pub fn to_url_query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        append(&mut query, self.clone().fields());
        query.finish()
    }

    pub fn is_parameter(&self) -> bool {
        self.kind == "parameter"
    }

    /// The shape. Every field that cannot be read is named, not only the first one.
    pub fn read(&self) -> Result<NewResource, Vec<ShapeFault>> {
        let mut faults = Vec::new();
        let mut wrong = |field: &str, reason: String| faults.push(ShapeFault::new(field, reason));
        let account = self.account.trim().parse();
        let account = account.map_err(|_| wrong("account", "Choose an account.".into())).ok();
        let region = self.region.trim().parse();
        let region = region.map_err(|_| wrong("region", "Choose a Region.".into())).ok();
        for fault in [self.value_format().err(), self.password_rules().err()].into_iter().flatten()
        {
            wrong(&fault.field, fault.reason);
        }
        if self.reason.trim().chars().count() > MAX_SENTENCE_CHARS {
            wrong("reason", "Use at most 1,000 characters.".into());
        }
        let mut tags =
            pairs(&self.tags).map_err(|reason| wrong("tags", reason)).unwrap_or_default();
        if self.canary == "yes" {
            tags.insert(CANARY_TAG.to_owned(), "true".to_owned());
        }
        let detail = if self.is_parameter() {
            let parameter_type = match self.parameter_type.trim() {
                "" => Ok(ParameterType::SecureString),
                text => text.parse::<ParameterType>(),
            };
            let tier = match self.tier.trim() {
                "" => Ok(Tier::Standard),
                text => text.parse::<Tier>(),
            };
            if parameter_type.is_err() {
                wrong("parameter_type", "Use String, StringList or SecureString.".into());
            }
            if tier.is_err() {
                wrong("tier", "Use Standard or Advanced.".into());
            }
            let expires = filled(&self.expires).and_then(|text| {
                let day = text.get(..10).filter(|day| parse_day(day).is_some());
                if day.is_none() {
                    wrong("expires", "Use a day, such as 2027-01-31.".into());
                }
                day.map(|day| format!("{day}T00:00:00.000Z"))
            });
            NewDetail::Parameter {
                parameter_type: parameter_type.unwrap_or(ParameterType::SecureString),
                tier: tier.unwrap_or_default(),
                allowed_pattern: filled(&self.allowed_pattern),
                expires,
            }
        } else {
            if !matches!(self.kind.as_str(), "" | "secret") {
                wrong("kind", "Use secret or parameter.".into());
            }
            let mut replicas = Vec::new();
            for line in self.replicas.lines().map(str::trim).filter(|line| !line.is_empty()) {
                let (region, key) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
                match region.parse() {
                    Ok(region) => replicas.push(NewReplica { region, key: filled(key) }),
                    Err(_) => wrong("replicas", format!("{region:?} is not a Region's code.")),
                }
            }
            let rotation = self.rotation().map_err(|fault| wrong(&fault.field, fault.reason));
            NewDetail::Secret {
                policy: filled(&self.policy),
                replicas,
                secret_type: filled(&self.secret_type),
                rotation: rotation.ok().flatten().map(Box::new),
            }
        };
        match (account, region) {
            (Some(account), Some(region)) if faults.is_empty() => Ok(NewResource {
                account,
                region,
                name: self.name.trim().to_owned(),
                description: filled(&self.description),
                key: filled(&self.key),
                tags,
                detail,
            }),
            _ => Err(faults),
        }
    }

    /// How it is rotated: `None` if no field says so.
    fn rotation(&self) -> Result<Option<NewRotation>, ShapeFault> {
        let days = filled(&self.days)
            .map(|text| text.parse::<u16>())
            .transpose()
            .map_err(|_| ShapeFault::new("days", "Use a whole number of days."))?;
        let metadata =
            pairs(&self.metadata).map_err(|reason| ShapeFault::new("metadata", reason))?;
        let external = filled(&self.role).map(|role_arn| ExternalRotation { role_arn, metadata });
        let rotation = NewRotation {
            function: filled(&self.function),
            external,
            rules: RotationRules {
                automatically_after_days: days.map(i64::from),
                schedule_expression: filled(&self.schedule),
                duration: None,
            },
            is_immediate: self.immediately == "yes",
        };
        let is_asked = rotation.function.is_some()
            || rotation.external.is_some()
            || rotation.rules != RotationRules::default();
        Ok(is_asked.then_some(rotation))
    }

    /// How the value is given.
    pub fn value_format(&self) -> Result<ValueFormat, ShapeFault> {
        match self.format.trim() {
            "" | "text" => Ok(ValueFormat::Text),
            "pairs" => Ok(ValueFormat::Pairs),
            "generated" => Ok(ValueFormat::Generated),
            name => name.parse().map(ValueFormat::Template).map_err(|_| {
                ShapeFault::new("format", "Use text, pairs, generated, or the name of a template.")
            }),
        }
    }

    /// The rules of a generated password.
    pub fn password_rules(&self) -> Result<PasswordRules, ShapeFault> {
        let usual = PasswordRules::default();
        let length = match self.length.trim() {
            "" => usual.length,
            text => text.parse().unwrap_or(0),
        };
        if !(8..=4096).contains(&length) {
            return Err(ShapeFault::new("length", "Use 8 to 4,096 characters."));
        }
        Ok(PasswordRules { length, without_punctuation: self.plain == "yes", ..usual })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_its_url_and_its_shape() {
        let form = CreationForm {
            account: "441205839201".into(),
            region: "eu-west-1".into(),
            name: " payments/db ".into(),
            tags: "owner=payments\nenv = prod\n".into(),
            replicas: "us-east-1\nus-west-2 alias/west".into(),
            ..CreationForm::default()
        };
        assert_eq!(CreationForm::from_url_query(&form.to_url_query()), form);
        let new = form.read().unwrap();
        assert_eq!(new.name, "payments/db");
        assert_eq!(new.tags["env"], "prod");
        assert_eq!(new.replicas()[1].key.as_deref(), Some("alias/west"));
        assert_eq!(new.calls().len(), 3);
    }

    #[test]
    fn every_field_that_cannot_be_read_is_named() {
        let form = CreationForm {
            tags: "owner".into(),
            replicas: "nowhere".into(),
            ..CreationForm::default()
        };
        let fields: Vec<String> =
            form.read().unwrap_err().into_iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["account", "region", "tags", "replicas"]);
        let form = CreationForm { length: "7".into(), format: "poem".into(), ..form };
        assert!(form.password_rules().is_err() && form.value_format().is_err());
    }

    #[test]
    fn what_only_the_value_needs_is_read_with_the_shape() {
        let form = CreationForm {
            account: "441205839201".into(),
            region: "eu-west-1".into(),
            name: "payments/db".into(),
            reason: "r".repeat(1_000),
            length: "4096".into(),
            format: "pairs".into(),
            ..CreationForm::default()
        };
        assert!(form.read().is_ok());
        let wrong = CreationForm {
            reason: "r".repeat(1_001),
            length: "-1".into(),
            format: "zzz".into(),
            ..form.clone()
        };
        let faults = wrong.read().unwrap_err();
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["format", "length", "reason"]);
        let parameter = CreationForm {
            kind: "parameter".into(),
            parameter_type: "zzz".into(),
            tier: "zzz".into(),
            ..form
        };
        assert_eq!(parameter.read().unwrap_err().len(), 2);
    }
}
