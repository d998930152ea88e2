//! What people do to plans: approve, deny, withdraw, stop, resume, retry; and the brake.

use super::{super::noted, everywhere, number};
use crate::{ServiceError, Services};
use claviger_domain::{
    access::{Caller, Permission, Person, Place},
    audit::{Deed, NewEntry},
    grant::{notice::Notice, sentence},
    ids::AccountId,
    job::Job,
    remedy::{
        PlanId, PlanMove, PlanState,
        view::{PlanDecision, PlanRow},
    },
};

/// Whether the caller may do this to a plan that touches these places. What state it is in is asked elsewhere.
pub(super) fn may(caller: &Caller, places: &[Place], plan: &PlanRow, step: PlanMove) -> bool {
    let accounts: Vec<AccountId> = places.iter().map(|place| place.account.clone()).collect();
    let holds = |permission| everywhere(caller, permission, places, &accounts);
    let is_author = plan.author.as_ref().is_some_and(|a| a.is_same_as(&caller.person));
    match step {
        PlanMove::Approve => holds(Permission::ApproveRemediation) && !is_author,
        PlanMove::Deny => holds(Permission::ApproveRemediation),
        PlanMove::Withdraw => is_author || holds(Permission::Remediate),
        // Whoever could have let it begin may end it.
        PlanMove::Stop => {
            is_author || holds(Permission::Remediate) || holds(Permission::ApproveRemediation)
        }
        PlanMove::Resume | PlanMove::Retry => holds(Permission::Remediate),
    }
}

impl Services {
    /// Moves a plan on. An approval says by its hash which plan was read.
    pub async fn move_plan(
        &self,
        caller: &Caller,
        id: &str,
        step: PlanMove,
        hash: &str,
        note: &str,
    ) -> Result<PlanState, ServiceError> {
        let id = number(id)?;
        let note = noted(note)?;
        if step == PlanMove::Deny && note.is_none() {
            return Err(ServiceError::Invalid("a reason: its author will read it"));
        }
        let (services, caller, hash) = (self.clone(), caller.clone(), hash.to_owned());
        Self::unhurried(async move { services.moved(&caller, id, step, &hash, note).await }).await
    }

    async fn moved(
        &self,
        caller: &Caller,
        id: PlanId,
        step: PlanMove,
        hash: &str,
        note: Option<String>,
    ) -> Result<PlanState, ServiceError> {
        let (_, places) = self.seen_plan(caller, id).await?;
        let mut told = self.told().await?;
        let people = self.known_callers().await?;
        let mut work = self.store.begin(self.clock.now()).await?;
        let plan = work.lock_plan(id).await?.ok_or(ServiceError::NotFound("plan"))?;
        if step == PlanMove::Approve
            && plan.row.author.as_ref().is_some_and(|a| a.is_same_as(&caller.person))
        {
            return Err(ServiceError::conflict(
                "Your own plan is approved by somebody else.",
                "Ask another person who may approve remediation in these accounts.",
            ));
        }
        if !may(caller, &places, &plan.row, step) {
            return Err(ServiceError::Forbidden(match step {
                PlanMove::Approve | PlanMove::Deny => Permission::ApproveRemediation,
                _ => Permission::Remediate,
            }));
        }
        let Some(next) = plan.row.state.after(step) else {
            return Err(ServiceError::conflict(
                format!("The plan is {} now.", plan.row.state),
                "Load the page again to see where it stands.",
            ));
        };
        let decides = matches!(step, PlanMove::Approve | PlanMove::Deny);
        if step == PlanMove::Approve {
            if hash != plan.hash {
                return Err(ServiceError::conflict(
                    "This is not the plan that you have read.",
                    "Load the page again, and read it before you approve.",
                ));
            }
            let still = |author: &Person| {
                let known = people.iter().find(|known| known.person.subject == author.subject);
                known.is_some_and(|known| {
                    everywhere(known, Permission::Remediate, &places, &plan.accounts)
                })
            };
            if plan.row.author.as_ref().is_some_and(|author| !still(author)) {
                return Err(ServiceError::conflict(
                    "Its author may no longer change these accounts.",
                    "Deny it, and have somebody plan it anew who may.",
                ));
            }
        }
        if step == PlanMove::Retry && work.retry_steps(id).await? == 0 {
            return Err(ServiceError::conflict(
                "No call of it has failed.",
                "There is nothing to try again.",
            ));
        }
        let decision = decides.then(|| PlanDecision {
            by: caller.person.clone(),
            approved: step == PlanMove::Approve,
            note: note.clone(),
            at: work.now,
        });
        work.move_plan(id, next, decision.as_ref()).await?;
        let deed = match step {
            PlanMove::Approve => Deed::ApproveRemediation,
            PlanMove::Deny => Deed::DenyRemediation,
            PlanMove::Withdraw => Deed::WithdrawRemediation,
            PlanMove::Stop => Deed::StopRemediation,
            PlanMove::Resume => Deed::ResumeRemediation,
            PlanMove::Retry => Deed::RetryRemediation,
        };
        work.audit(
            NewEntry::done(Some(&caller.person), deed, id)
                .with("hash", &plan.hash)
                .with_some("note", note.as_ref()),
        );
        if let (true, Some(author)) = (decides, &plan.row.author) {
            let verdict = if step == PlanMove::Approve { "Approved" } else { "Denied" };
            told.person(
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
        told.send(&mut work).await?;
        work.commit().await?;
        tracing::info!(plan = %id, person = %caller.person.subject, %step, state = %next, "plan moved");
        Ok(next)
    }

    /// Stops every call that has not begun, whoever planned it, until the brake is released.
    pub async fn pull_brake(&self, caller: &Caller, reason: &str) -> Result<(), ServiceError> {
        may_brake(caller)?;
        let reason =
            sentence(reason).ok_or(ServiceError::Invalid("a reason of 1 to 1,000 characters"))?;
        let (services, person) = (self.clone(), caller.person.clone());
        Self::unhurried(async move {
            let mut work = services.store.begin(services.clock.now()).await?;
            if !work.pull_brake(&person, &reason).await? {
                return Err(ServiceError::conflict(
                    "The brake is pulled already.",
                    "Nothing more is to be done.",
                ));
            }
            let entry = NewEntry::done(Some(&person), Deed::PullBrake, "remediation");
            work.audit(entry.with("reason", &reason));
            work.commit().await?;
            tracing::warn!(person = %person.subject, "the brake on remediation is pulled");
            Ok(())
        })
        .await
    }

    /// Lets calls begin again. It needs the whole Organization: what waits may lie anywhere.
    pub async fn release_brake(&self, caller: &Caller) -> Result<(), ServiceError> {
        if !caller.may_everywhere(Permission::Remediate) {
            return Err(ServiceError::Forbidden(Permission::Remediate));
        }
        let (services, person) = (self.clone(), caller.person.clone());
        Self::unhurried(async move {
            let mut work = services.store.begin(services.clock.now()).await?;
            if !work.release_brake().await? {
                return Err(ServiceError::conflict(
                    "The brake is not pulled.",
                    "Nothing is to be done.",
                ));
            }
            work.audit(NewEntry::done(Some(&person), Deed::ReleaseBrake, "remediation"));
            work.commit().await?;
            services.keep_mending().await
        })
        .await
    }
}

/// Stopping is for everybody who may begin anything.
fn may_brake(caller: &Caller) -> Result<(), ServiceError> {
    if caller.may(Permission::Remediate) {
        Ok(())
    } else {
        Err(ServiceError::Forbidden(Permission::Remediate))
    }
}
