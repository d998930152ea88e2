//! A failed call to AWS, as services see it.

use claviger_domain::{accounts::readiness::ReadFailure, scan::RegionScanFault};

/// A call that failed permanently.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation}: {detail}")]
pub struct AwsError {
    /// The API's name, such as `ListSecrets`.
    pub operation: &'static str,
    pub fault: RegionScanFault,
    /// AWS's own code, such as `AccessDeniedException`, or of a signed request that got none the status, such as `HTTP 400`.
    pub code: Option<String>,
    /// Only for the log: one line, with AWS's message and request id.
    pub detail: String,
}

impl AwsError {
    /// AWS's error code if it returned one, otherwise our word for the error: shown to people.
    pub fn word(&self) -> String {
        self.code.clone().unwrap_or_else(|| self.fault.to_string())
    }

    /// Whether AWS refused the signature for its time: the clock of this machine is wrong by more than five minutes. AWS has no
    /// code of its own for it in most services; its message says it.
    pub fn is_clock_skew(&self) -> bool {
        let is_signature = self.code.as_deref().is_some_and(|code| {
            matches!(
                code,
                "SignatureDoesNotMatch"
                    | "InvalidSignatureException"
                    | "RequestTimeTooSkewed"
                    | "RequestExpired"
            )
        });
        let told = [
            "Signature expired",
            "Signature not yet current",
            "RequestTimeTooSkewed",
            "RequestExpired",
        ];
        is_signature && told.iter().any(|words| self.detail.contains(words))
    }

    /// The error for people: which call failed, and why.
    pub fn read_failure(&self) -> ReadFailure {
        ReadFailure { operation: self.operation.to_owned(), code: self.word() }
    }

    /// A part of a call that AWS refused in a response of success.
    pub fn refused(operation: &'static str, code: &str) -> Self {
        Self {
            operation,
            fault: RegionScanFault::Other,
            code: Some(code.to_owned()),
            detail: code.to_owned(),
        }
    }

    /// An invalid response from AWS.
    pub fn nonsense(operation: &'static str, detail: impl Into<String>) -> Self {
        Self { operation, fault: RegionScanFault::Unreachable, code: None, detail: detail.into() }
    }
}
