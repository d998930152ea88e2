//! The orders of a list, each as numbers that are compared.

use super::{Index, bits::Bits};
use claviger_domain::{
    ids::AccountId,
    inventory::{Cursor, Direction, Sort},
};
use std::collections::BinaryHeap;

/// An order as numbers: the key in the upper half, the place among the names in the lower.
pub(super) struct Order<'a> {
    index: &'a Index,
    sort: Sort,
    descending: bool,
    /// Of the places, where they order.
    ranks: Vec<u32>,
}

impl Order<'_> {
    /// The first rows along the names from where a page begins: it stops as soon as there are enough.
    pub(super) fn along_names(
        &self,
        fitting: &Bits,
        begin: Option<u64>,
        backwards: bool,
        most: usize,
    ) -> Vec<usize> {
        let names = &self.index.by_name;
        let rank = begin.map(|at| self.rank_at(at));
        let fits = |row: &&u32| fitting.has(**row as usize);
        let upwards = self.descending == backwards;
        let rows: Vec<&u32> = if upwards {
            let from = rank.map_or(0, |rank| rank + 1);
            names[from..].iter().filter(fits).take(most).collect()
        } else {
            let until = rank.unwrap_or(names.len());
            names[..until].iter().rev().filter(fits).take(most).collect()
        };
        rows.into_iter().map(|row| *row as usize).collect()
    }

    /// The rows that are nearest to where a page begins.
    pub(super) fn nearest(
        &self,
        fitting: &Bits,
        begin: Option<u64>,
        backwards: bool,
        most: usize,
    ) -> Vec<usize> {
        let mut nearest: BinaryHeap<u64> = BinaryHeap::with_capacity(most + 1);
        for row in fitting.rows() {
            let at = self.of(row);
            let key = match begin {
                None => at,
                Some(begin) if backwards && at < begin => u64::MAX - at,
                Some(begin) if !backwards && at > begin => at,
                Some(_) => continue,
            };
            if nearest.len() < most {
                nearest.push(key);
            } else if nearest.peek().is_some_and(|farthest| key < *farthest) {
                nearest.pop();
                nearest.push(key);
            }
        }
        let keys = nearest.into_sorted_vec().into_iter();
        keys.map(|key| self.row(if backwards { u64::MAX - key } else { key })).collect()
    }

    pub(crate) fn key(&self, row: usize) -> u32 {
        let index = self.index;
        match self.sort {
            Sort::Worst => u32::MAX - index.failures[row],
            Sort::Name => 0,
            Sort::Account | Sort::Region => self.ranks[index.prefix[row] as usize],
            Sort::Changed => index.changed_at[row],
            Sort::Read => index.used_on[row],
            // Without a date last.
            Sort::Rotation => match index.next_rotation_at[row] {
                0 => u32::MAX,
                at => at,
            },
        }
    }

    pub(super) fn of(&self, row: usize) -> u64 {
        self.at(self.key(row), row)
    }

    fn at(&self, key: u32, row: usize) -> u64 {
        let at = u64::from(key) << 32 | u64::from(self.index.rank[row]);
        if self.descending { u64::MAX - at } else { at }
    }

    pub(super) fn row(&self, at: u64) -> usize {
        self.index.by_name[self.rank_at(at)] as usize
    }

    fn rank_at(&self, at: u64) -> usize {
        let at = if self.descending { u64::MAX - at } else { at };
        usize::try_from(at & u64::from(u32::MAX)).unwrap_or_default()
    }

    /// Where a cursor's row stood when its page was shown.
    pub(super) fn of_cursor(&self, cursor: &Cursor) -> Option<u64> {
        let row = self.index.ids.get_index_of(&cursor.id.0)?;
        Some(self.at(cursor.key.parse().ok()?, row))
    }
}

impl Index {
    /// Of each account that holds anything, its place in the order of their names.
    pub(super) fn account_ranks(&self) -> Vec<u32> {
        let name = |id: &AccountId| self.name_of(id).unwrap_or_default().to_lowercase();
        let names: Vec<_> = self.holders.iter().map(|id| (name(id), id)).collect();
        let mut sorted: Vec<&_> = names.iter().collect();
        sorted.sort_unstable();
        let rank = |of| super::number(sorted.binary_search(&of).unwrap_or_default());
        names.iter().map(rank).collect()
    }

    pub(super) fn order(&self, sort: Sort, direction: Direction) -> Order<'_> {
        let mut ranks = Vec::new();
        if matches!(sort, Sort::Account | Sort::Region) {
            let each = if sort == Sort::Account {
                self.account_ranks()
            } else {
                let mut sorted: Vec<&_> = self.regions.iter().collect();
                sorted.sort_unstable();
                let rank = |of| super::number(sorted.binary_search(&of).unwrap_or_default());
                self.regions.iter().map(rank).collect()
            };
            let own = |(holder, region): &(u32, u32)| {
                each[if sort == Sort::Account { *holder } else { *region } as usize]
            };
            ranks = self.of_place.iter().map(own).collect();
        }
        Order { index: self, sort, descending: direction == Direction::Descending, ranks }
    }
}
