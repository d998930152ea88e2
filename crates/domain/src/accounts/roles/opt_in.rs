//! The roles that an account need not have: without one, only what it is for does not work.

use super::{RoleCheck, RoleState};
use crate::choice::InvalidChoice;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// A role that a template creates only where somebody asks for it.
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
pub enum OptInRole {
    /// Reads workloads.
    Consumers,
    /// Creates and attaches roles.
    Iam,
}

impl OptInRole {
    /// As pages name it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Consumers => "Consumers role",
            Self::Iam => "IAM role",
        }
    }
}

/// An opt-in role with what was found of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptInCheck {
    pub role: OptInRole,
    pub check: RoleCheck,
    /// One sentence.
    pub says: String,
}

/// In how many accounts an opt-in role is. In the others it is not installed, or AWS does not say whether it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptInCount {
    pub role: OptInRole,
    pub total: u64,
    /// It can be assumed, in whichever version.
    pub installed: u64,
    /// Of those, where it is older than this release's.
    pub old: u64,
    /// It is there, and does not trust Claviger.
    pub untrusting: u64,
    /// It was not checked, AWS did not answer, or its version could not be read.
    pub unknown: u64,
}

impl OptInCount {
    /// From one state for each account; `None` where the role was not checked.
    pub fn of(role: OptInRole, states: impl IntoIterator<Item = Option<RoleState>>) -> Self {
        let mut count = Self { role, total: 0, installed: 0, old: 0, untrusting: 0, unknown: 0 };
        for state in states {
            count.total += 1;
            match state {
                Some(RoleState::Ready) => count.installed += 1,
                Some(RoleState::Old) => {
                    count.installed += 1;
                    count.old += 1;
                }
                Some(RoleState::WrongExternalId | RoleState::NotTrusted) => count.untrusting += 1,
                Some(RoleState::VersionUnknown | RoleState::Unknown) | None => count.unknown += 1,
                Some(RoleState::Missing | RoleState::NotAssumable) => {}
            }
        }
        count
    }

    /// Such as "installed in 3 of 12 accounts, old in 1; unknown in 2".
    pub fn says(&self) -> String {
        let accounts = if self.total == 1 { "account" } else { "accounts" };
        let mut text = format!("installed in {} of {} {accounts}", self.installed, self.total);
        for (words, count) in [
            (", old in", self.old),
            ("; there, but not trusting Claviger, in", self.untrusting),
            ("; unknown in", self.unknown),
        ] {
            if count > 0 {
                // Into a `String`; it cannot fail.
                let _ = write!(text, "{words} {count}");
            }
        }
        text
    }
}

impl RoleState {
    /// Of an opt-in role, in a list. What is not installed is neither good nor bad.
    pub const fn opt_in_label(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Old => "Old version",
            Self::Missing => "Not installed",
            Self::WrongExternalId | Self::NotTrusted => "Does not trust Claviger",
            Self::NotAssumable => "Not installed, or does not trust Claviger",
            Self::VersionUnknown | Self::Unknown => "Unknown",
        }
    }

    /// Whether the role is known to be in the account, whether or not Claviger may assume it.
    pub const fn is_installed(self) -> bool {
        matches!(
            self,
            Self::Ready
                | Self::Old
                | Self::VersionUnknown
                | Self::WrongExternalId
                | Self::NotTrusted
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_installed_is_not_counted_and_what_is_not_known_is_said() {
        use RoleState::{Missing, NotAssumable, NotTrusted, Old, Ready, Unknown, VersionUnknown};
        let says = |states: &[Option<RoleState>]| {
            OptInCount::of(OptInRole::Iam, states.iter().copied()).says()
        };
        assert_eq!(
            says(&[Some(Missing), Some(NotAssumable)]),
            "installed in 0 of 2 accounts",
            "an absent role is no problem"
        );
        assert_eq!(says(&[Some(Ready)]), "installed in 1 of 1 account");
        assert_eq!(
            says(&[Some(Ready), Some(Old), Some(NotTrusted), Some(Missing)]),
            "installed in 2 of 4 accounts, old in 1; there, but not trusting Claviger, in 1"
        );
        assert_eq!(
            says(&[None, Some(Unknown), Some(VersionUnknown)]),
            "installed in 0 of 3 accounts; unknown in 3"
        );
    }
}
