//! The gateway of the demo's hub, with the emulator that enforces policies.

use claviger_aws::AwsGateway;
use claviger_domain::ids::{AccountId, Region};
use claviger_testkit::ministack;

const US: &str = "us-east-1";

/// Each test has its own account, so that no test is affected by another's denials.
pub struct Hub {
    pub gateway: AwsGateway,
    pub account: AccountId,
    pub region: Region,
}

impl Hub {
    pub async fn new(account: &str) -> Self {
        Self {
            gateway: ministack().hub().await,
            account: account.parse().unwrap(),
            region: US.parse().unwrap(),
        }
    }
}
