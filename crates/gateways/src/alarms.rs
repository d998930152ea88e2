//! The rules of EventBridge in an account, and a test of them.

use crate::AwsError;
use async_trait::async_trait;
use claviger_domain::{
    accounts::readiness::ReadFailure,
    ids::{AccountId, Region},
};

/// A rule of the default event bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRule {
    /// Such as `ENABLED`.
    pub state: String,
    /// JSON; none of a rule with a schedule.
    pub pattern: Option<String>,
    /// From `ListTargetsByRule`.
    pub targets: Result<Vec<RuleTarget>, ReadFailure>,
}

/// Where a rule sends to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleTarget {
    pub arn: String,
    /// The role that it sends with.
    pub role: Option<String>,
}

/// The AWS calls that tell whether an alarm can fire, with the inventory role.
#[async_trait]
pub trait AlarmGateway: Send + Sync + 'static {
    /// `DescribeRule` and `ListTargetsByRule`; `None` if there is no such rule.
    async fn event_rule(
        &self,
        account: &AccountId,
        region: &Region,
        name: &str,
    ) -> Result<Option<EventRule>, AwsError>;

    /// `TestEventPattern`: whether the pattern matches the event, both JSON.
    async fn pattern_matches(
        &self,
        account: &AccountId,
        region: &Region,
        pattern: &str,
        event: &str,
    ) -> Result<bool, AwsError>;

    /// `PutEvents` of one test event of our own source on the default bus. `detail` is JSON.
    async fn send_test_event(
        &self,
        account: &AccountId,
        region: &Region,
        detail_type: &str,
        detail: &str,
    ) -> Result<(), AwsError>;
}
