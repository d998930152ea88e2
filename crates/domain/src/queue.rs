//! The work queue: what one person can decide or must do, and what else needs their attention.

use crate::{
    choice::InvalidChoice,
    compliance::Severity,
    creation::view::CreationRow,
    exceptions::{ExceptionId, ExceptionTransition, view::ExceptionRow},
    filter::{Field, Filter, Part, parse, text, url_filter},
    grants::{GrantId, Vote, view::GrantRow},
    remediation::{PlanId, PlanTransition, view::PlanRow},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A kind of item, in the order of the queue.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum QueueKind {
    /// A request for access that the person can decide.
    Access,
    /// A remediation plan that the person can decide.
    Plan,
    /// An exception that the person can decide or has to review.
    Exception,
    /// A new secret or parameter whose shape the person can decide.
    Creation,
    /// Break-glass access that the person can review.
    Review,
    /// The person's own requests and access that need something, or end soon.
    Mine,
    /// Overdue findings of the person's teams.
    Finding,
    /// Accounts that the last scan could not read.
    Account,
}

impl QueueKind {
    /// As headings and tabs show it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Access => "Access requests",
            Self::Plan => "Remediation plans",
            Self::Exception => "Exceptions",
            Self::Creation => "New secrets",
            Self::Review => "Break-glass reviews",
            Self::Mine => "Your access",
            Self::Finding => "Overdue findings",
            Self::Account => "Unreachable accounts",
        }
    }

    /// The page that lists everything of the kind.
    pub fn page(self) -> &'static str {
        match self {
            Self::Access | Self::Mine => "/access",
            Self::Plan => "/remediation",
            Self::Exception => "/exceptions",
            Self::Creation => "/creations",
            Self::Review => "/reviews",
            Self::Finding => "/findings?state=overdue",
            Self::Account => "/accounts",
        }
    }
}

/// What the person has just done with an item, for the message on the next page.
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
pub enum QueueOutcome {
    Approved,
    Denied,
    Reviewed,
    Ended,
}

impl QueueOutcome {
    /// As the status message begins.
    pub fn label(self) -> &'static str {
        match self {
            Self::Approved => "Approved.",
            Self::Denied => "Denied.",
            Self::Reviewed => "Reviewed.",
            Self::Ended => "Ended.",
        }
    }

    /// `None` for transitions that are no decision.
    pub fn of_plan(step: PlanTransition) -> Option<Self> {
        match step {
            PlanTransition::Approve => Some(Self::Approved),
            PlanTransition::Deny => Some(Self::Denied),
            _ => None,
        }
    }

    /// `None` for transitions that are no decision.
    pub fn of_exception(step: ExceptionTransition) -> Option<Self> {
        match step {
            ExceptionTransition::Approve => Some(Self::Approved),
            ExceptionTransition::Deny => Some(Self::Denied),
            ExceptionTransition::Review => Some(Self::Reviewed),
            ExceptionTransition::End => Some(Self::Ended),
            ExceptionTransition::Withdraw => None,
        }
    }
}

impl From<Vote> for QueueOutcome {
    fn from(vote: Vote) -> Self {
        match vote {
            Vote::Approve => Self::Approved,
            Vote::Deny => Self::Denied,
        }
    }
}

/// What of the queue is shown. Serialized as its URL query.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct QueueQuery {
    /// `None` means every kind.
    pub kind: Option<QueueKind>,
    /// What was done just before.
    pub done: Option<QueueOutcome>,
}

url_filter!(QueueQuery);

impl Filter for QueueQuery {
    const FIELDS: &'static [Field<Self>] = &[
        Field {
            name: "kind",
            part: Part::Filter,
            read: |query, field, value| {
                query.kind = Some(parse(field, value)?);
                Ok(())
            },
            write: |query| text(query.kind),
        },
        Field {
            name: "done",
            part: Part::Page,
            read: |query, field, value| {
                query.done = Some(parse(field, value)?);
                Ok(())
            },
            write: |query| text(query.done),
        },
    ];
}

impl QueueQuery {
    /// Everything of one kind, or of every kind.
    pub fn of(kind: Option<QueueKind>) -> Self {
        Self { kind, done: None }
    }

    /// Whether the filter lets the kind through.
    pub fn takes(self, kind: QueueKind) -> bool {
        self.kind.is_none_or(|wanted| wanted == kind)
    }

    /// The address of the list.
    pub fn path(self) -> String {
        self.after("/queue".to_owned())
    }

    fn after(self, path: String) -> String {
        let query = self.to_url_query();
        if query.is_empty() { path } else { format!("{path}?{query}") }
    }
}

/// An item that a person decides. The order is that of the queue: by kind, then the oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum QueueKey {
    Access(GrantId),
    Plan(PlanId),
    Exception(ExceptionId),
    Review(GrantId),
}

impl QueueKey {
    pub fn kind(self) -> QueueKind {
        match self {
            Self::Access(_) => QueueKind::Access,
            Self::Plan(_) => QueueKind::Plan,
            Self::Exception(_) => QueueKind::Exception,
            Self::Review(_) => QueueKind::Review,
        }
    }

    /// Its number, as people write it.
    pub fn number(self) -> String {
        match self {
            Self::Access(id) | Self::Review(id) => id.to_string(),
            Self::Plan(id) => id.to_string(),
            Self::Exception(id) => id.to_string(),
        }
    }

    /// The address at which it is open, with the list's filter.
    pub fn path(self, query: QueueQuery) -> String {
        query.after(format!("/queue/{}/{}", self.kind(), self.number()))
    }

    /// The one to open next: the first behind this one, or else the first of all.
    #[must_use]
    pub fn next_of(self, mut undecided: Vec<Self>) -> Option<Self> {
        undecided.retain(|one| *one != self);
        undecided.sort_unstable();
        undecided.iter().find(|one| **one > self).or(undecided.first()).copied()
    }
}

/// An item of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QueueItem {
    Access(Box<GrantRow>),
    Plan(Box<PlanRow>),
    Exception(Box<ExceptionRow>),
    /// It is decided on its own page.
    Creation(Box<CreationRow>),
    Review(Box<GrantRow>),
    Mine(Box<GrantRow>),
    /// Overdue findings of one team.
    Finding {
        team: String,
        count: u64,
    },
    /// Accounts that the last scan could not read.
    Account {
        unreachable: u64,
    },
}

impl QueueItem {
    /// `None` if it is not decided in the queue.
    pub fn key(&self) -> Option<QueueKey> {
        match self {
            Self::Access(row) => Some(QueueKey::Access(row.id)),
            Self::Plan(row) => Some(QueueKey::Plan(row.id)),
            Self::Exception(row) => Some(QueueKey::Exception(row.id)),
            Self::Review(row) => Some(QueueKey::Review(row.id)),
            Self::Creation(_) | Self::Mine(_) | Self::Finding { .. } | Self::Account { .. } => None,
        }
    }

    /// Since when it waits.
    pub fn waits_since(&self) -> Option<OffsetDateTime> {
        match self {
            Self::Access(row) | Self::Review(row) => Some(row.created_at),
            Self::Plan(row) => Some(row.created_at),
            Self::Creation(row) => Some(row.created_at),
            Self::Exception(row) => Some(row.review_at.unwrap_or(row.created_at)),
            Self::Mine(_) | Self::Finding { .. } | Self::Account { .. } => None,
        }
    }
}

/// All items of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueSection {
    pub kind: QueueKind,
    /// How many there are.
    pub total: u64,
    /// The first of them.
    pub items: Vec<QueueItem>,
    /// Overdue findings of all teams of the person, by severity.
    pub severities: Vec<(Severity, u64)>,
    /// Why there are no numbers yet, in place of items.
    pub incomplete: Option<String>,
}

/// The queue of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkQueue {
    pub query: QueueQuery,
    /// Those that the filter lets through and that are not empty.
    pub sections: Vec<QueueSection>,
    /// How many each kind has, whatever the filter; kinds without any are left out.
    pub counts: Vec<(QueueKind, u64)>,
    /// Items that the filter lets through and that the person can decide.
    pub to_decide: u64,
    /// Since when the oldest of these waits.
    pub oldest: Option<OffsetDateTime>,
    pub may_request: bool,
    pub may_read_findings: bool,
    pub may_read_inventory: bool,
    pub as_of: OffsetDateTime,
}

impl WorkQueue {
    /// How many there are of all kinds.
    pub fn all(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_item_is_the_one_behind_or_else_the_first() {
        let (first, second) = (QueueKey::Access(GrantId(3)), QueueKey::Access(GrantId(12)));
        let (plan, glass) = (QueueKey::Plan(PlanId(1)), QueueKey::Review(GrantId(1)));
        let all = || vec![glass, plan, second, first];
        assert_eq!(first.next_of(all()), Some(second), "by number, not by text");
        assert_eq!(second.next_of(all()), Some(plan));
        assert_eq!(plan.next_of(all()), Some(glass));
        assert_eq!(glass.next_of(all()), Some(first), "from the start again");
        assert_eq!(glass.next_of(vec![glass]), None, "not the same again");
        // One that another person has decided meanwhile is not among them.
        assert_eq!(first.next_of(vec![glass]), Some(glass));
    }

    #[test]
    fn an_address_says_what_is_open_and_what_of_the_list_is_shown() {
        let plans = QueueQuery::of(Some(QueueKind::Plan));
        assert_eq!(QueueKey::Plan(PlanId(7)).path(plans), "/queue/plan/P-7?kind=plan");
        assert_eq!(QueueKey::Access(GrantId(7)).path(QueueQuery::default()), "/queue/access/G-7");
        let done = QueueQuery { done: Some(QueueOutcome::Denied), ..plans };
        assert_eq!(done.path(), "/queue?kind=plan&done=denied");
        assert_eq!(done.to_url_query().parse::<QueueQuery>().unwrap(), done);
        assert_eq!(QueueQuery::default().path(), "/queue");
        let error = "kind=approval".parse::<QueueQuery>().unwrap_err().to_string();
        assert!(error.contains("access, plan, exception"), "{error}");
    }
}
