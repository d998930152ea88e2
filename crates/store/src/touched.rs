//! What a notification between replicas says has changed: numbers, and whose inboxes.

use claviger_domain::audit::hex;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Longer payloads PostgreSQL refuses (8,000 bytes, its own name included).
const MAX_PAYLOAD_BYTES: usize = 7_000;
/// Stands for more than a payload holds.
const EVERYTHING: &str = "*";
const GOVERNANCE: &str = "!";

/// What has changed: grants, plans and exceptions by their numbers, and inboxes by their people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    pub numbers: BTreeSet<String>,
    /// Whose inbox: short hashes of their subjects, which may be of any length.
    inboxes: BTreeSet<String>,
    /// Something of governance that has no number, such as a policy or the pause.
    pub governance: bool,
    /// More than could be told: everything may have changed.
    pub everything: bool,
}

impl Touched {
    /// More than is known.
    pub fn everything() -> Self {
        Self { everything: true, ..Self::default() }
    }

    pub fn is_nothing(&self) -> bool {
        self.numbers.is_empty() && self.inboxes.is_empty() && !self.governance && !self.everything
    }

    /// Notes that this person's inbox changed.
    pub fn tell(&mut self, subject: &str) {
        self.inboxes.insert(person(subject));
    }

    /// Whether this person's inbox changed.
    pub fn has_told(&self, subject: &str) -> bool {
        self.everything || self.inboxes.contains(&person(subject))
    }

    /// Both together.
    pub fn merge(&mut self, other: Self) {
        self.numbers.extend(other.numbers);
        self.inboxes.extend(other.inboxes);
        self.governance |= other.governance;
        self.everything |= other.everything;
    }

    /// As PostgreSQL carries it: numbers, and `@` with each person.
    pub(crate) fn payload(&self) -> String {
        let words: Vec<String> = self
            .numbers
            .iter()
            .cloned()
            .chain(self.inboxes.iter().map(|person| format!("@{person}")))
            .chain(self.governance.then(|| GOVERNANCE.to_owned()))
            .collect();
        let text = words.join(" ");
        if self.everything || text.len() > MAX_PAYLOAD_BYTES { EVERYTHING.to_owned() } else { text }
    }

    pub(crate) fn read(payload: &str) -> Self {
        let mut touched = Self::default();
        for word in payload.split(' ').filter(|word| !word.is_empty()) {
            match word.strip_prefix('@') {
                _ if word == EVERYTHING => touched.everything = true,
                _ if word == GOVERNANCE => touched.governance = true,
                Some(person) => drop(touched.inboxes.insert(person.to_owned())),
                None => drop(touched.numbers.insert(word.to_owned())),
            }
        }
        touched
    }
}

fn person(subject: &str) -> String {
    hex(&Sha256::digest(subject)[..8])
}

/// A mark of how far the audit log has come, for one person. Who cannot read the log cannot tell from it what was done, or
/// how much.
pub fn entry_mark(subject: &str, head: Option<&str>) -> String {
    let hash = Sha256::new()
        .chain_update("claviger: how far a page was read")
        .chain_update(subject)
        .chain_update([0])
        .chain_update(head.unwrap_or_default())
        .finalize();
    hex(&hash[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_read_as_it_was_written() {
        let mut touched = Touched::default();
        touched.numbers.extend(["G-1".to_owned(), "P-2".to_owned()]);
        touched.tell("ada lovelace@example.com");
        touched.governance = true;
        let read = Touched::read(&touched.payload());
        assert_eq!(read, touched);
        assert!(read.has_told("ada lovelace@example.com") && !read.has_told("ben"));
        assert!(Touched::read("").is_nothing());
    }

    #[test]
    fn what_is_too_long_for_postgresql_is_everything() {
        let mut touched = Touched::default();
        touched.numbers.extend((0..2_000).map(|n| format!("G-{n}")));
        assert_eq!(Touched::read(&touched.payload()), Touched::everything());
        assert!(Touched::everything().has_told("anybody"));
    }

    #[test]
    fn a_mark_is_one_persons_own_and_changes_with_the_log() {
        assert_ne!(entry_mark("ada", Some("00")), entry_mark("ben", Some("00")));
        assert_ne!(entry_mark("ada", Some("00")), entry_mark("ada", Some("01")));
        assert_eq!(entry_mark("ada", None), entry_mark("ada", None));
    }
}
