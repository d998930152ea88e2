//! An evidence pack: what an auditor of a compliance framework is shown.

use super::{Mode, Severity, Tally, view::FindingRow};
use crate::{
    audit::view::ChainState, choice::InvalidChoice, exceptions::view::ExceptionRow, ids::AccountId,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A compliance framework for which there are packs.
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
pub enum Framework {
    PciDss,
    #[serde(rename = "soc-2")]
    #[strum(serialize = "soc-2")]
    Soc2,
    #[serde(rename = "iso-27001")]
    #[strum(serialize = "iso-27001")]
    Iso27001,
    AwsFsbp,
}

impl Framework {
    /// Its name with its version.
    pub fn title(self) -> &'static str {
        match self {
            Self::PciDss => "PCI DSS 4.0.1",
            Self::Soc2 => "SOC 2 (Trust Services Criteria 2017)",
            Self::Iso27001 => "ISO/IEC 27001:2022",
            Self::AwsFsbp => "AWS Foundational Security Best Practices",
        }
    }
}

/// The file format of a pack.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum EvidenceFormat {
    Csv,
    /// Compliance Finding of the Open Cybersecurity Schema Framework, one per line.
    Ocsf,
}

/// The result of a control. Only one of them is good.
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
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum ControlResult {
    /// A check fails.
    Fail,
    /// A check is unknown, or not everything was evaluated.
    Unknown,
    /// No policy in force checks it.
    NotChecked,
    /// Nothing fails, but an exception covers a failure.
    Excepted,
    /// There is nothing that the checks apply to.
    NotApplicable,
    /// Every check passes.
    Pass,
}

impl ControlResult {
    /// Of a control with the sums of so many policies.
    pub fn of(policies: usize, tally: Tally, is_complete: bool) -> Self {
        match tally {
            _ if policies == 0 => Self::NotChecked,
            tally if tally.fail > 0 => Self::Fail,
            tally if tally.unknown > 0 || !is_complete => Self::Unknown,
            tally if tally.waived > 0 => Self::Excepted,
            tally if tally.pass == 0 => Self::NotApplicable,
            _ => Self::Pass,
        }
    }
}

/// A policy behind a control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidencePolicy {
    pub id: String,
    pub title: String,
    pub version: i32,
    /// The name of its rule.
    pub rule: String,
    pub severity: Severity,
    pub mode: Mode,
    /// Where it applies, as a sentence.
    pub applies: String,
    pub tally: Tally,
}

/// A control of the framework with its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceControl {
    pub id: String,
    /// What it is about, in our words.
    pub title: String,
    /// Why the rules are evidence for it.
    pub why: String,
    /// The rules that are evidence, whether or not a policy in force uses them.
    pub rules: Vec<String>,
    pub result: ControlResult,
    pub tally: Tally,
    pub policies: Vec<EvidencePolicy>,
}

/// What a pack is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceScope {
    /// Whether these are all accounts of the Organization.
    pub whole_organization: bool,
    /// With their names.
    pub accounts: Vec<(AccountId, String)>,
    /// Secrets and parameters that were evaluated.
    pub resources: u64,
}

/// A pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidencePack {
    pub framework: Framework,
    pub scope: EvidenceScope,
    pub controls: Vec<EvidenceControl>,
    /// The worst open findings of its policies, excepted ones included.
    pub findings: Vec<FindingRow>,
    /// How many there are.
    pub findings_count: u64,
    /// Those pending and in force that reach a policy of the pack.
    pub exceptions: Vec<ExceptionRow>,
    /// The audit log's newest entry; `None` where the caller may not read the log, or there is no entry.
    pub head: Option<ChainState>,
    /// The oldest evaluation among the accounts; `None` if one was never evaluated.
    pub evaluated_at: Option<OffsetDateTime>,
    /// Why these numbers are incomplete, as a sentence.
    pub incomplete: Option<String>,
    /// Who had it made.
    pub by: String,
    pub as_of: OffsetDateTime,
}

/// A framework in the list of packs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceSummary {
    pub framework: Framework,
    /// The number of controls with each result, the most serious first. Results that no control has are left out.
    pub results: Vec<(ControlResult, u64)>,
}

/// The list of packs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceView {
    pub frameworks: Vec<EvidenceSummary>,
    /// Why these numbers are incomplete, as a sentence.
    pub incomplete: Option<String>,
    pub as_of: OffsetDateTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_checked_completely_passes() {
        let tally = |pass, fail, unknown, waived| Tally { pass, fail, unknown, waived };
        let of = ControlResult::of;
        assert_eq!(of(1, tally(5, 0, 0, 0), true), ControlResult::Pass);
        assert_eq!(of(1, tally(5, 0, 0, 0), false), ControlResult::Unknown);
        assert_eq!(of(1, tally(5, 0, 1, 0), true), ControlResult::Unknown);
        assert_eq!(of(2, tally(5, 1, 1, 0), false), ControlResult::Fail);
        assert_eq!(of(1, tally(5, 0, 0, 1), true), ControlResult::Excepted);
        assert_eq!(of(1, tally(0, 0, 0, 0), true), ControlResult::NotApplicable);
        assert_eq!(of(0, tally(5, 0, 0, 0), true), ControlResult::NotChecked);
    }
}
