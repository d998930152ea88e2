//! Why the scan of one account and Region ended early, and what a failed call means for its list.

use claviger_domain::{
    error_line::ErrorLine,
    scan::{ListFault, RegionScanFault},
};
use claviger_gateways::AwsError;
use claviger_store::StoreError;

/// Why a scan ended early.
pub(crate) enum RegionScanError {
    /// Goes into the scan's row.
    Aws(AwsError),
    /// The job is tried again.
    Store(StoreError),
}

impl From<AwsError> for RegionScanError {
    fn from(error: AwsError) -> Self {
        Self::Aws(error)
    }
}

impl From<StoreError> for RegionScanError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// AWS no longer takes the session: a new one helps.
pub(crate) fn is_ended_session(error: &AwsError) -> bool {
    error.fault == RegionScanFault::NoCredentials && error.operation != "AssumeRole"
}

/// What a failed call means for the list that it belongs to.
pub(crate) fn list_fault(error: &AwsError) -> ListFault {
    tracing::debug!(error = %ErrorLine(&error), "a call of a scan failed");
    ListFault {
        fault: error.fault,
        code: error.code.clone(),
        operation: Some(error.operation.to_owned()),
    }
}
