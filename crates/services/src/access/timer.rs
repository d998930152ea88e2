//! What comes by the clock: expiry, ends, reminders, warnings, deeds that were never ended.

use super::tell::Told;
use crate::{ServiceError, Services};
use claviger_domain::{
    audit::{Deed, NewEntry},
    grant::{EndReason, GrantId, GrantState, notice::NoticeKind},
    job::Job,
};
use time::Duration;

/// The holder hears so long before the end.
const WARN_BEFORE: Duration = Duration::minutes(5);
/// After so long a begun deed is taken for lost with its replica.
const LOST_AFTER: Duration = Duration::minutes(5);
const MOST_REMINDERS: u32 = 3;

impl Services {
    /// Does what is due. Every replica may, at the same time.
    pub async fn keep_access_time(&self) -> Result<(), ServiceError> {
        let now = self.clock.now();
        let due = self.store.due_grants(now, WARN_BEFORE).await?;
        if !due.is_empty() {
            let people = self.known_callers().await?;
            for id in due {
                self.attend(id, Told::of(people.clone())).await?;
            }
        }
        self.close_orphans().await?;
        self.keep_deliveries().await?;
        let collect = self.store.accounts_to_reconcile(now).await?;
        let end = self.store.unconfirmed_denials(now - LOST_AFTER, now).await?;
        let trace = self.store.grants_to_trace(now).await?;
        let mut jobs = collect
            .into_iter()
            .map(|account| Job::CollectDenials { account })
            .chain(end.into_iter().map(|grant| Job::EndSessions { grant }))
            .chain(trace.into_iter().map(|grant| Job::ReadTrail { grant }))
            .peekable();
        if jobs.peek().is_some() {
            let mut work = self.store.begin(now).await?;
            for job in jobs {
                work.enqueue(&job).await?;
            }
            work.commit().await?;
        }
        Ok(())
    }

    /// One grant, under its lock: who comes second finds nothing left to do.
    async fn attend(&self, id: GrantId, mut told: Told) -> Result<(), ServiceError> {
        let place = self.place_of(id).await?;
        let mut work = self.store.begin(self.clock.now()).await?;
        let Some(stored) = work.lock_grant(id).await? else { return Ok(()) };
        let before = stored.state.clone();
        let grant = stored.at(work.now);
        let subject = grant.terms.requester.subject.clone();
        if grant.state != before {
            work.save_grant(&grant).await?;
            match &grant.state {
                GrantState::Expired { .. } => {
                    work.audit(NewEntry::done(None, Deed::Expire, id));
                    told.person(&subject, NoticeKind::Expired.write(&grant, None));
                }
                GrantState::Ended { why: EndReason::Time, .. } => {
                    work.audit(NewEntry::done(None, Deed::End, id));
                    told.person(&subject, NoticeKind::Ended.write(&grant, None));
                }
                GrantState::Claimable { .. } => {
                    told.person(&subject, NoticeKind::Approved.write(&grant, None));
                }
                _ => {}
            }
        }
        match &grant.state {
            GrantState::Active { until, since } => {
                let long_enough = *until - *since > WARN_BEFORE * 2;
                if long_enough && *until - work.now <= WARN_BEFORE && work.warn_once(id).await? {
                    told.person(&subject, NoticeKind::EndsSoon.write(&grant, None));
                }
                if !long_enough {
                    work.warn_once(id).await?;
                }
            }
            GrantState::Requested { expires_at } => {
                let (count, due) = work.reminders(id).await?;
                if due.is_some_and(|due| due <= work.now) {
                    told.deciders(&grant, &place, NoticeKind::Remind);
                    // Each pause is twice the one before.
                    let pause = (work.now - grant.terms.created_at) * 2;
                    let next = grant.terms.created_at + pause;
                    let next = (count + 1 < MOST_REMINDERS && next < *expires_at).then_some(next);
                    work.reminded(id, next).await?;
                }
            }
            _ => {}
        }
        told.send(&mut work).await?;
        work.commit().await?;
        Ok(())
    }

    /// Ends deeds whose replica died in between: what became of them is not known.
    async fn close_orphans(&self) -> Result<(), ServiceError> {
        let now = self.clock.now();
        for orphan in self.store.orphaned_deeds(now - LOST_AFTER).await? {
            let mut work = self.store.begin(now).await?;
            if !work.is_orphan(orphan.seq).await? {
                continue;
            }
            let entry = NewEntry::done(None, orphan.deed, &orphan.subject);
            work.audit(
                entry
                    .completed(orphan.seq, false)
                    .with("fault", "unknown: the console ended before the deed did"),
            );
            work.commit().await?;
        }
        Ok(())
    }
}
