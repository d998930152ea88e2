//! The shape of a value: its keys and their types, never a value or a length.

use crate::value::{Member, members};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The type of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum JsonType {
    Object,
    Array,
    String,
    Number,
    Boolean,
    Null,
}

impl JsonType {
    /// By the first character of the JSON text.
    fn of(json: &str) -> Self {
        match json.trim_start().as_bytes().first() {
            Some(b'{') => Self::Object,
            Some(b'[') => Self::Array,
            Some(b'"') => Self::String,
            Some(b't' | b'f') => Self::Boolean,
            Some(b'n') => Self::Null,
            _ => Self::Number,
        }
    }
}

/// A key with the type of its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyShape {
    pub key: String,
    /// Of the last occurrence: what most programs read.
    pub json_type: JsonType,
    /// Whether the key occurs more than once.
    pub repeated: bool,
}

/// What a value looks like from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "keys")]
pub enum ValueShape {
    /// A JSON object; its keys in the order of their first occurrence.
    Object(Vec<KeyShape>),
    /// A text that is no JSON object.
    Text,
    Binary,
}

impl ValueShape {
    pub fn of_text(text: &str) -> Self {
        let Some(found) = members(text) else { return Self::Text };
        let mut keys: Vec<KeyShape> = Vec::new();
        for Member { name, json } in found {
            let json_type = JsonType::of(json);
            match keys.iter_mut().find(|known| known.key == name) {
                Some(known) => {
                    known.json_type = json_type;
                    known.repeated = true;
                }
                None => keys.push(KeyShape { key: name, json_type, repeated: false }),
            }
        }
        Self::Object(keys)
    }

    /// `JSON object`, `text` or `binary`.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Object(_) => "JSON object",
            Self::Text => "text",
            Self::Binary => "binary",
        }
    }

    fn keys(&self) -> &[KeyShape] {
        match self {
            Self::Object(keys) => keys,
            Self::Text | Self::Binary => &[],
        }
    }
}

/// What became of a key. Whether its value differs is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum KeyDifference {
    Added { json_type: JsonType },
    Removed { json_type: JsonType },
    Same { json_type: JsonType },
    TypeChanged { from: JsonType, to: JsonType },
}

/// A key in one or both of two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    pub key: String,
    #[serde(flatten)]
    pub difference: KeyDifference,
}

/// Two versions of a secret, by their shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShapeComparison {
    /// The ids of the versions.
    pub from_version: String,
    pub to_version: String,
    pub from: ValueShape,
    pub to: ValueShape,
    /// Every key of either, those of the first version first.
    pub rows: Vec<KeyRow>,
}

impl ShapeComparison {
    pub fn new(
        (from_version, from): (String, ValueShape),
        (to_version, to): (String, ValueShape),
    ) -> Self {
        let mut seen = BTreeSet::new();
        let find = |shape: &ValueShape, key: &str| {
            shape.keys().iter().find(|one| one.key == key).map(|one| one.json_type)
        };
        let rows = from
            .keys()
            .iter()
            .chain(to.keys())
            .filter(|one| seen.insert(one.key.clone()))
            .filter_map(|one| {
                let difference = match (find(&from, &one.key), find(&to, &one.key)) {
                    (Some(from), Some(to)) if from != to => KeyDifference::TypeChanged { from, to },
                    (Some(json_type), Some(_)) => KeyDifference::Same { json_type },
                    (Some(json_type), None) => KeyDifference::Removed { json_type },
                    (None, Some(json_type)) => KeyDifference::Added { json_type },
                    (None, None) => return None,
                };
                Some(KeyRow { key: one.key.clone(), difference })
            })
            .collect();
        Self { from_version, to_version, from, to, rows }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(from: &str, to: &str) -> ShapeComparison {
        let of = |version: &str, text: &str| (version.to_owned(), ValueShape::of_text(text));
        ShapeComparison::new(of("old", from), of("new", to))
    }

    #[test]
    fn keys_are_compared_and_values_are_not() {
        let found = compared(
            r#"{"user":"CANARY-a","port":5432,"gone":null,"tls":true}"#,
            r#"{"new":[1],"port":"CANARY","tls":false,"user":"CANARY-b"}"#,
        );
        let rows: Vec<(&str, KeyDifference)> =
            found.rows.iter().map(|row| (row.key.as_str(), row.difference)).collect();
        assert_eq!(
            rows,
            [
                ("user", KeyDifference::Same { json_type: JsonType::String }),
                (
                    "port",
                    KeyDifference::TypeChanged { from: JsonType::Number, to: JsonType::String }
                ),
                ("gone", KeyDifference::Removed { json_type: JsonType::Null }),
                ("tls", KeyDifference::Same { json_type: JsonType::Boolean }),
                ("new", KeyDifference::Added { json_type: JsonType::Array }),
            ]
        );
        assert!(!serde_json::to_string(&found).unwrap().contains("CANARY"));
    }

    #[test]
    fn what_is_no_object_has_no_keys() {
        let found = compared("CANARY", r#"{"a":{}}"#);
        assert_eq!((found.from.label(), found.to.label()), ("text", "JSON object"));
        assert_eq!(found.rows.len(), 1);
        assert_eq!(compared("a", "b").rows, []);
        let shape = ValueShape::of_text(r#"{"a":1,"a":"x"}"#);
        let key = KeyShape { key: "a".into(), json_type: JsonType::String, repeated: true };
        assert_eq!(shape, ValueShape::Object(vec![key]));
    }
}
