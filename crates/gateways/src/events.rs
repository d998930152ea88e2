//! The queue in which the events of accounts arrive.

use crate::AwsError;
use async_trait::async_trait;

/// A message of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueMessage {
    pub body: String,
    /// Deletes this delivery of it.
    pub handle: String,
}

/// How full the queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueSize {
    /// Messages that wait or are being handled.
    pub waiting: u64,
    /// Messages that were given up; `None` where there is no dead-letter queue, or AWS does not show it.
    pub dead_letters: Option<u64>,
}

/// Reads a queue. A message that is not deleted comes again, and goes to the dead-letter queue in the end.
#[async_trait]
pub trait EventQueue: Send + Sync + 'static {
    /// Waits up to 20 seconds for messages: 10 at most, none if none came.
    async fn receive(&self) -> Result<Vec<QueueMessage>, AwsError>;

    /// Deletes messages, 10 at most.
    async fn delete(&self, handles: &[String]) -> Result<(), AwsError>;

    async fn size(&self) -> Result<QueueSize, AwsError>;
}
