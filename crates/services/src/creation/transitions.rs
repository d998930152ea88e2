//! What people do to a creation: request, approve, deny, withdraw, enter the value; and what time does to it.

use super::{
    CreationService, TypedValue,
    asked::name_taken,
    draft::{Checked, reason_fault},
    known::requested_already,
    missing,
};
use crate::{
    ServiceError, compliance::parse_comment, grants::NotificationBatch, uncancelled::uncancelled,
};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    authz::{AccountLocation, Caller, Permission},
    creation::{
        CreationForm, CreationId, CreationState, CreationTransition, NewResource,
        view::{CreationDecision, CreationRow, FailingCheck},
    },
    notifications::notice::{Notice, full_stop},
};
use claviger_gateways::NewValue;
use claviger_store::{CreationChange, NewCreation, StoredCreation, UnitOfWork};
use time::{Duration, OffsetDateTime};

/// Until a call is over whose outcome nobody has written down: its worker is gone.
const LOST_AFTER: Duration = Duration::minutes(5);

impl CreationService {
    /// Requests the creation of what the form describes; `preview` is the hash of the preview that was read. Where nobody
    /// has to approve, it is created at once with this value. Otherwise the value is not looked at: the requester enters it
    /// after the approval. Returns the creation with what came of it.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn submit(
        &self,
        caller: &Caller,
        form: &CreationForm,
        accepts_failing: bool,
        preview: &str,
        value: TypedValue,
    ) -> Result<CreationRow, ServiceError> {
        let shape = form.read().map_err(ServiceError::Shape)?;
        let (checked, _) = self.checked(caller, &shape, &form.reason).await?;
        if let Some(id) = self.place_service.open_request(&shape).await? {
            return Err(ServiceError::Shape(vec![requested_already(id)]));
        }
        if let Some(fault) = reason_fault(&form.reason) {
            return Err(ServiceError::Shape(vec![fault]));
        }
        let reason = form.reason.trim().to_owned();
        let hash = shape.hash(&form.reason);
        if hash != preview {
            return Err(ServiceError::StalePreview);
        }
        accepted(&checked, accepts_failing)?;
        let needs_approval = checked.rule.needs_approval();
        let value = if needs_approval {
            None
        } else {
            Some(value.read(form, &shape).map_err(|fault| ServiceError::Shape(vec![fault]))?)
        };
        self.execution_service.ask_aws(&shape).await?;
        let new = Requested { shape, hash, reason, needs_approval, checked: checked.into() };
        uncancelled(self, caller, move |service, caller| async move {
            service.requested(&caller, new, value).await
        })
        .await
    }

    async fn requested(
        &self,
        caller: &Caller,
        new: Requested,
        value: Option<NewValue>,
    ) -> Result<CreationRow, ServiceError> {
        let Requested { shape, hash, reason, needs_approval, checked } = new;
        if value.is_some() {
            self.execution_service.refuse_during_pause().await?;
        }
        let mut batch = self.people_service.notification_batch().await?;
        let now = self.clock.now();
        let mut work = self.transactions.begin(now).await?;
        if value.is_some() {
            self.execution_service.may_begin(&mut work, &shape.account).await?;
        }
        // Another browser may have been faster.
        if let Some(id) = work.lock_open_creation(&shape).await? {
            return Err(ServiceError::Shape(vec![requested_already(id)]));
        }
        let wait = if needs_approval { checked.decide_minutes } else { checked.value_minutes };
        let new = NewCreation {
            shape: &shape,
            hash: &hash,
            reason: &reason,
            requester: &caller.person,
            failing: &checked.failing,
            needs_approval,
            state: if needs_approval { CreationState::Waiting } else { CreationState::Creating },
            expires_at: now + Duration::minutes(wait.into()),
            value_minutes: checked.value_minutes,
        };
        let id = work.insert_creation(&new).await?;
        let stored = work.lock_creation(id).await?.ok_or_else(missing)?;
        work.audit(
            described(
                NewEntry::done(Some(&caller.person), AuditAction::RequestCreation, id),
                &shape,
            )
            .with("hash", &hash)
            .with("reason", &reason)
            .with("needs_approval", needs_approval)
            .with("failing_checks", checked.failing.len()),
        );
        if needs_approval {
            let notice = Notice {
                kind: "creation-waits".into(),
                grant: None,
                title: format!(
                    "{} requests a new {}: {}",
                    caller.person.name,
                    shape.kind(),
                    shape.name
                ),
                body: format!("{} Needs your approval.", full_stop(&reason)),
                link: format!("/creations/{id}"),
            };
            batch.notify_where(&notice, |person| {
                self.may(person, &stored, &checked.location, CreationTransition::Approve)
            });
            batch.channel(notice);
        }
        let value = value.map(|value| (value, started(&mut work, caller, id, &shape)));
        batch.send(&mut work).await?;
        let seqs = work.commit().await?;
        let Some((value, entry)) = value else { return self.row(&shape, id).await };
        let started = seqs.last().copied().unwrap_or_default();
        self.execution_service.make(&stored, &value, &entry, started).await?;
        self.row(&shape, id).await
    }

    /// Creates an approved shape with this value. It is checked once more: what has changed since the approval is refused.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn enter_value(
        &self,
        caller: &Caller,
        id: &str,
        form: &CreationForm,
        value: TypedValue,
    ) -> Result<CreationRow, ServiceError> {
        let stored = self.seen(caller, id).await?;
        let StoredCreation { row: CreationRow { id, shape, reason, .. }, .. } = stored.clone();
        if !stored.row.requester.is_same_as(&caller.person) {
            return Err(ServiceError::conflict(
                "Only the requester can enter the value.",
                format!("Ask {}.", stored.row.requester.name),
            ));
        }
        takes_value(&stored, self.clock.now())?;
        // The page of the creation shows what was approved; the table has to have the same.
        if shape.hash(&reason) != stored.hash {
            return Err(ServiceError::conflict(
                "The request is not what was approved.",
                "Withdraw it, and request it again.",
            ));
        }
        let checked = self.checked(caller, &shape, &reason).await;
        let (checked, _) = checked.map_err(not_as_requested)?;
        // Anyone who approved has seen these failing checks, and no others.
        let is_new =
            |one: &FailingCheck| !stored.row.failing.iter().any(|seen| seen.policy == one.policy);
        if let Some(one) = checked.failing.iter().find(|one| is_new(one)) {
            return Err(ServiceError::conflict(
                format!("Since the approval, it would also fail the check {}.", one.title),
                "Withdraw this request, and request it again.",
            ));
        }
        let value = value.read(form, &shape).map_err(|fault| ServiceError::Shape(vec![fault]))?;
        self.execution_service.ask_aws(&shape).await.map_err(not_as_requested)?;
        self.execution_service.refuse_during_pause().await?;
        uncancelled(self, caller, move |service, caller| async move {
            let mut work = service.transactions.begin(service.clock.now()).await?;
            let stored = work.lock_creation(id).await?.ok_or_else(missing)?;
            takes_value(&stored, work.now)?;
            service.execution_service.may_begin(&mut work, &shape.account).await?;
            work.change_creation(id, &CreationChange::to(CreationState::Creating)).await?;
            let entry = started(&mut work, &caller, id, &shape);
            let started = work.commit().await?.last().copied().unwrap_or_default();
            service.execution_service.make(&stored, &value, &entry, started).await?;
            service.row(&shape, id).await
        })
        .await
    }

    /// Approves, denies or withdraws. An approval says by its hash which shape was read.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn transition_creation(
        &self,
        caller: &Caller,
        id: &str,
        step: CreationTransition,
        hash: &str,
        note: &str,
    ) -> Result<CreationState, ServiceError> {
        let stored = self.seen(caller, id).await?;
        let location = self.location_of(&stored).await?;
        let note = parse_comment(note)?;
        if step == CreationTransition::Deny && note.is_none() {
            return Err(ServiceError::Invalid("a reason: the requester will read it"));
        }
        let (id, hash) = (stored.row.id, hash.to_owned());
        uncancelled(self, caller, move |service, caller| async move {
            service.moved(&caller, id, step, &hash, note, &location).await
        })
        .await
    }

    async fn moved(
        &self,
        caller: &Caller,
        id: CreationId,
        step: CreationTransition,
        hash: &str,
        note: Option<String>,
        location: &AccountLocation,
    ) -> Result<CreationState, ServiceError> {
        let mut batch = self.people_service.notification_batch().await?;
        let now = self.clock.now();
        let mut work = self.transactions.begin(now).await?;
        let stored = work.lock_creation(id).await?.ok_or_else(missing)?;
        let is_requester = stored.row.requester.is_same_as(&caller.person);
        if step == CreationTransition::Approve && is_requester {
            return Err(ServiceError::conflict(
                "You can't approve your own request.",
                "Ask another person whom the rule names.",
            ));
        }
        if !self.may(caller, &stored, location, step) {
            return Err(ServiceError::Forbidden(Permission::ApproveRemediation));
        }
        let next = stored.row.state.after(step).filter(|_| stored.row.expires_at > now);
        let next = next.ok_or_else(|| {
            ServiceError::conflict(
                format!("The creation is {} now.", stored.row.state),
                "Reload the page to see its state.",
            )
        })?;
        if step == CreationTransition::Approve && hash != stored.hash {
            return Err(ServiceError::conflict(
                "The request changed since you opened it.",
                "Reload the page and review it before you approve.",
            ));
        }
        let decision = CreationDecision { by: caller.person.clone(), note: note.clone(), at: now };
        let minutes = Duration::minutes(stored.value_minutes.into());
        let change = CreationChange {
            decision: (step != CreationTransition::Withdraw).then_some(&decision),
            expires_at: (step == CreationTransition::Approve).then_some(now + minutes),
            ..CreationChange::to(next)
        };
        work.change_creation(id, &change).await?;
        let (audit_action, title) = match step {
            CreationTransition::Approve => {
                (AuditAction::ApproveCreation, "Approved: enter the value")
            }
            CreationTransition::Deny => (AuditAction::DenyCreation, "Denied"),
            CreationTransition::Withdraw => (AuditAction::WithdrawCreation, "Withdrawn"),
        };
        work.audit(
            NewEntry::done(Some(&caller.person), audit_action, id)
                .with("hash", &stored.hash)
                .with_some("note", note.as_ref()),
        );
        if !is_requester {
            let body = note.unwrap_or_else(|| format!("By {}.", caller.person.name));
            notify_requester(&mut batch, &stored.row, title, body);
        }
        batch.send(&mut work).await?;
        work.commit().await?;
        Ok(next)
    }

    /// Ends what is over its time, and finds out what came of calls whose outcome was lost.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn update_creations(&self) -> Result<(), ServiceError> {
        let now = self.clock.now();
        for stored in self.creations.creations_due(now, now - LOST_AFTER).await? {
            if stored.row.state == CreationState::Creating {
                self.execution_service.settle(&stored).await?;
                continue;
            }
            let mut batch = self.people_service.notification_batch().await?;
            let mut work = self.transactions.begin(now).await?;
            let id = stored.row.id;
            let Some(stored) = work.lock_creation(id).await? else { continue };
            if stored.row.state.is_over() || stored.row.expires_at > now {
                continue;
            }
            let body = match stored.row.state {
                CreationState::Waiting => "Nobody decided in time.",
                _ => "No value was entered in time.",
            };
            let change = CreationChange {
                message: Some(body),
                ..CreationChange::to(CreationState::Expired)
            };
            work.change_creation(id, &change).await?;
            work.audit(NewEntry::done(None, AuditAction::ExpireCreation, id));
            notify_requester(&mut batch, &stored.row, "Expired", body.into());
            batch.send(&mut work).await?;
            work.commit().await?;
        }
        Ok(())
    }

    /// The creation as it is now.
    async fn row(&self, shape: &NewResource, id: CreationId) -> Result<CreationRow, ServiceError> {
        let own = claviger_domain::authz::VisibleAccounts {
            accounts: vec![shape.account.clone()],
            whole_organization: false,
        };
        Ok(self.creations.creation(&own, id).await?.ok_or_else(missing)?.row)
    }
}

/// The entry before the call.
fn started(
    work: &mut UnitOfWork,
    caller: &Caller,
    id: CreationId,
    shape: &NewResource,
) -> NewEntry {
    let entry = NewEntry::started(Some(&caller.person), AuditAction::CreateResource, id);
    let entry = described(entry, shape);
    work.audit(entry.clone());
    entry
}

/// What is written down of a request, once it is checked.
struct Requested {
    shape: NewResource,
    hash: String,
    reason: String,
    needs_approval: bool,
    checked: CheckedOwned,
}

/// The same as [`Checked`], for a task of its own.
struct CheckedOwned {
    location: AccountLocation,
    failing: Vec<FailingCheck>,
    decide_minutes: u32,
    value_minutes: u32,
}

impl From<Checked<'_>> for CheckedOwned {
    fn from(checked: Checked<'_>) -> Self {
        Self {
            location: checked.location,
            failing: checked.failing,
            decide_minutes: checked.rule.decide_minutes,
            value_minutes: checked.rule.value_minutes,
        }
    }
}

/// Refuses a value that is not waited for.
fn takes_value(stored: &StoredCreation, now: OffsetDateTime) -> Result<(), ServiceError> {
    let state = match stored.row.state {
        CreationState::Approved if stored.row.expires_at > now => return Ok(()),
        CreationState::Approved => CreationState::Expired,
        other => other,
    };
    Err(ServiceError::conflict(
        format!("The value can't be entered: the creation is {state} now."),
        "Reload the page to see its state.",
    ))
}

/// Nothing can be corrected in a shape that was approved: only what is in its way, or another request.
fn not_as_requested(error: ServiceError) -> ServiceError {
    let faults = match error {
        ServiceError::Shape(faults) => faults,
        other => return other,
    };
    if faults.contains(&name_taken()) {
        return ServiceError::conflict(
            "The name was taken after the request. Nothing was created.",
            "Withdraw this request, and request another name.",
        );
    }
    let reasons: Vec<String> = faults.into_iter().map(|fault| fault.reason).collect();
    ServiceError::conflict(
        format!("It can't be created as requested. {}", reasons.join(" ")),
        "Correct this in AWS, or withdraw this request and make another one.",
    )
}

fn accepted(checked: &Checked<'_>, accepts_failing: bool) -> Result<(), ServiceError> {
    if checked.failing.is_empty() || accepts_failing {
        return Ok(());
    }
    let titles: Vec<&str> = checked.failing.iter().map(|one| one.title.as_str()).collect();
    Err(ServiceError::conflict(
        format!("It would fail: {}.", titles.join("; ")),
        "Change it so that the checks pass, or accept the failing checks.",
    ))
}

/// What it is, without its value.
fn described(entry: NewEntry, shape: &NewResource) -> NewEntry {
    entry
        .with("kind", shape.kind())
        .with("account", &shape.account)
        .with("region", &shape.region)
        .with("name", &shape.name)
}

fn notify_requester(batch: &mut NotificationBatch, row: &CreationRow, title: &str, body: String) {
    let notice = Notice {
        kind: "creation-decided".into(),
        grant: None,
        title: format!("{title}: {}", row.shape.name),
        body,
        link: format!("/creations/{}", row.id),
    };
    batch.person(&row.requester.subject, notice);
}
