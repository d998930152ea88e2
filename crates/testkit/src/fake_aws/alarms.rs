//! The rules of EventBridge of the AWS in memory: the same in every account and Region.

use super::{FakeAws, fault};
use async_trait::async_trait;
use claviger_aws::{AlarmGateway, AwsError, EventRule};
use claviger_domain::{
    ids::{AccountId, Region},
    scan::RegionScanFault,
};

/// A test event that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentTest {
    pub account: AccountId,
    pub region: Region,
    pub detail_type: String,
    /// JSON.
    pub detail: String,
}

impl FakeAws {
    /// From now on there is this rule; `None` deletes it.
    pub fn set_event_rule(&self, name: &str, rule: Option<EventRule>) {
        let mut state = self.state();
        match rule {
            Some(rule) => state.event_rules.insert(name.to_owned(), rule),
            None => state.event_rules.remove(name),
        };
    }

    /// From now on EventBridge refuses these calls; `None` allows them again.
    pub fn deny_events(&self, why: Option<RegionScanFault>) {
        self.state().events_denied = why;
    }

    /// The test events that were sent, in order.
    pub fn sent_tests(&self) -> Vec<SentTest> {
        self.state().sent_tests.clone()
    }
}

#[async_trait]
impl AlarmGateway for FakeAws {
    async fn event_rule(
        &self,
        _: &AccountId,
        _: &Region,
        name: &str,
    ) -> Result<Option<EventRule>, AwsError> {
        let state = self.state();
        match state.events_denied {
            Some(why) => Err(fault("DescribeRule", why)),
            None => Ok(state.event_rules.get(name).cloned()),
        }
    }

    /// Whether the source of the event is in the pattern; everything else is the emulator's to test.
    async fn pattern_matches(
        &self,
        _: &AccountId,
        _: &Region,
        pattern: &str,
        event: &str,
    ) -> Result<bool, AwsError> {
        let event: serde_json::Value = serde_json::from_str(event).unwrap_or_default();
        let source = event["source"].as_str().unwrap_or_default();
        Ok(pattern.contains(&format!("\"{source}\"")))
    }

    async fn send_test_event(
        &self,
        account: &AccountId,
        region: &Region,
        detail_type: &str,
        detail: &str,
    ) -> Result<(), AwsError> {
        let mut state = self.state();
        if let Some(why) = state.events_denied {
            return Err(fault("PutEvents", why));
        }
        state.sent_tests.push(SentTest {
            account: account.clone(),
            region: region.clone(),
            detail_type: detail_type.to_owned(),
            detail: detail.to_owned(),
        });
        Ok(())
    }
}
