//! The call that creates it, and what follows: the inventory, and a plan of the remaining calls.

use super::missing;
use crate::{
    EventService, ServiceError,
    grants::source_identity,
    remediation::{PlanOrigin, PlanToWrite},
};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    clock::Clock,
    creation::{CreationId, CreationState, NewResource},
    error_line::ErrorLine,
    facts::{Detail, Kind, ResourceFacts},
    ids::{AccountId, ResourceId},
    remediation::{PlanId, PlannedCall},
    scan::RegionScanFault,
};
use claviger_gateways::{
    AwsError, CreationOrder, Gateway, InventoryReader, NewValue, RemediationGateway,
};
use claviger_policy::creation_policy;
use claviger_store::{
    AccountRepository, CreationChange, FactRepository, PlanRepository, RemediationLimits,
    StoredCreation, Transactions, UnitOfWork,
};
use std::sync::Arc;
use time::Duration;

/// The call that creates what was approved, and what is asked of AWS before and after it.
#[derive(Clone)]
pub struct CreationExecutionService {
    pub(crate) accounts: AccountRepository,
    pub(crate) facts: FactRepository,
    pub(crate) plans: PlanRepository,
    pub(crate) transactions: Transactions,
    pub(crate) event_service: EventService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) gateway: Arc<dyn Gateway>,
    pub(crate) remediation_gateway: Arc<dyn RemediationGateway>,
    pub(crate) limits: RemediationLimits,
}

impl CreationExecutionService {
    /// Refuses while remediation is paused.
    pub(super) async fn refuse_during_pause(&self) -> Result<(), ServiceError> {
        if let Some(pause) = self.plans.pause().await? {
            return Err(ServiceError::conflict(
                format!("Remediation was paused by {}: {}", pause.by, pause.reason),
                "Nothing is created meanwhile. Try again after the pause.",
            ));
        }
        Ok(())
    }

    /// Refuses above the limits of calls an hour. They are counted under the lock of all calls, which is kept until the work
    /// is committed: the creation counts from then on.
    pub(super) async fn may_begin(
        &self,
        work: &mut UnitOfWork,
        account: &AccountId,
    ) -> Result<(), ServiceError> {
        if work.is_over_limits(account, self.limits).await? {
            return Err(ServiceError::conflict(
                "The limit of API calls per hour is reached.",
                "Try again in an hour.",
            ));
        }
        Ok(())
    }

    /// Makes the call, and writes down what came of it. The value ends here.
    pub(super) async fn make(
        &self,
        stored: &StoredCreation,
        value: &NewValue,
        entry: &NewEntry,
        started: i64,
    ) -> Result<(), ServiceError> {
        let (id, shape) = (stored.row.id, &stored.row.shape);
        let order = CreationOrder {
            session_name: session_name(id),
            source_identity: source_identity(&stored.row.requester),
            policy: creation_policy(shape, matches!(value, NewValue::Generated { .. })),
            token: stored.token.to_string(),
        };
        let made = self.remediation_gateway.create(&order, shape, value).await;
        let entry = entry.completed(started, made.is_ok());
        match made {
            Ok(_) => self.settle_as(stored, Some(entry)).await,
            // It may have been created: what AWS has is looked at later.
            Err(error)
                if matches!(
                    error.fault,
                    RegionScanFault::Unreachable | RegionScanFault::Throttled
                ) =>
            {
                tracing::warn!(creation.id = %id, error = %ErrorLine(&error), "the outcome of a creation is not known");
                let message = "AWS did not answer in time. Claviger looks again in 5 minutes.";
                self.end(
                    stored,
                    entry.with("fault", error.word()),
                    CreationState::Creating,
                    message,
                )
                .await
            }
            Err(error) => {
                tracing::warn!(creation.id = %id, error = %ErrorLine(&error), "AWS refused a creation");
                let (state, message) = refused(&error, shape);
                self.end(stored, entry.with("fault", error.word()), state, &message).await
            }
        }
    }

    /// Finds out what came of a call whose outcome was lost.
    pub(super) async fn settle(&self, stored: &StoredCreation) -> Result<(), ServiceError> {
        self.settle_as(stored, None).await
    }

    /// Looks at what AWS has of the name, and writes it down.
    async fn settle_as(
        &self,
        stored: &StoredCreation,
        entry: Option<NewEntry>,
    ) -> Result<(), ServiceError> {
        let shape = &stored.row.shape;
        let is_known = entry.is_some();
        let entry = entry.unwrap_or_else(|| {
            NewEntry::done(None, AuditAction::CreateResource, stored.row.id)
                .with("name", &shape.name)
        });
        // What happens while AWS answers may not be in the answer.
        let asked_at = self.clock.now();
        let reading = async {
            let reader = self.gateway.open(&shape.account, &shape.region).await?;
            let found = named(reader.as_ref(), shape).await?;
            Ok::<_, AwsError>((reader, found))
        };
        let (reader, found) = match reading.await {
            Ok(read) => read,
            Err(error) => return self.not_read(stored, entry, is_known, &error).await,
        };
        let facts = match found {
            Some(facts) if is_known || is_ours(stored, &facts) => facts,
            found => return self.end_without(stored, entry, found.is_some()).await,
        };
        let (account, region) = (&shape.account, &shape.region);
        let taken =
            self.event_service.take_in(reader.as_ref(), account, region, facts.clone(), asked_at);
        // What follows it is planned for the resource of the inventory: without that, there is no plan to show.
        if let Err(failure) = taken.await {
            return self.not_read(stored, entry, is_known, &failure).await;
        }
        let resource = self.facts.resource_of(&facts.arn).await?.ok_or_else(missing)?;
        let mut work = self.transactions.begin(self.clock.now()).await?;
        let locked = work.lock_creation(stored.row.id).await?.ok_or_else(missing)?;
        if locked.row.state != CreationState::Creating {
            return Ok(());
        }
        let plan = plan_rest(&mut work, stored, resource, &facts).await?;
        let change = CreationChange {
            arn: Some(&facts.arn),
            plan,
            ..CreationChange::to(CreationState::Created)
        };
        work.change_creation(stored.row.id, &change).await?;
        work.audit(entry.with("arn", &facts.arn).with_some("plan", plan));
        work.commit().await?;
        Ok(())
    }

    /// It cannot be read yet, and the next look finds it. What AWS has answered to the call is written down now.
    async fn not_read(
        &self,
        stored: &StoredCreation,
        entry: NewEntry,
        is_known: bool,
        why: &(dyn std::error::Error + Send + Sync),
    ) -> Result<(), ServiceError> {
        tracing::warn!(creation.id = %stored.row.id, error = %ErrorLine(why), "a new resource cannot be read yet");
        if !is_known {
            return Ok(());
        }
        let message =
            "Created in AWS, but it can't be read yet. Claviger looks again in 5 minutes.";
        self.end(stored, entry, CreationState::Creating, message).await
    }

    /// Nothing of ours is there. What is there instead, if anything, was made by somebody else.
    async fn end_without(
        &self,
        stored: &StoredCreation,
        entry: NewEntry,
        is_taken: bool,
    ) -> Result<(), ServiceError> {
        let (state, message) = if is_taken {
            (CreationState::Failed, "The name was taken meanwhile. Nothing was created.")
        } else {
            (
                CreationState::Approved,
                "Nothing was created: the outcome of the call was lost. Enter the value again.",
            )
        };
        self.end(stored, entry.with("outcome", message), state, message).await
    }

    /// The creation goes on in another state. Where the value can be entered again, there is time for it.
    async fn end(
        &self,
        stored: &StoredCreation,
        entry: NewEntry,
        state: CreationState,
        message: &str,
    ) -> Result<(), ServiceError> {
        let mut work = self.transactions.begin(self.clock.now()).await?;
        let locked = work.lock_creation(stored.row.id).await?.ok_or_else(missing)?;
        if locked.row.state != CreationState::Creating {
            return Ok(());
        }
        let until = work.now + Duration::minutes(stored.value_minutes.into());
        let change = CreationChange {
            message: Some(message),
            expires_at: (state == CreationState::Approved).then_some(until),
            ..CreationChange::to(state)
        };
        work.change_creation(stored.row.id, &change).await?;
        work.audit(entry);
        work.commit().await?;
        Ok(())
    }
}

/// What AWS has of this name.
pub(super) async fn named(
    reader: &dyn InventoryReader,
    shape: &NewResource,
) -> Result<Option<ResourceFacts>, AwsError> {
    match shape.kind() {
        Kind::Secret => reader.secret(&shape.name).await,
        Kind::Parameter => reader.parameter(&shape.name).await,
    }
}

/// The calls that follow, as a plan that was approved with the shape.
async fn plan_rest(
    work: &mut UnitOfWork,
    stored: &StoredCreation,
    resource: ResourceId,
    facts: &ResourceFacts,
) -> Result<Option<PlanId>, ServiceError> {
    let shape = &stored.row.shape;
    let calls: Vec<(AccountId, PlannedCall)> = shape
        .later_calls()
        .into_iter()
        .map(|call| {
            let changes = call.changes(facts, None);
            let planned =
                PlannedCall { resource, policy: None, call, changes, warnings: Vec::new() };
            (shape.account.clone(), planned)
        })
        .collect();
    if calls.is_empty() {
        return Ok(None);
    }
    let plan = PlanToWrite {
        title: &format!("Complete the new secret: {}", shape.name),
        reason: &format!("Part of {}. {}", stored.row.id, stored.row.reason),
        author: Some(&stored.row.requester),
        needs_approval: false,
        calls: &calls,
    };
    Ok(Some(plan.insert(work, PlanOrigin::Creation(stored.row.id)).await?))
}

/// Shown in CloudTrail, and by Parameter Store as who modified a parameter last.
fn session_name(id: CreationId) -> String {
    format!("claviger-{id}")
}

/// Whether our call has made it: the token is a secret's first version, and our session made a parameter.
fn is_ours(stored: &StoredCreation, facts: &ResourceFacts) -> bool {
    match &facts.detail {
        Detail::Secret(secret) => {
            let token = stored.token.to_string();
            secret.versions.iter().any(|version| version.id == token)
        }
        Detail::Parameter(parameter) => {
            let by = parameter.last_modified_user.as_deref().unwrap_or_default();
            let name = session_name(stored.row.id);
            parameter.version == Some(1) && by.rsplit('/').next() == Some(name.as_str())
        }
    }
}

/// What AWS's refusal means. Most of them can be corrected, and the value entered again.
fn refused(error: &AwsError, shape: &NewResource) -> (CreationState, String) {
    let code = error.code.as_deref().unwrap_or_default();
    let (operation, name) = (error.operation, &shape.name);
    match (operation, code) {
        (_, "ResourceExistsException" | "ParameterAlreadyExists") => {
            (CreationState::Failed, format!("AWS has {name} already. Nothing was created."))
        }
        (_, "InvalidRequestException") if shape.kind() == Kind::Secret => (
            CreationState::Failed,
            format!("AWS can't create {name}: a secret of this name is probably pending deletion."),
        ),
        ("AssumeRole", _) => (
            CreationState::Approved,
            format!(
                "Can't assume claviger-remediation in account {} ({code}). Nothing was created. Check the role, and enter the value again.",
                shape.account
            ),
        ),
        (_, "EncryptionFailure" | "KMSAccessDeniedException" | "InvalidKeyId") => (
            CreationState::Approved,
            format!(
                "The KMS key does not let claviger-remediation encrypt ({code}). Nothing was created. Correct the key's policy, and enter the value again."
            ),
        ),
        _ => (
            CreationState::Approved,
            format!(
                "AWS denied {operation} ({code}). Nothing was created. Check the SCPs, the Organization's tag policy and the role claviger-remediation, and enter the value again."
            ),
        ),
    }
}
