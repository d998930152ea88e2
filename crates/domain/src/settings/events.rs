//! Events of accounts: what each sends, and the queue that they arrive in.

use crate::ids::AccountId;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What an account has sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSource {
    pub account: AccountId,
    pub account_name: String,
    /// Regions that have sent any.
    pub regions: u32,
    /// All that arrived, repeated ones too.
    pub events: u64,
    /// When the newest happened.
    pub last_event_at: Option<OffsetDateTime>,
    pub last_received_at: Option<OffsetDateTime>,
    /// When the last test of the rules arrived.
    pub last_test_at: Option<OffsetDateTime>,
}

/// How the queue is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueState {
    pub read_at: Option<OffsetDateTime>,
    pub failed_at: Option<OffsetDateTime>,
    pub reason: Option<String>,
    pub counted_at: Option<OffsetDateTime>,
    pub waiting: Option<u64>,
    /// Messages that could not be read five times; `None` where they cannot be counted.
    pub dead_letters: Option<u64>,
}

impl QueueState {
    /// Why the newest attempt to read it failed.
    pub fn fault(&self) -> Option<&str> {
        let is_newer = match (self.failed_at, self.read_at) {
            (Some(failed), Some(read)) => failed > read,
            (failed, None) => failed.is_some(),
            (None, Some(_)) => false,
        };
        self.reason.as_deref().filter(|_| is_newer)
    }
}

/// The page of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventsView {
    /// Whether the configuration names a queue.
    pub is_configured: bool,
    pub queue: Option<QueueState>,
    pub sources: Vec<EventSource>,
    /// Minutes between scans, which find what no event reported.
    pub scan_minutes: u32,
    pub as_of: OffsetDateTime,
}
