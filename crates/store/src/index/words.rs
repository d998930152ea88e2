//! A word of a search against everything that is searched: names, descriptions, tags and ARNs.

use super::Index;
use claviger_domain::facts::Kind;
use memchr::memmem::Finder;
use std::ops::Range;

/// One bit a row.
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn new(rows: usize) -> Self {
        Self(vec![0; rows.div_ceil(64)])
    }

    pub(super) fn set(&mut self, row: usize) {
        self.0[row / 64] |= 1 << (row % 64);
    }

    pub(super) fn has(&self, row: usize) -> bool {
        self.0[row / 64] >> (row % 64) & 1 == 1
    }

    /// Another's bits behind these, which fill their last word.
    pub(super) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// The rows whose bits are set.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            let mut word = *word;
            std::iter::from_fn(move || {
                (word != 0).then(|| {
                    let bit = word.trailing_zeros() as usize;
                    word &= word - 1;
                    at * 64 + bit
                })
            })
        })
    }
}

/// A word worked out against the dictionaries.
pub(super) struct Word<'a> {
    finder: Finder<'a>,
    tags: Vec<bool>,
    descriptions: Bits,
    places: Vec<bool>,
    /// Of each place, what a name has to begin with so that the word lies across the border of place and name, as a
    /// pasted ARN does. Empty where no place is concerned.
    tails: Vec<Vec<&'a str>>,
}

impl<'a> Word<'a> {
    /// `word` is in lower case.
    pub(super) fn new(index: &Index, word: &'a str) -> Self {
        let finder = Finder::new(word.as_bytes());
        let within = |text: &str| finder.find(text.as_bytes()).is_some();
        let in_tags = |tags: &super::Tags| {
            tags.iter()
                .flatten()
                .any(|(key, value)| within(&format!("{key}={value}").to_lowercase()))
        };
        Self {
            tags: index.tag_sets.iter().map(in_tags).collect(),
            descriptions: index.descriptions.holding(&finder),
            places: index
                .places
                .iter()
                .map(|place| finder.find(place.arn.as_bytes()).is_some())
                .collect(),
            tails: tails(index, word),
            finder,
        }
    }

    /// Whether it is found elsewhere than in the row's name.
    pub(super) fn fits(&self, index: &Index, row: usize) -> bool {
        self.tags[index.tags[row] as usize]
            || self.places[index.place[row] as usize]
            || self.descriptions.has(index.description[row] as usize)
    }

    /// The rows of a range whose name, or the end of whose ARN, holds the word: one search over all texts at once.
    /// Counted from the range's first.
    pub(super) fn in_names(&self, index: &Index, rows: &Range<usize>) -> Bits {
        let mut found = index.texts.holding(&self.finder, rows.clone());
        if !self.tails.is_empty() {
            for row in rows.clone().filter(|row| self.is_across(index, *row)) {
                found.set(row - rows.start);
            }
        }
        found
    }

    fn is_across(&self, index: &Index, row: usize) -> bool {
        let place = index.place[row] as usize;
        let text = index.text(row);
        let text = match index.places[place].kind {
            Kind::Parameter => text.strip_prefix(b"/").unwrap_or(text),
            Kind::Secret => text,
        };
        self.tails[place].iter().any(|tail| text.starts_with(tail.as_bytes()))
    }
}

fn tails<'a>(index: &Index, word: &'a str) -> Vec<Vec<&'a str>> {
    let borders: Vec<usize> = word
        .match_indices(':')
        .map(|(at, _)| at + 1)
        .chain(word.match_indices("parameter").map(|(at, text)| at + text.len()))
        .filter(|at| *at < word.len())
        .collect();
    if borders.is_empty() {
        return Vec::new();
    }
    let of = |place: &super::Place| {
        let here = borders.iter().filter(|at| place.arn.ends_with(&word[..**at]));
        here.map(|at| {
            let tail = &word[*at..];
            if place.kind == Kind::Parameter { tail.trim_start_matches('/') } else { tail }
        })
        .collect()
    };
    index.places.iter().map(of).collect()
}
