//! The roles of Claviger in an account: whether they are there, admit Claviger, and are of a version that this release can use.

mod opt_in;

pub use opt_in::{OptInCheck, OptInCount, OptInRole};

use crate::{choice::InvalidChoice, ids::AccountId};
use serde::{Deserialize, Serialize};

/// What is wrong with a role, or that nothing is.
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
pub enum RoleState {
    /// It can be assumed, and its template is of this release's version or a newer one.
    Ready,
    /// It can be assumed, and its template is older than this release's.
    Old,
    /// It can be assumed. Its version is unknown: it has no version tag, or AWS denied reading it.
    VersionUnknown,
    /// IAM has no such role.
    Missing,
    /// Its trust policy requires another external id.
    WrongExternalId,
    /// It is there, and AWS denies `AssumeRole` for another reason: the principal, the Organization, a control policy.
    NotTrusted,
    /// AWS denies `AssumeRole`, and the account cannot be read: the role is missing, or does not trust Claviger. AWS's answer
    /// is the same for both.
    NotAssumable,
    /// AWS did not answer.
    Unknown,
}

impl RoleState {
    /// Whether deploying the templates again corrects it.
    pub const fn needs_deployment(self) -> bool {
        !matches!(self, Self::Ready | Self::Unknown)
    }
}

/// A role with what was found of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleCheck {
    pub state: RoleState,
    /// The version in its tag.
    pub template_version: Option<u32>,
}

/// The needed roles of an account together, as a list shows and filters them. Opt-in roles do not count.
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
pub enum AccountRoles {
    /// Each role is ready.
    Ready,
    /// A role is missing, or AWS denies it and does not tell why.
    Missing,
    /// A role requires another external id.
    WrongExternalId,
    /// A role is there and does not trust Claviger.
    NotTrusted,
    /// A role has an older template.
    Old,
    /// Something about a role could not be determined.
    Unknown,
    /// The account was not checked yet.
    NotChecked,
}

impl AccountRoles {
    /// From the roles' own states: the worst counts.
    pub fn of(roles: impl IntoIterator<Item = RoleState>) -> Self {
        let each = roles.into_iter().map(|state| match state {
            RoleState::Missing | RoleState::NotAssumable => (0, Self::Missing),
            RoleState::WrongExternalId => (1, Self::WrongExternalId),
            RoleState::NotTrusted => (2, Self::NotTrusted),
            RoleState::Old => (3, Self::Old),
            RoleState::VersionUnknown | RoleState::Unknown => (4, Self::Unknown),
            RoleState::Ready => (5, Self::Ready),
        });
        each.min().map_or(Self::NotChecked, |(_, state)| state)
    }

    /// In a list or as a filter.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Missing => "Role missing",
            Self::WrongExternalId => "Wrong external id",
            Self::NotTrusted => "Claviger not trusted",
            Self::Old => "Old version",
            Self::Unknown => "Unknown",
            Self::NotChecked => "Not checked",
        }
    }
}

/// The state of the roll-out, over the accounts within one's scope.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollOut {
    /// The version of this release's templates.
    pub template_version: u32,
    /// How many active accounts are in each state; the states that occur.
    pub counts: Vec<(AccountRoles, u64)>,
    /// In how many of them each opt-in role is.
    pub opt_in: Vec<OptInCount>,
    /// What deploys the roles that are missing, old or wrong.
    pub snippets: Vec<Snippet>,
}

impl RollOut {
    /// Active accounts whose roles are all ready.
    pub fn ready(&self) -> u64 {
        self.counts
            .iter()
            .filter(|(state, _)| *state == AccountRoles::Ready)
            .map(|(_, count)| count)
            .sum()
    }

    /// All active accounts.
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }
}

/// Commands or lines of Terraform to copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snippet {
    pub title: String,
    /// What it does, and what to know before.
    pub says: String,
    pub text: String,
    pub accounts: Vec<AccountId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_role_counts_and_unknown_is_never_ready() {
        use RoleState::{
            Missing, NotAssumable, Old, Ready, Unknown, VersionUnknown, WrongExternalId,
        };
        for (roles, together) in [
            (&[][..], AccountRoles::NotChecked),
            (&[Ready, Ready, Ready], AccountRoles::Ready),
            (&[Ready, Unknown, Ready], AccountRoles::Unknown),
            (&[Ready, VersionUnknown], AccountRoles::Unknown),
            (&[Old, VersionUnknown], AccountRoles::Old),
            (&[Old, WrongExternalId], AccountRoles::WrongExternalId),
            (&[Old, Missing], AccountRoles::Missing),
            (&[NotAssumable, Unknown], AccountRoles::Missing),
        ] {
            assert_eq!(AccountRoles::of(roles.iter().copied()), together, "{roles:?}");
        }
    }
}
