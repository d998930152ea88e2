//! The words and colours of governance.

use crate::ui::Tone;
use claviger_domain::{
    accounts::readiness::Compliance,
    compliance::{
        Category, CheckResult, Severity, evidence::ControlResult, view::PrincipalLocation,
    },
};

pub(crate) fn severity_tone(severity: Severity) -> Tone {
    match severity {
        Severity::Critical | Severity::High => Tone::Bad,
        Severity::Medium => Tone::Soon,
        Severity::Low => Tone::Unknown,
    }
}

pub(crate) fn result_label(verdict: CheckResult) -> (Tone, &'static str) {
    match verdict {
        CheckResult::Pass => (Tone::Good, "Passing"),
        CheckResult::Fail => (Tone::Bad, "Failing"),
        CheckResult::Unknown => (Tone::Unknown, "Unknown"),
        CheckResult::NotApplicable => (Tone::Unknown, "Not applicable"),
    }
}

/// The result of a framework's control.
pub(crate) fn control_result_label(result: ControlResult) -> (Tone, &'static str) {
    match result {
        ControlResult::Fail => (Tone::Bad, "Failing"),
        ControlResult::Unknown => (Tone::Unknown, "Unknown"),
        ControlResult::NotChecked => (Tone::Unknown, "Not checked"),
        ControlResult::Excepted => (Tone::Soon, "Passing with exceptions"),
        ControlResult::NotApplicable => (Tone::Unknown, "Not applicable"),
        ControlResult::Pass => (Tone::Good, "Passing"),
    }
}

pub(crate) fn category_label(category: Category) -> &'static str {
    match category {
        Category::Tags => "Tags",
        Category::Rotation => "Rotation",
        Category::Encryption => "Encryption",
        Category::Exposure => "Exposure",
        Category::Use => "Usage",
    }
}

/// In AWS Config's own words.
pub(crate) fn compliance_label(compliance: Compliance) -> (Tone, &'static str) {
    match compliance {
        Compliance::Compliant => (Tone::Good, "Compliant"),
        Compliance::NonCompliant => (Tone::Bad, "Noncompliant"),
        Compliance::NotApplicable => (Tone::Unknown, "Not applicable"),
        Compliance::InsufficientData => (Tone::Unknown, "Insufficient data"),
    }
}

pub(crate) fn location_label(location: PrincipalLocation) -> (Tone, &'static str) {
    match location {
        PrincipalLocation::SameAccount => (Tone::Good, "This account"),
        PrincipalLocation::InOrganization => (Tone::Soon, "In the Organization"),
        PrincipalLocation::Service => (Tone::Unknown, "AWS service"),
        PrincipalLocation::Undecided => (Tone::Unknown, "Undetermined"),
        PrincipalLocation::Outside => (Tone::Bad, "Outside"),
        PrincipalLocation::Everyone => (Tone::Bad, "Anyone"),
    }
}

/// `87.4`, from thousandths; `–` where nothing applies.
pub(crate) fn percent(per_mille: Option<u32>) -> String {
    per_mille.map_or_else(|| "–".into(), |n| format!("{}.{}", n / 10, n % 10))
}

/// The colour of a share that passes.
pub(crate) fn share_tone(per_mille: Option<u32>) -> Tone {
    match per_mille {
        None => Tone::Unknown,
        Some(950..) => Tone::Good,
        Some(750..) => Tone::Soon,
        Some(_) => Tone::Bad,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_said_with_one_place() {
        assert_eq!(
            [None, Some(0), Some(874), Some(1000)].map(percent),
            ["–", "0.0", "87.4", "100.0"]
        );
    }
}
