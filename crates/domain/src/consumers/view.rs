//! What the page of a consumer's role shows.

use super::RoleForm;
use crate::{
    code::SourceFile,
    creation::ShapeFault,
    ids::{AccountId, ResourceId},
    inventory::entitlement::Answer,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A secret or parameter that the role is to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleTarget {
    pub id: ResourceId,
    pub name: String,
    pub arn: String,
    pub is_secret: bool,
    /// The keys of its tags; `None` if they were not read.
    pub tag_keys: Option<Vec<String>>,
}

/// A role in preparation. Nothing is written, and AWS is not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleDraft {
    pub form: RoleForm,
    pub account: AccountId,
    pub account_name: String,
    /// The one that the address names first.
    pub targets: Vec<RoleTarget>,
    /// Whether a consumer was chosen. Before that there are no faults and no role.
    pub is_asked: bool,
    /// Why there is no role, by field of the form.
    pub faults: Vec<ShapeFault>,
    pub role: Option<RoleView>,
}

/// A question that Claviger's evaluator answered about the role's policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleCheck {
    /// Such as `Reads payments/db`.
    pub question: String,
    pub is_expected: bool,
    /// `None` where it depends on what was not read.
    pub is_allowed: Option<bool>,
}

impl RoleCheck {
    /// `None` where it is unknown.
    pub fn is_as_expected(&self) -> Option<bool> {
        self.is_allowed.map(|allowed| allowed == self.is_expected)
    }
}

/// Whether the role could read a resource in its account as that was last read: with its resource policy, the key's policy, SCPs
/// and RCPs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleAnswer {
    pub name: String,
    pub answer: Answer,
    /// What holds it to conditions, denies it, or was not read.
    pub why: Vec<String>,
}

/// Whether a role of this name is there already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameCheck {
    /// No role of this name was there when IAM of the account was read.
    FreeAt(OffsetDateTime),
    /// AWS, or a plan, has it now: the plan of the page says so.
    Taken,
    /// IAM of the account was not read: why.
    Unknown(String),
}

/// The role, if every field was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleView {
    pub name: String,
    pub name_check: NameCheck,
    /// What each statement does, in order: those of the permission policy, then those of the trust policy.
    pub permissions: Vec<String>,
    pub trust: Vec<String>,
    /// What each condition restricts, with its traps.
    pub conditions: Vec<String>,
    pub warnings: Vec<String>,
    /// The tag, as key and value, by which the role reads: then it also reads what is not selected. `None` for exact ARNs.
    pub by_tag: Option<(String, String)>,
    pub checks: Vec<RoleCheck>,
    /// In the account as it was last read; empty where the caller may not see it.
    pub answers: Vec<RoleAnswer>,
    /// Of the chosen export.
    pub files: Vec<SourceFile>,
    /// Commands that give the role to an ECS task definition; `None` if none takes it.
    pub task_definition: Option<String>,
}

impl RoleView {
    /// Whether every question was answered as expected; `None` if one is unknown and none is wrong.
    pub fn is_exact(&self) -> Option<bool> {
        let mut all = self.checks.iter().map(RoleCheck::is_as_expected);
        if all.clone().any(|one| one == Some(false)) {
            return Some(false);
        }
        all.all(|one| one.is_some()).then_some(true)
    }
}
