//! The rules of EventBridge that bring alarms, by signed requests: EventBridge's SDK is not a part of this program.

use crate::{
    AlarmGateway, Api, AwsError, AwsGateway, EventRule, RuleTarget,
    signed::{ResponseBody, SignedBody, SignedCall},
};
use async_trait::async_trait;
use claviger_domain::{
    aws_event::TEST_SOURCE,
    ids::{AccountId, Region},
};
use serde::Deserialize;
use serde_json::{Value, json};

const NOT_FOUND: &str = "ResourceNotFoundException";
/// A rule has five targets at most.
const MAX_TARGETS: u8 = 5;

#[async_trait]
impl AlarmGateway for AwsGateway {
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    async fn event_rule(
        &self,
        account: &AccountId,
        region: &Region,
        name: &str,
    ) -> Result<Option<EventRule>, AwsError> {
        let call = SignedCall {
            operation: "DescribeRule",
            ..events("AWSEvents.DescribeRule", &json!({"Name": name}))
        };
        let found = match self.events_call(account, region, &call).await {
            Ok(body) => read::<Rule>("DescribeRule", &body)?,
            Err(error) if error.code.as_deref() == Some(NOT_FOUND) => return Ok(None),
            Err(error) => return Err(error),
        };
        let call = SignedCall {
            operation: "ListTargetsByRule",
            ..events("AWSEvents.ListTargetsByRule", &json!({"Rule": name, "Limit": MAX_TARGETS}))
        };
        let targets = match self.events_call(account, region, &call).await {
            Ok(body) => read::<Targets>("ListTargetsByRule", &body),
            Err(error) => Err(error),
        };
        let target = |one: Target| RuleTarget { arn: one.arn, role: one.role_arn };
        Ok(Some(EventRule {
            state: found.state.unwrap_or_default(),
            pattern: found.event_pattern,
            targets: targets
                .map(|found| found.targets.into_iter().map(target).collect())
                .map_err(|error| error.read_failure()),
        }))
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    async fn pattern_matches(
        &self,
        account: &AccountId,
        region: &Region,
        pattern: &str,
        event: &str,
    ) -> Result<bool, AwsError> {
        let asked = json!({"EventPattern": pattern, "Event": event});
        let call = SignedCall {
            operation: "TestEventPattern",
            ..events("AWSEvents.TestEventPattern", &asked)
        };
        let body = self.events_call(account, region, &call).await?;
        Ok(read::<Match>("TestEventPattern", &body)?.result)
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    async fn send_test_event(
        &self,
        account: &AccountId,
        region: &Region,
        detail_type: &str,
        detail: &str,
    ) -> Result<(), AwsError> {
        let entry = json!({"Source": TEST_SOURCE, "DetailType": detail_type, "Detail": detail});
        let call = SignedCall {
            operation: "PutEvents",
            ..events("AWSEvents.PutEvents", &json!({"Entries": [entry]}))
        };
        let body = self.events_call(account, region, &call).await?;
        let put = read::<Put>("PutEvents", &body)?;
        match put.entries.into_iter().find_map(|entry| entry.error_code) {
            None if put.failed_entry_count == 0 => Ok(()),
            code => Err(AwsError::refused("PutEvents", code.as_deref().unwrap_or("no error code"))),
        }
    }
}

impl AwsGateway {
    async fn events_call(
        &self,
        account: &AccountId,
        region: &Region,
        call: &SignedCall,
    ) -> Result<ResponseBody, AwsError> {
        let credentials = Box::pin(self.session_cache.credentials(account)).await?;
        self.budget.ready(Api::EventRules, &(account.clone(), region.clone())).await;
        // On the heap: its layout is too deep for what awaits it.
        Box::pin(self.signed.send(&self.config, &credentials, region, call)).await
    }
}

/// A request of EventBridge; its operation is to be filled in.
fn events(target: &'static str, asked: &Value) -> SignedCall {
    SignedCall {
        service: "EventBridge",
        endpoint: "events",
        operation: "",
        path: "/".to_owned(),
        body: SignedBody::Json { target, text: asked.to_string() },
    }
}

fn read<T: for<'a> Deserialize<'a>>(operation: &'static str, body: &[u8]) -> Result<T, AwsError> {
    serde_json::from_slice(body)
        .map_err(|_| AwsError::nonsense(operation, "the response cannot be read"))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rule {
    state: Option<String>,
    event_pattern: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Targets {
    #[serde(default)]
    targets: Vec<Target>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Target {
    arn: String,
    role_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Match {
    #[serde(default)]
    result: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    #[serde(default)]
    failed_entry_count: u32,
    #[serde(default)]
    entries: Vec<PutEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutEntry {
    error_code: Option<String>,
}
