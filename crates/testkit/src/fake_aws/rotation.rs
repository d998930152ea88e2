//! The rotation functions of the AWS in memory.

use super::{FakeAws, fault};
use async_trait::async_trait;
use claviger_aws::{AwsError, FunctionOrder, RotationGateway};
use claviger_domain::{
    remediation::{FunctionNetwork, FunctionReading},
    scan::RegionScanFault,
};

impl FakeAws {
    /// AWS says this about the function with this ARN, and about its network.
    pub fn set_function(&self, arn: &str, reading: FunctionReading) {
        self.state().functions.insert(arn.to_owned(), reading);
    }

    /// From now on the session for reading functions cannot be had; `None` allows it again.
    pub fn deny_functions(&self, why: Option<RegionScanFault>) {
        self.state().functions_denied = why;
    }

    /// The functions that were read, in order.
    pub fn function_orders(&self) -> Vec<FunctionOrder> {
        self.state().function_orders.clone()
    }
}

#[async_trait]
impl RotationGateway for FakeAws {
    async fn function(&self, order: &FunctionOrder) -> Result<FunctionReading, AwsError> {
        let mut state = self.state();
        state.function_orders.push(order.clone());
        if let Some(why) = state.functions_denied {
            return Err(fault("AssumeRole", why));
        }
        let found = state.functions.get(&order.function.qualified()).cloned();
        let none = FunctionReading { configuration: Ok(None), policy: Ok(None), network: None };
        Ok(FunctionReading { network: None, ..found.unwrap_or(none) })
    }

    async fn network(&self, order: &FunctionOrder, _: &str) -> Result<FunctionNetwork, AwsError> {
        let found = self.state().functions.get(&order.function.qualified()).cloned();
        let network = found.and_then(|found| found.network);
        network.ok_or_else(|| fault("DescribeRouteTables", RegionScanFault::Denied))
    }

    fn rotating_role(&self) -> &'static str {
        "claviger-remediation"
    }
}
