//! Carrying a plan out: one call at a time in an account, each looked at before and read again after.

use super::lost;
use crate::{
    JobFailure, PeopleService, PolicyService, SnapshotService,
    compliance::{InForce, policy_evaluation::evaluate_policy},
    consumers::{ConsumerExecutionService, ConsumerStepError},
    grants::source_identity,
};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    authz::VisibleAccounts,
    clock::Clock,
    compliance::CheckResult,
    facts::{Detail, Kind, Reading, ResourceDetails, ResourceFacts},
    ids::AccountId,
    notifications::notice::Notice,
    remediation::{AwsCall, Change, PlanId, StepState, is_aws_managed},
    scan::RegionScanFault,
};
use claviger_gateways::{AwsError, CallOrder, Gateway, InventoryReader, RemediationGateway};
use claviger_policy::{compliance::Policy, remediation::session_policy};
use claviger_store::{
    AccountRepository, ClaimedStep, EvaluationRepository, FactRepository, HoldReason, JobQueue,
    RemediationLimits, StepClaim, StoreError, Transactions,
};
use std::sync::Arc;
use time::OffsetDateTime;

/// What AWS has of one secret or parameter now.
struct CurrentState {
    facts: ResourceFacts,
    deep: Option<ResourceDetails>,
    /// When AWS was asked: what happened later is not in it.
    asked_at: OffsetDateTime,
}

/// Why a call failed, for people.
#[derive(Debug, thiserror::Error)]
enum StepError {
    #[error("Skipped: the resource changed since the plan was created. Create a new plan.")]
    Changed,
    #[error("Deleted from AWS.")]
    Gone,
    #[error(
        "AWS changed the key, but {0} still under another key. The role claviger-remediation and the key's policy have to allow kms:Encrypt, kms:Decrypt and kms:GenerateDataKey. Retry encrypts again."
    )]
    OldKey(String),
    #[error("AWS accepted the call, but does not show the change yet. Retry checks again.")]
    NotShown,
    #[error(transparent)]
    Consumer(#[from] ConsumerStepError),
    #[error("{}", said(.0))]
    Aws(#[from] AwsError),
    #[error("{}", lost(.0))]
    Store(#[from] StoreError),
}

/// Carries plans out, one call at a time.
#[derive(Clone)]
pub struct ExecutionService {
    pub(crate) accounts: AccountRepository,
    pub(crate) evaluations: EvaluationRepository,
    pub(crate) facts: FactRepository,
    pub(crate) jobs: JobQueue,
    pub(crate) transactions: Transactions,
    pub(crate) people_service: PeopleService,
    pub(crate) policy_service: PolicyService,
    pub(crate) snapshot_service: SnapshotService,
    pub(crate) consumer_execution: ConsumerExecutionService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) gateway: Arc<dyn Gateway>,
    pub(crate) remediation_gateway: Arc<dyn RemediationGateway>,
    pub(crate) limits: RemediationLimits,
}

impl ExecutionService {
    /// Makes the calls of a plan in one account, as long as there are any and nothing holds them back.
    #[tracing::instrument(skip_all, fields(plan.id = %plan, aws.account = %account))]
    pub(crate) async fn remediate(
        &self,
        plan: PlanId,
        account: &AccountId,
    ) -> Result<(), JobFailure> {
        let mut changed = false;
        loop {
            let mut work = self.transactions.begin(self.clock.now()).await?;
            let step = match work.claim_step(plan, account, self.limits).await? {
                StepClaim::Step(step) => step,
                StepClaim::Nothing => break,
                // The tick queues it again.
                StepClaim::Hold(held) => {
                    if held != HoldReason::Pause {
                        tracing::info!(plan.id = %plan, aws.account = %account, plan.hold_reason = ?held, "remediation calls wait for a limit");
                    }
                    break;
                }
            };
            let entry = NewEntry::started(step.author.as_ref(), AuditAction::Remediate, plan)
                .with("call", step.call.operation(step.kind))
                .with("arn", &step.arn)
                .with("step", step.position);
            let entry = match step.call.of_consumer() {
                Some(call) => entry.with("target", call.target()),
                None => entry,
            };
            work.audit(entry.clone());
            let started = work.commit().await?.last().copied().unwrap_or_default();
            // A call about a consumer's role leaves the secret as it is.
            changed |= step.call.of_consumer().is_none();
            let outcome = self.remediate_step(&step).await;
            self.end_step(&step, &entry, started, outcome).await?;
        }
        if changed {
            self.jobs.queue_evaluation(std::slice::from_ref(account)).await?;
        }
        Ok(())
    }

    async fn end_step(
        &self,
        step: &ClaimedStep,
        entry: &NewEntry,
        started: i64,
        outcome: Result<String, StepError>,
    ) -> Result<(), JobFailure> {
        let is_done = outcome.is_ok();
        let (state, says) = match outcome {
            Ok(says) => (StepState::Done, says),
            Err(error) => (StepState::Failed, error.to_string()),
        };
        let mut batch = self.people_service.notification_batch().await.map_err(JobFailure::of)?;
        let mut work = self.transactions.begin(self.clock.now()).await?;
        let attempt = (step.position, step.attempts);
        let ended = work.end_step(step.plan, attempt, state, &says).await?;
        work.audit(entry.completed(started, is_done).with("says", &says));
        if ended && let Some(author) = &step.author {
            let plan = work.lock_plan(step.plan).await?;
            let counts = plan.map(|plan| plan.row.counts).unwrap_or_default();
            batch.person(
                &author.subject,
                Notice {
                    kind: "plan-ended".into(),
                    grant: None,
                    title: if counts.failed > 0 {
                        format!("{} has ended with failures", step.plan)
                    } else {
                        format!("{} has ended", step.plan)
                    },
                    body: format!("Calls: {} done, {} failed.", counts.done, counts.failed),
                    link: format!("/remediation/{}", step.plan),
                },
            );
        }
        batch.send(&mut work).await.map_err(JobFailure::of)?;
        work.commit().await?;
        Ok(())
    }

    /// Makes one call; both sides are for people.
    async fn remediate_step(&self, step: &ClaimedStep) -> Result<String, StepError> {
        if let Some(call) = step.call.of_consumer() {
            return Ok(Box::pin(self.consumer_execution.carry_out(step, call)).await?);
        }
        let reader = self.gateway.open(&step.account, &step.region).await?;
        let before = self.look(&reader, step).await?;
        let call = &step.call;
        let left = call.changes(&before.facts, before.deep.as_ref());
        let behind = self.versions_behind(step, &before).await?;
        if left.is_empty() && behind.is_empty() {
            self.note(step, &before).await?;
            return Ok("No change needed: AWS already has these values.".into());
        }
        // The key is changed, but versions are still under another: the call is made again.
        let goes_on = step.attempts > 1 && !behind.is_empty();
        if !goes_on && !call.finds(&step.changes, &before.facts, before.deep.as_ref()) {
            self.note(step, &before).await?;
            return if step.attempts > 1 && has_begun(step, &before.facts, &left) {
                Ok("It was rotated.".into())
            } else {
                Err(StepError::Changed)
            };
        }
        self.remediation_gateway.carry_out(&order(step, &before.facts), call).await?;
        let after = self.look(&reader, step).await?;
        self.note(step, &after).await?;
        let behind = self.versions_behind(step, &after).await?;
        if !behind.is_empty() {
            return Err(StepError::OldKey(are(&behind)));
        }
        if !is_there(call, &before, &after) {
            return Err(StepError::NotShown);
        }
        self.outcome(step, &after).await
    }

    /// What AWS has now.
    async fn look(
        &self,
        reader: &Arc<dyn InventoryReader>,
        step: &ClaimedStep,
    ) -> Result<CurrentState, StepError> {
        let mut fresh = look(reader, step, self.clock.now()).await?;
        let managed = self.facts.aws_managed_keys(&step.account, &step.region).await;
        fresh.facts.note_key(&managed?);
        Ok(fresh)
    }

    /// The stages whose versions are not under the key that a change of key asks for, though the secret is: of those that
    /// AWS encrypts again. Versions of which AWS names no key are not among them.
    async fn versions_behind(
        &self,
        step: &ClaimedStep,
        fresh: &CurrentState,
    ) -> Result<Vec<&'static str>, StepError> {
        let AwsCall::UpdateSecret { kms_key_id } = &step.call else { return Ok(Vec::new()) };
        let Some(deep) = &fresh.deep else { return Ok(Vec::new()) };
        if fresh.facts.kms_key_id.as_ref() != Some(kms_key_id) {
            return Ok(Vec::new());
        }
        let moved = deep.moved_with_the_key();
        // An alias and a key's id are the same key only to KMS.
        let mut named: Vec<String> = moved.iter().flat_map(|(_, v)| v.key_ids.clone()).collect();
        named.retain(|id| !is_aws_managed(id));
        if named.is_empty() && moved.iter().all(|(_, version)| version.key_ids.is_empty()) {
            return Ok(Vec::new());
        }
        named.push(kms_key_id.clone());
        named.sort();
        named.dedup();
        let read = self.gateway.kms_keys(&step.account, &step.region, &named).await;
        let read = read?;
        let arn_of = |name: &str| {
            let at = named.iter().position(|other| other == name)?;
            match read.get(at)? {
                Reading::Read(Some(key)) => Some(key.arn.clone()),
                _ => None,
            }
        };
        let wanted = arn_of(kms_key_id);
        let is_under = |id: &String| {
            id == kms_key_id
                || match (arn_of(id), &wanted) {
                    (Some(is), Some(wanted)) => is == *wanted,
                    _ => is_aws_managed(id) && is_aws_managed(kms_key_id),
                }
        };
        let behind = moved.into_iter().filter(|(_, version)| {
            !version.key_ids.is_empty() && !version.key_ids.iter().any(is_under)
        });
        Ok(behind.map(|(stage, _)| stage).collect())
    }

    /// Into the inventory with what AWS has.
    async fn note(&self, step: &ClaimedStep, fresh: &CurrentState) -> Result<(), StepError> {
        let now = self.clock.now();
        self.facts.write_described(&step.account, &step.region, &fresh.facts, now).await?;
        self.facts.note_described(&fresh.facts.arn, fresh.asked_at).await?;
        if let Some(deep) = &fresh.deep {
            let deep = [(step.resource, deep.clone())];
            self.facts.write_details(&deep, now).await?;
        }
        Ok(())
    }

    /// What the policy that it fixes says now; without one, all of them.
    async fn outcome(&self, step: &ClaimedStep, fresh: &CurrentState) -> Result<String, StepError> {
        let mut policies = self.policy_service.in_force().await?;
        if let Some(id) = &step.policy {
            policies.retain(|found| found.policy.id == *id);
            if policies.is_empty() {
                return Ok("Done. The policy is no longer enabled.".into());
            }
        }
        let known = self
            .snapshot_service
            .load_organization_snapshot(std::slice::from_ref(&step.account))
            .await?;
        let location = self.accounts.locations(std::slice::from_ref(&step.account)).await?;
        let own =
            VisibleAccounts { accounts: vec![step.account.clone()], whole_organization: false };
        let input = self.evaluations.resource_to_evaluate(&own, step.resource).await?;
        let (Some(mut input), Some(location)) = (input, location.first()) else {
            return Ok("Done.".into());
        };
        input.facts = fresh.facts.clone();
        if fresh.deep.is_some() {
            input.deep.clone_from(&fresh.deep);
        }
        let (org_context, now) = (known.at(location), self.clock.now());
        // Its own result is asked for, whatever else reports it.
        let outcome_of = |found: &InForce| {
            evaluate_policy(&found.policy, [], &input, location, &org_context, now)
        };
        let (Some(_), Some(policy)) = (&step.policy, policies.first()) else {
            let all = policies.iter().filter_map(|found| Some((found, outcome_of(found)?)));
            return Ok(all_checks(all.map(|(found, outcome)| (&found.policy, outcome.verdict))));
        };
        Ok(match outcome_of(policy) {
            Some(outcome) if outcome.verdict == CheckResult::Pass => {
                "Done. The check passes.".into()
            }
            None => "Done. The policy no longer applies to it.".into(),
            Some(outcome) if outcome.verdict == CheckResult::NotApplicable => {
                format!("Done. The check no longer applies. {}", outcome.says)
            }
            Some(outcome) => format!("Done, but the check does not pass yet. {}", outcome.says),
        })
    }
}

/// Checks that a sentence names.
const NAMED: usize = 3;

/// What all checks of a chosen secret or parameter say after its call.
fn all_checks<'a>(results: impl Iterator<Item = (&'a Policy, CheckResult)>) -> String {
    let (mut failing, mut unknown, mut passing) = (Vec::new(), 0, 0);
    for (policy, verdict) in results {
        match verdict {
            CheckResult::Fail => failing.push(policy.title.as_str()),
            CheckResult::Unknown => unknown += 1,
            CheckResult::Pass => passing += 1,
            CheckResult::NotApplicable => {}
        }
    }
    let more = failing.len().saturating_sub(NAMED);
    failing.truncate(NAMED);
    let says = match (failing.as_slice(), more) {
        // Without a check, none is said to pass.
        ([], _) if passing == 0 && unknown == 0 => "Done".to_owned(),
        ([], _) => "Done. No check fails".to_owned(),
        ([one], _) => format!("Done. A check fails: {one}"),
        (some, 0) => format!("Done. Checks fail: {}", some.join("; ")),
        (some, more) => format!("Done. Checks fail: {}; and {more} more", some.join("; ")),
    };
    match unknown {
        0 => format!("{says}."),
        n => format!("{says}. Unknown: {n}."),
    }
}

/// Reads one secret or parameter again.
async fn look(
    reader: &Arc<dyn InventoryReader>,
    step: &ClaimedStep,
    asked_at: OffsetDateTime,
) -> Result<CurrentState, StepError> {
    match step.kind {
        Kind::Parameter => {
            let facts = reader.parameter(&step.name).await?;
            Ok(CurrentState { facts: facts.ok_or(StepError::Gone)?, deep: None, asked_at })
        }
        Kind::Secret => {
            let facts = reader.secret(step.arn.as_str()).await?;
            let facts = facts.ok_or(StepError::Gone)?;
            // What is asked for on its own is needed by few calls alone.
            let deep = if needs_details(&step.call) {
                let deep = reader.deep(&step.arn, facts.changed_at, facts.is_replicated()).await;
                deep?
            } else {
                None
            };
            Ok(CurrentState { facts, deep, asked_at })
        }
    }
}

fn are(stages: &[&str]) -> String {
    match stages {
        [one] => format!("{one} is"),
        many => format!("{} are", many.join(", ")),
    }
}

fn needs_details(call: &AwsCall) -> bool {
    matches!(
        call,
        AwsCall::UpdateSecret { .. }
            | AwsCall::PutResourcePolicy { .. }
            | AwsCall::DeleteResourcePolicy
            | AwsCall::ReplicateSecretToRegions { .. }
            | AwsCall::RemoveRegionsFromReplication { .. }
            | AwsCall::DeleteSecret { .. }
            | AwsCall::UpdateSecretVersionStage { .. }
    )
}

fn begins_rotation(call: &AwsCall) -> bool {
    matches!(call, AwsCall::RotateNow | AwsCall::RotateSecret { rotate_immediately: true, .. })
}

/// Whether the call, whose outcome was lost, has set the rotation up and begun it: AWS gives the version of a rotation the id
/// of the call's token.
fn has_begun(step: &ClaimedStep, facts: &ResourceFacts, left: &[Change]) -> bool {
    let Detail::Secret(secret) = &facts.detail else { return false };
    let token = step.token.to_string();
    begins_rotation(&step.call)
        && left.iter().all(|change| change.field == "AWSCURRENT" || !change.is_shown())
        && secret.versions.iter().any(|version| version.id == token)
}

/// Whether the change shows.
fn is_there(call: &AwsCall, before: &CurrentState, after: &CurrentState) -> bool {
    let mut left = call.changes(&after.facts, after.deep.as_ref());
    left.retain(Change::is_shown);
    // A rotation is its function's work, which may take a while: that it has begun is what can be seen.
    if begins_rotation(call) {
        let set_up = left.iter().all(|change| change.field == "AWSCURRENT");
        return set_up && after.facts != before.facts;
    }
    // AWS writes policies its own way.
    if matches!(call, AwsCall::PutResourcePolicy { .. }) {
        return after.deep != before.deep;
    }
    left.is_empty()
}

fn order(step: &ClaimedStep, now: &ResourceFacts) -> CallOrder {
    CallOrder {
        account: step.account.clone(),
        region: step.region.clone(),
        kind: step.kind,
        arn: step.arn.clone(),
        name: step.name.clone(),
        session_name: format!("claviger-{}-{}", step.plan, step.position),
        source_identity: step
            .author
            .as_ref()
            .map_or_else(|| "claviger".to_owned(), source_identity),
        policy: session_policy(&step.call, now, &step.region),
        token: step.token.to_string(),
    }
}

/// What AWS's refusal means.
fn said(error: &AwsError) -> String {
    let code = error.code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
    match (error.operation, error.fault) {
        (operation, RegionScanFault::Throttled | RegionScanFault::Unreachable) => {
            format!("AWS did not answer {operation} in time{code}. Retry.")
        }
        ("AssumeRole", _) => {
            format!("AWS denied access to the account{code}. Check Claviger's roles there.")
        }
        (operation, RegionScanFault::Denied) => format!(
            "AWS denied {operation}{code}. Check the SCPs, the role claviger-remediation and the KMS key policy."
        ),
        (operation, _) => format!("AWS denied {operation}{code}."),
    }
}
