//! Just-in-time access: eligibility, approval, and the lifecycle of a grant. Pure; time is an argument.

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

/// What a grant allows its holder to do with a value.
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

/// The maximum number of secrets in one request: for more, use a role.
pub const MAX_RESOURCES: usize = 50;
/// The maximum length of purposes and reasons, in characters.
pub const MAX_WORDS: usize = 1000;

/// A purpose, a reason or a comment: not empty, and not too long.
pub fn sentence(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.chars().count() <= MAX_WORDS).then(|| text.to_owned())
}
