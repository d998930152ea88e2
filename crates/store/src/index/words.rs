//! A word of a search against everything that is searched: names, descriptions, tags and ARNs.

use super::Index;
use claviger_domain::facts::Kind;
use memchr::memmem::Finder;

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

/// Where a word was found.
pub(super) struct Matched {
    names: Bits,
    tags: Vec<bool>,
    descriptions: Vec<bool>,
    places: Vec<bool>,
}

impl Matched {
    pub(super) fn fits(&self, index: &Index, row: usize) -> bool {
        self.names.has(row)
            || self.tags[index.tags[row] as usize]
            || self.places[index.place[row] as usize]
            || self.descriptions[index.description[row] as usize]
    }
}

/// Looks for a word, which is in lower case.
pub(super) fn find(index: &Index, word: &str) -> Matched {
    let finder = Finder::new(word.as_bytes());
    let within = |text: &str| finder.find(text.to_lowercase().as_bytes()).is_some();
    let tags = index
        .tag_sets
        .iter()
        .map(|tags| tags.iter().flatten().any(|(key, value)| within(&format!("{key}={value}"))))
        .collect();
    let places: Vec<bool> =
        index.places.iter().map(|place| finder.find(place.arn.as_bytes()).is_some()).collect();
    let mut names = Bits::new(index.len());
    in_names(index, &finder, &mut names);
    across(index, word, &mut names);
    Matched {
        names,
        tags,
        descriptions: index.descriptions.iter().map(|text| within(text)).collect(),
        places,
    }
}

/// Rows whose name, or the end of whose ARN, holds the word: one search over all texts at once.
fn in_names(index: &Index, finder: &Finder, found: &mut Bits) {
    let (mut from, mut row) = (0, 0);
    while let Some(at) = finder.find(&index.texts[from..]) {
        let at = from + at;
        while index.text_at[row + 1] as usize <= at {
            row += 1;
        }
        found.set(row);
        from = index.text_at[row + 1] as usize;
    }
}

/// Rows whose ARN holds the word across the border of place and name, as a pasted ARN does.
fn across(index: &Index, word: &str, found: &mut Bits) {
    let borders: Vec<usize> = word
        .match_indices(':')
        .map(|(at, _)| at + 1)
        .chain(word.match_indices("parameter").map(|(at, text)| at + text.len()))
        .filter(|at| *at < word.len())
        .collect();
    if borders.is_empty() {
        return;
    }
    // Of each place, what a name has to begin with.
    let tails: Vec<Vec<&str>> = index
        .places
        .iter()
        .map(|place| {
            let here = borders.iter().filter(|at| place.arn.ends_with(&word[..**at]));
            here.map(|at| {
                let tail = &word[*at..];
                if place.kind == Kind::Parameter { tail.trim_start_matches('/') } else { tail }
            })
            .collect()
        })
        .collect();
    for (row, place) in index.place.iter().enumerate() {
        for tail in &tails[*place as usize] {
            let text = index.text(row);
            let text = match index.places[*place as usize].kind {
                Kind::Parameter => text.strip_prefix(b"/").unwrap_or(text),
                Kind::Secret => text,
            };
            if text.starts_with(tail.as_bytes()) {
                found.set(row);
            }
        }
    }
}
