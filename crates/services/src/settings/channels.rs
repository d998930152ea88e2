//! The channels of notifications: their state, and a test of each.

use super::{may_manage, may_read};
use crate::{
    DeliveryService, ServiceError,
    grants::{ChatMessage, Messenger, OutgoingNotice, SendFault},
};
use claviger_domain::{
    VariantArray,
    audit::{AuditAction, NewEntry},
    authz::{Caller, Permission},
    clock::Clock,
    error_line::one_line,
    notifications::Channel,
    settings::{ChannelTest, ChannelsView},
};
use claviger_store::{AuditRepository, Transactions};
use std::sync::Arc;

/// The kind of a test, for programs.
const TEST: &str = "test";
/// Longer reasons are cut.
const LONGEST_REASON: usize = 300;

/// The channels of notifications, and their tests.
#[derive(Clone)]
pub struct ChannelService {
    pub(crate) audit: AuditRepository,
    pub(crate) transactions: Transactions,
    pub(crate) delivery_service: DeliveryService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) messenger: Arc<dyn Messenger>,
}

impl ChannelService {
    /// Each channel with its deliveries and its last test.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn channels(&self, caller: &Caller) -> Result<ChannelsView, ServiceError> {
        may_read(caller)?;
        Ok(ChannelsView {
            deliveries: self.delivery_service.channel_deliveries().await?,
            tests: self.last_tests().await?,
            may_test: caller.may_everywhere(Permission::ManageSettings),
        })
    }

    /// The last test of each channel that was tested.
    pub(super) async fn last_tests(&self) -> Result<Vec<ChannelTest>, ServiceError> {
        let mut tests = Vec::new();
        for channel in Channel::VARIANTS {
            let subject = subject(*channel);
            let entry = self.audit.last_entry(&subject, &[AuditAction::TestChannel]).await?;
            tests.extend(entry.map(|entry| ChannelTest {
                channel: *channel,
                at: entry.at,
                by: entry.actor.map_or_else(|| "System".to_owned(), |actor| actor.name),
                succeeded: entry.succeeded == Some(true),
                reason: entry.detail.get("reason").cloned(),
            }));
        }
        Ok(tests)
    }

    /// Whether the configuration names where the channel sends to.
    pub(super) fn sends(&self, channel: Channel) -> bool {
        self.messenger.sends(channel)
    }

    /// Sends a test notification now, once: to the channel, or to the caller's own email address.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject, delivery.channel = channel))]
    pub async fn send_test(&self, caller: &Caller, channel: &str) -> Result<String, ServiceError> {
        may_manage(caller)?;
        let channel: Channel = channel.parse()?;
        if !self.messenger.sends(channel) {
            return Err(ServiceError::conflict(
                "This channel is not configured.",
                "Configure it in the configuration file and restart Claviger.",
            ));
        }
        let to = match (channel, &caller.person.email) {
            (Channel::Email, None) => {
                return Err(ServiceError::conflict(
                    "Your identity provider gives no email address for you.",
                    "Let somebody with an email address send the test.",
                ));
            }
            (Channel::Email, Some(address)) => address.clone(),
            (Channel::Chat | Channel::Events, _) => String::new(),
        };
        let entry =
            NewEntry::started(Some(&caller.person), AuditAction::TestChannel, subject(channel));
        let mut work = self.transactions.begin(self.clock.now()).await?;
        work.audit(entry.clone());
        let started = work.commit().await?.first().copied().unwrap_or_default();
        let sent = self.attempt(channel, &to, caller).await;
        let reason = sent.as_ref().err().map(|fault| {
            let reason: String = fault.reason.chars().take(LONGEST_REASON).collect();
            one_line(&reason)
        });
        let mut work = self.transactions.begin(self.clock.now()).await?;
        let done = entry.completed(started, reason.is_none());
        work.audit(done.with_some("reason", reason.as_ref()));
        work.commit().await?;
        match reason {
            None if channel == Channel::Email => Ok(format!("Test sent to {to}.")),
            None => Ok("Test sent.".to_owned()),
            Some(reason) => Err(ServiceError::conflict(
                format!("The test failed: {reason}."),
                "Correct the channel's settings and send a test again.",
            )),
        }
    }

    async fn attempt(&self, channel: Channel, to: &str, caller: &Caller) -> Result<(), SendFault> {
        let title = "Test notification";
        let body = format!("{} sent this test from Claviger's settings.", caller.person.name);
        let link = "/settings/channels";
        let now = self.clock.now();
        match channel {
            Channel::Email => self.messenger.email(to, title, &body, link).await,
            Channel::Chat => {
                let message = ChatMessage { title, body: &body, link, thread: None };
                self.messenger.channel(message).await.map(drop)
            }
            Channel::Events => {
                let notice = OutgoingNotice {
                    // No notification has it: receivers that remember ids take each test for itself by its time.
                    id: -now.unix_timestamp(),
                    kind: TEST.into(),
                    created_at: now,
                    recipient: None,
                    grant_id: None,
                    title: title.into(),
                    body,
                    link: link.into(),
                };
                self.messenger.event(&notice, now).await
            }
        }
    }
}

/// The audit log's target of a channel.
fn subject(channel: Channel) -> String {
    format!("channel {channel}")
}
