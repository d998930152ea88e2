//! Where a page of a list begins, as an opaque text.

use crate::{
    ids::ResourceId,
    query::{Direction, Sort},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The row beside which a page begins. It grants nothing: every query is scoped anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    #[serde(rename = "s")]
    pub sort: Sort,
    #[serde(rename = "d")]
    pub direction: Direction,
    /// The row's sort key as text.
    #[serde(rename = "k")]
    pub key: String,
    #[serde(rename = "i")]
    pub id: ResourceId,
    /// Whether the page before the row is meant.
    #[serde(rename = "b", default, skip_serializing_if = "std::ops::Not::not")]
    pub backwards: bool,
}

const CHECK_BYTES: usize = 6;

impl Cursor {
    pub fn encode(&self) -> String {
        let body = serde_json::to_vec(self).unwrap_or_default();
        let mut bytes = Sha256::digest(&body)[..CHECK_BYTES].to_vec();
        bytes.extend(body);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what `encode` wrote; anything else is `None`.
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (check, body) = bytes.split_at_checked(CHECK_BYTES)?;
        (Sha256::digest(body)[..CHECK_BYTES] == *check)
            .then(|| serde_json::from_slice(body).ok())
            .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn cursor(key: String) -> Cursor {
        Cursor {
            sort: Sort::Name,
            direction: Direction::Ascending,
            key,
            id: ResourceId(Uuid::from_u128(7)),
            backwards: false,
        }
    }

    proptest! {
        #[test]
        fn any_change_is_noticed(key in ".{0,40}", at in 0usize..400, with in "[A-Za-z0-9_-]") {
            let text = cursor(key).encode();
            let at = at % text.len();
            let mut changed = text.clone();
            changed.replace_range(at..=at, &with);
            // The last symbol holds unused bits: a change there may be the same bytes, or none at all.
            prop_assert!(Cursor::decode(&changed).is_none() || Cursor::decode(&changed) == Cursor::decode(&text));
        }

        #[test]
        fn what_was_written_is_read(key in ".{0,40}") {
            let written = cursor(key);
            prop_assert_eq!(Cursor::decode(&written.encode()), Some(written));
        }

        #[test]
        fn noise_is_refused(text in ".{0,80}") {
            prop_assert!(Cursor::decode(&text).is_none());
        }
    }
}
