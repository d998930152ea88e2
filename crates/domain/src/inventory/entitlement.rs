//! Who can read a secret or parameter, and why: as the Access tab shows it.

use crate::ids::ResourceId;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;
use time::OffsetDateTime;

/// Whether someone can read a value; the better known and wider answer is the greater one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Answer {
    Cannot,
    /// Something was not read that may change the answer.
    Unknown,
    /// Some requests are allowed, depending on the conditions shown.
    Conditional,
    Can,
}

/// What kind of reader it is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum ReaderKind {
    Role,
    User,
    /// A role that AWS manages for a service.
    ServiceLinkedRole,
    /// The account's root user.
    Root,
    /// An account as a whole: its own policies decide which of its principals.
    Account,
    /// The accounts of the Organization that no policy names.
    Organization,
    /// Accounts outside that no policy names.
    Public,
    Service,
    /// A role or user of an account whose IAM was not read.
    Unread,
    /// Sessions of an identity provider, or a deleted principal.
    Other,
}

/// One action that returns the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// Such as `secretsmanager:GetSecretValue`.
    pub action: String,
    /// For a listing, the path that is listed.
    pub path: Option<String>,
    pub answer: Answer,
    /// Policies and statements that allow it, those of the key included.
    pub through: Vec<String>,
    /// What it depends on, with the policy that asks for it.
    pub conditions: Vec<String>,
    /// Why not.
    pub against: Vec<String>,
    /// What was not read.
    pub not_read: Vec<String>,
}

/// The answer for one reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlement {
    /// An ARN, an account number, a service's name, or a description of many.
    pub principal: String,
    pub kind: ReaderKind,
    /// Whether an identity policy allows it every action on every resource.
    pub is_administrator: bool,
    pub answer: Answer,
    /// By action; the widest answer first.
    pub ways: Vec<Way>,
}

/// Who can read a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntitlementsView {
    pub resource: ResourceId,
    pub name: String,
    /// Everyone who can, may, or of whom it is unknown; the widest answer first.
    pub rows: Vec<Entitlement>,
    /// How many principals were evaluated and cannot.
    pub cannot: u32,
    /// What is not evaluated.
    pub notes: Vec<String>,
    pub as_of: OffsetDateTime,
}
