//! The start of a page of a list, as an opaque text.

use super::terms::{Direction, Sort};
use crate::ids::ResourceId;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// The row next to which a page begins. It grants nothing: every query is scoped again.
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

const CHECK_BYTES: usize = 8;

/// FNV-1a: against corruption, not against forgery, and small enough for the browser.
fn check(bytes: &[u8]) -> [u8; CHECK_BYTES] {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    bytes.iter().fold(BASIS, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(PRIME)).to_be_bytes()
}

impl Cursor {
    pub fn encode(&self) -> String {
        let body = serde_json::to_vec(self).unwrap_or_default();
        let mut bytes = check(&body).to_vec();
        bytes.extend(body);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what `encode` wrote; anything else is `None`.
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (sum, body) = bytes.split_at_checked(CHECK_BYTES)?;
        (check(body) == *sum).then(|| serde_json::from_slice(body).ok()).flatten()
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
            // The last symbol has unused bits: a change there may give the same bytes.
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
