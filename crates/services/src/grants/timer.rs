//! What comes by the clock: expiry, ends, reminders, warnings, actions that were never ended.

use crate::{
    DeliveryService, GrantReader, PeopleService, ServiceError,
    notifications::batch::NotificationBatch,
};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    clock::Clock,
    grants::{EndReason, GrantId, GrantState},
    job::Job,
    notifications::notice::NoticeKind,
};
use claviger_store::{AuditRepository, DenialRepository, GrantRepository, Transactions};
use std::sync::Arc;
use time::Duration;

/// The holder hears so long before the end.
const WARN_BEFORE: Duration = Duration::minutes(5);
/// After so long a begun action is taken for lost with its replica.
const LOST_AFTER: Duration = Duration::minutes(5);
const MOST_REMINDERS: u32 = 3;

/// What time does to grants.
#[derive(Clone)]
pub struct GrantTimer {
    pub(crate) audit: AuditRepository,
    pub(crate) denials: DenialRepository,
    pub(crate) grants: GrantRepository,
    pub(crate) transactions: Transactions,
    pub(crate) delivery_service: DeliveryService,
    pub(crate) grant_reader: GrantReader,
    pub(crate) people_service: PeopleService,
    pub(crate) clock: Arc<dyn Clock>,
}

impl GrantTimer {
    /// Does what is due. Every replica may, at the same time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn update_grants(&self) -> Result<(), ServiceError> {
        let now = self.clock.now();
        let due = self.grants.due_grants(now, WARN_BEFORE).await?;
        if !due.is_empty() {
            let people = self.people_service.known_callers().await?;
            for id in due {
                self.attend(id, NotificationBatch::of(people.clone())).await?;
            }
        }
        self.close_orphans().await?;
        self.delivery_service.prune_deliveries().await?;
        let collect = self.denials.accounts_to_reconcile(now).await?;
        let end = self.denials.unconfirmed_denials(now - LOST_AFTER, now).await?;
        let trace = self.denials.grants_to_trace(now).await?;
        let mut jobs = collect
            .into_iter()
            .map(|account| Job::CollectDenials { account })
            .chain(end.into_iter().map(|grant| Job::EndSessions { grant }))
            .chain(trace.into_iter().map(|grant| Job::ReadTrail { grant }))
            .peekable();
        if jobs.peek().is_some() {
            let mut work = self.transactions.begin(now).await?;
            for job in jobs {
                work.enqueue(&job).await?;
            }
            work.commit().await?;
        }
        Ok(())
    }

    /// One grant, under its lock: who comes second finds nothing left to do.
    async fn attend(&self, id: GrantId, mut batch: NotificationBatch) -> Result<(), ServiceError> {
        let location = self.grant_reader.location_of(id).await?;
        let mut work = self.transactions.begin(self.clock.now()).await?;
        let Some(stored) = work.lock_grant(id).await? else { return Ok(()) };
        let before = stored.state.clone();
        let grant = stored.at(work.now);
        let subject = grant.terms.requester.subject.clone();
        if grant.state != before {
            work.save_grant(&grant).await?;
            match &grant.state {
                GrantState::Expired { .. } => {
                    work.audit(NewEntry::done(None, AuditAction::Expire, id));
                    batch.person(&subject, NoticeKind::Expired.write(&grant, None));
                }
                GrantState::Ended { why: EndReason::Time, .. } => {
                    work.audit(NewEntry::done(None, AuditAction::End, id));
                    batch.person(&subject, NoticeKind::Ended.write(&grant, None));
                }
                GrantState::Claimable { .. } => {
                    batch.person(&subject, NoticeKind::Approved.write(&grant, None));
                }
                _ => {}
            }
        }
        match &grant.state {
            GrantState::Active { until, since } => {
                let long_enough = *until - *since > WARN_BEFORE * 2;
                if long_enough && *until - work.now <= WARN_BEFORE && work.warn_once(id).await? {
                    batch.person(&subject, NoticeKind::EndsSoon.write(&grant, None));
                }
                if !long_enough {
                    work.warn_once(id).await?;
                }
            }
            GrantState::Requested { expires_at } => {
                let (count, due) = work.reminders(id).await?;
                if due.is_some_and(|due| due <= work.now) {
                    batch.notify_approvers(&grant, &location, NoticeKind::Remind);
                    // Each pause is twice the one before.
                    let pause = (work.now - grant.terms.created_at) * 2;
                    let next = grant.terms.created_at + pause;
                    let next = (count + 1 < MOST_REMINDERS && next < *expires_at).then_some(next);
                    work.reminded(id, next).await?;
                }
            }
            _ => {}
        }
        batch.send(&mut work).await?;
        work.commit().await?;
        Ok(())
    }

    /// Ends actions whose replica died in between: what became of them is not known.
    async fn close_orphans(&self) -> Result<(), ServiceError> {
        let now = self.clock.now();
        for orphan in self.audit.orphaned_entries(now - LOST_AFTER).await? {
            let mut work = self.transactions.begin(now).await?;
            if !work.is_orphan(orphan.seq).await? {
                continue;
            }
            let entry = NewEntry::done(None, orphan.audit_action, &orphan.subject);
            work.audit(
                entry
                    .completed(orphan.seq, false)
                    .with("fault", "Unknown: Claviger stopped before the call finished"),
            );
            work.commit().await?;
        }
        Ok(())
    }
}
