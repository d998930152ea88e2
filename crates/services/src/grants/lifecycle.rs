//! A grant's life after its approval: claimed, given back, revoked, reviewed.

use super::{approver_context, number};
use crate::{
    EligibilityService, GrantReader, PeopleService, ServiceError,
    grants::reader::{locked, may_see, not_paused, seen_by_holder_at},
    uncancelled::uncancelled,
};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    authz::{Caller, Permission},
    clock::Clock,
    grants::{EndReason, GrantId, GrantStateName, Refusal, sentence, view::Ending},
    notifications::notice::{self, NoticeKind},
};
use claviger_store::Transactions;
use std::sync::Arc;

/// What people do with a grant: decide, start access, end it, revoke it, review it.
#[derive(Clone)]
pub struct GrantLifecycleService {
    pub(crate) transactions: Transactions,
    pub(crate) eligibility_service: EligibilityService,
    pub(crate) grant_reader: GrantReader,
    pub(crate) people_service: PeopleService,
    pub(crate) clock: Arc<dyn Clock>,
}

impl GrantLifecycleService {
    /// Begins the work window. Eligibility is looked at once more.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn claim(&self, caller: &Caller, grant: &str) -> Result<(), ServiceError> {
        let id = number(grant)?;
        uncancelled(self, caller, move |service, caller| async move {
            let person = &caller.person;
            let asked = service.grant_reader.known(id).await?.grant;
            service.grant_reader.seen_by_holder(&caller, &asked).await?;
            // A request does not change, so what it asks for can be evaluated before the lock.
            let eligible = service.eligibility_service.still_eligible(&caller, &asked).await?;
            let (location, mut batch) = (
                service.grant_reader.location(&asked.account).await?,
                service.people_service.notification_batch().await?,
            );
            let mut work = service.transactions.begin(service.clock.now()).await?;
            let mut grant = locked(&mut work, id).await?;
            not_paused(&mut work).await?;
            // Refused here: too early, too late, or a second time.
            let before = grant.state.clone();
            grant.claim(person, work.now)?;
            let refused = match eligible {
                Ok(()) => {
                    work.audit(
                        NewEntry::done(Some(person), AuditAction::Claim, id)
                            .with("minutes", grant.minutes),
                    );
                    batch.person(&person.subject, NoticeKind::Claimed.write(&grant, None));
                    None
                }
                Err(why) => {
                    let why = why.to_string();
                    grant.state = before.fail(work.now, why.clone()).map_err(Refusal::from)?;
                    work.audit(
                        NewEntry {
                            succeeded: Some(false),
                            ..NewEntry::done(Some(person), AuditAction::Claim, id)
                        }
                        .with("reason", &why),
                    );
                    let notice = NoticeKind::Failed.write(&grant, Some(&why));
                    batch.person(&person.subject, notice.clone());
                    batch.notify_reviewers(&grant, &location, &notice);
                    Some(Refusal::NotEligible(notice::what(&grant)))
                }
            };
            work.save_grant(&grant).await?;
            batch.send(&mut work).await?;
            work.commit().await?;
            match refused {
                None => Ok(()),
                Some(refusal) => Err(refusal.into()),
            }
        })
        .await
    }

    /// Given back by its holder, or withdrawn before it was decided.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn give_back(&self, caller: &Caller, grant: &str) -> Result<Ending, ServiceError> {
        let id = number(grant)?;
        uncancelled(self, caller, move |service, caller| async move {
            service.end_grant(&caller, id, EndReason::GivenBack, None).await
        })
        .await
    }

    /// Revoked by anyone who may: an approver of it, or a security admin of the account.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn revoke(
        &self,
        caller: &Caller,
        grant: &str,
        reason: &str,
    ) -> Result<Ending, ServiceError> {
        let id = number(grant)?;
        let reason = sentence(reason).ok_or(Refusal::Reason)?;
        uncancelled(self, caller, move |service, caller| async move {
            service.end_grant(&caller, id, EndReason::Revoked, Some(reason)).await
        })
        .await
    }

    async fn end_grant(
        &self,
        caller: &Caller,
        id: GrantId,
        why: EndReason,
        reason: Option<String>,
    ) -> Result<Ending, ServiceError> {
        let person = &caller.person;
        let (location, mut batch) = (
            self.grant_reader.location_of(id).await?,
            self.people_service.notification_batch().await?,
        );
        let mut work = self.transactions.begin(self.clock.now()).await?;
        let mut grant = locked(&mut work, id).await?;
        let teams = grant.owner_teams();
        match why {
            EndReason::Revoked => {
                if !may_see(caller, &grant, &location) {
                    return Err(ServiceError::NotFound("grant"));
                }
                if !grant.may_revoke(approver_context(caller, &location, &teams)) {
                    return Err(Refusal::NotApprover.into());
                }
            }
            EndReason::GivenBack | EndReason::Time => {
                seen_by_holder_at(caller, &grant, &location)?;
            }
        }
        let was_active = grant.state.word() == GrantStateName::Active;
        grant.end(why, work.now)?;
        work.save_grant(&grant).await?;
        let ending = Ending { was_active, ends_sessions: work.ask_denial(&grant).await? };
        let ends_sessions = ending.ends_sessions;
        let audit_action =
            if why == EndReason::Revoked { AuditAction::Revoke } else { AuditAction::GiveBack };
        work.audit(
            NewEntry::done(Some(person), audit_action, id)
                .with("live-sessions", ends_sessions)
                .with_some("reason", reason.as_ref()),
        );
        let kind = NoticeKind::of_end(why);
        if why == EndReason::Revoked {
            let mut notice = kind.write(&grant, Some(&person.name));
            if ends_sessions {
                notice.body.push(' ');
                notice.body.push_str(ending.sessions());
            }
            batch.person(&grant.terms.requester.subject, notice.clone());
            batch.channel(notice);
        } else if grant.approvals() > 0 {
            let mut notice = kind.write(&grant, None);
            if !was_active {
                // Nothing was given that could be given back.
                notice.title = format!("Withdrawn: {}", notice::what(&grant));
                notice.body = format!("{} withdrew the request.", grant.terms.requester.name);
            }
            batch.notify_reviewers(&grant, &location, &notice);
        }
        batch.send(&mut work).await?;
        work.commit().await?;
        tracing::info!(grant.id = %id, person.id = %person.subject, grant.end_reason = ?why, grant.ends_sessions = ends_sessions, "a grant ended");
        Ok(ending)
    }

    /// Closes the review of a break-glass. Never by who broke it.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn close_review(
        &self,
        caller: &Caller,
        grant: &str,
        note: &str,
    ) -> Result<(), ServiceError> {
        let id = number(grant)?;
        let note = sentence(note).ok_or(Refusal::Reason)?;
        uncancelled(self, caller, move |service, caller| async move {
            let person = &caller.person;
            let location = service.grant_reader.location_of(id).await?;
            let mut work = service.transactions.begin(service.clock.now()).await?;
            let grant = locked(&mut work, id).await?;
            if !may_see(&caller, &grant, &location) {
                return Err(ServiceError::NotFound("grant"));
            }
            if grant.terms.requester.is_same_as(person) {
                return Err(Refusal::OwnReview.into());
            }
            if !caller.may_at(Permission::ReviewAccess, &location) {
                return Err(ServiceError::Forbidden(Permission::ReviewAccess));
            }
            if !work.close_review(id, person, &note).await? {
                return Err(Refusal::ReviewClosed.into());
            }
            work.audit(
                NewEntry::done(Some(person), AuditAction::CloseReview, id).with("note", &note),
            );
            let notice = NoticeKind::Reviewed.write(&grant, Some(&person.name));
            work.notify(Some(&grant.terms.requester.subject), &notice).await?;
            work.commit().await?;
            Ok(())
        })
        .await
    }
}
