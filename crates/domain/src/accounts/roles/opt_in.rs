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
        self.says_of(if self.total == 1 { "account" } else { "accounts" })
    }

    /// The same where the count is of the accounts that were tested, which need not be all.
    pub fn says_of_tested(&self) -> String {
        self.says_of(if self.total == 1 { "tested account" } else { "tested accounts" })
    }

    fn says_of(&self, accounts: &str) -> String {
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
}

impl RoleCheck {
    /// Whether an opt-in role is in the account, whether or not Claviger may assume it; `None` where that is not known.
    pub fn is_installed(self) -> Option<bool> {
        match self.state {
            RoleState::Ready
            | RoleState::Old
            | RoleState::VersionUnknown
            | RoleState::WrongExternalId
            | RoleState::NotTrusted => Some(true),
            RoleState::Missing => Some(false),
            // IAM listed it if its version was read.
            RoleState::Unknown => self.template_version.and(Some(true)),
            RoleState::NotAssumable => None,
        }
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

    #[test]
    fn a_count_of_tested_accounts_does_not_read_as_one_of_all() {
        let says = |states: &[RoleState]| {
            let states = states.iter().copied().map(Some);
            OptInCount::of(OptInRole::Iam, states).says_of_tested()
        };
        assert_eq!(says(&[RoleState::Ready]), "installed in 1 of 1 tested account");
        assert_eq!(
            says(&[RoleState::Missing, RoleState::Unknown]),
            "installed in 0 of 2 tested accounts; unknown in 1"
        );
    }

    #[test]
    fn a_role_of_which_nothing_is_known_is_neither_installed_nor_absent() {
        for (state, template_version, is_installed) in [
            (RoleState::Ready, Some(4), Some(true)),
            (RoleState::Old, None, Some(true)),
            (RoleState::VersionUnknown, None, Some(true)),
            (RoleState::WrongExternalId, None, Some(true)),
            (RoleState::NotTrusted, None, Some(true)),
            (RoleState::Missing, None, Some(false)),
            (RoleState::NotAssumable, None, None),
            (RoleState::Unknown, None, None),
            (RoleState::Unknown, Some(4), Some(true)),
        ] {
            let check = RoleCheck { state, template_version };
            assert_eq!(check.is_installed(), is_installed, "{check:?}");
        }
    }
}
