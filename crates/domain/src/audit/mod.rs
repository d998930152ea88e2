//! The terms of the audit log. Each entry contains the hash of the previous one.

mod query;
pub mod view;

pub use query::{AuditFormat, AuditQuery, CLAVIGER, Outcome};

use crate::{authz::Person, choice::InvalidChoice};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt::Write};
use time::OffsetDateTime;

/// What was done, or attempted.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum AuditAction {
    Request,
    Approve,
    Deny,
    Claim,
    BreakGlass,
    Expire,
    End,
    GiveBack,
    Revoke,
    /// AWS credentials were issued.
    IssueSession,
    /// A value was shown.
    Reveal,
    /// A new value was written.
    PutValue,
    /// The keys of a value were read, not shown with it.
    ReadKeys,
    Rotate,
    /// A Deny statement was added to the access role.
    DenySession,
    /// AWS denied a call of the revoked session.
    ConfirmDenial,
    /// Deny statements that are no longer needed were removed.
    CollectDenials,
    /// All access was paused: no new sessions.
    PauseAccess,
    ResumeAccess,
    /// Every session of the access role in an account was ended, no matter who has it.
    EndAllSessions,
    CloseReview,
    ConsoleLink,
    /// A policy was saved, as a new version.
    SavePolicy,
    /// A policy was disabled.
    RetirePolicy,
    /// A plan of calls that fix findings was created.
    PlanRemediation,
    ApproveRemediation,
    DenyRemediation,
    WithdrawRemediation,
    StopRemediation,
    ResumeRemediation,
    RetryRemediation,
    /// One call of a plan.
    Remediate,
    /// All remediation was paused.
    #[serde(rename = "pull-brake")]
    #[strum(serialize = "pull-brake")]
    PauseRemediation,
    #[serde(rename = "release-brake")]
    #[strum(serialize = "release-brake")]
    UnpauseRemediation,
    /// An exception was requested.
    #[serde(rename = "request-waiver")]
    #[strum(serialize = "request-waiver")]
    RequestException,
    #[serde(rename = "approve-waiver")]
    #[strum(serialize = "approve-waiver")]
    ApproveException,
    #[serde(rename = "deny-waiver")]
    #[strum(serialize = "deny-waiver")]
    DenyException,
    #[serde(rename = "withdraw-waiver")]
    #[strum(serialize = "withdraw-waiver")]
    WithdrawException,
    /// It was reviewed, and stays.
    #[serde(rename = "review-waiver")]
    #[strum(serialize = "review-waiver")]
    ReviewException,
    #[serde(rename = "end-waiver")]
    #[strum(serialize = "end-waiver")]
    EndException,
    #[serde(rename = "expire-waiver")]
    #[strum(serialize = "expire-waiver")]
    ExpireException,
    /// A test notification was sent in a channel.
    TestChannel,
    /// A job that had failed for the last time was queued again.
    RetryJob,
    /// The first-run checklist was hidden from the overview.
    DismissSetup,
    /// It was shown again.
    RestoreSetup,
    /// Entries of this log left the console as a file.
    ExportAudit,
    /// An evidence pack left the console as a file.
    ExportEvidence,
    /// Findings were put off until a day, or brought back.
    SnoozeFindings,
    /// Findings were assigned to a person, or to nobody.
    AssignFindings,
    /// A snooze or an assignment was undone.
    UndoTriage,
    /// A new secret or parameter was requested.
    RequestCreation,
    ApproveCreation,
    DenyCreation,
    WithdrawCreation,
    /// It was not decided, or its value not entered, in time.
    ExpireCreation,
    /// The call that creates it.
    CreateResource,
    /// The rules of an account and Region were checked, and got test events.
    TestAlarms,
    /// An alarm was closed.
    CloseAlarm,
    /// A secret was reported as leaked: all access to it ended.
    ReportLeak,
    /// A repository declared which secrets and parameters its files name.
    DeclareConsumers,
}

/// Actions outside the database have two entries: before, and after.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum Phase {
    /// About to be done. Without this entry, no action starts.
    Started,
    /// Succeeded or failed: the outcome says which.
    Completed,
    /// Done in the same transaction as the entry.
    Done,
}

/// The hashed form of an entry: the fields in this order, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Counted from 1, without a gap.
    pub seq: i64,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// `None` means Claviger itself.
    pub actor: Option<Person>,
    #[serde(rename = "deed")]
    pub audit_action: AuditAction,
    pub phase: Phase,
    /// The target, such as `G-2190`.
    pub subject: String,
    /// For a completed action: whether it succeeded.
    pub succeeded: Option<bool>,
    /// The entry that started it.
    pub started: Option<i64>,
    pub detail: BTreeMap<String, String>,
}

/// A new entry; the chain assigns its number.
#[derive(Debug, Clone)]
pub struct NewEntry {
    pub actor: Option<Person>,
    pub audit_action: AuditAction,
    pub phase: Phase,
    pub subject: String,
    pub succeeded: Option<bool>,
    pub started: Option<i64>,
    pub detail: BTreeMap<String, String>,
}

impl NewEntry {
    /// An entry for an action that is committed with it.
    pub fn done(actor: Option<&Person>, audit_action: AuditAction, subject: impl ToString) -> Self {
        Self {
            actor: actor.cloned(),
            audit_action,
            phase: Phase::Done,
            subject: subject.to_string(),
            succeeded: None,
            started: None,
            detail: BTreeMap::new(),
        }
    }

    /// An entry before an action.
    pub fn started(
        actor: Option<&Person>,
        audit_action: AuditAction,
        subject: impl ToString,
    ) -> Self {
        Self { phase: Phase::Started, ..Self::done(actor, audit_action, subject) }
    }

    /// The entry after an action.
    #[must_use]
    pub fn completed(&self, started: i64, succeeded: bool) -> Self {
        Self {
            phase: Phase::Completed,
            started: Some(started),
            succeeded: Some(succeeded),
            detail: BTreeMap::new(),
            ..self.clone()
        }
    }

    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.detail.insert(key.to_owned(), value.to_string());
        self
    }

    /// The same, with details.
    #[must_use]
    pub fn with_some(self, key: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }
}

/// The hash at the beginning of the chain.
pub const GENESIS: [u8; 32] = [0; 32];

/// The hash of an entry: SHA-256 over the previous hash and the entry's own text.
pub fn chain_hash(previous: &[u8], body: &str) -> [u8; 32] {
    Sha256::new().chain_update(previous).chain_update(body).finalize().into()
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainReport {
    pub entries: i64,
    /// The hash of the last valid entry, hexadecimal: keep it elsewhere to detect a truncated chain.
    pub head: String,
    /// The first error, if there is one.
    pub fault: Option<ChainFault>,
}

impl std::fmt::Display for ChainReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.fault {
            None => write!(f, "{} entries verified. Latest hash: {}", self.entries, self.head),
            Some(fault) => write!(f, "Integrity failure at {fault}."),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq}: {what}")]
pub struct ChainFault {
    pub seq: i64,
    pub what: &'static str,
}

/// Walks the chain entry by entry.
#[derive(Debug)]
pub struct ChainWalk {
    previous: Vec<u8>,
    entries: i64,
}

impl Default for ChainWalk {
    fn default() -> Self {
        Self { previous: GENESIS.to_vec(), entries: 0 }
    }
}

impl ChainWalk {
    /// Verifies the next entry as stored, and returns its hashed form.
    pub fn step(
        &mut self,
        seq: i64,
        body: &str,
        previous: &[u8],
        hash: &[u8],
    ) -> Result<AuditEntry, ChainFault> {
        let fault = |what| Err(ChainFault { seq, what });
        if seq != self.entries + 1 {
            return fault("an entry before it is missing");
        }
        if previous != self.previous {
            return fault("it does not follow the entry before it");
        }
        if hash != chain_hash(previous, body) {
            return fault("its text is not what was hashed");
        }
        let Some(entry) =
            serde_json::from_str::<AuditEntry>(body).ok().filter(|entry| entry.seq == seq)
        else {
            return fault("its text is not the entry of this number");
        };
        self.previous = hash.to_vec();
        self.entries = seq;
        Ok(entry)
    }

    pub fn report(&self, fault: Option<ChainFault>) -> ChainReport {
        ChainReport { entries: self.entries, head: hex(&self.previous), fault }
    }
}
