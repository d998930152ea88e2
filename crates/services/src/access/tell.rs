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
use claviger_store::Work;

/// Sends what leaves the console. An error is tried again.
#[async_trait]
pub trait Messenger: Send + Sync + 'static {
    /// An email; `link` is a path of the console.
    async fn email(&self, to: &str, title: &str, body: &str, link: &str) -> Result<(), String>;
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

    async fn channel(&self, _: &str, _: &str, _: &str) -> Result<(), String> {
        Ok(())
    }
}

/// Notifications gathered, so that each is written once.
#[derive(Default)]
pub(super) struct Told(Vec<(Option<String>, Notice)>);

impl Told {
    pub(super) fn person(&mut self, subject: &str, notice: Notice) {
        self.add(Some(subject.to_owned()), notice);
    }

    pub(super) fn channel(&mut self, notice: Notice) {
        self.add(None, notice);
    }

    fn add(&mut self, recipient: Option<String>, notice: Notice) {
        if !self.0.iter().any(|(who, what)| *who == recipient && *what == notice) {
            self.0.push((recipient, notice));
        }
    }

    pub(super) async fn send(self, work: &mut Work) -> Result<(), ServiceError> {
        for (recipient, notice) in self.0 {
            work.notify(recipient.as_deref(), &notice).await?;
        }
        Ok(())
    }
}

impl Services {
    /// Everybody who has signed in lately, with what their groups bring.
    pub(super) async fn known_callers(&self) -> Result<Vec<Caller>, ServiceError> {
        let known = self.store.people(self.clock.now() - KNOWN_FOR).await?;
        Ok(known
            .into_iter()
            .map(|known| Caller::new(known.person, &known.groups, &self.access.roles))
            .collect())
    }

    /// Those who may decide the step that waits.
    pub(super) async fn tell_deciders(
        &self,
        told: &mut Told,
        grant: &Grant,
        place: &Place,
        kind: NoticeKind,
    ) -> Result<(), ServiceError> {
        let teams = grant.owner_teams();
        let notice = kind.write(grant, None);
        for person in self.known_callers().await? {
            if grant.may_decide(standing(&person, place, &teams)).is_ok() {
                told.person(&person.person.subject, notice.clone());
            }
        }
        Ok(())
    }

    /// All its approvers, and the security admins of the account.
    pub(super) async fn tell_overseers(
        &self,
        told: &mut Told,
        grant: &Grant,
        place: &Place,
        notice: &Notice,
    ) -> Result<(), ServiceError> {
        let teams = grant.owner_teams();
        for person in self.known_callers().await? {
            let oversees = person.holds_over(Role::SecurityAdmin, place)
                || grant.may_revoke(standing(&person, place, &teams));
            if oversees && !person.person.is_same_as(&grant.terms.requester) {
                told.person(&person.person.subject, notice.clone());
            }
        }
        Ok(())
    }

    /// Sends a notification out. Running twice sends it once, unless the mark itself was lost.
    pub(crate) async fn deliver(&self, id: i64) -> Result<(), JobFailure> {
        let Some(notice) = self.store.outgoing(id).await? else { return Ok(()) };
        let messenger = &self.access.messenger;
        let sent = match &notice.recipient {
            None => messenger.channel(&notice.title, &notice.body, &notice.link).await,
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
