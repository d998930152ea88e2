//! What the pages of exceptions show.

use super::{ExceptionId, ExceptionQuery, ExceptionScope, ExceptionState, ExceptionTransition};
use crate::{authz::Person, inventory::view::FacetValue, waits::Waits};
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

/// A comment on it, with author and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionNote {
    pub by: Person,
    pub note: Option<String>,
    pub at: OffsetDateTime,
}

/// An exception in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionRow {
    pub id: ExceptionId,
    /// `None` means every policy.
    pub policy: Option<String>,
    /// Its title.
    pub policy_title: Option<String>,
    pub target: ExceptionScope,
    /// The display name of its target.
    pub target_name: String,
    pub reason: String,
    /// Who requested it and is responsible for it.
    pub owner: Person,
    pub state: ExceptionState,
    pub created_at: OffsetDateTime,
    pub ends_at: OffsetDateTime,
    pub decision: Option<ExceptionNote>,
    /// The last review.
    pub review: Option<ExceptionNote>,
    /// When someone ended it early.
    pub ending: Option<ExceptionNote>,
    /// When the next review is due; none if it is not active.
    pub review_at: Option<OffsetDateTime>,
    /// Findings that it covers now; if it awaits approval, findings that it would cover.
    pub findings: u64,
    /// Who can decide it while it awaits approval, or review it if a review is due.
    pub waits: Option<Waits>,
}

impl ExceptionRow {
    /// Whether its review is due.
    pub fn is_due(&self, now: OffsetDateTime) -> bool {
        self.state == ExceptionState::Approved && self.review_at.is_some_and(|at| at <= now)
    }

    /// Days until it expires, an incomplete one counted as one; `None` if it is not active.
    pub fn days_left(&self, now: OffsetDateTime) -> Option<u64> {
        if self.state != ExceptionState::Approved {
            return None;
        }
        let seconds = u64::try_from((self.ends_at - now).whole_seconds()).unwrap_or(0);
        Some(seconds.div_ceil(86_400))
    }

    /// The list of the findings in its scope: those excepted now, or those open while it awaits approval. `None` if it is over.
    pub fn findings_href(&self) -> Option<String> {
        let state = match self.state {
            ExceptionState::Approved => "waived",
            ExceptionState::Waiting => "open",
            _ => return None,
        };
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("state", state);
        if let Some(policy) = &self.policy {
            query.append_pair("policy", policy);
        }
        for id in self.target.resources() {
            query.append_pair("resource", &id.to_string());
        }
        match &self.target {
            ExceptionScope::Account(id) => {
                query.append_pair("account", id.as_str());
            }
            ExceptionScope::Ou(id) => {
                query.append_pair("ou", id.as_str());
            }
            ExceptionScope::Resource(_)
            | ExceptionScope::Resources(_)
            | ExceptionScope::Organization => {}
        }
        Some(format!("/findings?{}", query.finish()))
    }
}

/// A page of the list of exceptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionsView {
    pub query: ExceptionQuery,
    pub rows: Vec<ExceptionRow>,
    /// Rows that match.
    pub matching: u64,
    pub facets: ExceptionFacets,
    pub as_of: OffsetDateTime,
}

/// The choices of the filter. Each counts all exceptions that the caller may see, whatever the filter is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionFacets {
    pub states: Vec<FacetValue>,
    pub due: Vec<FacetValue>,
    pub policies: Vec<FacetValue>,
    pub owners: Vec<FacetValue>,
}

/// The page of one exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionView {
    pub row: ExceptionRow,
    /// What the caller may do now.
    pub transitions: Vec<ExceptionTransition>,
    pub as_of: OffsetDateTime,
}

/// The form for a new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionForm {
    pub policy: Option<String>,
    pub policy_title: Option<String>,
    pub target: ExceptionScope,
    pub target_name: String,
    /// Other possible targets: each with its name, the widest last.
    pub targets: Vec<(ExceptionScope, String)>,
    /// Findings that it would cover now.
    pub findings: u64,
    /// Who can approve it, by name.
    pub approvers: Vec<String>,
    /// The last days that can be requested, from today to the limit.
    pub days: (Date, Date),
}

/// Findings of one policy in one account, for which one exception can be requested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionChoice {
    pub policy: String,
    pub policy_title: String,
    pub account_name: String,
    pub target: ExceptionScope,
}
