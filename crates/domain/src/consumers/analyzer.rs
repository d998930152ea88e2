//! What AWS Access Analyzer says of a drafted role, check by check.

use crate::ids::{AccountId, Region, ResourceId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// How serious AWS calls a finding about a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingType {
    Error,
    SecurityWarning,
    Warning,
    Suggestion,
}

impl FindingType {
    /// From AWS's word, such as `SECURITY_WARNING`. A word that AWS adds later is a warning.
    pub fn of_aws(word: &str) -> Self {
        match word {
            "ERROR" => Self::Error,
            "SECURITY_WARNING" => Self::SecurityWarning,
            "SUGGESTION" => Self::Suggestion,
            _ => Self::Warning,
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::Error => "Error",
            Self::SecurityWarning => "Security warning",
            Self::Warning => "Warning",
            Self::Suggestion => "Suggestion",
        }
    }
}

/// A finding of `ValidatePolicy`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyFinding {
    pub finding_type: FindingType,
    /// Such as `MISSING_VERSION`.
    pub code: String,
    pub message: String,
    /// AWS's page about it.
    pub link: Option<String>,
}

/// The result of a custom policy check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CustomCheck {
    Passed,
    /// AWS's reasons; at least one.
    Failed(Vec<String>),
}

/// What AWS is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum AnalyzerQuestion {
    PermissionPolicy,
    TrustPolicy,
    NoPublicAccess,
    AccessNotGranted,
}

impl AnalyzerQuestion {
    pub const fn label(self) -> &'static str {
        match self {
            Self::PermissionPolicy => "The permission policy is valid",
            Self::TrustPolicy => "The trust policy is valid",
            Self::NoPublicAccess => "The trust policy lets nobody in from the public",
            Self::AccessNotGranted => "The permission policy grants none of the listed actions",
        }
    }

    /// The call of AWS that answers it.
    pub const fn operation(self) -> &'static str {
        match self {
            Self::PermissionPolicy | Self::TrustPolicy => "ValidatePolicy",
            Self::NoPublicAccess => "CheckNoPublicAccess",
            Self::AccessNotGranted => "CheckAccessNotGranted",
        }
    }
}

/// What AWS answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnalyzerAnswer {
    /// Of `ValidatePolicy`; empty if AWS found nothing.
    Findings(Vec<PolicyFinding>),
    /// Of a custom check.
    Check(CustomCheck),
    /// AWS gave no answer: why. Never good.
    Unknown(String),
}

impl AnalyzerAnswer {
    /// Whether there is nothing to correct; `None` if it is unknown. A suggestion alone is nothing to correct.
    pub fn is_good(&self) -> Option<bool> {
        match self {
            Self::Findings(found) => {
                Some(found.iter().all(|one| one.finding_type == FindingType::Suggestion))
            }
            Self::Check(check) => Some(*check == CustomCheck::Passed),
            Self::Unknown(_) => None,
        }
    }
}

/// A question with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalyzerCheck {
    pub question: AnalyzerQuestion,
    pub answer: AnalyzerAnswer,
}

/// What AWS Access Analyzer said of a drafted role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalyzerView {
    /// The one that the address of the role names first.
    pub resource: ResourceId,
    /// Where AWS was asked.
    pub account: AccountId,
    pub region: Region,
    /// The name of the drafted role.
    pub role: String,
    /// The form of the role as a URL query, without its export.
    pub query: String,
    /// One for each question.
    pub checks: Vec<AnalyzerCheck>,
    pub as_of: OffsetDateTime,
}

impl AnalyzerView {
    /// Whether nothing is to be corrected; `None` if one answer is unknown and none is bad.
    pub fn is_good(&self) -> Option<bool> {
        let mut all = self.checks.iter().map(|check| check.answer.is_good());
        if all.clone().any(|one| one == Some(false)) {
            return Some(false);
        }
        all.all(|one| one.is_some()).then_some(true)
    }
}

/// What the page shows before AWS is asked again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalyzerPage {
    /// The actions that [`AnalyzerQuestion::AccessNotGranted`] is about, in AWS's names, sorted.
    pub not_granted: Vec<String>,
    /// The caller's last result, if there still is one.
    pub last: Option<AnalyzerView>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(answers: Vec<AnalyzerAnswer>) -> AnalyzerView {
        let check = |answer| AnalyzerCheck { question: AnalyzerQuestion::PermissionPolicy, answer };
        AnalyzerView {
            resource: "00000000-0000-0000-0000-000000000000".parse().unwrap(),
            account: "441205839201".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            role: "orders".into(),
            query: String::new(),
            checks: answers.into_iter().map(check).collect(),
            as_of: OffsetDateTime::UNIX_EPOCH,
        }
    }

    fn finding(word: &str) -> AnalyzerAnswer {
        AnalyzerAnswer::Findings(vec![PolicyFinding {
            finding_type: FindingType::of_aws(word),
            code: "CODE".into(),
            message: "Something.".into(),
            link: None,
        }])
    }

    #[test]
    fn what_is_unknown_is_never_good() {
        let passed = || AnalyzerAnswer::Check(CustomCheck::Passed);
        let unknown = || AnalyzerAnswer::Unknown("no answer".into());
        let failed = || AnalyzerAnswer::Check(CustomCheck::Failed(vec!["public".into()]));
        let nothing = || AnalyzerAnswer::Findings(Vec::new());
        assert_eq!(view(vec![nothing(), passed()]).is_good(), Some(true));
        assert_eq!(view(vec![passed(), unknown()]).is_good(), None);
        assert_eq!(view(vec![unknown(), failed()]).is_good(), Some(false));
    }

    #[test]
    fn only_a_suggestion_needs_no_correction() {
        for (word, is_good) in [
            ("ERROR", false),
            ("SECURITY_WARNING", false),
            ("WARNING", false),
            ("SUGGESTION", true),
            ("A_WORD_OF_LATER", false),
        ] {
            assert_eq!(view(vec![finding(word)]).is_good(), Some(is_good), "{word}");
        }
    }
}
