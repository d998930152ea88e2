//! Exceptions: somebody asks, somebody else approves, and the day comes on which each is over.

use crate::{
    ServiceError, Services,
    compliance::{InForce, parse_comment},
    grants::{NotificationBatch, named},
};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    authz::{AccountLocation, Caller, Permission, Person, VisibleAccounts},
    exceptions::{
        ExceptionId, ExceptionScope, ExceptionState, ExceptionTransition, may_over,
        view::{ExceptionForm, ExceptionNote, ExceptionRow, ExceptionView, ExceptionsView},
    },
    grants::sentence,
    ids::AccountId,
    job::Job,
    notifications::notice::Notice,
    waits::Waits,
};
use claviger_store::{NewException, UnitOfWork};
use std::collections::BTreeSet;
use time::{Date, Duration};

/// How long exceptions last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExceptionLimits {
    /// None lasts longer.
    pub longest_days: u32,
    /// Each is looked at again after so many days.
    pub review_days: u32,
}

/// Limits that nobody has to configure.
pub const EXCEPTION_LIMITS: ExceptionLimits =
    ExceptionLimits { longest_days: 180, review_days: 30 };

/// How long before its end the owner is told.
const WARNING: Duration = Duration::days(14);

/// What an exception is to be about, as the form's URL says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionSubject {
    /// Empty means every policy.
    pub policy: String,
    pub target: String,
}

fn missing() -> ServiceError {
    ServiceError::NotFound("exception")
}

impl Services {
    /// The same services with other limits of exceptions.
    #[must_use]
    pub fn with_exception_limits(self, exceptions: ExceptionLimits) -> Self {
        Self { exceptions, ..self }
    }

    /// Those that reach what the caller may see.
    pub async fn exceptions(&self, caller: &Caller) -> Result<ExceptionsView, ServiceError> {
        let visible = self.authority().within(caller, Permission::ReadFindings).await?;
        let (mut rows, policies) =
            tokio::try_join!(self.store.exceptions(&visible), self.in_force())?;
        self.count_waiting(&mut rows, &visible).await?;
        self.name_approvers(&mut rows).await?;
        let rows = rows.into_iter().map(|row| titled(row, &policies)).collect();
        Ok(ExceptionsView { rows, as_of: self.clock.now() })
    }

    /// One of them.
    pub async fn exception_page(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<ExceptionView, ServiceError> {
        let visible = self.authority().within(caller, Permission::ReadFindings).await?;
        let id: ExceptionId = id.parse().map_err(|_| missing())?;
        let (row, policies) =
            tokio::try_join!(self.store.exception(&visible, id), self.in_force())?;
        let mut row = row.ok_or_else(missing)?;
        self.count_waiting(std::slice::from_mut(&mut row), &visible).await?;
        self.name_approvers(std::slice::from_mut(&mut row)).await?;
        let (_, locations) = self.reach(&row.target).await?;
        let transitions = ExceptionTransition::ALL
            .iter()
            .copied()
            .filter(|step| row.state.after(*step).is_some() && may(caller, &row, &locations, *step))
            .collect();
        Ok(ExceptionView { row: titled(row, &policies), transitions, as_of: self.clock.now() })
    }

    /// What waits covers nothing yet: it is counted what it would cover, of what the caller may see.
    async fn count_waiting(
        &self,
        rows: &mut [ExceptionRow],
        visible: &VisibleAccounts,
    ) -> Result<(), ServiceError> {
        let mut waiting: Vec<&mut ExceptionRow> =
            rows.iter_mut().filter(|row| row.state == ExceptionState::Waiting).collect();
        let targets: Vec<ExceptionScope> = waiting.iter().map(|row| row.target.clone()).collect();
        let policies: Vec<Option<String>> = waiting.iter().map(|row| row.policy.clone()).collect();
        let accounts = self.store.accounts_of_each(&targets.iter().collect::<Vec<_>>()).await?;
        let seen = |of: &Vec<AccountId>| -> Vec<AccountId> {
            of.iter().filter(|account| visible.accounts.contains(account)).cloned().collect()
        };
        let those: Vec<_> = accounts
            .iter()
            .zip(&policies)
            .zip(&targets)
            .map(|((of, policy), target)| (seen(of), policy.as_deref(), target))
            .collect();
        let counts = self.store.count_coverable_each(&those, self.clock.now()).await?;
        for (row, count) in waiting.iter_mut().zip(counts) {
            row.findings = count;
        }
        Ok(())
    }

    /// Names who can decide about what waits, or review it where that is due. The number of questions does not grow with
    /// the rows.
    pub(crate) async fn name_approvers(
        &self,
        rows: &mut [ExceptionRow],
    ) -> Result<(), ServiceError> {
        let now = self.clock.now();
        let mut waiting: Vec<&mut ExceptionRow> = rows
            .iter_mut()
            .filter(|row| row.state == ExceptionState::Waiting || row.is_due(now))
            .collect();
        if waiting.is_empty() {
            return Ok(());
        }
        let targets: Vec<ExceptionScope> = waiting.iter().map(|row| row.target.clone()).collect();
        let accounts = self.store.accounts_of_each(&targets.iter().collect::<Vec<_>>()).await?;
        let all: BTreeSet<&AccountId> = accounts.iter().flatten().collect();
        let all: Vec<AccountId> = all.into_iter().cloned().collect();
        let (locations, people) = tokio::try_join!(
            async { Ok(self.store.locations(&all).await?) },
            self.known_callers()
        )?;
        for (row, of) in waiting.iter_mut().zip(&accounts) {
            let at: Vec<&AccountLocation> =
                locations.iter().filter(|at| of.contains(&at.account)).collect();
            let who = approvers(&people, &row.owner, &row.target, &at);
            row.waits = Some(if row.state == ExceptionState::Waiting {
                Waits::Approval(who)
            } else {
                Waits::Review(who)
            });
        }
        Ok(())
    }

    /// What the form for a new one says. Nothing is written.
    pub async fn exception_form(
        &self,
        caller: &Caller,
        about: &ExceptionSubject,
    ) -> Result<ExceptionForm, ServiceError> {
        let asked = self.about(caller, about).await?;
        let mut targets = vec![asked.target.clone()];
        if let (ExceptionScope::Resource(_), Some(location)) =
            (&asked.target, asked.locations.first())
        {
            targets.push(ExceptionScope::Account(location.account.clone()));
            // The root's own policy is the Organization's.
            let units = location.units.iter().rev().filter(|(_, path)| !path.is_empty());
            targets.extend(units.map(|(id, _)| ExceptionScope::Ou(id.clone())));
            targets.push(ExceptionScope::Organization);
        } else {
            let visible = self.authority().within(caller, Permission::RequestException).await?;
            let units = self.store.visible_ous(&visible).await?;
            targets.extend(units.into_iter().map(|ou| ExceptionScope::Ou(ou.id)));
        }
        let mut named: Vec<(ExceptionScope, String)> = Vec::new();
        for target in targets {
            let mut locations = asked.locations.iter();
            let is_open = locations
                .any(|p| may_over(caller, Permission::RequestException, &target, p))
                && named.iter().all(|(known, _)| *known != target)
                && (asked.policy.is_some() || matches!(target, ExceptionScope::Resource(_)));
            if !is_open {
                continue;
            }
            if let Some(name) = self.store.target_name(&target).await? {
                named.push((target, name));
            }
        }
        let now = self.clock.now();
        let today = now.date();
        let findings = self
            .store
            .count_coverable(&asked.accounts, asked.policy.as_deref(), &asked.target, now)
            .await?;
        let people = self.known_callers().await?;
        let locations: Vec<&AccountLocation> = asked.locations.iter().collect();
        Ok(ExceptionForm {
            approvers: approvers(&people, &caller.person, &asked.target, &locations),
            policy: asked.policy,
            policy_title: asked.policy_title,
            target: asked.target,
            target_name: asked.target_name,
            targets: named,
            findings,
            days: (
                today,
                today.saturating_add(Duration::days(self.exceptions.longest_days.into())),
            ),
        })
    }

    /// Asks for one. `until` is its last day, in UTC; it is over when that day is.
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
        if ends_at - now > Duration::days(i64::from(self.exceptions.longest_days) + 1) {
            return Err(ServiceError::conflict(
                format!("An exception can last at most {} days.", self.exceptions.longest_days),
                "Choose an earlier date; you can request it again then.",
            ));
        }
        let (services, person) = (self.clone(), caller.person.clone());
        Self::spawn_uncancelled(async move {
            services.write_exception(&asked, &person, &reason, ends_at).await
        })
        .await
    }

    /// Moves one on.
    pub async fn transition_exception(
        &self,
        caller: &Caller,
        id: &str,
        step: ExceptionTransition,
        note: &str,
    ) -> Result<ExceptionState, ServiceError> {
        let visible = self.authority().within(caller, Permission::ReadFindings).await?;
        let id: ExceptionId = id.parse().map_err(|_| missing())?;
        let row = self.store.exception_uncounted(&visible, id).await?.ok_or_else(missing)?;
        // What it reaches never changes, so it is read before the transaction begins.
        let reached = self.reach(&row.target).await?;
        let note = parse_comment(note)?;
        if note.is_none() && matches!(step, ExceptionTransition::Deny | ExceptionTransition::End) {
            return Err(ServiceError::Invalid("a reason: its owner will read it"));
        }
        let (services, caller) = (self.clone(), caller.clone());
        Self::spawn_uncancelled(async move {
            services.transitioned_exception(&caller, id, &reached, step, note).await
        })
        .await
    }

    /// Ends what is over, and tells owners what soon will be.
    pub async fn update_exceptions(&self) -> Result<(), ServiceError> {
        let now = self.clock.now();
        let due = self.store.exceptions_due(now, now + WARNING).await?;
        if due.is_empty() {
            return Ok(());
        }
        let people = self.known_callers().await?;
        for (id, target) in due {
            let mut batch = NotificationBatch::of(people.clone());
            let accounts = self.store.accounts_of(&target).await?;
            let mut work = self.store.begin(now).await?;
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

    async fn write_exception(
        &self,
        asked: &Asked,
        owner: &Person,
        reason: &str,
        ends_at: time::OffsetDateTime,
    ) -> Result<ExceptionId, ServiceError> {
        let mut batch = self.notification_batch().await?;
        let mut work = self.store.begin(self.clock.now()).await?;
        let new = NewException {
            policy: asked.policy.as_deref(),
            target: &asked.target,
            reason,
            owner,
            ends_at,
        };
        let id = work.insert_exception(&new).await?;
        work.audit(
            NewEntry::done(Some(owner), AuditAction::RequestException, id)
                .with_some("policy", asked.policy.as_ref())
                .with("target", &asked.target)
                .with("ends_at", ends_at)
                .with("reason", reason),
        );
        let about = asked.policy_title.as_deref().unwrap_or("Every policy");
        let notice = Notice {
            kind: "waiver-waits".into(),
            grant: None,
            title: format!("{} requests an exception: {about}, {}", owner.name, asked.target_name),
            body: format!("{reason} Needs your approval."),
            link: format!("/exceptions/{id}"),
        };
        batch.notify_where(&notice, |person| {
            let decides = asked.locations.iter().all(|location| {
                may_over(person, Permission::DecideException, &asked.target, location)
            });
            decides && !person.person.is_same_as(owner)
        });
        batch.channel(notice);
        batch.send(&mut work).await?;
        work.commit().await?;
        Ok(id)
    }

    async fn transitioned_exception(
        &self,
        caller: &Caller,
        id: ExceptionId,
        (accounts, locations): &(Vec<AccountId>, Vec<AccountLocation>),
        step: ExceptionTransition,
        note: Option<String>,
    ) -> Result<ExceptionState, ServiceError> {
        let mut batch = self.notification_batch().await?;
        let now = self.clock.now();
        let mut work = self.store.begin(now).await?;
        let row = work.lock_exception(id).await?.ok_or_else(missing)?;
        let is_owner = row.owner.is_same_as(&caller.person);
        if is_owner && matches!(step, ExceptionTransition::Approve | ExceptionTransition::Review) {
            return Err(ServiceError::conflict(
                "You can't approve or review your own exception.",
                "Ask another person who can decide on exceptions in these accounts.",
            ));
        }
        if !may(caller, &row, locations, step) {
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
            .then(|| now + Duration::days(self.exceptions.review_days.into()));
        let is_review = step == ExceptionTransition::Review;
        work.transition_exception(id, next, Some((step, &said)), review_at).await?;
        let (audit_action, title) = match step {
            ExceptionTransition::Approve => (AuditAction::ApproveException, "Exception approved"),
            ExceptionTransition::Deny => (AuditAction::DenyException, "Exception denied"),
            ExceptionTransition::Withdraw => {
                (AuditAction::WithdrawException, "Exception withdrawn")
            }
            ExceptionTransition::Review => (AuditAction::ReviewException, "Exception reviewed"),
            ExceptionTransition::End => (AuditAction::EndException, "Exception ended"),
        };
        work.audit(
            NewEntry::done(Some(&caller.person), audit_action, id).with_some("note", note.as_ref()),
        );
        if !is_review {
            reevaluate(&mut work, accounts).await?;
        }
        if !is_owner {
            let body = note.unwrap_or_else(|| format!("By {}.", caller.person.name));
            tell_owner(&mut batch, &row, "waiver-decided", title, body);
        }
        batch.send(&mut work).await?;
        work.commit().await?;
        Ok(next)
    }

    /// The accounts of a target, and where they stand.
    async fn reach(
        &self,
        target: &ExceptionScope,
    ) -> Result<(Vec<AccountId>, Vec<AccountLocation>), ServiceError> {
        let accounts = self.store.accounts_of(target).await?;
        let locations = self.store.locations(&accounts).await?;
        Ok((accounts, locations))
    }

    /// What the form is about, where the caller may ask for it.
    async fn about(
        &self,
        caller: &Caller,
        about: &ExceptionSubject,
    ) -> Result<Asked, ServiceError> {
        if !caller.may(Permission::RequestException) {
            return Err(ServiceError::Forbidden(Permission::RequestException));
        }
        let target: ExceptionScope = about.target.parse().map_err(|_| {
            ServiceError::Invalid(
                "what it reaches: resource:<id>, account:<id>, ou:<id> or organization",
            )
        })?;
        let gone = || ServiceError::NotFound("place for an exception");
        let (accounts, locations) = self.reach(&target).await?;
        let may_ask = !locations.is_empty()
            && locations.iter().all(|p| may_over(caller, Permission::RequestException, &target, p));
        if !may_ask {
            // What lies outside one's scope is not there.
            return Err(gone());
        }
        let target_name = self.store.target_name(&target).await?.ok_or_else(gone)?;
        let policy = (!about.policy.is_empty()).then(|| about.policy.clone());
        if policy.is_none() && !matches!(target, ExceptionScope::Resource(_)) {
            return Err(ServiceError::Invalid(
                "a policy: only of one secret or parameter can every policy be waived",
            ));
        }
        let policies = self.in_force().await?;
        let policy_title = match &policy {
            None => None,
            Some(id) => {
                let found = policies.iter().find(|found| found.policy.id == *id);
                Some(found.ok_or(ServiceError::NotFound("policy"))?.policy.title.clone())
            }
        };
        Ok(Asked { policy, policy_title, target, target_name, accounts, locations })
    }
}

/// What an exception is to be about, understood.
struct Asked {
    policy: Option<String>,
    policy_title: Option<String>,
    target: ExceptionScope,
    target_name: String,
    accounts: Vec<AccountId>,
    locations: Vec<AccountLocation>,
}

/// Has what it reaches evaluated again.
async fn reevaluate(work: &mut UnitOfWork, accounts: &[AccountId]) -> Result<(), ServiceError> {
    for account in accounts {
        work.enqueue(&Job::Evaluate { account: account.clone() }).await?;
    }
    Ok(())
}

/// Who can approve or review an exception over these places, by name; never who asks for it.
fn approvers(
    people: &[Caller],
    owner: &Person,
    target: &ExceptionScope,
    locations: &[&AccountLocation],
) -> Vec<String> {
    named(people.iter().filter(|person| {
        !locations.is_empty()
            && locations.iter().all(|at| may_over(person, Permission::DecideException, target, at))
            && !person.person.is_same_as(owner)
    }))
}

/// Whether the caller may do this to it. In which state it is, is asked elsewhere.
fn may(
    caller: &Caller,
    row: &ExceptionRow,
    locations: &[AccountLocation],
    step: ExceptionTransition,
) -> bool {
    let is_owner = row.owner.is_same_as(&caller.person);
    let decides = !locations.is_empty()
        && locations.iter().all(|p| may_over(caller, Permission::DecideException, &row.target, p));
    match step {
        ExceptionTransition::Approve | ExceptionTransition::Review => decides && !is_owner,
        ExceptionTransition::Deny => decides,
        ExceptionTransition::Withdraw => is_owner,
        ExceptionTransition::End => is_owner || decides,
    }
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

fn titled(mut row: ExceptionRow, policies: &[InForce]) -> ExceptionRow {
    row.policy_title = row.policy.as_ref().map(|id| {
        let found = policies.iter().find(|found| found.policy.id == *id);
        found.map_or_else(|| format!("{id} (retired)"), |found| found.policy.title.clone())
    });
    row
}
