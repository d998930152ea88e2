//! Evaluation: the result of a policy for a secret or parameter, and the findings that follow.

pub mod diff;
pub mod evidence;
pub mod history;
pub mod posture_view;
mod query;
pub mod triage;
pub mod view;

pub use history::{PostureQuery, Weeks};
pub use query::{ExportFormat, FindingGrouping, FindingQuery, FindingSort, FindingState};

use crate::choice::InvalidChoice;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// How much a failure matters.
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
pub enum Severity {
    Critical,
    High,
    Medium,
    Low,
}

impl Severity {
    /// The weight of a check in the score.
    pub fn weight(self) -> u32 {
        match self {
            Self::Critical => 10,
            Self::High => 5,
            Self::Medium => 2,
            Self::Low => 1,
        }
    }

    /// Days within which a failure has to be fixed, if the policy does not say.
    pub fn due_days(self) -> u32 {
        match self {
            Self::Critical => 3,
            Self::High => 14,
            Self::Medium => 30,
            Self::Low => 90,
        }
    }

    /// 0 for the most severe, for sorting.
    pub fn rank(self) -> i16 {
        match self {
            Self::Critical => 0,
            Self::High => 1,
            Self::Medium => 2,
            Self::Low => 3,
        }
    }
}

/// What follows from a failure.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum Mode {
    /// It is shown.
    Observe,
    /// It is shown, and its team is notified.
    Notify,
    /// A plan is created to fix it.
    Enforce,
}

/// The result of a check.
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
pub enum CheckResult {
    Pass,
    Fail,
    /// A deciding fact was not read, or cannot be interpreted. Never good.
    Unknown,
    /// The rule does not apply to this resource.
    NotApplicable,
}

/// The subject of a rule; the columns of the overview.
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
pub enum Category {
    Tags,
    Rotation,
    Encryption,
    Exposure,
    Use,
}

/// A fact that determined the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// AWS's name if AWS has one, such as `NextRotationDate`.
    pub fact: String,
    /// Dates are absolute, so that the same facts give the same evidence every day.
    pub value: String,
}

/// A check's result with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub verdict: CheckResult,
    /// One sentence.
    pub says: String,
    pub evidence: Vec<Evidence>,
    /// When the result changes without new facts.
    pub until: Option<OffsetDateTime>,
}

impl Outcome {
    fn new(verdict: CheckResult, says: impl Into<String>) -> Self {
        Self { verdict, says: says.into(), evidence: Vec::new(), until: None }
    }

    pub fn pass(says: impl Into<String>) -> Self {
        Self::new(CheckResult::Pass, says)
    }

    pub fn fail(says: impl Into<String>) -> Self {
        Self::new(CheckResult::Fail, says)
    }

    pub fn unknown(says: impl Into<String>) -> Self {
        Self::new(CheckResult::Unknown, says)
    }

    pub fn not_applicable(says: impl Into<String>) -> Self {
        Self::new(CheckResult::NotApplicable, says)
    }

    #[must_use]
    pub fn with(mut self, fact: &str, value: impl ToString) -> Self {
        self.evidence.push(Evidence { fact: fact.to_owned(), value: value.to_string() });
        self
    }

    #[must_use]
    pub fn until(mut self, at: OffsetDateTime) -> Self {
        self.until = Some(at);
        self
    }
}

/// Numbers of checks, by result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub pass: u64,
    pub fail: u64,
    pub unknown: u64,
    /// Failures that an exception covers: the score excludes them.
    pub waived: u64,
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        self.pass += other.pass;
        self.fail += other.fail;
        self.unknown += other.unknown;
        self.waived += other.waived;
    }

    /// Checks that apply and are not excepted.
    pub fn all(&self) -> u64 {
        self.pass + self.fail + self.unknown
    }

    /// The share of applicable checks that passed: 0 to 1,000. `None` if none applies.
    pub fn per_mille(&self) -> Option<u32> {
        Score { passed: self.pass, of: self.all() }.per_mille()
    }
}

/// The share of applicable checks that passed, each weighted by its severity. Unknown checks have not passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    pub passed: u64,
    pub of: u64,
}

impl Score {
    pub fn add(&mut self, severity: Severity, tally: Tally) {
        let weight = u64::from(severity.weight());
        self.passed += weight * tally.pass;
        self.of += weight * tally.all();
    }

    /// 0 to 1,000, rounded down, so that only a full score shows as 100 %. `None` if nothing applies.
    pub fn per_mille(&self) -> Option<u32> {
        (self.of > 0).then(|| u32::try_from(self.passed * 1000 / self.of).unwrap_or(1000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_has_not_passed() {
        let mut score = Score::default();
        score.add(Severity::Critical, Tally { pass: 1, unknown: 1, ..Tally::default() });
        assert_eq!(score.per_mille(), Some(500));
        score.add(Severity::Low, Tally { fail: 10, waived: 3, ..Tally::default() });
        assert_eq!((score, score.per_mille()), (Score { passed: 10, of: 30 }, Some(333)));
        assert_eq!(Score::default().per_mille(), None);
        assert_eq!(Tally { pass: 9999, fail: 1, ..Tally::default() }.per_mille(), Some(999));
    }
}
