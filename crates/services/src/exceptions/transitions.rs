//! What moves an exception on: its request, people's decisions, and its last day.

use super::{ExceptionService, ExceptionSubject, may, missing};
use crate::{
    ServiceError, compliance::parse_comment, grants::NotificationBatch, uncancelled::uncancelled,
};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    authz::{Caller, Permission},
    exceptions::{
        ExceptionId, ExceptionState, ExceptionTransition, may_over,
        view::{ExceptionNote, ExceptionRow},
    },
    grants::sentence,
    ids::AccountId,
    job::Job,
    notifications::notice::{Notice, full_stop},
};
use claviger_store::{NewException, UnitOfWork};
use time::{Date, Duration};

/// How long before its end the owner is told.
const WARNING: Duration = Duration::days(14);

impl ExceptionService {
    /// Asks for one. `until` is its last day, in UTC; it is over when that day is.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn request_exception(
        &self,
        caller: &Caller,
        about: &ExceptionSubject,
        reason: &str,
        until: &str,
    ) -> Result<ExceptionId, ServiceError> {
        let asked = self.about(caller, about).await?;
        let reason =
            sentence(reason).ok_or(ServiceError::Invalid("a reason of 1 to 1,000 characters"))?;
        let until =
            Date::parse(until.trim(), time::macros::format_description!("[year]-[month]-[day]"))
                .map_err(|_| {
                    ServiceError::Invalid("the last day of the exception, such as 2027-01-31")
                })?;
        let now = self.clock.now();
        let ends_at = until.next_day().unwrap_or(until).midnight().assume_utc();
        if ends_at <= now {
            return Err(ServiceError::Invalid("a last day that has not passed"));
        }
        if ends_at - now > Duration::days(i64::from(self.limits.longest_days) + 1) {
            return Err(ServiceError::conflict(
                format!("An exception can last at most {} days.", self.limits.longest_days),
                "Choose an earlier date; you can request it again then.",
            ));
        }
        uncancelled(self, caller, move |service, Caller { person: owner, .. }| async move {
            let mut batch = service.people_service.notification_batch().await?;
            let mut work = service.transactions.begin(service.clock.now()).await?;
            let new = NewException {
                policy: asked.policy.as_deref(),
                target: &asked.target,
                reason: &reason,
                owner: &owner,
                ends_at,
            };
            let id = work.insert_exception(&new).await?;
            work.audit(
                NewEntry::done(Some(&owner), AuditAction::RequestException, id)
                    .with_some("policy", asked.policy.as_ref())
                    .with("target", &asked.target)
                    .with("ends_at", ends_at)
                    .with("reason", &reason),
            );
            let about = asked.policy_title.as_deref().unwrap_or("Every policy");
            let notice = Notice {
                kind: "waiver-waits".into(),
                grant: None,
                title: format!(
                    "{} requests an exception: {about}, {}",
                    owner.name, asked.target_name
                ),
                body: format!("{} Needs your approval.", full_stop(&reason)),
                link: format!("/exceptions/{id}"),
            };
            batch.notify_where(&notice, |person| {
                let decides = asked.locations.iter().all(|location| {
                    may_over(person, Permission::DecideException, &asked.target, location)
                });
                decides && !person.person.is_same_as(&owner)
            });
            batch.channel(notice);
            batch.send(&mut work).await?;
            work.commit().await?;
            Ok(id)
        })
        .await
    }

    /// Moves one on.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn transition_exception(
        &self,
        caller: &Caller,
        id: &str,
        step: ExceptionTransition,
        note: &str,
    ) -> Result<ExceptionState, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let id: ExceptionId = id.parse().map_err(|_| missing())?;
        let row = self.exceptions.exception_uncounted(&visible, id).await?.ok_or_else(missing)?;
        // What it reaches never changes, so it is read before the transaction begins.
        let (accounts, locations) = self.reach(&row.target).await?;
        let note = parse_comment(note)?;
        if note.is_none() && matches!(step, ExceptionTransition::Deny | ExceptionTransition::End) {
            return Err(ServiceError::Invalid("a reason: its owner will read it"));
        }
        uncancelled(self, caller, move |service, caller| async move {
            let mut batch = service.people_service.notification_batch().await?;
            let now = service.clock.now();
            let mut work = service.transactions.begin(now).await?;
            let row = work.lock_exception(id).await?.ok_or_else(missing)?;
            let is_owner = row.owner.is_same_as(&caller.person);
            if is_owner
                && matches!(step, ExceptionTransition::Approve | ExceptionTransition::Review)
            {
                return Err(ServiceError::conflict(
                    "You can't approve or review your own exception.",
                    "Ask another person who can decide on exceptions in these accounts.",
                ));
            }
            if is_owner && step == ExceptionTransition::Deny {
                return Err(ServiceError::conflict(
                    "You can't deny your own exception.",
                    "Withdraw it.",
                ));
            }
            if !may(&caller, &row, &locations, step) {
                return Err(ServiceError::Forbidden(Permission::DecideException));
            }
            let next = row.state.after(step).filter(|_| row.ends_at > now).ok_or_else(|| {
                ServiceError::conflict(
                    format!("The exception is {} now.", row.state),
                    "Reload the page to see its state.",
                )
            })?;
            let said = ExceptionNote { by: caller.person.clone(), note: note.clone(), at: now };
            let review_at = (next == ExceptionState::Approved)
                .then(|| now + Duration::days(service.limits.review_days.into()));
            let is_review = step == ExceptionTransition::Review;
            work.transition_exception(id, next, Some((step, &said)), review_at).await?;
            let (audit_action, title) = match step {
                ExceptionTransition::Approve => {
                    (AuditAction::ApproveException, "Exception approved")
                }
                ExceptionTransition::Deny => (AuditAction::DenyException, "Exception denied"),
                ExceptionTransition::Withdraw => {
                    (AuditAction::WithdrawException, "Exception withdrawn")
                }
                ExceptionTransition::Review => (AuditAction::ReviewException, "Exception reviewed"),
                ExceptionTransition::End => (AuditAction::EndException, "Exception ended"),
            };
            work.audit(
                NewEntry::done(Some(&caller.person), audit_action, id)
                    .with_some("note", note.as_ref()),
            );
            if !is_review {
                reevaluate(&mut work, &accounts).await?;
            }
            if !is_owner {
                let body = note.unwrap_or_else(|| format!("By {}.", caller.person.name));
                tell_owner(&mut batch, &row, "waiver-decided", title, body);
            }
            batch.send(&mut work).await?;
            work.commit().await?;
            Ok(next)
        })
        .await
    }

    /// Ends what is over, and tells owners what soon will be.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn update_exceptions(&self) -> Result<(), ServiceError> {
        let now = self.clock.now();
        let due = self.exceptions.exceptions_due(now, now + WARNING).await?;
        if due.is_empty() {
            return Ok(());
        }
        let people = self.people_service.known_callers().await?;
        for (id, target) in due {
            let mut batch = NotificationBatch::of(people.clone());
            let accounts = self.exceptions.accounts_of(&target).await?;
            let mut work = self.transactions.begin(now).await?;
            let Some(row) = work.lock_exception(id).await? else { continue };
            if row.state.is_over() {
                continue;
            }
            if row.ends_at <= now {
                let was_waiting = row.state == ExceptionState::Waiting;
                work.transition_exception(id, ExceptionState::Expired, None, None).await?;
                work.audit(NewEntry::done(None, AuditAction::ExpireException, id));
                reevaluate(&mut work, &accounts).await?;
                let body = if was_waiting {
                    "Not decided in time."
                } else {
                    "The exception expired: its findings count again."
                };
                tell_owner(&mut batch, &row, "waiver-expired", "Exception expired", body.into());
            } else {
                work.warn_exception(id).await?;
                let body = format!("Expires {}.", row.ends_at.date());
                tell_owner(&mut batch, &row, "waiver-ends-soon", "Exception expires soon", body);
            }
            batch.send(&mut work).await?;
            work.commit().await?;
        }
        Ok(())
    }
}

/// Has what it reaches evaluated again.
async fn reevaluate(work: &mut UnitOfWork, accounts: &[AccountId]) -> Result<(), ServiceError> {
    for account in accounts {
        work.enqueue(&Job::Evaluate { account: account.clone() }).await?;
    }
    Ok(())
}

fn tell_owner(
    batch: &mut NotificationBatch,
    row: &ExceptionRow,
    kind: &str,
    title: &str,
    body: String,
) {
    let notice = Notice {
        kind: kind.into(),
        grant: None,
        title: format!("{title}: {}", row.target_name),
        body,
        link: format!("/exceptions/{}", row.id),
    };
    batch.person(&row.owner.subject, notice);
}
