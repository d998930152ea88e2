//! The Organization as AWS Organizations tells it.

use crate::{
    facts::words,
    ids::{AccountId, OuId},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// An account's `State`, which replaces the retired `Status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountState {
    PendingActivation,
    Active,
    Suspended,
    PendingClosure,
    Closed,
    /// A state this version does not know: never treated as active.
    Unknown,
}

words!(
    AccountState, "an account state",
    "ACTIVE" => AccountState::Active,
    "PENDING_ACTIVATION" => AccountState::PendingActivation,
    "SUSPENDED" => AccountState::Suspended,
    "PENDING_CLOSURE" => AccountState::PendingClosure,
    "CLOSED" => AccountState::Closed,
    "UNKNOWN" => AccountState::Unknown
);

/// An organizational unit, or the root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ou {
    pub id: OuId,
    pub parent: Option<OuId>,
    pub name: String,
    /// The names from below the root down, divided by `/`; empty for the root itself.
    pub path: String,
}

/// A member account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub id: AccountId,
    pub name: String,
    pub email: String,
    pub state: AccountState,
    /// The units that hold it, from the root down.
    pub ou_path: Vec<OuId>,
    pub joined_at: Option<OffsetDateTime>,
}

/// A policy of the type `TAG_POLICY`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagPolicy {
    pub id: String,
    pub name: String,
    /// As it is written, with its operators.
    pub content: String,
    /// The root, units and accounts that it is attached to.
    pub targets: Vec<String>,
}

/// What was read of tag policies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagPolicyReading {
    /// Whether the root has the policy type turned on.
    pub is_enabled: bool,
    pub policies: Vec<TagPolicy>,
}

/// Everything one reading of the Organization gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    pub id: String,
    pub management_account: AccountId,
    pub ous: Vec<Ou>,
    pub accounts: Vec<Account>,
}
