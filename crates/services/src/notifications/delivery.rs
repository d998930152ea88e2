//! Sends notifications out: each channel, and each person's address, by itself.

use crate::{DeliveryOutcome, JobFailure, ServiceError, ServiceObserver};
use async_trait::async_trait;
use claviger_domain::{
    authz::{Caller, Permission},
    clock::Clock,
    error_line::one_line,
    notifications::{Channel, Deliveries, DeliveryState},
};
use claviger_store::{
    Attempt, NotificationRepository, OutgoingNotice, PersonRepository, Transactions,
};
use std::sync::Arc;
use time::OffsetDateTime;

/// Why something was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SendFault {
    /// For administrators and the log; never holds an address of a webhook, which is a secret.
    pub reason: String,
    /// Trying again would not help, as with an address that the mail server does not know.
    pub for_good: bool,
}

impl SendFault {
    /// It will not work the next time either.
    pub fn for_good(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), for_good: true }
    }
}

impl From<String> for SendFault {
    /// It may work the next time.
    fn from(reason: String) -> Self {
        Self { reason, for_good: false }
    }
}

/// Sends what leaves the console.
#[async_trait]
pub trait Messenger: Send + Sync + 'static {
    /// Whether the configuration names where to send.
    fn sends(&self, channel: Channel) -> bool;
    /// An email; `link` is a path of the console.
    async fn email(&self, to: &str, title: &str, body: &str, link: &str) -> Result<(), SendFault>;
    /// The same as the channel hears, for programs. Sent again, it has the same id.
    async fn event(&self, notice: &OutgoingNotice, now: OffsetDateTime) -> Result<(), SendFault>;
    /// A message in the team's channel.
    async fn channel(&self, title: &str, body: &str, link: &str) -> Result<(), SendFault>;
}

/// Where neither email nor a channel is configured: the inbox alone.
pub struct NoopMessenger;

#[async_trait]
impl Messenger for NoopMessenger {
    fn sends(&self, _: Channel) -> bool {
        false
    }

    async fn email(&self, _: &str, _: &str, _: &str, _: &str) -> Result<(), SendFault> {
        Ok(())
    }

    async fn event(&self, _: &OutgoingNotice, _: OffsetDateTime) -> Result<(), SendFault> {
        Ok(())
    }

    async fn channel(&self, _: &str, _: &str, _: &str) -> Result<(), SendFault> {
        Ok(())
    }
}

/// Longer reasons, such as a page of a proxy's, are cut.
const LONGEST_REASON: usize = 300;

/// Notifications on their way out: chat, events, email.
#[derive(Clone)]
pub struct DeliveryService {
    pub(crate) notifications: NotificationRepository,
    pub(crate) people: PersonRepository,
    pub(crate) transactions: Transactions,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) messenger: Arc<dyn Messenger>,
    pub(crate) observer: Arc<dyn ServiceObserver>,
}

impl DeliveryService {
    /// Gives a notification of an earlier release its deliveries.
    #[tracing::instrument(skip_all, fields(notice.id = notice))]
    pub(crate) async fn create_deliveries(&self, notice: i64) -> Result<(), JobFailure> {
        Ok(self.notifications.create_deliveries(notice, self.clock.now()).await?)
    }

    /// Queues the deliveries whose next attempt is due.
    pub(crate) async fn prune_deliveries(&self) -> Result<(), ServiceError> {
        let mut work = self.transactions.begin(self.clock.now()).await?;
        if work.enqueue_due_deliveries().await? > 0 {
            work.commit().await?;
        }
        Ok(())
    }

    /// Makes one attempt to send, where one is due. What fails is tried again by the clock, not by the queue.
    #[tracing::instrument(skip_all, fields(delivery.id = delivery))]
    pub(crate) async fn send(&self, delivery: i64) -> Result<(), JobFailure> {
        let Some(attempt) = self.notifications.take_delivery(delivery, self.clock.now()).await?
        else {
            return Ok(());
        };
        let channel = attempt.channel;
        match self.attempt(&attempt).await? {
            Ok(state) => {
                self.notifications.end_delivery(delivery, state, self.clock.now()).await?;
                if state == DeliveryState::Delivered {
                    self.observer.delivery_attempted(channel, DeliveryOutcome::Delivered);
                }
            }
            Err(fault) => {
                let reason: String = fault.reason.chars().take(LONGEST_REASON).collect();
                let now = self.clock.now();
                let given_up = self
                    .notifications
                    .fail_delivery(&attempt, &reason, fault.for_good, now)
                    .await?;
                let outcome =
                    if given_up { DeliveryOutcome::GivenUp } else { DeliveryOutcome::Failed };
                self.observer.delivery_attempted(channel, outcome);
                tracing::warn!(
                    delivery.id = delivery, delivery.channel = %channel, delivery.attempt = attempt.attempt, delivery.given_up = given_up, error = one_line(&reason),
                    "a notification was not delivered"
                );
            }
        }
        Ok(())
    }

    async fn attempt(
        &self,
        attempt: &Attempt,
    ) -> Result<Result<DeliveryState, SendFault>, JobFailure> {
        let messenger = &self.messenger;
        let notice = &attempt.notice;
        // Programs keep heads of the audit log; people have no use for them.
        let is_for_programs = notice.kind == crate::AUDIT_HEAD && attempt.channel == Channel::Chat;
        if is_for_programs || !messenger.sends(attempt.channel) {
            return Ok(Ok(DeliveryState::Skipped));
        }
        let sent = match attempt.channel {
            Channel::Chat => messenger.channel(&notice.title, &notice.body, &notice.link).await,
            Channel::Events => messenger.event(notice, self.clock.now()).await,
            Channel::Email => {
                let address = match &notice.recipient {
                    Some(subject) => self.people.address_of(subject).await?,
                    None => None,
                };
                match address {
                    Some(to) => {
                        messenger.email(&to, &notice.title, &notice.body, &notice.link).await
                    }
                    None => return Ok(Ok(DeliveryState::Skipped)),
                }
            }
        };
        Ok(sent.map(|()| DeliveryState::Delivered))
    }

    /// Whether notifications leave the console, and what is in the way.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn deliveries(&self, caller: &Caller) -> Result<Deliveries, ServiceError> {
        // A notification may be about any account.
        if !caller.may_everywhere(Permission::ReadDeliveries) {
            return Err(ServiceError::Forbidden(Permission::ReadDeliveries));
        }
        self.channel_deliveries().await
    }

    /// The same for services that have authorized their caller.
    pub(crate) async fn channel_deliveries(&self) -> Result<Deliveries, ServiceError> {
        let now = self.clock.now();
        let mut channels = self.notifications.channel_states(now).await?;
        for state in &mut channels {
            state.configured = self.messenger.sends(state.channel);
        }
        Ok(Deliveries {
            channels,
            failed: self.notifications.failed_deliveries(now).await?,
            as_of: now,
        })
    }
}
