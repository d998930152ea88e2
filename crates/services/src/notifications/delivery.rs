//! Sends notifications out: each channel, and each person's address, by itself.

use crate::{DeliveryOutcome, JobFailure, ServiceError, ServiceObserver};
use async_trait::async_trait;
use claviger_domain::{
    authz::{Caller, Permission},
    clock::Clock,
    error_line::one_line,
    grants::GrantId,
    notifications::{
        Channel, ChatPost, Deliveries, DeliveryState,
        notice::{Notice, request_status},
    },
};
use claviger_store::{
    Attempt, GrantRepository, NotificationRepository, OutgoingNotice, PersonRepository,
    Transactions,
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
    /// Whether messages in the channel can be replaced.
    fn replaces(&self) -> bool {
        false
    }
    /// A message in the team's channel, and where it is if it can be replaced.
    async fn channel(&self, message: ChatMessage<'_>) -> Result<Option<ChatPost>, SendFault>;
    /// Replaces a message that `channel` has sent.
    async fn update(&self, post: &ChatPost, message: ChatMessage<'_>) -> Result<(), SendFault>;
}

/// A message in the team's channel; `link` is a path of the console.
#[derive(Debug, Clone, Copy)]
pub struct ChatMessage<'a> {
    pub title: &'a str,
    pub body: &'a str,
    pub link: &'a str,
    /// The message that it is about: it stands below it.
    pub thread: Option<&'a ChatPost>,
}

impl<'a> From<&'a Notice> for ChatMessage<'a> {
    fn from(notice: &'a Notice) -> Self {
        Self { title: &notice.title, body: &notice.body, link: &notice.link, thread: None }
    }
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

    async fn channel(&self, _: ChatMessage<'_>) -> Result<Option<ChatPost>, SendFault> {
        Ok(None)
    }

    async fn update(&self, _: &ChatPost, _: ChatMessage<'_>) -> Result<(), SendFault> {
        Ok(())
    }
}

/// A request has fewer states.
const MAX_REPLACED: usize = 10;

/// What a message says, to see whether it changes.
fn shown(status: &Notice) -> String {
    format!("{}\n{}\n{}", status.title, status.body, status.link)
}

/// Longer reasons, such as a page of a proxy's, are cut.
const LONGEST_REASON: usize = 300;

/// Notifications on their way out: chat, events, email.
#[derive(Clone)]
pub struct DeliveryService {
    pub(crate) grants: GrantRepository,
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
            Channel::Chat => return self.send_to_channel(notice).await,
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

    /// The first message about a request says what it is now, and follows it; later ones stand below it.
    async fn send_to_channel(
        &self,
        notice: &OutgoingNotice,
    ) -> Result<Result<DeliveryState, SendFault>, JobFailure> {
        let about = match notice.grant_id {
            Some(grant) if self.messenger.replaces() => self.grants.grant(GrantId(grant)).await?,
            _ => None,
        };
        let OutgoingNotice { title, body, link, .. } = notice;
        let message = ChatMessage { title, body, link, thread: None };
        let Some(named) = about else {
            return Ok(self.messenger.channel(message).await.map(|_| DeliveryState::Delivered));
        };
        let grant = named.grant.id;
        let posted = self.notifications.chat_message(grant).await?;
        if let Some((post, _)) = &posted {
            let message = ChatMessage { thread: Some(post), ..message };
            return Ok(self.messenger.channel(message).await.map(|_| DeliveryState::Delivered));
        }
        let status = request_status(&named.grant);
        match self.messenger.channel((&status).into()).await {
            Ok(Some(post)) => {
                let now = self.clock.now();
                self.notifications.insert_chat_message(grant, &post, &shown(&status), now).await?;
            }
            Ok(None) => {}
            Err(fault) => return Ok(Err(fault)),
        }
        Ok(Ok(DeliveryState::Delivered))
    }

    /// Makes the message about a request say what the request is now.
    #[tracing::instrument(skip_all, fields(grant.id = %grant))]
    pub(crate) async fn follow_request(&self, grant: GrantId) -> Result<(), JobFailure> {
        // The request may change while the message is being replaced, and another job may replace it too: the last to
        // arrive has read what it has become.
        let mut sent: Option<String> = None;
        for _ in 0..MAX_REPLACED {
            let Some((post, shown_before)) = self.notifications.chat_message(grant).await? else {
                return Ok(());
            };
            let Some(named) = self.grants.grant(grant).await? else { return Ok(()) };
            let status = request_status(&named.grant);
            let wanted = shown(&status);
            if sent.as_ref().unwrap_or(&shown_before) == &wanted {
                return Ok(());
            }
            match self.messenger.update(&post, (&status).into()).await {
                Ok(()) => {
                    self.notifications.note_chat_message(grant, &wanted).await?;
                    sent = Some(wanted);
                }
                Err(fault) if fault.for_good => {
                    tracing::warn!(
                        error = one_line(&fault.reason),
                        "the message about a request can no longer be changed"
                    );
                    self.notifications.forget_chat_message(grant).await?;
                }
                Err(fault) => return Err(JobFailure::Other(fault.reason)),
            }
        }
        Ok(())
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
