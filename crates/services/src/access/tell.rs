//! Who is told. Notifications are written with what they tell of, and sent from the queue.

use super::{KNOWN_FOR, standing};
use crate::{ServiceError, Services};
use claviger_domain::{
    access::{Caller, Place, Role},
    grant::{
        Grant,
        notice::{Notice, NoticeKind},
    },
};
use claviger_store::Work;
use std::sync::Arc;

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

/// So many people are named where something waits; the rest is counted.
const NAMED: usize = 5;

/// People by name, each name once, for what waits for one of them.
pub(crate) fn named<'a>(people: impl Iterator<Item = &'a Caller>) -> Vec<String> {
    let mut names: Vec<String> = people.map(|person| person.person.name.clone()).collect();
    names.sort();
    names.dedup();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    names
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

    /// Marks everything up to this notification as read.
    pub async fn mark_read(&self, caller: &Caller, up_to: i64) -> Result<(), ServiceError> {
        Ok(self.store.mark_read(&caller.person.subject, up_to, self.clock.now()).await?)
    }
}
