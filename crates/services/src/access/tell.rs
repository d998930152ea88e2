//! Who is told. Notifications are written with what they tell of, and sent from the queue.

use super::{KNOWN_FOR, standing};
use crate::{JobFailure, ServiceError, Services};
use async_trait::async_trait;
use claviger_domain::{
    access::{Caller, Place, Role},
    grant::{
        Grant,
        notice::{Notice, NoticeKind},
        view::Inbox,
    },
};
use claviger_store::{OutgoingNotice, Work};
use std::sync::Arc;
use time::OffsetDateTime;

/// Sends what leaves the console. An error is tried again.
#[async_trait]
pub trait Messenger: Send + Sync + 'static {
    /// An email; `link` is a path of the console.
    async fn email(&self, to: &str, title: &str, body: &str, link: &str) -> Result<(), String>;
    /// The same as the channel hears, for programs. Sent again, it has the same id.
    async fn event(&self, notice: &OutgoingNotice, now: OffsetDateTime) -> Result<(), String>;
    /// A message in the team's channel.
    async fn channel(&self, title: &str, body: &str, link: &str) -> Result<(), String>;
}

/// Where neither email nor a channel is configured: the inbox alone.
pub struct Silent;

#[async_trait]
impl Messenger for Silent {
    async fn email(&self, _: &str, _: &str, _: &str, _: &str) -> Result<(), String> {
        Ok(())
    }

    async fn event(&self, _: &OutgoingNotice, _: OffsetDateTime) -> Result<(), String> {
        Ok(())
    }

    async fn channel(&self, _: &str, _: &str, _: &str) -> Result<(), String> {
        Ok(())
    }
}

/// Notifications gathered, so that each is written once; with everybody who may have to hear of something.
/// Who that is was read before the transaction began: inside it no second connection is asked for.
pub(crate) struct Told {
    people: Arc<[Caller]>,
    notices: Vec<(Option<String>, Notice)>,
}

impl Told {
    /// Nobody told yet, of these.
    pub(crate) fn of(people: Arc<[Caller]>) -> Self {
        Self { people, notices: Vec::new() }
    }

    /// Those who may decide the step that waits.
    pub(super) fn deciders(&mut self, grant: &Grant, place: &Place, kind: NoticeKind) {
        let teams = grant.owner_teams();
        let notice = kind.write(grant, None);
        self.those(&notice, |person| grant.may_decide(standing(person, place, &teams)).is_ok());
    }

    /// All its approvers, and the security admins of the account.
    pub(super) fn overseers(&mut self, grant: &Grant, place: &Place, notice: &Notice) {
        let teams = grant.owner_teams();
        self.those(notice, |person| {
            let oversees = person.holds_over(Role::SecurityAdmin, place)
                || grant.may_revoke(standing(person, place, &teams));
            oversees && !person.person.is_same_as(&grant.terms.requester)
        });
    }

    /// Everybody who is wanted.
    pub(crate) fn those(&mut self, notice: &Notice, wanted: impl Fn(&Caller) -> bool) {
        let subjects: Vec<String> = self
            .people
            .iter()
            .filter(|person| wanted(person))
            .map(|person| person.person.subject.clone())
            .collect();
        for subject in subjects {
            self.person(&subject, notice.clone());
        }
    }

    pub(crate) fn person(&mut self, subject: &str, notice: Notice) {
        self.add(Some(subject.to_owned()), notice);
    }

    pub(crate) fn channel(&mut self, notice: Notice) {
        self.add(None, notice);
    }

    fn add(&mut self, recipient: Option<String>, notice: Notice) {
        let is_known =
            |(who, what): &(Option<String>, Notice)| *who == recipient && *what == notice;
        if !self.notices.iter().any(is_known) {
            self.notices.push((recipient, notice));
        }
    }

    pub(crate) async fn send(self, work: &mut Work) -> Result<(), ServiceError> {
        for (recipient, notice) in self.notices {
            work.notify(recipient.as_deref(), &notice).await?;
        }
        Ok(())
    }
}

impl Services {
    /// Nobody told yet.
    pub(crate) async fn told(&self) -> Result<Told, ServiceError> {
        Ok(Told::of(self.known_callers().await?))
    }

    /// Everybody who has signed in lately, with what their groups bring.
    pub(crate) async fn known_callers(&self) -> Result<Arc<[Caller]>, ServiceError> {
        let known = self.store.people(self.clock.now() - KNOWN_FOR).await?;
        Ok(known
            .into_iter()
            .map(|known| Caller::new(known.person, &known.groups, &self.access.roles))
            .collect())
    }

    /// Sends a notification out. Running twice sends it once, unless the mark itself was lost.
    pub(crate) async fn deliver(&self, id: i64) -> Result<(), JobFailure> {
        let Some(notice) = self.store.outgoing(id).await? else { return Ok(()) };
        let messenger = &self.access.messenger;
        let sent = match &notice.recipient {
            // Programs first: where the channel fails, what is sent to them again is known by its id.
            None => match messenger.event(&notice, self.clock.now()).await {
                // Programs keep it; people have no use for it.
                Ok(()) if notice.kind == crate::AUDIT_HEAD => Ok(()),
                Ok(()) => messenger.channel(&notice.title, &notice.body, &notice.link).await,
                Err(error) => Err(error),
            },
            Some(subject) => match self.store.address_of(subject).await? {
                Some(to) => messenger.email(&to, &notice.title, &notice.body, &notice.link).await,
                None => Ok(()),
            },
        };
        sent.map_err(JobFailure::Undelivered)?;
        self.store.mark_sent(id, self.clock.now()).await?;
        Ok(())
    }

    /// One's own notifications.
    pub async fn inbox(&self, caller: &Caller) -> Result<Inbox, ServiceError> {
        let subject = &caller.person.subject;
        Ok(Inbox {
            rows: self.store.inbox(subject).await?,
            unread: self.store.unread(subject).await?,
            as_of: self.clock.now(),
        })
    }

    /// Marks everything up to this notification as read.
    pub async fn mark_read(&self, caller: &Caller, up_to: i64) -> Result<(), ServiceError> {
        Ok(self.store.mark_read(&caller.person.subject, up_to, self.clock.now()).await?)
    }
}
