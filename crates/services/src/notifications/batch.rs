//! Who is told. Notifications are written with what they tell of, and sent from the queue.

use crate::ServiceError;
use claviger_domain::{
    authz::{AccountLocation, Caller, Role},
    grants::{ApproverContext, Grant},
    notifications::notice::{Notice, NoticeKind},
};
use claviger_store::UnitOfWork;
use std::sync::Arc;

/// Notifications gathered, so that each is written once; with everybody who may have to hear of something.
/// Who that is was read before the transaction began: inside it no second connection is asked for.
pub(crate) struct NotificationBatch {
    people: Arc<[Caller]>,
    notices: Vec<(Option<String>, Notice)>,
}

impl NotificationBatch {
    /// Nobody told yet, of these.
    pub(crate) fn of(people: Arc<[Caller]>) -> Self {
        Self { people, notices: Vec::new() }
    }

    /// Those who may decide the step that waits.
    pub(crate) fn notify_approvers(
        &mut self,
        grant: &Grant,
        location: &AccountLocation,
        kind: NoticeKind,
    ) {
        let teams = grant.owner_teams();
        let notice = kind.write(grant, None);
        self.notify_where(&notice, |person| {
            grant
                .may_decide(ApproverContext { caller: person, location, owner_teams: &teams })
                .is_ok()
        });
    }

    /// All its approvers, and the security admins of the account.
    pub(crate) fn notify_reviewers(
        &mut self,
        grant: &Grant,
        location: &AccountLocation,
        notice: &Notice,
    ) {
        let teams = grant.owner_teams();
        self.notify_where(notice, |person| {
            let oversees = person.holds_over(Role::SecurityAdmin, location)
                || grant.may_revoke(ApproverContext {
                    caller: person,
                    location,
                    owner_teams: &teams,
                });
            oversees && !person.person.is_same_as(&grant.terms.requester)
        });
    }

    /// Everybody who is wanted.
    pub(crate) fn notify_where(&mut self, notice: &Notice, wanted: impl Fn(&Caller) -> bool) {
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

    #[tracing::instrument(level = "debug", skip_all, fields(item.count = self.notices.len()))]
    pub(crate) async fn send(self, work: &mut UnitOfWork) -> Result<(), ServiceError> {
        for (recipient, notice) in self.notices {
            work.notify(recipient.as_deref(), &notice).await?;
        }
        Ok(())
    }
}

/// So many people are named where something waits; the rest is counted.
const MAX_NAMED_PEOPLE: usize = 5;

/// People by name, each name once, for what waits for one of them.
pub(crate) fn named<'a>(people: impl Iterator<Item = &'a Caller>) -> Vec<String> {
    let mut names: Vec<String> = people.map(|person| person.person.name.clone()).collect();
    names.sort();
    names.dedup();
    let more = names.len().saturating_sub(MAX_NAMED_PEOPLE);
    names.truncate(MAX_NAMED_PEOPLE);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    names
}
