//! Deciding: under the grant's lock, so that two approvers or two clicks decide once.

use super::{approver_context, number, queries::WaitFor};
use crate::{
    GrantLifecycleService, GrantService, ServiceError,
    grants::reader::{locked, may_see},
    uncancelled::uncancelled,
};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    authz::{Caller, Permission},
    grants::{Decision, DecisionOutcome, Vote, view::Queue},
    notifications::notice::NoticeKind,
};
use claviger_store::NamedGrant;
use time::OffsetDateTime;

impl GrantService {
    /// What waits for this person's decision, oldest first.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn queue(&self, caller: &Caller) -> Result<Queue, ServiceError> {
        let now = self.clock.now();
        let waiting = self.to_decide(caller, now).await?;
        let waits = self.waits_of(&waiting, WaitFor::Approval, now).await?;
        let rows = waiting.into_iter().map(|named| waits.row(named, now)).collect();
        Ok(Queue { rows, as_of: now })
    }

    /// Requests that this person can decide, the oldest first.
    pub(crate) async fn to_decide(
        &self,
        caller: &Caller,
        now: OffsetDateTime,
    ) -> Result<Vec<NamedGrant>, ServiceError> {
        let mut waiting = self.grants.waiting_grants(now).await?;
        let locations =
            self.grant_reader.locations(waiting.iter().map(|named| &named.grant.account)).await?;
        waiting.retain(|named| {
            let teams = named.grant.owner_teams();
            locations.get(&named.grant.account).is_some_and(|location| {
                named.grant.may_decide(approver_context(caller, location, &teams)).is_ok()
            })
        });
        Ok(waiting)
    }
}

impl GrantService {
    /// Break-glass access whose review this person can close, the oldest first; never their own.
    pub(crate) async fn to_review(&self, caller: &Caller) -> Result<Vec<NamedGrant>, ServiceError> {
        let visible = self.authority.where_allowed(caller, Permission::ReviewAccess).await?;
        if visible.accounts.is_empty() {
            return Ok(Vec::new());
        }
        let mut open = self.grants.open_reviews(&visible).await?;
        open.retain(|named| !named.grant.terms.requester.is_same_as(&caller.person));
        Ok(open)
    }
}

impl GrantLifecycleService {
    /// Takes a decision. The hash says which request the approver has read.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn decide(
        &self,
        caller: &Caller,
        grant: &str,
        decision: Decision,
    ) -> Result<DecisionOutcome, ServiceError> {
        let id = number(grant)?;
        uncancelled(self, caller, move |service, caller| async move {
            let (location, mut batch) = (service.grant_reader.location_of(id).await?, service.people_service.notification_batch().await?);
            let mut work = service.transactions.begin(service.clock.now()).await?;
            let mut grant = locked(&mut work, id).await?;
            let teams = grant.owner_teams();
            let as_who = approver_context(&caller, &location, &teams);
            let step = grant.step();
            let (verdict, reason) = (decision.verdict, decision.reason.clone());
            let outcome = grant.decide(as_who, decision, work.now).map_err(|refusal| {
                // Who may not even see it is not told that it is there.
                if may_see(&caller, &grant, &location) {
                    refusal.into()
                } else {
                    ServiceError::NotFound("grant")
                }
            })?;
            if let Some(decided) = grant.decided.last() {
                work.insert_decision(id, decided).await?;
            }
            work.save_grant(&grant).await?;
            let audit_action = match verdict {
                Vote::Approve => AuditAction::Approve,
                Vote::Deny => AuditAction::Deny,
            };
            work.audit(
                NewEntry::done(Some(&caller.person), audit_action, id)
                    .with("hash", &grant.hash)
                    .with("step", step.map_or(0, |step| step + 1))
                    .with("minutes", grant.minutes)
                    .with_some("reason", reason.as_ref()),
            );
            let requester = grant.terms.requester.subject.clone();
            match outcome {
                DecisionOutcome::Approved => {
                    batch.person(&requester, NoticeKind::Approved.write(&grant, None));
                }
                DecisionOutcome::Denied => {
                    batch.person(&requester, NoticeKind::Denied.write(&grant, reason.as_deref()));
                }
                DecisionOutcome::Counted if grant.step() != step => {
                    batch.notify_approvers(&grant, &location, NoticeKind::Decide);
                }
                DecisionOutcome::Counted => {}
            }
            batch.send(&mut work).await?;
            work.commit().await?;
            tracing::info!(
                grant.id = %id, person.id = %caller.person.subject, grant.vote = %verdict, grant.outcome = ?outcome, "a grant was decided"
            );
            Ok(outcome)
        })
        .await
    }
}
