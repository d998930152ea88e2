//! Variables of workloads and stacks of the AWS in memory.

use super::FakeAws;
use async_trait::async_trait;
use claviger_aws::{AwsError, ConsumerOrder, VariableGateway, VariableReading, WorkloadVariables};
use claviger_domain::{
    VariantArray as _,
    ids::{AccountId, Region},
    scan::RegionScanFault,
    variables::WorkloadKind,
};
use std::collections::HashMap;

/// What is there, and what is to fail. A list that no test has set is empty.
#[derive(Debug, Clone, Default)]
pub struct FakeVariables {
    /// Why there is no session in an account.
    pub closed: HashMap<AccountId, RegionScanFault>,
    pub lists:
        HashMap<(AccountId, Region, WorkloadKind), Result<WorkloadVariables, RegionScanFault>>,
}

impl FakeAws {
    /// Changes what the workloads have.
    pub fn change_variables(&self, change: impl FnOnce(&mut FakeVariables)) {
        change(&mut self.state().variables);
    }
}

fn failed(operation: &'static str, fault: RegionScanFault) -> AwsError {
    AwsError { operation, fault, code: None, detail: "refused by the test".into() }
}

#[async_trait]
impl VariableGateway for FakeAws {
    async fn plain_variables(
        &self,
        order: &ConsumerOrder,
    ) -> Result<Vec<VariableReading>, AwsError> {
        let state = self.state();
        if let Some(fault) = state.variables.closed.get(&order.account) {
            return Err(failed("AssumeRole", *fault));
        }
        let each = WorkloadKind::VARIANTS.iter().map(|kind| {
            let key = (order.account.clone(), order.region.clone(), *kind);
            let read = state
                .variables
                .lists
                .get(&key)
                .cloned()
                .unwrap_or_else(|| Ok(WorkloadVariables::default()));
            VariableReading {
                kind: *kind,
                read: read.map_err(|fault| failed("ListFunctions", fault)),
            }
        });
        Ok(each.collect())
    }

    fn variables_role(&self) -> &'static str {
        "claviger-consumers"
    }
}
