//! Errors with two sides: what the person reads, and what the log keeps.

use claviger_aws::AwsError;
use claviger_domain::{
    access::Permission,
    problem::{Problem, ProblemCode},
    query::InvalidFilter,
};
use claviger_store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error("not allowed: {0:?}")]
    Forbidden(Permission),
    #[error("no such {0} within the caller's scope")]
    NotFound(&'static str),
    #[error(transparent)]
    InvalidFilter(#[from] InvalidFilter),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Aws(#[from] AwsError),
}

impl ServiceError {
    /// The person's side. A fault of ours is logged here, once.
    pub fn into_problem(self) -> Problem {
        match self {
            Self::Forbidden(permission) => Problem::forbidden(match permission {
                Permission::ReadInventory => "see the inventory",
                Permission::ReadAccounts => "see the accounts",
                Permission::StartSweep => "start a sweep",
            }),
            Self::NotFound(what) => Problem::not_found(what),
            Self::InvalidFilter(error) => Problem::new(
                ProblemCode::InvalidInput,
                error.to_string(),
                "Correct it or clear the filters.",
            ),
            Self::Store(StoreError::Cursor) => Problem::new(
                ProblemCode::InvalidInput,
                "This page of the list cannot be found.",
                "Start from the first page.",
            ),
            Self::Store(error) if error.is_outage() => {
                tracing::error!(error = %error, "database out of reach");
                Problem::unavailable("The database")
            }
            Self::Store(error) => {
                tracing::error!(error = %error, "database fault");
                Problem::internal()
            }
            Self::Aws(error) => {
                tracing::error!(error = %error, "AWS fault");
                Problem::unavailable("AWS")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::sweep::ScanFault;

    #[test]
    fn no_source_text_reaches_the_person() {
        const SECRET: &str = "relation \"account\" at 10.0.0.7 AKIAEXAMPLE";
        let faults: Vec<ServiceError> = vec![
            StoreError::Queue(SECRET.into()).into(),
            StoreError::Inconsistent {
                table: "resource",
                column: "facts",
                key: SECRET.into(),
                reason: SECRET.into(),
            }
            .into(),
            AwsError {
                operation: "ListSecrets",
                fault: ScanFault::Other,
                code: None,
                detail: SECRET.into(),
            }
            .into(),
        ];
        for fault in faults {
            let problem = fault.into_problem();
            assert!(!format!("{problem:?}").contains("10.0.0.7"), "{problem:?}");
            assert!(problem.code.status() >= 500);
        }
    }
}
