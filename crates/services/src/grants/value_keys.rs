//! The keys of a JSON object, without its values.

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use std::{collections::BTreeSet, fmt};

/// The keys of an object; of its values nothing is kept.
pub(super) struct ObjectKeys(pub(super) BTreeSet<String>);

impl<'de> Deserialize<'de> for ObjectKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;

        impl<'de> Visitor<'de> for Keys {
            type Value = ObjectKeys;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ObjectKeys, A::Error> {
                let mut keys = BTreeSet::new();
                while let Some(key) = map.next_key()? {
                    map.next_value::<IgnoredAny>()?;
                    keys.insert(key);
                }
                Ok(ObjectKeys(keys))
            }
        }

        deserializer.deserialize_map(Keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_object_has_keys() {
        let keys = |text| serde_json::from_str::<ObjectKeys>(text).ok().map(|found| found.0);
        let found = keys(r#"{"a": {"b": 1}, "c": [1]}"#).unwrap();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["a", "c"]);
        for text in ["[1]", "\"a\"", "a", "{\"a\": 1", ""] {
            assert!(keys(text).is_none(), "{text}");
        }
    }
}
