//! Whether an alarm could arrive: from the trail that records a call to the queue that Claviger reads.

use super::AlarmKind;
use crate::{
    choice::InvalidChoice,
    ids::{AccountId, Region},
};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// How long a test event may take. Delivery takes seconds; only its loss takes longer.
pub const TEST_WAIT: Duration = Duration::minutes(5);

/// A rule of EventBridge that brings events that raise alarms.
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
pub enum AlarmRule {
    #[serde(rename = "claviger-secrets")]
    #[strum(serialize = "claviger-secrets")]
    Secrets,
    #[serde(rename = "claviger-parameters")]
    #[strum(serialize = "claviger-parameters")]
    Parameters,
    #[serde(rename = "claviger-reads")]
    #[strum(serialize = "claviger-reads")]
    Reads,
    #[serde(rename = "claviger-findings")]
    #[strum(serialize = "claviger-findings")]
    Findings,
}

impl AlarmRule {
    /// The alarms that its events raise.
    pub fn kinds(self) -> &'static [AlarmKind] {
        match self {
            Self::Secrets => &[
                AlarmKind::RotationFailed,
                AlarmKind::RotationAbandoned,
                AlarmKind::RotationTestFailed,
                AlarmKind::VersionDeletion,
                AlarmKind::Deletion,
            ],
            Self::Parameters => &[AlarmKind::Deletion],
            Self::Reads => {
                &[AlarmKind::SensitiveRead, AlarmKind::CanaryRead, AlarmKind::ReadWhileDeleted]
            }
            Self::Findings => &[AlarmKind::Finding],
        }
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Secrets => "Rotations and deletions of secrets",
            Self::Parameters => "Deletions of parameters",
            Self::Reads => "Reads of values",
            Self::Findings => "GuardDuty findings",
        }
    }
}

/// A part of the way.
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
pub enum AlarmPart {
    /// A trail records what the rule is about.
    Trail,
    /// The rule exists and is on.
    Rule,
    /// Its pattern is the install templates'.
    Pattern,
    /// EventBridge says that the pattern matches an event of AWS.
    Match,
    /// Its target is the event bus or the queue that Claviger reads.
    Target,
    /// A test event arrived in the queue: the target admits the rule.
    Delivery,
}

impl AlarmPart {
    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Trail => "Trail",
            Self::Rule => "Rule",
            Self::Pattern => "Pattern",
            Self::Match => "Sample event",
            Self::Target => "Target",
            Self::Delivery => "Test event",
        }
    }
}

/// Whether a part is as it has to be.
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
pub enum PartState {
    Pass,
    Fail,
    /// It could not be determined. Never good.
    Unknown,
    /// A test event is on its way.
    Waiting,
}

/// A part with its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedPart {
    pub part: AlarmPart,
    pub state: PartState,
    /// One sentence.
    pub says: String,
}

impl CheckedPart {
    pub fn new(part: AlarmPart, state: PartState, says: impl Into<String>) -> Self {
        Self { part, state, says: says.into() }
    }
}

/// The last test event of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmTest {
    pub sent_at: OffsetDateTime,
    /// The person's name.
    pub by: String,
    /// Why EventBridge did not take it.
    pub failure: Option<String>,
    pub delivered_at: Option<OffsetDateTime>,
}

impl AlarmTest {
    /// What the test proves about delivery.
    pub fn part(test: Option<&Self>, now: OffsetDateTime) -> CheckedPart {
        let of = |state, says: String| CheckedPart::new(AlarmPart::Delivery, state, says);
        let Some(test) = test else {
            return of(PartState::Unknown, "Not tested yet.".to_owned());
        };
        match (&test.failure, test.delivered_at) {
            (_, Some(at)) => {
                let seconds = (at - test.sent_at).whole_seconds().max(0);
                of(PartState::Pass, format!("A test event arrived in the queue after {seconds} s."))
            }
            (Some(why), None) => of(PartState::Unknown, format!("{why}, so nothing was sent.")),
            (None, None) if now - test.sent_at < TEST_WAIT => {
                of(PartState::Waiting, "A test event was sent and has not arrived yet.".to_owned())
            }
            (None, None) => of(
                PartState::Fail,
                format!(
                    "A test event was sent and did not arrive within {} minutes.",
                    TEST_WAIT.whole_minutes()
                ),
            ),
        }
    }
}

/// A rule of an account and Region, with what was found last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmCheck {
    pub account: AccountId,
    pub account_name: String,
    pub region: Region,
    pub rule: AlarmRule,
    /// In the order of [`AlarmPart`], the delivery last.
    pub parts: Vec<CheckedPart>,
    /// Whether anything there depends on it: without sensitive and deleted resources no read raises an alarm.
    pub is_needed: bool,
    pub checked_at: OffsetDateTime,
    pub test: Option<AlarmTest>,
}

impl AlarmCheck {
    /// Whether the alarm can fire: the worst of its parts.
    pub fn state(&self) -> PartState {
        let is = |state: PartState| self.parts.iter().any(|one| one.state == state);
        if is(PartState::Fail) {
            return PartState::Fail;
        }
        if is(PartState::Unknown) {
            return PartState::Unknown;
        }
        if is(PartState::Waiting) { PartState::Waiting } else { PartState::Pass }
    }

    /// The first part that is not as it has to be.
    pub fn fault(&self) -> Option<&CheckedPart> {
        let wanted = self.state();
        self.parts.iter().find(|one| one.state == wanted && wanted != PartState::Pass)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PartState::{Fail, Pass, Unknown, Waiting};

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn test(failure: Option<&str>, seconds: Option<i64>) -> AlarmTest {
        AlarmTest {
            sent_at: NOW,
            by: "Ada".into(),
            failure: failure.map(ToOwned::to_owned),
            delivered_at: seconds.map(|seconds| NOW + Duration::seconds(seconds)),
        }
    }

    #[test]
    fn a_test_waits_then_fails_and_passes_when_it_arrives() {
        let at = |test: &AlarmTest, minutes| {
            AlarmTest::part(Some(test), NOW + Duration::minutes(minutes))
        };
        let sent = test(None, None);
        assert_eq!(at(&sent, 4).state, PartState::Waiting);
        assert_eq!(at(&sent, 5).state, PartState::Fail);
        let late = at(&test(None, Some(700)), 60);
        assert_eq!(
            (late.state, late.says.as_str()),
            (PartState::Pass, "A test event arrived in the queue after 700 s.")
        );
        assert_eq!(
            at(&test(Some("AWS denied PutEvents (AccessDenied)"), None), 60).state,
            PartState::Unknown
        );
        assert_eq!(AlarmTest::part(None, NOW).state, PartState::Unknown);
    }

    #[test]
    fn the_worst_part_counts() {
        let check = |states: &[PartState]| AlarmCheck {
            account: "111122223333".parse().unwrap(),
            account_name: "a".into(),
            region: "us-east-1".parse().unwrap(),
            rule: AlarmRule::Reads,
            parts: states
                .iter()
                .map(|state| CheckedPart::new(AlarmPart::Rule, *state, "x"))
                .collect(),
            is_needed: true,
            checked_at: NOW,
            test: None,
        };
        for (parts, state) in [
            (vec![Pass, Waiting, Unknown, Fail], Fail),
            (vec![Pass, Waiting, Unknown], Unknown),
            (vec![Pass, Waiting], Waiting),
            (vec![Pass], Pass),
        ] {
            assert_eq!(check(&parts).state(), state);
        }
        assert_eq!(check(&[Pass]).fault(), None);
    }
}
