//! What the pages and the client show about access.

use super::{Action, Decided, GrantId, GrantResource, GrantState, GrantStateName, RequestId};
use crate::{
    audit::{AuditAction, Phase},
    facts::Kind,
    ids::{AccountId, Arn, Region, ResourceId},
    notifications::topic::{InboxQuery, NoticeTopic},
    waits::Waits,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// A grant in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantRow {
    pub id: GrantId,
    pub request: RequestId,
    pub requester: String,
    pub action: Action,
    /// Of the first resource.
    pub name: String,
    /// The number of further resources.
    pub more: u32,
    pub account_id: AccountId,
    pub account_name: String,
    pub minutes: u32,
    pub state: GrantState,
    pub approvals: u32,
    /// None if the rule approves it by itself, or for break-glass access.
    pub approvals_needed: u32,
    pub break_glass: bool,
    pub created_at: OffsetDateTime,
    /// What it waits for; `None` if nobody has to act, and for clients of an earlier release.
    #[serde(default)]
    pub waits: Option<Waits>,
}

/// The result of ending a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Whether its access had started; if not, the request is withdrawn.
    pub was_active: bool,
    /// Whether its AWS sessions are still active: they are being ended.
    pub ends_sessions: bool,
}

impl Ending {
    /// What happens to its AWS sessions, as pages, messages and the client show it.
    pub fn sessions(self) -> &'static str {
        if self.ends_sessions {
            "Active AWS sessions are being ended."
        } else {
            "No AWS session was active."
        }
    }
}

impl GrantRow {
    /// `payments/ledger and 2 more`.
    pub fn names(&self) -> String {
        match self.more {
            0 => self.name.clone(),
            more => format!("{} and {more} more", self.name),
        }
    }

    /// The state as a list shows it.
    pub fn state_label(&self) -> &'static str {
        self.state.word().label_after(self.approvals, self.approvals_needed)
    }
}

/// The caller's own access: active, pending and past grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MyAccess {
    pub live: Vec<GrantRow>,
    pub waiting: Vec<GrantRow>,
    /// Newest first.
    pub past: Vec<GrantRow>,
    /// The number before which the next page begins.
    pub older: Option<i64>,
    /// Whether the caller may request more.
    pub may_request: bool,
    pub as_of: OffsetDateTime,
}

/// An event in a grant's timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEvent {
    pub at: OffsetDateTime,
    /// `None` means Claviger itself.
    pub who: Option<String>,
    pub what: TimelineEventKind,
    pub detail: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimelineEventKind {
    /// From the audit log.
    #[serde(rename = "deed")]
    AuditAction {
        #[serde(rename = "deed")]
        audit_action: AuditAction,
        phase: Phase,
        succeeded: Option<bool>,
    },
    /// From CloudTrail: the event's name, such as `GetSecretValue`.
    CloudTrail { event: String, error: Option<String> },
}

/// The progress of ending active sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DenialView {
    pub asked_at: OffsetDateTime,
    pub put_at: Option<OffsetDateTime>,
    pub confirmed_at: Option<OffsetDateTime>,
    /// Why it is not confirmed yet.
    pub fault: Option<String>,
    /// Whether all older sessions of the role had to be ended as well.
    pub wide: bool,
    pub collected_at: Option<OffsetDateTime>,
}

/// What CloudTrail has returned so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrailState {
    /// Not read yet.
    NotRead,
    /// Read; these are all events so far.
    Read { at: OffsetDateTime },
    /// The role lacks the permission, or AWS did not respond.
    Unreadable { at: OffsetDateTime },
}

/// What the viewer may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a button of its own")]
pub struct GrantMay {
    pub decide: bool,
    pub claim: bool,
    /// Use it: reveal, write, rotate, issue sessions.
    pub act: bool,
    pub give_back: bool,
    pub extend: bool,
    /// Request the same once more, where this one has ended.
    #[serde(default)]
    pub again: bool,
    pub revoke: bool,
    pub close_review: bool,
}

/// The review of break-glass access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewView {
    pub opened_at: OffsetDateTime,
    pub closed_at: Option<OffsetDateTime>,
    pub closed_by: Option<String>,
    pub note: Option<String>,
}

/// A grant with all details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantDetail {
    pub row: GrantRow,
    pub hash: String,
    pub purpose: String,
    pub ticket: Option<String>,
    /// The incident that break-glass access is for.
    #[serde(default)]
    pub incident: Option<String>,
    pub starts_at: Option<OffsetDateTime>,
    pub extends: Option<GrantId>,
    pub rule: String,
    /// Who decides, step by step: description, approvals so far, approvals needed.
    pub steps: Vec<(String, u32, u32)>,
    pub resources: Vec<GrantResource>,
    pub decided: Vec<Decided>,
    /// The session policies, as sent to AWS.
    pub policies: Vec<String>,
    /// Why there can be no session.
    #[serde(default)]
    pub policy_problem: Option<String>,
    pub sessions: u32,
    pub denial: Option<DenialView>,
    pub review: Option<ReviewView>,
    pub timeline: Vec<TimelineEvent>,
    pub trail: TrailState,
    /// Requests by the same person for any of these secrets in 90 days, and how many of them were granted.
    pub earlier: (u32, u32),
    /// Names of those who can decide the current step, or close the open review.
    #[serde(rename = "deciders")]
    pub approvers: Vec<String>,
    /// Warnings about the secrets, for approvers.
    #[serde(rename = "minds")]
    pub warnings: Vec<String>,
    /// Anyone's active grants on the same secrets.
    pub running: Vec<GrantRow>,
    pub may: GrantMay,
    pub as_of: OffsetDateTime,
}

/// The approver's queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    pub rows: Vec<GrantRow>,
    pub as_of: OffsetDateTime,
}

/// A secret or parameter that a name or an ARN matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub id: ResourceId,
    pub arn: Arn,
    pub name: String,
    pub kind: Kind,
    pub account_id: AccountId,
    pub account_name: String,
    pub region: Region,
}

/// What can be requested for one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub id: ResourceId,
    pub name: String,
    pub kind: Kind,
    pub account_id: AccountId,
    pub account_name: String,
    pub region: Region,
    pub terms: Result<OfferTerms, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferTerms {
    pub rule: String,
    /// Who decides, in words; `None` if the rule approves short windows automatically.
    #[serde(rename = "deciders")]
    pub approvers: String,
    /// Known people who can decide the first step.
    pub people: Vec<String>,
    pub longest_minutes: u32,
    pub auto_minutes: Option<u32>,
    pub ticket: Option<String>,
    /// The longest break-glass window for this person.
    pub break_glass_minutes: Option<u32>,
}

/// The request form, as filled in so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestForm {
    pub action: Action,
    pub offers: Vec<Offer>,
    /// The maximum over all of them; 0 if nothing can be requested.
    pub longest_minutes: u32,
    pub break_glass_minutes: Option<u32>,
    pub ticket: Option<String>,
    pub extends: Option<GrantId>,
    pub as_of: OffsetDateTime,
}

/// The result of a request: one grant for each account and rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requested {
    pub request: RequestId,
    pub grants: Vec<GrantId>,
}

/// A notification in the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxRow {
    pub id: i64,
    /// What it is about; `None` for kinds of another release.
    #[serde(default)]
    pub topic: Option<NoticeTopic>,
    pub title: String,
    pub body: String,
    pub link: String,
    pub at: OffsetDateTime,
    pub read: bool,
    /// What the subject of the notification still waits for.
    #[serde(default)]
    pub waits: Option<Waits>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbox {
    #[serde(default)]
    pub query: InboxQuery,
    pub rows: Vec<InboxRow>,
    /// Of all notifications, whatever the filter.
    pub unread: u32,
    pub as_of: OffsetDateTime,
}

/// Numbers of the navigation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessCounts {
    pub live: u32,
    pub to_decide: u32,
    pub reviews: u32,
    pub unread: u32,
}

/// A value, shown once. Never stored, never logged; its memory is cleared when it is dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Revealed {
    /// The exact text from AWS. The members of a JSON object are parsed from it where they are shown
    /// ([`crate::value::members`]): a number or a repeated key would not survive another representation.
    Text(Zeroizing<String>),
    /// Bytes, in base64.
    Binary(Zeroizing<String>),
}

impl std::fmt::Debug for Revealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Revealed(…)")
    }
}

impl GrantStateName {
    /// As a chip shows it, after so many of the needed approvals: a request that was withdrawn before it was approved gave no
    /// access that could have ended.
    pub fn label_after(self, approvals: u32, needed: u32) -> &'static str {
        if self == Self::GivenBack && approvals < needed { "Withdrawn" } else { self.label() }
    }

    /// As a chip shows it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Requested => "Pending approval",
            Self::Approved => "Approved, starts later",
            Self::Claimable => "Ready to start",
            Self::Active => "Active",
            Self::Ended => "Ended",
            Self::Revoked => "Revoked",
            Self::GivenBack => "Ended early",
            Self::Denied => "Denied",
            Self::Expired => "Expired",
            Self::Failed => "Failed",
        }
    }
}
