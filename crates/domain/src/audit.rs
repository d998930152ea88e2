//! The audit trail's words. Each entry holds the hash of the one before it.

use crate::{authz::Person, facts::string_enum};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt::Write};
use time::OffsetDateTime;

/// What was done, or tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
    Rotate,
    /// A Deny statement was put on the access role.
    DenySession,
    /// A call of the revoked session was refused by AWS.
    ConfirmDenial,
    /// Deny statements no longer needed were taken away.
    CollectDenials,
    CloseReview,
    ConsoleLink,
    /// A policy was saved, as a new version.
    SavePolicy,
    /// A policy was taken out of force.
    RetirePolicy,
    /// A plan of calls that fix findings was made.
    PlanRemediation,
    ApproveRemediation,
    DenyRemediation,
    WithdrawRemediation,
    StopRemediation,
    ResumeRemediation,
    RetryRemediation,
    /// One call of a plan.
    Remediate,
    /// No call is made any more.
    #[serde(rename = "pull-brake")]
    PauseRemediation,
    #[serde(rename = "release-brake")]
    UnpauseRemediation,
    /// An exception was asked for.
    #[serde(rename = "request-waiver")]
    RequestException,
    #[serde(rename = "approve-waiver")]
    ApproveException,
    #[serde(rename = "deny-waiver")]
    DenyException,
    #[serde(rename = "withdraw-waiver")]
    WithdrawException,
    /// It was looked at again, and stays.
    #[serde(rename = "review-waiver")]
    ReviewException,
    #[serde(rename = "end-waiver")]
    EndException,
    #[serde(rename = "expire-waiver")]
    ExpireException,
}

string_enum!(
    AuditAction, "an audit action",
    "request" => AuditAction::Request,
    "approve" => AuditAction::Approve,
    "deny" => AuditAction::Deny,
    "claim" => AuditAction::Claim,
    "break-glass" => AuditAction::BreakGlass,
    "expire" => AuditAction::Expire,
    "end" => AuditAction::End,
    "give-back" => AuditAction::GiveBack,
    "revoke" => AuditAction::Revoke,
    "issue-session" => AuditAction::IssueSession,
    "reveal" => AuditAction::Reveal,
    "put-value" => AuditAction::PutValue,
    "rotate" => AuditAction::Rotate,
    "deny-session" => AuditAction::DenySession,
    "confirm-denial" => AuditAction::ConfirmDenial,
    "collect-denials" => AuditAction::CollectDenials,
    "close-review" => AuditAction::CloseReview,
    "console-link" => AuditAction::ConsoleLink,
    "save-policy" => AuditAction::SavePolicy,
    "retire-policy" => AuditAction::RetirePolicy,
    "plan-remediation" => AuditAction::PlanRemediation,
    "approve-remediation" => AuditAction::ApproveRemediation,
    "deny-remediation" => AuditAction::DenyRemediation,
    "withdraw-remediation" => AuditAction::WithdrawRemediation,
    "stop-remediation" => AuditAction::StopRemediation,
    "resume-remediation" => AuditAction::ResumeRemediation,
    "retry-remediation" => AuditAction::RetryRemediation,
    "remediate" => AuditAction::Remediate,
    "pull-brake" => AuditAction::PauseRemediation,
    "release-brake" => AuditAction::UnpauseRemediation,
    "request-waiver" => AuditAction::RequestException,
    "approve-waiver" => AuditAction::ApproveException,
    "deny-waiver" => AuditAction::DenyException,
    "withdraw-waiver" => AuditAction::WithdrawException,
    "review-waiver" => AuditAction::ReviewException,
    "end-waiver" => AuditAction::EndException,
    "expire-waiver" => AuditAction::ExpireException
);

/// Actions outside the database have two entries: before, and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// About to be done. No such entry, no action.
    Started,
    /// Done, or failed: the outcome says.
    Completed,
    /// Done in the same transaction as the entry.
    Done,
}

string_enum!(
    Phase, "started, completed or done",
    "started" => Phase::Started,
    "completed" => Phase::Completed,
    "done" => Phase::Done
);

/// An entry as it is hashed: the fields in this order, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Counted from 1, without a gap.
    pub seq: i64,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// `None` is the console itself.
    pub actor: Option<Person>,
    #[serde(rename = "deed")]
    pub audit_action: AuditAction,
    pub phase: Phase,
    /// What it was done to, such as `G-2190`.
    pub subject: String,
    /// Of a completed action: whether it succeeded.
    pub succeeded: Option<bool>,
    /// The entry that started it.
    pub started: Option<i64>,
    pub detail: BTreeMap<String, String>,
}

/// What is to be written; the chain gives it its number.
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
    /// An entry about something that is done with it.
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

    /// The same where there is something to say.
    #[must_use]
    pub fn with_some(self, key: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }
}

/// The hash that stands at the beginning of the chain.
pub const GENESIS: [u8; 32] = [0; 32];

/// The hash of an entry: SHA-256 over the hash of the one before and the entry's own text.
pub fn chain_hash(previous: &[u8], body: &str) -> [u8; 32] {
    Sha256::new().chain_update(previous).chain_update(body).finalize().into()
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainReport {
    pub entries: i64,
    /// Of the last sound entry, hexadecimal: keep it elsewhere, and a cut-off end shows too.
    pub head: String,
    /// The first fault, if there is one.
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
    /// Evaluates the next entry as it is stored, and returns it as it was hashed.
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
            return fault("its text is no entry of this number");
        };
        self.previous = hash.to_vec();
        self.entries = seq;
        Ok(entry)
    }

    pub fn report(&self, fault: Option<ChainFault>) -> ChainReport {
        ChainReport { entries: self.entries, head: hex(&self.previous), fault }
    }
}
