//! Just-in-time access: eligibility, approval, and the lifecycle of a grant. Pure; time is an argument.

mod aggregate;
pub mod commands;
mod ids;
mod pause;
mod refusal;
mod request;
mod rule;
mod selector;
mod state;
pub mod view;

pub use aggregate::{Decided, Decision, DecisionOutcome, Grant, InvalidDecision, Vote};
pub use ids::{GrantId, RequestId};
pub use pause::AccessPause;
pub use refusal::Refusal;
pub use request::{GrantResource, RequestTerms, request_hash};
pub use rule::{ApprovalRule, Approver, ApproverContext, AutoApprove, BreakGlass, StepRule};
pub use selector::{Selectable, Selector, names_in};
pub use state::{EndReason, GrantState, GrantStateName, InvalidTransition};

use crate::choice::InvalidChoice;
use serde::{Deserialize, Serialize};

/// What a grant allows its holder to do with a value.
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
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum Action {
    /// `GetSecretValue` or `GetParameter`.
    Read,
    /// `PutSecretValue` or `PutParameter`: a new value, without seeing the old one.
    Write,
    /// `RotateSecret`.
    Rotate,
    /// Read and write: to change a part of a value, or what AWS changes only together with it.
    Change,
}

impl Action {
    /// Whether a grant of this action allows the other one.
    pub fn covers(self, other: Self) -> bool {
        self == other || self.parts().contains(&other)
    }

    /// The verb that people read: `read and write`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Rotate => "rotate",
            Self::Change => "read and write",
        }
    }

    /// The actions that it consists of: those that policies and rules name.
    pub fn parts(self) -> &'static [Self] {
        match self {
            Self::Read => &[Self::Read],
            Self::Write => &[Self::Write],
            Self::Rotate => &[Self::Rotate],
            Self::Change => &[Self::Read, Self::Write],
        }
    }
}

/// The maximum number of secrets in one request: for more, use a role.
pub const MAX_RESOURCES: usize = 50;
/// The maximum length of purposes and reasons, in characters.
pub const MAX_SENTENCE_CHARS: usize = 1000;

/// A purpose, a reason or a comment: not empty, and not too long.
pub fn sentence(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.chars().count() <= MAX_SENTENCE_CHARS).then(|| text.to_owned())
}
