//! The value of a secret: a JSON object whose texts are held in memory that is erased.

use crate::Fault;
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;
use std::{collections::BTreeMap, fmt};
use zeroize::Zeroizing;

/// A member of the value.
#[derive(Clone)]
pub enum Member {
    Text(SecretString),
    /// A number, a list, true: what no credential is.
    Other(serde_json::Value),
}

/// A value with its members by name. Nothing prints it.
#[derive(Clone, Default)]
pub struct Credential(BTreeMap<String, Member>);

impl Credential {
    pub fn parse(text: &SecretString) -> Result<Self, Fault> {
        let fault = || {
            Fault::new(
                "the value is not a JSON object: store the members that this function needs as JSON",
            )
        };
        let raw: BTreeMap<String, &RawValue> =
            serde_json::from_str(text.expose_secret()).map_err(|_| fault())?;
        let member = |raw: &RawValue| {
            if raw.get().starts_with('"') {
                serde_json::from_str(raw.get()).map(Member::Text)
            } else {
                serde_json::from_str(raw.get()).map(Member::Other)
            }
        };
        raw.into_iter()
            .map(|(name, raw)| Ok((name, member(raw).map_err(|_| fault())?)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// What Secrets Manager stores.
    pub fn to_json(&self) -> SecretString {
        let text = Zeroizing::new(serde_json::to_string(self).unwrap_or_default());
        SecretString::from(text.as_str())
    }

    /// A text, or a number as text.
    pub fn text(&self, name: &str) -> Option<SecretString> {
        match self.0.get(name)? {
            Member::Text(text) => Some(text.clone()),
            Member::Other(serde_json::Value::Number(number)) => Some(number.to_string().into()),
            Member::Other(_) => None,
        }
    }

    /// The text of a member that must be there.
    pub fn required(&self, name: &str) -> Result<SecretString, Fault> {
        self.text(name).ok_or_else(|| Fault::new(format!("the value has no member {name}")))
    }

    pub fn member(&self, name: &str) -> Option<&Member> {
        self.0.get(name)
    }

    pub fn set(&mut self, name: &str, text: SecretString) {
        self.0.insert(name.to_owned(), Member::Text(text));
    }

    /// Whether both have the same text there.
    pub fn agrees(&self, other: &Self, name: &str) -> bool {
        match (self.text(name), other.text(name)) {
            (Some(own), Some(other)) => own.expose_secret() == other.expose_secret(),
            _ => false,
        }
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl Serialize for Credential {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, member) in &self.0 {
            match member {
                Member::Text(text) => map.serialize_entry(name, text.expose_secret())?,
                Member::Other(value) => map.serialize_entry(name, value)?,
            }
        }
        map.end()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_stays_and_none_is_printed() {
        let text = r#"{"host":"db","key":"s3\"cr\u00e9t","port":22,"tags":["a"]}"#;
        let credential = Credential::parse(&text.to_owned().into()).unwrap();
        assert_eq!(
            credential.to_json().expose_secret(),
            r#"{"host":"db","key":"s3\"crét","port":22,"tags":["a"]}"#
        );
        assert_eq!(credential.text("port").unwrap().expose_secret(), "22");
        assert!(credential.text("tags").is_none());
        assert_eq!(format!("{credential:?}"), r#"["host", "key", "port", "tags"]"#);
    }

    #[test]
    fn what_is_no_object_is_refused_without_being_quoted() {
        for text in ["hunter2", "[\"hunter2\"]", "{\"a\":hunter2}", ""] {
            let fault = Credential::parse(&text.to_owned().into()).unwrap_err();
            assert!(!fault.to_string().contains("hunter2"), "{fault}");
        }
    }
}
