//! The rotation state of a secret, from its facts and the time.

use crate::choice::InvalidChoice;
use crate::facts::{Detail, ResourceFacts, Rotation, SecretFacts};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A class of rotation states, as in the filter.
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
pub enum RotationClass {
    /// AWSPENDING stays on a version that is not AWSCURRENT.
    Stuck,
    /// The date by which AWS should have rotated it has passed.
    Overdue,
    /// Enabled, with a future or unknown date.
    Scheduled,
    /// Never configured, or disabled.
    Off,
    /// Parameter Store has no rotation.
    NotApplicable,
}

/// The state with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RotationState {
    Stuck {
        /// The version with AWSPENDING.
        version: String,
    },
    Overdue {
        /// The `NextRotationDate` that has passed.
        since: OffsetDateTime,
    },
    Scheduled {
        /// `None` if AWS returns no date.
        next: Option<OffsetDateTime>,
        managed: bool,
    },
    Off {
        /// Rules remain after rotation is disabled.
        was_configured: bool,
    },
    NotApplicable,
}

impl RotationState {
    pub fn of(facts: &ResourceFacts, now: OffsetDateTime) -> Self {
        match &facts.detail {
            Detail::Parameter(_) => Self::NotApplicable,
            Detail::Secret(secret) => match secret.stuck_version() {
                Some(version) => Self::Stuck { version: version.to_owned() },
                None => Self::of_schedule(&secret.rotation, secret.owning_service.is_some(), now),
            },
        }
    }

    fn of_schedule(rotation: &Rotation, managed: bool, now: OffsetDateTime) -> Self {
        match (rotation.enabled, rotation.next_rotation_at) {
            (Some(true), Some(since)) if since < now => Self::Overdue { since },
            (Some(true), next) => Self::Scheduled { next, managed },
            (enabled, _) => {
                Self::Off { was_configured: enabled.is_some() || rotation.rules.is_some() }
            }
        }
    }

    pub fn class(&self) -> RotationClass {
        match self {
            Self::Stuck { .. } => RotationClass::Stuck,
            Self::Overdue { .. } => RotationClass::Overdue,
            Self::Scheduled { .. } => RotationClass::Scheduled,
            Self::Off { .. } => RotationClass::Off,
            Self::NotApplicable => RotationClass::NotApplicable,
        }
    }
}

impl SecretFacts {
    /// The version on which AWSPENDING is stuck. AWSPENDING together with AWSCURRENT is normal.
    pub fn stuck_version(&self) -> Option<&str> {
        let has = |stages: &[String], label: &str| stages.iter().any(|s| s == label);
        self.versions
            .iter()
            .find(|v| has(&v.stages, "AWSPENDING") && !has(&v.stages, "AWSCURRENT"))
            .map(|v| v.id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{RotationRules, Version};
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

    fn state(rotation: Rotation) -> RotationState {
        RotationState::of_schedule(&rotation, false, NOW)
    }

    #[test]
    fn rules_alone_do_not_mean_that_rotation_is_on() {
        let kept = Rotation {
            enabled: Some(false),
            rules: Some(RotationRules { automatically_after_days: Some(30), ..Default::default() }),
            ..Default::default()
        };
        assert_eq!(state(kept), RotationState::Off { was_configured: true });
        assert_eq!(state(Rotation::default()), RotationState::Off { was_configured: false });
    }

    #[test]
    fn a_next_date_in_the_past_is_overdue_and_an_absent_one_is_not() {
        let on =
            |next| Rotation { enabled: Some(true), next_rotation_at: next, ..Default::default() };
        let past = datetime!(2026-11-01 0:00 UTC);
        assert_eq!(state(on(Some(past))), RotationState::Overdue { since: past });
        assert_eq!(state(on(None)), RotationState::Scheduled { next: None, managed: false });
        assert_eq!(state(on(Some(NOW))).class(), RotationClass::Scheduled);
    }

    #[test]
    fn awspending_is_stuck_only_apart_from_awscurrent() {
        let version = |id: &str, stages: &[&str]| Version {
            id: id.into(),
            stages: stages.iter().map(ToString::to_string).collect(),
        };
        let normal = SecretFacts {
            versions: vec![
                version("a", &["AWSCURRENT", "AWSPENDING"]),
                version("b", &["AWSPREVIOUS"]),
            ],
            ..Default::default()
        };
        assert_eq!(normal.stuck_version(), None);
        let stuck = SecretFacts {
            versions: vec![version("a", &["AWSCURRENT"]), version("b", &["AWSPENDING"])],
            ..Default::default()
        };
        assert_eq!(stuck.stuck_version(), Some("b"));
    }
}
