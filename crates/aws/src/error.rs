//! The meaning of AWS errors for a scan.

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use claviger_domain::{accounts::readiness::ReadFailure, scan::RegionScanFault};
use std::error::Error;

/// A call that failed permanently.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation}: {detail}")]
pub struct AwsError {
    /// The API's name, such as `ListSecrets`.
    pub operation: &'static str,
    pub fault: RegionScanFault,
    /// AWS's own code, such as `AccessDeniedException`.
    pub code: Option<String>,
    /// Only for the log.
    pub detail: String,
}

impl AwsError {
    /// Interprets an error of the SDK.
    pub(crate) fn of<E, R>(operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let code =
            error.as_service_error().and_then(ProvideErrorMetadata::code).map(ToOwned::to_owned);
        let fault = match (error, code.as_deref()) {
            (SdkError::ServiceError(_), Some(code)) => fault_of_code(code),
            (SdkError::ServiceError(_), None) => RegionScanFault::Other,
            _ if has_credentials_error(error) => RegionScanFault::NoCredentials,
            (SdkError::ConstructionFailure(_), _) => RegionScanFault::Other,
            _ => RegionScanFault::Unreachable,
        };
        Self { operation, fault, code, detail: DisplayErrorContext(error).to_string() }
    }

    /// AWS's error code if it returned one, otherwise our word for the error: shown to people.
    pub fn word(&self) -> String {
        self.code.clone().unwrap_or_else(|| self.fault.to_string())
    }

    /// The error for people: which call failed, and why.
    pub fn read_failure(&self) -> ReadFailure {
        ReadFailure { operation: self.operation.to_owned(), code: self.word() }
    }

    /// An invalid response from AWS.
    pub(crate) fn nonsense(operation: &'static str, detail: impl Into<String>) -> Self {
        Self { operation, fault: RegionScanFault::Unreachable, code: None, detail: detail.into() }
    }
}

fn fault_of_code(code: &str) -> RegionScanFault {
    match code {
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => {
            RegionScanFault::Denied
        }
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "SlowDown" => RegionScanFault::Throttled,
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature" => RegionScanFault::NoCredentials,
        "InternalFailure"
        | "InternalServiceError"
        | "InternalServerError"
        | "ServiceUnavailable" => RegionScanFault::Unreachable,
        _ => RegionScanFault::Other,
    }
}

/// Whether the cause is that the SDK found no credentials.
fn has_credentials_error(error: &(dyn Error + 'static)) -> bool {
    let mut at = Some(error);
    while let Some(error) = at {
        if error.is::<CredentialsError>() {
            return true;
        }
        at = error.source();
    }
    false
}
