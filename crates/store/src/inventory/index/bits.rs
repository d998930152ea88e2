//! One bit a row.

use std::ops::Range;

/// See the module. It counts rows from the first of its range.
pub(crate) struct Bits(Vec<u64>);

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

    pub(super) fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Another's bits behind these, which fill their last word.
    pub(super) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Those alone that another has as well.
    pub(super) fn keep(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own &= other);
    }

    /// The rows whose bits are set.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.rows_of(0..self.0.len() * 64)
    }

    /// Of a range that begins at a multiple of 64.
    pub(super) fn rows_of(&self, range: Range<usize>) -> impl Iterator<Item = usize> + '_ {
        let (from, until) = (range.start / 64, range.end.div_ceil(64));
        self.0[from..until].iter().enumerate().flat_map(move |(at, word)| {
            let mut word = *word;
            std::iter::from_fn(move || {
                (word != 0).then(|| {
                    let bit = word.trailing_zeros() as usize;
                    word &= word - 1;
                    (from + at) * 64 + bit
                })
            })
        })
    }
}
