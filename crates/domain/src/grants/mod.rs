//! Just-in-time access: what may be asked for, who decides, and the life of a grant. Pure; time comes in.

mod aggregate;
pub mod commands;
mod ids;
mod refusal;
mod request;
mod rule;
mod selector;
mod state;
pub mod view;

pub use aggregate::{Decided, Decision, DecisionOutcome, Grant, Vote};
pub use ids::{GrantId, RequestId};
pub use refusal::Refusal;
pub use request::{GrantResource, RequestTerms, request_hash};
pub use rule::{ApprovalRule, Approver, ApproverContext, AutoApprove, BreakGlass, StepRule};
pub use selector::{Selectable, Selector, names_in};
pub use state::{EndReason, GrantState, GrantStateName, InvalidTransition};

use crate::facts::string_enum;
use serde::{Deserialize, Serialize};

/// What a grant lets its holder do with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// `GetSecretValue` or `GetParameter`.
    Read,
    /// `PutSecretValue` or `PutParameter`: a new value, without seeing the old one.
    Write,
    /// `RotateSecret`.
    Rotate,
}

string_enum!(
    Action, "read, write or rotate",
    "read" => Action::Read,
    "write" => Action::Write,
    "rotate" => Action::Rotate
);

/// At most this many secrets in one request: more is a task for a role, not for a person.
pub const MAX_RESOURCES: usize = 50;
/// Purposes and reasons are sentences, not documents: at most this many characters.
pub const MAX_WORDS: usize = 1000;

/// A purpose, a reason or a note: something, and not a document.
pub fn sentence(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.chars().count() <= MAX_WORDS).then(|| text.to_owned())
}
