//! The words of a search against everything that is searched: names, descriptions, tags and ARNs.

use super::{ArnPrefix, Index, bits::Bits, parallel::in_shares};
use claviger_domain::facts::Kind;
use memchr::memmem::Finder;
use std::{cmp::Reverse, ops::Range};
use uuid::Uuid;

/// Where fewer than this part of all rows are left, each is looked at by itself.
const FEW: usize = 6;
/// So many ids are given to the database in one query.
const MAX_IDS: usize = 1_000;

impl Index {
    /// The ids of the rows that hold all of these words; `None` where there are more than [`MAX_IDS`], or no word.
    pub(crate) fn few_holding(&self, words: &[String]) -> Option<Vec<Uuid>> {
        let rows = self.holding(words)?;
        (rows.count() <= MAX_IDS).then(|| rows.rows().map(|row| self.ids[row]).collect())
    }

    /// The rows that hold all of these words, which are in lower case; `None` where there is no word.
    pub(super) fn holding(&self, words: &[String]) -> Option<Bits> {
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        // The longest is in the fewest rows.
        words.sort_unstable_by_key(|word| Reverse(word.len()));
        let mut found: Option<Bits> = None;
        for word in words {
            let word = Word::new(self, word);
            found = Some(match found {
                None => word.everywhere(self),
                Some(rows) if rows.count() < self.len() / FEW => word.among(self, &rows),
                Some(mut rows) => {
                    rows.keep(&word.everywhere(self));
                    rows
                }
            });
        }
        found
    }
}

/// A word worked out against the dictionaries that are small.
struct Word<'a> {
    finder: Finder<'a>,
    tags: Fitting,
    prefixes: Fitting,
    /// Of each place, what a name has to begin with so that the word lies across the border of place and name, as a
    /// pasted ARN does. Empty where no place is concerned.
    tails: Vec<Vec<&'a str>>,
}

/// Which of a dictionary fit; `None` where none does.
type Fitting = Option<Vec<bool>>;

fn any(fitting: Vec<bool>) -> Fitting {
    fitting.contains(&true).then_some(fitting)
}

fn fits(fitting: &Fitting, number: u32) -> bool {
    fitting.as_ref().is_some_and(|fitting| fitting[number as usize])
}

impl<'a> Word<'a> {
    fn new(index: &Index, word: &'a str) -> Self {
        let finder = Finder::new(word.as_bytes());
        let in_arn = |prefix: &ArnPrefix| finder.find(prefix.arn.as_bytes()).is_some();
        Self {
            tags: any(index.tag_sets.holding(&finder)),
            prefixes: any(index.prefixes.iter().map(in_arn).collect()),
            tails: tails(index, word),
            finder,
        }
    }

    /// All rows that hold it: one search over all texts at once.
    fn everywhere(&self, index: &Index) -> Bits {
        let descriptions = index.descriptions.holding(&self.finder);
        let is_described = descriptions.rows().next().is_some();
        let work = |rows: Range<usize>| {
            let mut found = index.strings.holding(&self.finder, rows.clone());
            let from = rows.start;
            let mut more = |fits: &dyn Fn(usize) -> bool| {
                rows.clone().filter(|row| fits(*row)).for_each(|row| found.set(row - from));
            };
            if is_described {
                more(&|row| descriptions.has(index.description[row] as usize));
            }
            if self.tags.is_some() || self.prefixes.is_some() {
                more(&|row| self.is_in_tags_or_place(index, row));
            }
            if !self.tails.is_empty() {
                more(&|row| self.is_across(index, row));
            }
            found
        };
        in_shares(index.len(), work, Bits::append)
    }

    /// Those of these rows that hold it.
    fn among(&self, index: &Index, rows: &Bits) -> Bits {
        let is_in = |text: &[u8]| self.finder.find(text).is_some();
        let holds = |row: usize| {
            is_in(index.text(row))
                || is_in(index.descriptions.get(index.description[row]))
                || self.is_in_tags_or_place(index, row)
                || !self.tails.is_empty() && self.is_across(index, row)
        };
        let work = |range: Range<usize>| {
            let mut found = Bits::new(range.len());
            let from = range.start;
            rows.rows_of(range).filter(|row| holds(*row)).for_each(|row| found.set(row - from));
            found
        };
        in_shares(index.len(), work, Bits::append)
    }

    fn is_in_tags_or_place(&self, index: &Index, row: usize) -> bool {
        fits(&self.tags, index.tags[row]) || fits(&self.prefixes, index.prefix[row])
    }

    fn is_across(&self, index: &Index, row: usize) -> bool {
        let prefix = index.prefix[row] as usize;
        let text = index.text(row);
        let text = match index.prefixes[prefix].kind {
            Kind::Parameter => text.strip_prefix(b"/").unwrap_or(text),
            Kind::Secret => text,
        };
        self.tails[prefix].iter().any(|tail| text.starts_with(tail.as_bytes()))
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
    let of = |prefix: &ArnPrefix| {
        let here = borders.iter().filter(|at| prefix.arn.ends_with(&word[..**at]));
        here.map(|at| {
            let tail = &word[*at..];
            if prefix.kind == Kind::Parameter { tail.trim_start_matches('/') } else { tail }
        })
        .collect()
    };
    index.prefixes.iter().map(of).collect()
}
