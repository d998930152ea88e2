//! What people do to plans: approve, deny, withdraw, stop, resume, retry; and the pause.

use super::{everywhere, number};
use crate::{
    RemediationService, ServiceError, compliance::parse_comment, uncancelled::uncancelled,
};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    authz::{AccountLocation, Caller, Permission, Person},
    grants::sentence,
    ids::AccountId,
    job::Job,
    notifications::notice::Notice,
    remediation::{
        PlanState, PlanTransition,
        view::{PlanDecision, PlanRow},
    },
};
use claviger_store::StoredPlan;

/// Whether the caller may do this to a plan that touches these places. What state it is in is asked elsewhere.
pub(super) fn may(
    caller: &Caller,
    locations: &[AccountLocation],
    plan: &PlanRow,
    step: PlanTransition,
) -> bool {
    let accounts: Vec<AccountId> =
        locations.iter().map(|location| location.account.clone()).collect();
    let holds = |permission| everywhere(caller, permission, locations, &accounts);
    let is_author = plan.author.as_ref().is_some_and(|a| a.is_same_as(&caller.person));
    match step {
        PlanTransition::Approve | PlanTransition::Deny => {
            holds(Permission::ApproveRemediation) && !is_author
        }
        // Others deny it, and say why.
        PlanTransition::Withdraw => is_author,
        // Anyone who could have let it begin may end it.
        PlanTransition::Stop => {
            is_author || holds(Permission::Remediate) || holds(Permission::ApproveRemediation)
        }
        PlanTransition::Resume | PlanTransition::Retry => holds(Permission::Remediate),
    }
}

/// Which state follows, where the caller may do this to the plan as it is. Nobody decides on their own plan, which they withdraw, nor
/// approves a plan that they have not read, nor one whose author may no longer change the accounts.
fn check(
    caller: &Caller,
    people: &[Caller],
    locations: &[AccountLocation],
    plan: &StoredPlan,
    step: PlanTransition,
    hash: &str,
) -> Result<PlanState, ServiceError> {
    let (author, is_approval) = (plan.row.author.as_ref(), step == PlanTransition::Approve);
    let is_author = author.is_some_and(|author| author.is_same_as(&caller.person));
    if is_approval && is_author {
        return Err(ServiceError::conflict(
            "You can't approve your own plan.",
            "Ask another person who may approve remediation in these accounts.",
        ));
    }
    if step == PlanTransition::Deny && is_author {
        return Err(ServiceError::conflict("You can't deny your own plan.", "Withdraw it."));
    }
    if !may(caller, locations, &plan.row, step) {
        return Err(ServiceError::Forbidden(match step {
            PlanTransition::Approve | PlanTransition::Deny => Permission::ApproveRemediation,
            _ => Permission::Remediate,
        }));
    }
    let Some(next) = plan.row.state.after(step) else {
        return Err(ServiceError::conflict(
            format!("The plan is {} now.", plan.row.state),
            "Reload the page to see its state.",
        ));
    };
    if is_approval && hash != plan.hash {
        return Err(ServiceError::conflict(
            "The plan changed since you opened it.",
            "Reload the page and review it before you approve.",
        ));
    }
    let still = |author: &Person| {
        let known = people.iter().find(|known| known.person.subject == author.subject);
        known.is_some_and(|known| {
            everywhere(known, Permission::Remediate, locations, &plan.accounts)
        })
    };
    if is_approval && author.is_some_and(|author| !still(author)) {
        return Err(ServiceError::conflict(
            "The author no longer has permission to change these accounts.",
            "Deny it, and ask someone with permission to create a new plan.",
        ));
    }
    Ok(next)
}

fn audit_action_of(step: PlanTransition) -> AuditAction {
    match step {
        PlanTransition::Approve => AuditAction::ApproveRemediation,
        PlanTransition::Deny => AuditAction::DenyRemediation,
        PlanTransition::Withdraw => AuditAction::WithdrawRemediation,
        PlanTransition::Stop => AuditAction::StopRemediation,
        PlanTransition::Resume => AuditAction::ResumeRemediation,
        PlanTransition::Retry => AuditAction::RetryRemediation,
    }
}

impl RemediationService {
    /// Moves a plan on. An approval says by its hash which plan was read.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn transition_plan(
        &self,
        caller: &Caller,
        id: &str,
        step: PlanTransition,
        hash: &str,
        note: &str,
    ) -> Result<PlanState, ServiceError> {
        let id = number(id)?;
        let note = parse_comment(note)?;
        if step == PlanTransition::Deny && note.is_none() {
            return Err(ServiceError::Invalid("a reason: its author will read it"));
        }
        let hash = hash.to_owned();
        uncancelled(self, caller, move |service, caller| async move {
            let (_, locations) = service.seen_plan(&caller, id).await?;
            let mut batch = service.people_service.notification_batch().await?;
            let people = service.people_service.known_callers().await?;
            let mut work = service.transactions.begin(service.clock.now()).await?;
            let plan = work.lock_plan(id).await?.ok_or(ServiceError::NotFound("plan"))?;
            let next = check(&caller, &people, &locations, &plan, step, &hash)?;
            let decides = matches!(step, PlanTransition::Approve | PlanTransition::Deny);
            if step == PlanTransition::Retry && work.retry_steps(id).await? == 0 {
                return Err(ServiceError::conflict(
                    "No call of it has failed.",
                    "There is nothing to try again.",
                ));
            }
            let decision = decides.then(|| PlanDecision {
                by: caller.person.clone(),
                approved: step == PlanTransition::Approve,
                note: note.clone(),
                at: work.now,
            });
            work.transition_plan(id, next, decision.as_ref()).await?;
            work.audit(
                NewEntry::done(Some(&caller.person), audit_action_of(step), id)
                    .with("hash", &plan.hash)
                    .with_some("note", note.as_ref()),
            );
            if let (true, Some(author)) = (decides, &plan.row.author) {
                let verdict = if step == PlanTransition::Approve { "Approved" } else { "Denied" };
                batch.person(
                    &author.subject,
                    Notice {
                        kind: "plan-decided".into(),
                        grant: None,
                        title: format!("{verdict}: {}", plan.row.title),
                        body: note.unwrap_or_else(|| format!("By {}.", caller.person.name)),
                        link: format!("/remediation/{id}"),
                    },
                );
            }
            if next == PlanState::Running {
                for account in &plan.accounts {
                    work.enqueue(&Job::Remediate { plan: id, account: account.clone() }).await?;
                }
            }
            batch.send(&mut work).await?;
            work.commit().await?;
            tracing::info!(
                plan.id = %id, person.id = %caller.person.subject, plan.transition = %step, plan.state = %next, "a plan changed state"
            );
            Ok(next)
        })
        .await
    }

    /// Stops every call that has not begun, no matter who planned it, until the pause is released.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn pause_remediation(
        &self,
        caller: &Caller,
        reason: &str,
    ) -> Result<(), ServiceError> {
        can_pause(caller)?;
        let reason =
            sentence(reason).ok_or(ServiceError::Invalid("a reason of 1 to 1,000 characters"))?;
        uncancelled(self, caller, move |service, Caller { person, .. }| async move {
            let mut work = service.transactions.begin(service.clock.now()).await?;
            if !work.pause_remediation(&person, &reason).await? {
                return Err(ServiceError::conflict(
                    "Remediation is already paused.",
                    "No action needed.",
                ));
            }
            let entry = NewEntry::done(Some(&person), AuditAction::PauseRemediation, "remediation");
            work.audit(entry.with("reason", &reason));
            work.commit().await?;
            tracing::warn!(person.id = %person.subject, "remediation is paused");
            Ok(())
        })
        .await
    }

    /// Lets calls begin again. It needs the whole Organization: what waits may lie anywhere.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn resume_remediation(&self, caller: &Caller) -> Result<(), ServiceError> {
        if !caller.may_everywhere(Permission::Remediate) {
            return Err(ServiceError::Forbidden(Permission::Remediate));
        }
        uncancelled(self, caller, move |service, Caller { person, .. }| async move {
            let mut work = service.transactions.begin(service.clock.now()).await?;
            if !work.resume_remediation().await? {
                return Err(ServiceError::conflict(
                    "Remediation is not paused.",
                    "No action needed.",
                ));
            }
            work.audit(NewEntry::done(
                Some(&person),
                AuditAction::UnpauseRemediation,
                "remediation",
            ));
            work.commit().await?;
            service.queue_running_plans().await
        })
        .await
    }
}

/// Stopping is for everybody who may begin anything.
fn can_pause(caller: &Caller) -> Result<(), ServiceError> {
    if caller.may(Permission::Remediate) {
        Ok(())
    } else {
        Err(ServiceError::Forbidden(Permission::Remediate))
    }
}
