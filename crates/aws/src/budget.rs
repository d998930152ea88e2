//! Claviger's share of each API's quota, per account and Region.

use claviger_domain::ids::{AccountId, Region};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::{collections::BTreeMap, num::NonZeroU32};
use strum::VariantArray;

/// An API with its own quota in the scanned account.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[strum(parse_err_ty = UnknownApi, parse_err_fn = unknown_api)]
pub enum Api {
    ListSecrets,
    DescribeSecret,
    DescribeParameters,
    GetResources,
    LookupEvents,
    /// With `GetTrailStatus` and `GetEventSelectors`.
    DescribeTrails,
    /// The APIs of AWS Config.
    Config,
    /// `GetAccountAuthorizationDetails` of IAM.
    Identities,
    /// `DescribeKey` and `ListAliases` of KMS.
    Keys,
    GetResourcePolicy,
    ListSecretVersionIds,
    /// What the pre-flight of a rotation reads of Lambda and EC2.
    Functions,
    /// The rules of EventBridge, and tests of them.
    EventRules,
    /// The checks of Access Analyzer.
    PolicyChecks,
    /// What is read of plaintext variables from Lambda, ECS, `CodeBuild` and CloudFormation.
    Variables,
    /// With `UntagResource`.
    TagResource,
    RotateSecret,
    /// With `PutSecretValue` and the replication operations.
    UpdateSecret,
}

impl Api {
    /// Requests per second in one account and Region. Secrets Manager's figures are AWS's published
    /// quotas, and so is CloudTrail's for its events; KMS's are far higher, but shared with every decryption; for the
    /// others AWS publishes none, so they are set low.
    const fn per_second(self) -> u32 {
        match self {
            Self::ListSecrets => 100,
            Self::DescribeSecret => 40_000,
            Self::DescribeParameters => 20,
            Self::GetResources
            | Self::DescribeTrails
            | Self::Config
            | Self::Identities
            | Self::Functions
            | Self::EventRules
            | Self::PolicyChecks
            | Self::Variables => 10,
            Self::LookupEvents => 2,
            Self::Keys
            | Self::GetResourcePolicy
            | Self::ListSecretVersionIds
            | Self::TagResource
            | Self::RotateSecret
            | Self::UpdateSecret => 50,
        }
    }
}

/// Lists the APIs that have a quota.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an API with a quota of its own: {}", Api::VARIANTS.iter().map(Api::to_string).collect::<Vec<_>>().join(", "))]
pub struct UnknownApi;

fn unknown_api(_: &str) -> UnknownApi {
    UnknownApi
}

type Key = (AccountId, Region);

/// Delays callers so that the account's own applications keep the rest of the quota.
pub struct Budget {
    limiters: [DefaultKeyedRateLimiter<Key>; Api::VARIANTS.len()],
}

impl Budget {
    /// `percent` of every quota, at least one request per second. `quotas` override AWS's defaults.
    pub fn new(percent: u8, quotas: &BTreeMap<Api, u32>) -> Self {
        let rate = |api: Api| quotas.get(&api).copied().unwrap_or(api.per_second());
        let limiter = |api: Api| RateLimiter::keyed(quota(rate(api), percent));
        Self { limiters: std::array::from_fn(|at| limiter(Api::VARIANTS[at])) }
    }

    /// Waits until a request may be sent.
    pub async fn ready(&self, api: Api, key: &Key) {
        self.limiters[api as usize].until_key_ready(key).await;
    }
}

fn quota(per_second: u32, percent: u8) -> Quota {
    let rate = per_second.saturating_mul(percent.min(100).into()) / 100;
    let rate = NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN);
    // A small burst: the quota is a token bucket too, and others use it as well.
    let burst = NonZeroU32::new(rate.get() / 4).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(rate).allow_burst(burst)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn key(account: &str) -> Key {
        (account.parse().unwrap(), "eu-west-1".parse().unwrap())
    }

    #[tokio::test]
    async fn one_account_does_not_wait_for_another() {
        let budget = Budget::new(10, &BTreeMap::new());
        let began = Instant::now();
        for _ in 0..4 {
            budget.ready(Api::GetResources, &key("111122223333")).await;
        }
        assert!(began.elapsed() > Duration::from_secs(2), "1 per second, the first at once");
        let began = Instant::now();
        budget.ready(Api::GetResources, &key("444455556666")).await;
        assert!(began.elapsed() < Duration::from_millis(200));
    }

    #[test]
    fn nothing_is_never_allowed_and_everything_is_the_quota() {
        assert_eq!(
            quota(Api::GetResources.per_second(), 0).replenish_interval(),
            Duration::from_secs(1)
        );
        assert_eq!(
            quota(Api::ListSecrets.per_second(), 100).replenish_interval(),
            Duration::from_millis(10)
        );
        assert_eq!(
            quota(Api::ListSecrets.per_second(), 40).replenish_interval(),
            Duration::from_millis(25)
        );
    }
}
