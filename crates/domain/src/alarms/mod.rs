//! Alarms: events that somebody has to look at, and whether each of them could arrive.

pub mod check;
mod query;
pub mod rules;
pub mod view;

pub use query::{ALARM_ROWS, AlarmQuery};

use crate::{choice::InvalidChoice, ids::numbered};
use serde::{Deserialize, Serialize};

numbered!(
    /// An alarm.
    AlarmId,
    "A",
    "the number of an alarm, such as A-12"
);

/// What an alarm is about.
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
pub enum AlarmKind {
    RotationFailed,
    /// AWS makes no further attempt.
    RotationAbandoned,
    /// The test of a changed schedule failed.
    RotationTestFailed,
    /// Secrets Manager has begun to delete a version of a secret.
    VersionDeletion,
    /// Somebody deleted a secret or parameter, or scheduled its deletion.
    Deletion,
    /// A value was read, or asked for, while the deletion of its secret was pending.
    ReadWhileDeleted,
    /// Somebody who is not among its readers read a value that is tagged as sensitive, or tried to.
    SensitiveRead,
    /// A canary was read: nobody uses it.
    CanaryRead,
    /// A `GuardDuty` finding about credentials.
    Finding,
}

impl AlarmKind {
    /// What a call or service event that CloudTrail recorded raises by its name alone.
    pub fn of_call(name: &str) -> Option<Self> {
        Some(match name {
            "RotationFailed" => Self::RotationFailed,
            "RotationAbandoned" => Self::RotationAbandoned,
            "TestRotationFailed" => Self::RotationTestFailed,
            "StartSecretVersionDelete" => Self::VersionDeletion,
            "DeleteSecret" | "DeleteParameter" | "DeleteParameters" => Self::Deletion,
            _ => return None,
        })
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::RotationFailed => "Rotation failed",
            Self::RotationAbandoned => "Rotation abandoned",
            Self::RotationTestFailed => "Rotation test failed",
            Self::VersionDeletion => "Version deletion",
            Self::Deletion => "Deletion",
            Self::ReadWhileDeleted => "Read while deletion is pending",
            Self::SensitiveRead => "Read of a sensitive value",
            Self::CanaryRead => "Read of a canary",
            Self::Finding => "GuardDuty finding",
        }
    }

    /// What to do about it, as a sentence.
    pub fn needs(self) -> &'static str {
        match self {
            Self::RotationFailed => {
                "Find the failed step in the secret's Rotation tab, correct it, and rotate again."
            }
            Self::RotationAbandoned => {
                "AWS makes no further attempt. Correct the cause, and start the rotation again."
            }
            Self::RotationTestFailed => {
                "The schedule is saved, and its rotations will fail. Run the pre-flight on the Rotation tab."
            }
            Self::VersionDeletion => {
                "If nobody intended it, restore the secret at once: AWS has begun to delete its versions."
            }
            Self::Deletion => {
                "If nobody intended it, restore the secret within its recovery window. A deleted parameter is lost."
            }
            Self::ReadWhileDeleted => {
                "Something still uses this secret. Restore it, or move its reader to another secret."
            }
            Self::SensitiveRead => {
                "Ask the principal's owner. If the read is legitimate, add the principal to the readers; otherwise rotate the secret."
            }
            Self::CanaryRead => {
                "Nobody uses this secret: treat its reader as an intruder. Find what else the principal has read."
            }
            Self::Finding => {
                "Open the finding in GuardDuty. If the credentials may be stolen, revoke them and rotate what they could read."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::VariantArray as _;

    #[test]
    fn each_kind_has_its_own_words() {
        let mut seen = std::collections::BTreeSet::new();
        for kind in AlarmKind::VARIANTS {
            assert!(seen.insert(kind.label()) && seen.insert(kind.needs()), "{kind}");
            assert!(kind.needs().ends_with('.'), "{kind}");
        }
        assert_eq!("A-7".parse::<AlarmId>().unwrap().to_string(), "A-7");
    }

    #[test]
    fn only_these_calls_raise_an_alarm_by_their_name() {
        let raised = ["DeleteParameters", "RotationFailed", "StartSecretVersionDelete"];
        assert!(raised.into_iter().all(|name| AlarmKind::of_call(name).is_some()));
        for quiet in
            ["PutSecretValue", "RotationSucceeded", "EndSecretVersionDelete", "GetSecretValue"]
        {
            assert_eq!(AlarmKind::of_call(quiet), None, "{quiet}");
        }
    }
}
