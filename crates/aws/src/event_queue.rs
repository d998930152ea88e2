//! The hub's queue of events, in Amazon SQS.

use crate::{
    AwsError, AwsGateway, EventQueue, QueueMessage, QueueSize, error::FromSdk as _,
    observer::RequestReporter,
};
use async_trait::async_trait;
use aws_config::{SdkConfig, timeout::TimeoutConfig};
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, QueueAttributeName};
use claviger_domain::ids::Arn;
use std::time::Duration;

/// The longest that Amazon SQS waits for a message.
const WAIT_SECONDS: i32 = 20;
/// The most messages that it returns at once.
const MESSAGES: i32 = 10;

/// A queue of the account that Claviger runs in, with Claviger's own identity.
pub struct SqsQueue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl SqsQueue {
    fn new(config: &SdkConfig, reporter: &RequestReporter, url: &str) -> Self {
        // Waiting for a message is no delay.
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            .operation_attempt_timeout(Duration::from_secs(40))
            .operation_timeout(Duration::from_secs(90))
            .build();
        let config = aws_sdk_sqs::config::Builder::from(config)
            .timeout_config(timeouts)
            .interceptor(reporter.clone())
            .build();
        Self { client: aws_sdk_sqs::Client::from_conf(config), url: url.to_owned() }
    }

    async fn attributes(
        &self,
        url: &str,
        names: &[QueueAttributeName],
    ) -> Result<impl Fn(&QueueAttributeName) -> Option<String> + use<>, AwsError> {
        const OPERATION: &str = "GetQueueAttributes";
        let answer = self
            .client
            .get_queue_attributes()
            .queue_url(url)
            .set_attribute_names(Some(names.to_vec()))
            .send()
            .await
            .map_err(|error| AwsError::of(OPERATION, &error))?;
        let attributes = answer.attributes.unwrap_or_default();
        Ok(move |name: &QueueAttributeName| attributes.get(name).cloned())
    }

    async fn waiting(&self, url: &str) -> Result<u64, AwsError> {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let attribute = self.attributes(url, &names).await?;
        let number = |name| attribute(name).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        Ok(names.iter().map(number).sum())
    }

    /// The dead-letter queue's URL: Amazon SQS requires it to be in the same account and Region.
    async fn dead_letters(&self) -> Result<Option<String>, AwsError> {
        let names = [QueueAttributeName::RedrivePolicy];
        let attribute = self.attributes(&self.url, &names).await?;
        let policy = attribute(&QueueAttributeName::RedrivePolicy).unwrap_or_default();
        let policy: serde_json::Value = serde_json::from_str(&policy).unwrap_or_default();
        let arn = policy["deadLetterTargetArn"].as_str().and_then(|arn| arn.parse::<Arn>().ok());
        let name = arn.and_then(|arn| Some(arn.as_str().rsplit_once(':')?.1.to_owned()));
        let (Some(name), Some((place, _))) = (name, self.url.rsplit_once('/')) else {
            return Ok(None);
        };
        Ok(Some(format!("{place}/{name}")))
    }
}

impl AwsGateway {
    /// The queue at this URL.
    pub fn event_queue(&self, url: &str) -> SqsQueue {
        SqsQueue::new(&self.config, &self.reporter, url)
    }
}

#[async_trait]
impl EventQueue for SqsQueue {
    #[tracing::instrument(level = "debug", skip_all)]
    async fn receive(&self) -> Result<Vec<QueueMessage>, AwsError> {
        let answer = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(MESSAGES)
            .wait_time_seconds(WAIT_SECONDS)
            .send()
            .await
            .map_err(|error| AwsError::of("ReceiveMessage", &error))?;
        let messages = answer.messages.unwrap_or_default().into_iter();
        Ok(messages
            .filter_map(|message| {
                let handle = message.receipt_handle?;
                Some(QueueMessage { body: message.body.unwrap_or_default(), handle })
            })
            .collect())
    }

    #[tracing::instrument(level = "debug", skip_all, fields(item.count = handles.len()))]
    async fn delete(&self, handles: &[String]) -> Result<(), AwsError> {
        const OPERATION: &str = "DeleteMessageBatch";
        let entries: Result<Vec<_>, _> = handles
            .iter()
            .enumerate()
            .map(|(at, handle)| {
                DeleteMessageBatchRequestEntry::builder()
                    .id(at.to_string())
                    .receipt_handle(handle)
                    .build()
            })
            .collect();
        let entries = entries.map_err(|error| AwsError::nonsense(OPERATION, error.to_string()))?;
        if entries.is_empty() {
            return Ok(());
        }
        let answer = self
            .client
            .delete_message_batch()
            .queue_url(&self.url)
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|error| AwsError::of(OPERATION, &error))?;
        // A message that stays comes again, and is known by then.
        if let Some(failed) = answer.failed().first() {
            tracing::warn!(
                aws.error_code = failed.code(),
                item.count = answer.failed().len(),
                "events stay in the queue"
            );
        }
        Ok(())
    }

    #[tracing::instrument(level = "debug", skip_all)]
    async fn size(&self) -> Result<QueueSize, AwsError> {
        let waiting = self.waiting(&self.url).await?;
        let dead_letters = match self.dead_letters().await? {
            Some(url) => self.waiting(&url).await.ok(),
            None => None,
        };
        Ok(QueueSize { waiting, dead_letters })
    }
}
