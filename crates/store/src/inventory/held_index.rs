//! The index with its lock, and whether it holds every row.

use crate::{
    StoreError,
    inventory::{
        index::{Index, IndexRow},
        limit::{INVENTORY_LIMIT, InventorySize},
    },
};
use std::{
    sync::{PoisonError, RwLock},
    time::Instant,
};
use tokio::sync::Mutex;

pub(crate) struct CachedIndex {
    held: RwLock<CachedState>,
    /// Until where the database was taken in. Who catches up holds it.
    pub(super) seen: Mutex<Seen>,
    /// Rows that the index holds at most.
    limit: u64,
}

#[derive(Default)]
struct CachedState {
    index: Index,
    /// How many rows there are, where they are more than the limit. The index then has accounts and no rows, and no
    /// question about rows is answered: a part is never given for the whole.
    beyond: Option<InventorySize>,
}

#[derive(Default)]
pub(super) struct Seen {
    /// Everything that a transaction before this one wrote is in the index.
    pub(super) from: i64,
    /// The same of findings, of their triage, and of accounts.
    pub(super) findings_from: i64,
    pub(super) triage_from: i64,
    pub(super) accounts_from: i64,
    /// When the last catching up began; none before the rows were taken in whole.
    pub(super) began: Option<Instant>,
    pub(super) not_before: Option<Instant>,
    /// Before this moment rows that were too many are not counted again.
    pub(super) count_not_before: Option<Instant>,
}

impl std::fmt::Debug for CachedIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CachedIndex")
    }
}

impl Default for CachedIndex {
    fn default() -> Self {
        Self::holding(INVENTORY_LIMIT)
    }
}

impl CachedIndex {
    /// With room for so many rows.
    pub(crate) fn holding(limit: u64) -> Self {
        Self { held: RwLock::default(), seen: Mutex::default(), limit }
    }

    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    /// Answers from the rows, where all of them are held.
    pub(super) fn read<T>(&self, ask: impl FnOnce(&Index) -> T) -> Result<T, StoreError> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        match held.beyond {
            Some(size) => Err(StoreError::InventoryLimit(size)),
            None => Ok(ask(&held.index)),
        }
    }

    /// Answers from the accounts, which are always held.
    pub(super) fn read_accounts<T>(&self, ask: impl FnOnce(&Index) -> T) -> T {
        ask(&self.held.read().unwrap_or_else(PoisonError::into_inner).index)
    }

    pub(super) fn write<T>(&self, change: impl FnOnce(&mut Index) -> T) -> T {
        change(&mut self.held.write().unwrap_or_else(PoisonError::into_inner).index)
    }

    /// Puts rows in; `false` where they are more than there is room for.
    pub(super) fn put_rows(&self, rows: Vec<IndexRow>) -> bool {
        self.write(|index| {
            let fits = index.len_with(&rows) as u64 <= self.limit;
            if fits {
                index.put_all(rows);
            }
            fits
        })
    }

    /// Lets go of all rows, because there are too many. Their memory is free for everything else.
    pub(super) fn refuse(&self, rows: u64) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.index.forget_rows();
        held.beyond = Some(InventorySize { rows, limit: self.limit });
    }

    /// All rows are held.
    pub(super) fn admit(&self) {
        self.held.write().unwrap_or_else(PoisonError::into_inner).beyond = None;
    }

    pub(super) fn is_beyond(&self) -> bool {
        self.held.read().unwrap_or_else(PoisonError::into_inner).beyond.is_some()
    }
}
