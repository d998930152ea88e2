//! Claviger's own gateway to AWS, with the simulator as AWS.

use crate::gateway_settings;
use aws_config::{BehaviorVersion, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::Credentials;
use claviger_aws::{Api, AwsGateway, AwsSettings};
use std::collections::BTreeMap;

/// Claviger's default share of the quotas.
pub const QUOTA_PERCENT: u8 = 40;

/// With the default share of the quotas. `quotas` override AWS's own.
pub async fn hub(
    url: &str,
    retries: RetryConfig,
    timeouts: TimeoutConfig,
    quotas: BTreeMap<Api, u32>,
) -> AwsGateway {
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region("us-east-1")
        .endpoint_url(url)
        .credentials_provider(Credentials::new("AKIAHUB", "simulated", None, None, "simulator"))
        .retry_config(retries)
        .timeout_config(timeouts)
        .load()
        .await;
    let settings = AwsSettings {
        external_id: None,
        quota_percent: QUOTA_PERCENT,
        quotas,
        ..gateway_settings("")
    };
    AwsGateway::over(config, &settings)
}
