//! Texts one behind the other, so that one search goes over all of them at once.

use super::{bits::Bits, number, parallel::in_shares};
use hashbrown::HashTable;
use memchr::memmem::Finder;
use std::{
    hash::{BuildHasher, RandomState},
    ops::Range,
};

/// Each closed by a null character, which no text of ours holds.
pub(crate) struct StringArena {
    /// Where each begins; one more than there are texts.
    at: Vec<u32>,
    bytes: Vec<u8>,
}

impl Default for StringArena {
    fn default() -> Self {
        Self { at: vec![0], bytes: Vec::new() }
    }
}

impl StringArena {
    pub(super) fn len(&self) -> usize {
        self.at.len() - 1
    }

    pub(super) fn push(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(0);
        self.at.push(number(self.bytes.len()));
    }

    pub(super) fn get(&self, which: usize) -> &[u8] {
        &self.bytes[self.at[which] as usize..self.at[which + 1] as usize - 1]
    }

    /// Those of a range that hold what is looked for, counted from the range's first.
    pub(super) fn holding(&self, finder: &Finder<'_>, range: Range<usize>) -> Bits {
        let mut found = Bits::new(range.len());
        let end = self.at[range.end] as usize;
        let (mut from, mut which) = (self.at[range.start] as usize, range.start);
        while let Some(at) = finder.find(&self.bytes[from..end]) {
            let at = from + at;
            while self.at[which + 1] as usize <= at {
                which += 1;
            }
            found.set(which - range.start);
            from = self.at[which + 1] as usize;
        }
        found
    }
}

/// Texts of which each is there once; the first is the empty one.
pub(crate) struct Dictionary {
    strings: StringArena,
    known: HashTable<u32>,
    hasher: RandomState,
}

impl Default for Dictionary {
    fn default() -> Self {
        let mut dictionary = Self {
            strings: StringArena::default(),
            known: HashTable::new(),
            hasher: RandomState::new(),
        };
        dictionary.number_of("");
        dictionary
    }
}

impl Dictionary {
    /// The text's number, a new one where it is not there yet.
    pub(super) fn number_of(&mut self, text: &str) -> u32 {
        let Self { strings, known, hasher } = self;
        let hash = hasher.hash_one(text.as_bytes());
        let is_it = |which: &u32| strings.get(*which as usize) == text.as_bytes();
        if let Some(which) = known.find(hash, is_it) {
            return *which;
        }
        let which = number(strings.len());
        strings.push(text);
        known.insert_unique(hash, which, |which| hasher.hash_one(strings.get(*which as usize)));
        which
    }

    pub(super) fn get(&self, which: u32) -> &[u8] {
        self.strings.get(which as usize)
    }

    pub(super) fn holding(&self, finder: &Finder<'_>) -> Bits {
        in_shares(self.strings.len(), |share| self.strings.holding(finder, share), Bits::append)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_is_there_once_and_is_found_whole() {
        let mut dictionary = Dictionary::default();
        let numbers: Vec<u32> =
            ["", "ab", "bc", "ab", "abc"].map(|text| dictionary.number_of(text)).into();
        assert_eq!(numbers, [0, 1, 2, 1, 3]);
        let holding = |word: &str| {
            let found = dictionary.holding(&Finder::new(word.as_bytes()));
            found.rows().collect::<Vec<_>>()
        };
        assert_eq!(holding("b"), [1, 2, 3]);
        assert_eq!(holding("bc"), [2, 3]);
        assert_eq!(holding("bb"), [0; 0], "across the border of two texts there is nothing");
        assert_eq!(holding("c"), [2, 3]);
    }
}
