//! What a scan could not read, and which permission would change that.

use claviger_domain::{
    error_line::one_line,
    ids::Region,
    scan::{ListFault, RegionScanFault},
};
use claviger_gateways::AwsError;
use claviger_policy::permissions::{Role, TABLE};
use serde::Serialize;
use std::fmt;

/// Something that was not read. Its checks are unknown, never passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotRead {
    /// `None` for what belongs to the account as a whole.
    pub region: Option<Region>,
    /// Such as `Secrets` or `Resource policies of 3 secrets`.
    pub what: String,
    /// The call that failed, such as `DescribeParameters`.
    pub operation: String,
    /// AWS's error code, or our word for the fault.
    pub error: String,
    /// What to do, in a sentence.
    pub to_do: String,
}

/// In one line, for people.
impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { region, what, operation, error, to_do } = self;
        let at = region.as_ref().map_or("account", Region::as_str);
        f.write_str(&one_line(&format!("{at}: {what} ({operation}: {error}). {to_do}")))
    }
}

impl NotRead {
    pub(crate) fn of_list(region: &Region, what: &str, fault: &ListFault) -> Self {
        let operation = fault.operation.clone().unwrap_or_default();
        let error = fault.code.clone().unwrap_or_else(|| fault.fault.to_string());
        Self {
            region: Some(region.clone()),
            what: what.to_owned(),
            to_do: to_do(fault.fault, &operation),
            operation,
            error,
        }
    }

    pub(crate) fn of_error(region: Option<&Region>, what: String, error: &AwsError) -> Self {
        Self {
            region: region.cloned(),
            what,
            operation: error.operation.to_owned(),
            error: error.word(),
            to_do: to_do(error.fault, error.operation),
        }
    }

    /// A call about single resources that AWS refused with this code.
    pub(crate) fn refused(region: &Region, what: String, operation: &str, code: &str) -> Self {
        let fault = if code.starts_with("AccessDenied") {
            RegionScanFault::Denied
        } else {
            RegionScanFault::Other
        };
        Self {
            region: Some(region.clone()),
            what,
            operation: operation.to_owned(),
            error: code.to_owned(),
            to_do: to_do(fault, operation),
        }
    }
}

fn to_do(fault: RegionScanFault, operation: &str) -> String {
    match fault {
        RegionScanFault::Denied | RegionScanFault::RoleNotAssumable => match permission(operation) {
            Some(action) => format!("Allow {action}, and check that no SCP denies it."),
            None => "Allow the call, and check that no SCP denies it.".to_owned(),
        },
        RegionScanFault::Throttled => "AWS kept throttling the call. Scan again later.".to_owned(),
        RegionScanFault::NoCredentials => {
            "The credentials are no longer valid. Sign in again, then repeat the scan.".to_owned()
        }
        RegionScanFault::Unreachable => {
            "The endpoint did not answer, or its answer was invalid. Check the Region's name and the network.".to_owned()
        }
        RegionScanFault::AccountNotActive | RegionScanFault::Other => {
            "Check the error, then repeat the scan.".to_owned()
        }
    }
}

/// The action that the inventory role has for a call.
fn permission(operation: &str) -> Option<&'static str> {
    let call = TABLE.iter().find(|c| c.role == Role::Inventory && c.operation == operation)?;
    call.needs.first().map(|need| need.action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denied_call_names_the_permission_to_add() {
        let fault = ListFault {
            fault: RegionScanFault::Denied,
            code: Some("AccessDeniedException".into()),
            operation: Some("GetResources".into()),
        };
        let region: Region = "eu-west-1".parse().unwrap();
        let denied = NotRead::of_list(&region, "Parameter tags", &fault);
        assert_eq!(denied.to_do, "Allow tag:GetResources, and check that no SCP denies it.");
        let fault = ListFault { fault: RegionScanFault::Throttled, code: None, ..fault };
        assert_eq!(NotRead::of_list(&region, "Parameter tags", &fault).error, "throttled");
    }
}
