//! The gateway of the demo's hub, with the emulator that enforces policies.

use aws_config::BehaviorVersion;
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use claviger_aws::{AwsGateway, AwsSettings};
use claviger_domain::ids::{AccountId, Region};
use claviger_testkit::ministack;

pub const US: &str = "us-east-1";

/// Each test has its own account, so that no test is affected by another's denials.
pub struct Hub {
    pub gateway: AwsGateway,
    pub account: AccountId,
    pub region: Region,
}

impl Hub {
    pub async fn new(account: &str) -> Self {
        let emulator = ministack();
        let credentials =
            Credentials::new(&emulator.key_id, &emulator.key_secret, None, None, "test");
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .region(aws_config::Region::new(US))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(&emulator.url)
            .load()
            .await;
        let settings = AwsSettings {
            region: US.parse().unwrap(),
            inventory_role: "claviger-inventory".into(),
            access_role: "claviger-access".into(),
            remediation_role: "claviger-remediation".into(),
            external_id: Some(emulator.external_id.clone().into()),
            quota_percent: 100,
            quotas: std::collections::BTreeMap::new(),
            endpoint_url: None,
        };
        Self {
            gateway: AwsGateway::over(config, &settings),
            account: account.parse().unwrap(),
            region: US.parse().unwrap(),
        }
    }
}
