//! Carries out the calls of a plan about a consumer's role: each after the one before, looked at before and read again after.
//!
//! IAM is eventually consistent: what was created is not there for everyone at once. A call that AWS refuses for that reason is
//! made again, a bounded number of times. A worker that is killed in between leaves the step running: it is made again, and what
//! it finds done is done.

use super::{
    progress::{Known, Progress, compare},
    step_error::{
        ConsumerStepError, EXISTS, INVALID, INVALID_INPUT, INVALID_PROFILE, MAX_ATTEMPTS, given_up,
        refused,
    },
};
use crate::grants::source_identity;
use claviger_domain::{
    authz::VisibleAccounts,
    remediation::{ConsumerCall, StepState, role_name, view::StepRow},
    scan::RegionScanFault,
};
use claviger_gateways::{AwsError, ConsumerGateway, ConsumerOrder, ConsumerState, RoleWrite};
use claviger_policy::{
    consumers::{applying_session, reading_role, reading_session},
    permissions::Role,
};
use claviger_store::{ClaimedStep, PlanRepository};
use std::{sync::Arc, time::Duration};

/// Before `LOST_AFTER` of the steps of a plan, when another worker takes one over.
const DEADLINE: Duration = Duration::from_mins(4);

/// Carries out calls about roles of consumers.
#[derive(Clone)]
pub struct ConsumerExecutionService {
    pub(crate) plans: PlanRepository,
    pub(crate) consumer_gateway: Arc<dyn ConsumerGateway>,
    /// Between two attempts.
    pub(crate) pause: Duration,
}

impl ConsumerExecutionService {
    /// Makes one call of a plan; both sides are for people. It ends before another worker may take the step over.
    pub(crate) async fn carry_out(
        &self,
        step: &ClaimedStep,
        call: &ConsumerCall,
    ) -> Result<String, ConsumerStepError> {
        let attempts = tokio::time::timeout(DEADLINE, Box::pin(self.attempts(step, call)));
        attempts.await.unwrap_or(Err(ConsumerStepError::OutOfTime))
    }

    async fn attempts(
        &self,
        step: &ClaimedStep,
        call: &ConsumerCall,
    ) -> Result<String, ConsumerStepError> {
        let plan = self.follows(step).await?;
        let mark = step.token.to_string();
        let mut known = Known { mark: &mark, is_sent: false, plan: &plan };
        let (mut was_accepted, mut last) = (false, None);
        for attempt in 1..=MAX_ATTEMPTS {
            if attempt > 1 {
                tokio::time::sleep(self.pause).await;
            }
            let revision = match self.state(step, call).await {
                Ok(state) => match compare(call, &state, &known)? {
                    Progress::Done if attempt == 1 => {
                        return Ok(format!("No change needed. {}", outcome(call)));
                    }
                    Progress::Done => return Ok(outcome(call)),
                    Progress::Under => continue,
                    Progress::ToDo(revision) => revision,
                },
                Err(error)
                    if attempt > 1 && is_transient(&error) || follows_a_role(call, &error) =>
                {
                    last = Some((error, self.reader(call)));
                    continue;
                }
                Err(error) => return Err(refused(call, &error, self.reader(call))),
            };
            // What was accepted is only read again.
            if was_accepted {
                continue;
            }
            let write = RoleWrite { mark: mark.clone(), revision };
            let order = order(step, applying_session(call));
            match self.consumer_gateway.apply(&order, call, &write).await {
                Ok(()) => {
                    was_accepted = true;
                    known.is_sent = true;
                    if self.is_done(step, call, known).await? {
                        return Ok(outcome(call));
                    }
                }
                Err(error) if settles(call, &error) => {
                    known.is_sent |= is_transient(&error);
                    last = Some((error, self.consumer_gateway.iam_role()));
                }
                Err(error) => {
                    return Err(refused(call, &error, self.consumer_gateway.iam_role()));
                }
            }
        }
        Err(match last.filter(|_| !was_accepted) {
            Some((error, role)) => given_up(call, &error, role),
            None if was_accepted => ConsumerStepError::NotShown,
            None => ConsumerStepError::Busy(call.subject()),
        })
    }

    /// Right after AWS accepted the call: no answer is not yet one.
    async fn is_done(
        &self,
        step: &ClaimedStep,
        call: &ConsumerCall,
        known: Known<'_>,
    ) -> Result<bool, ConsumerStepError> {
        match self.state(step, call).await {
            Ok(state) => Ok(compare(call, &state, &known)? == Progress::Done),
            Err(error) if is_transient(&error) || follows_a_role(call, &error) => Ok(false),
            Err(error) => Err(refused(call, &error, self.reader(call))),
        }
    }

    /// Every call before this one has to be done: an approval is of all of them, in their order. Returns every call of the plan.
    async fn follows(&self, step: &ClaimedStep) -> Result<Vec<ConsumerCall>, ConsumerStepError> {
        let own =
            VisibleAccounts { accounts: vec![step.account.clone()], whole_organization: false };
        let steps = self.plans.plan_steps(&own, step.plan).await?;
        let is_open = |one: &&StepRow| {
            i64::from(one.position) < i64::from(step.position) && one.state != StepState::Done
        };
        match steps.iter().filter(is_open).map(|one| one.position).min() {
            Some(position) => Err(ConsumerStepError::NotReady(position)),
            None => Ok(steps.iter().filter_map(|one| one.call.of_consumer()).cloned().collect()),
        }
    }

    /// What AWS has of what the call changes.
    async fn state(
        &self,
        step: &ClaimedStep,
        call: &ConsumerCall,
    ) -> Result<ConsumerState, AwsError> {
        let order = order(step, reading_session(call));
        self.consumer_gateway.consumer_state(&order, call).await
    }

    /// The name of the role whose session reads what the call changes.
    fn reader(&self, call: &ConsumerCall) -> &str {
        match reading_role(call) {
            Role::Consumers => self.consumer_gateway.consumers_role(),
            _ => self.consumer_gateway.iam_role(),
        }
    }
}

/// Whether AWS gave no answer.
const fn is_transient(error: &AwsError) -> bool {
    matches!(error.fault, RegionScanFault::Throttled | RegionScanFault::Unreachable)
}

/// Whether IAM denies a call about a role that the step before created: until IAM knows the role everywhere, it authorizes the
/// call on the name without the path, and without the boundary.
fn follows_a_role(call: &ConsumerCall, error: &AwsError) -> bool {
    let is_of_role = matches!(
        call,
        ConsumerCall::PutRolePolicy { .. }
            | ConsumerCall::AttachRolePolicy { .. }
            | ConsumerCall::AddRoleToInstanceProfile { .. }
    );
    is_of_role && error.fault == RegionScanFault::Denied && error.operation != "AssumeRole"
}

/// Whether AWS refuses the call only because what came before is not there for it yet, or gave no answer.
fn settles(call: &ConsumerCall, error: &AwsError) -> bool {
    let code = error.code.as_deref().unwrap_or_default();
    if is_transient(error) || follows_a_role(call, error) {
        return true;
    }
    match call {
        // A role or an instance profile of this name is there: the next look says whose.
        ConsumerCall::CreateRole { .. } | ConsumerCall::CreateInstanceProfile { .. } => {
            matches!(code, "ConcurrentModification" | EXISTS)
        }
        ConsumerCall::PutRolePolicy { .. } | ConsumerCall::AttachRolePolicy { .. } => {
            matches!(code, "NoSuchEntity" | "ConcurrentModification")
        }
        // Also where Lambda cannot assume the role yet. Its message, which would tell, can repeat settings of the function.
        ConsumerCall::UpdateFunctionRole { .. } => {
            matches!(code, INVALID | "ResourceConflictException" | "PreconditionFailedException")
        }
        // Also where CodeBuild cannot assume the role yet.
        ConsumerCall::UpdateProjectRole { .. } => matches!(code, INVALID_INPUT),
        // `LimitExceeded` also where the profile has the role already: the next look says which one.
        ConsumerCall::AddRoleToInstanceProfile { .. } => {
            matches!(code, "NoSuchEntity" | "ConcurrentModification" | "LimitExceeded")
        }
        // EC2 knows a new instance profile after a while, and exchanges one at a time.
        ConsumerCall::AssociateInstanceProfile { .. }
        | ConsumerCall::ReplaceInstanceProfile { .. } => {
            matches!(code, INVALID_PROFILE | "IncorrectState" | "IncorrectInstanceState")
        }
    }
}

fn outcome(call: &ConsumerCall) -> String {
    match call {
        ConsumerCall::CreateRole { role, .. } => {
            format!("The role {} exists, under its permissions boundary.", role_name(role))
        }
        ConsumerCall::PutRolePolicy { name, .. } => format!("It has the inline policy {name}."),
        ConsumerCall::AttachRolePolicy { policy, .. } => {
            format!("It has the managed policy {}.", role_name(policy))
        }
        ConsumerCall::UpdateFunctionRole { before, role, .. } => {
            format!("The function has the role {}. The way back: {before}.", role_name(role))
        }
        ConsumerCall::UpdateProjectRole { before, role, .. } => {
            format!("The project has the role {}. The way back: {before}.", role_name(role))
        }
        ConsumerCall::CreateInstanceProfile { profile, .. } => {
            format!("The instance profile {} exists.", role_name(profile))
        }
        ConsumerCall::AddRoleToInstanceProfile { role, .. } => {
            format!("It has the role {}.", role_name(role))
        }
        ConsumerCall::AssociateInstanceProfile { profile, .. } => {
            format!("The instance has the instance profile {}. It had none.", role_name(profile))
        }
        ConsumerCall::ReplaceInstanceProfile { before, profile, .. } => format!(
            "The instance has the instance profile {}. The way back: {before}.",
            role_name(profile)
        ),
    }
}

fn order(step: &ClaimedStep, policy: String) -> ConsumerOrder {
    let author = step.author.as_ref();
    ConsumerOrder {
        account: step.account.clone(),
        region: step.region.clone(),
        session_name: format!("claviger-{}-{}", step.plan, step.position),
        source_identity: author.map_or_else(|| "claviger".to_owned(), source_identity),
        policy,
    }
}
