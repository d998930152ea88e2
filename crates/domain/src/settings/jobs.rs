//! The queue's jobs, for administrators.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The state of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::VariantArray)]
pub enum JobState {
    Running,
    /// Its last attempt failed for good.
    Failed,
    /// An attempt failed, and another follows.
    Retrying,
    /// It waits for its first attempt.
    Waiting,
}

impl JobState {
    pub fn label(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Failed => "Failed",
            Self::Retrying => "Retrying",
            Self::Waiting => "Waiting",
        }
    }
}

/// A job of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRow {
    pub id: i64,
    /// Such as `evaluate`.
    pub kind: String,
    /// What it is about, such as an account and a Region.
    pub about: String,
    pub state: JobState,
    pub attempts: u32,
    pub max_attempts: u32,
    /// The last attempt's error.
    pub reason: Option<String>,
    pub created_at: OffsetDateTime,
    /// When it runs next; of a running job, when it was started.
    pub at: OffsetDateTime,
}

/// How many jobs of a kind there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobKindRow {
    pub kind: String,
    pub waiting: u64,
    pub running: u64,
    pub failed: u64,
    /// Since when the oldest could run.
    pub due_since: Option<OffsetDateTime>,
}

/// The jobs: counts, and at most [`LISTED_JOBS`] of each state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobsView {
    pub kinds: Vec<JobKindRow>,
    pub jobs: Vec<JobRow>,
    pub may_retry: bool,
    pub as_of: OffsetDateTime,
}

/// So many jobs of a state are listed.
pub const LISTED_JOBS: i64 = 50;
