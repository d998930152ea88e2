//! What the pages of exceptions show.

use super::{ExceptionId, ExceptionScope, ExceptionState, ExceptionTransition};
use crate::{authz::Person, waits::Waits};
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

/// What somebody said about it, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionNote {
    pub by: Person,
    pub note: Option<String>,
    pub at: OffsetDateTime,
}

/// An exception as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionRow {
    pub id: ExceptionId,
    /// `None` means every policy.
    pub policy: Option<String>,
    /// Its title.
    pub policy_title: Option<String>,
    pub target: ExceptionScope,
    /// The name of what it reaches, for people.
    pub target_name: String,
    pub reason: String,
    /// Who asked for it and answers for it.
    pub owner: Person,
    pub state: ExceptionState,
    pub created_at: OffsetDateTime,
    pub ends_at: OffsetDateTime,
    pub decision: Option<ExceptionNote>,
    /// The latest.
    pub review: Option<ExceptionNote>,
    /// Where somebody ended it before its day.
    pub ending: Option<ExceptionNote>,
    /// When it is to be looked at again; none where it is not in force.
    pub review_at: Option<OffsetDateTime>,
    /// Failures that it covers now; where it waits for its approval, those that it would cover.
    pub findings: u64,
    /// Who can decide about it while it waits, or review it where that is due.
    pub waits: Option<Waits>,
}

impl ExceptionRow {
    /// Whether its review is due.
    pub fn is_due(&self, now: OffsetDateTime) -> bool {
        self.state == ExceptionState::Approved && self.review_at.is_some_and(|at| at <= now)
    }
}

/// All of them, those that wait and those in force first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionsView {
    pub rows: Vec<ExceptionRow>,
    pub as_of: OffsetDateTime,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionView {
    pub row: ExceptionRow,
    /// What the caller may do now.
    pub transitions: Vec<ExceptionTransition>,
    pub as_of: OffsetDateTime,
}

/// What the form for a new one says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionForm {
    pub policy: Option<String>,
    pub policy_title: Option<String>,
    pub target: ExceptionScope,
    pub target_name: String,
    /// What else it could reach: each target with its name, widest last.
    pub targets: Vec<(ExceptionScope, String)>,
    /// Failures that it would bear now.
    pub findings: u64,
    /// Who can approve it, by name.
    pub approvers: Vec<String>,
    /// The last days that can be asked for, from today to the limit.
    pub days: (Date, Date),
}
