//! Why a job of the queue could not be done.

use crate::ServiceError;
use claviger_gateways::AwsError;
use claviger_store::StoreError;

/// A job that could not be done now. The queue tries again.
#[derive(Debug, thiserror::Error)]
pub enum JobFailure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Aws(AwsError),
    /// The statement is in place, but AWS still lets the session through.
    #[error("AWS does not refuse the session yet")]
    StillLive,
    #[error("{0}")]
    Other(String),
}

impl JobFailure {
    /// A use-case that failed inside a job.
    pub(crate) fn of(error: ServiceError) -> Self {
        match error {
            ServiceError::Store(error) => Self::Store(error),
            ServiceError::Aws(error) | ServiceError::AwsAccess { error, .. } => Self::Aws(error),
            other => Self::Other(other.to_string()),
        }
    }

    /// What a grant's page says about it.
    pub(crate) fn for_people(&self) -> &'static str {
        match self {
            Self::StillLive => {
                "The Deny statement is in place, but AWS has not spread it everywhere yet."
            }
            Self::Aws(error) if error.operation == "AssumeRole" => {
                "AWS does not let the console into the account to deny the session. Check the role claviger-remediation."
            }
            Self::Aws(_) => "AWS did not take the Deny statement. It is tried again.",
            _ => "The console could not finish this. It is tried again.",
        }
    }
}
