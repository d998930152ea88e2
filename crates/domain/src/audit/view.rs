//! The audit log as its page shows it.

use super::{AuditAction, AuditQuery, Phase};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// An entry on the audit page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    pub seq: i64,
    pub at: OffsetDateTime,
    /// Subject and name; `None` means Claviger itself.
    pub who: Option<(String, String)>,
    pub audit_action: AuditAction,
    pub phase: Phase,
    pub succeeded: Option<bool>,
    /// The entry that started it.
    pub started: Option<i64>,
    pub subject: String,
    pub detail: BTreeMap<String, String>,
    /// The entry as it was hashed: JSON.
    pub body: String,
    /// In hexadecimal.
    pub hash: String,
    pub previous: String,
}

/// Somebody, or Claviger itself, of whom there are entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// As the filter has it.
    pub value: String,
    pub name: String,
}

/// The state of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainState {
    /// The number of entries: the newest one's own.
    pub entries: i64,
    /// The newest entry's hash, in hexadecimal.
    pub head: String,
}

/// Where a page is in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Position {
    /// The first row's place, counted from 1, and the number of all rows.
    Exact { first: u64, of: u64 },
    /// More rows than are counted.
    MoreThan(u64),
    /// Not every entry was searched yet.
    Unknown,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditView {
    pub query: AuditQuery,
    pub rows: Vec<AuditRow>,
    pub position: Position,
    /// The number after which the page before begins.
    pub newer: Option<i64>,
    /// The number before which the next page begins.
    pub older: Option<i64>,
    /// The lowest and highest number that was searched, if the search stopped there.
    pub searched: Option<(i64, i64)>,
    pub actors: Vec<Actor>,
    /// `None` where there is no entry.
    pub chain: Option<ChainState>,
    pub as_of: OffsetDateTime,
}
