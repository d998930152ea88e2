//! Carries out the calls of a plan about a consumer's role: each after the one before, looked at before and read again after.
//!
//! IAM is eventually consistent: what was created is not there for everyone at once. A call that AWS refuses for that reason is
//! made again, a bounded number of times. A worker that is killed in between leaves the step running: it is made again, and what
//! it finds done is done.

use crate::grants::source_identity;
use claviger_domain::{
    authz::VisibleAccounts,
    remediation::{ConsumerCall, ROLE_MARK, StepState, is_consumer_role, role_name, view::StepRow},
    scan::RegionScanFault,
};
use claviger_gateways::{
    AwsError, ConsumerFunction, ConsumerGateway, ConsumerOrder, ConsumerState, RoleWrite,
};
use claviger_policy::consumers::{applying_session, reading_session};
use claviger_store::{ClaimedStep, PlanRepository, StoreError};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// How often a call is made, or what it changed is read, before it has failed.
const MAX_ATTEMPTS: u32 = 12;

/// Before `LOST_AFTER` of the steps of a plan, when another worker takes one over.
const DEADLINE: Duration = Duration::from_mins(4);

/// What Lambda answers while it cannot assume a role, and for every other parameter that it refuses.
const INVALID: &str = "InvalidParameterValueException";

/// What IAM answers if there is a role of this name: another one, or the call's own whose answer was lost.
const EXISTS: &str = "EntityAlreadyExists";

/// Why a call failed, for people.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConsumerStepError {
    #[error("Skipped: step {0} of this plan is not done. Retry makes both again.")]
    NotReady(u32),
    #[error("Nothing was changed: the account has another role {0} already.")]
    NameTaken(String),
    #[error("Nothing was changed: it is not as the plan found it. Create a new plan.")]
    Changed,
    #[error("Nothing was changed: there is no such function any more.")]
    Gone,
    #[error(
        "IAM refused the trust policy (MalformedPolicyDocument). Since June 2025 it refuses trusts of shared OIDC issuers without a condition on the tenant, and it refuses principals that do not exist."
    )]
    Trust,
    #[error(
        "Nothing was changed: IAM has a role {0} already, and does not return it. Retry looks again. IAM compares names without their case: if another role has it, choose another name in a new plan."
    )]
    NameUnread(String),
    #[error(
        "The role {0} is there, but no longer under its permissions boundary. Nothing more was changed. Delete the role, and create a new plan."
    )]
    Unbounded(String),
    #[error(
        "Lambda refused the role ({INVALID}) in {MAX_ATTEMPTS} attempts. The function keeps its role. Possible causes: Lambda cannot assume the role yet, the role lacks a permission that the function's settings need, or a KMS key of the function. Retry attaches it again."
    )]
    NotAttached,
    #[error(
        "The function has the role, but its last update failed ({0}): it may still run with what it had before. Correct the cause and update the function, then Retry checks again."
    )]
    UpdateFailed(String),
    #[error(
        "Nothing was changed: the function was being updated all the time. Retry attaches the role."
    )]
    Busy,
    #[error(
        "AWS did not show the change within 4 minutes. Retry checks what is there and goes on."
    )]
    OutOfTime,
    #[error("AWS accepted the call, but does not show the change yet. Retry checks again.")]
    NotShown,
    #[error("{0}")]
    Aws(String),
    #[error("the console's database failed: {0}")]
    Store(#[from] StoreError),
}

/// How far what the call changes is.
#[derive(Debug, PartialEq, Eq)]
enum Progress {
    Done,
    /// AWS is still at it.
    Under,
    /// With the function's revision, if it is about one.
    ToDo(Option<String>),
}

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
        self.follows(step).await?;
        let mark = step.token.to_string();
        let (mut was_accepted, mut last) = (false, None);
        for attempt in 1..=MAX_ATTEMPTS {
            if attempt > 1 {
                tokio::time::sleep(self.pause).await;
            }
            let revision = match self.state(step, call).await {
                Ok(state) => match compare(call, &state, &mark)? {
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
                    last = Some(error);
                    continue;
                }
                Err(error) => return Err(self.refused(call, &error)),
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
                    if self.is_done(step, call, &mark).await? {
                        return Ok(outcome(call));
                    }
                }
                Err(error) if settles(call, &error) => last = Some(error),
                Err(error) => return Err(self.refused(call, &error)),
            }
        }
        Err(match last.filter(|_| !was_accepted) {
            Some(error) => self.given_up(call, &error),
            None if was_accepted => ConsumerStepError::NotShown,
            None => ConsumerStepError::Busy,
        })
    }

    /// Right after AWS accepted the call: no answer is not yet one.
    async fn is_done(
        &self,
        step: &ClaimedStep,
        call: &ConsumerCall,
        mark: &str,
    ) -> Result<bool, ConsumerStepError> {
        match self.state(step, call).await {
            Ok(state) => Ok(compare(call, &state, mark)? == Progress::Done),
            Err(error) if is_transient(&error) || follows_a_role(call, &error) => Ok(false),
            Err(error) => Err(self.refused(call, &error)),
        }
    }

    /// Every call before this one has to be done: an approval is of all of them, in their order.
    async fn follows(&self, step: &ClaimedStep) -> Result<(), ConsumerStepError> {
        let own =
            VisibleAccounts { accounts: vec![step.account.clone()], whole_organization: false };
        let steps = self.plans.plan_steps(&own, step.plan).await?;
        let is_open = |one: &&StepRow| {
            i64::from(one.position) < i64::from(step.position) && one.state != StepState::Done
        };
        match steps.iter().filter(is_open).map(|one| one.position).min() {
            Some(position) => Err(ConsumerStepError::NotReady(position)),
            None => Ok(()),
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

    /// What AWS said last, after the last attempt.
    fn given_up(&self, call: &ConsumerCall, error: &AwsError) -> ConsumerStepError {
        match (call, error.code.as_deref()) {
            (ConsumerCall::UpdateFunctionRole { .. }, Some(INVALID)) => {
                ConsumerStepError::NotAttached
            }
            (ConsumerCall::CreateRole { role, .. }, Some(EXISTS)) => {
                ConsumerStepError::NameUnread(role_name(role).to_owned())
            }
            _ => self.refused(call, error),
        }
    }

    fn refused(&self, call: &ConsumerCall, error: &AwsError) -> ConsumerStepError {
        let creates = matches!(call, ConsumerCall::CreateRole { .. });
        if creates && error.code.as_deref() == Some("MalformedPolicyDocument") {
            return ConsumerStepError::Trust;
        }
        let role = if error.operation == "GetFunctionConfiguration" {
            self.consumer_gateway.consumers_role()
        } else {
            self.consumer_gateway.iam_role()
        };
        ConsumerStepError::Aws(said(error, role))
    }
}

/// How far the change is, from what AWS has. `mark` tells a role of this call from any other.
fn compare(
    call: &ConsumerCall,
    state: &ConsumerState,
    mark: &str,
) -> Result<Progress, ConsumerStepError> {
    match (call, state) {
        (ConsumerCall::CreateRole { role, boundary, .. }, ConsumerState::Role(found)) => {
            let Some(found) = found else { return Ok(Progress::ToDo(None)) };
            let is_own = found.tags.get(ROLE_MARK).is_some_and(|own| own == mark)
                && is_consumer_role(&found.arn);
            let name = || role_name(role).to_owned();
            if !is_own {
                Err(ConsumerStepError::NameTaken(name()))
            } else if found.boundary.as_ref() == Some(boundary) {
                Ok(Progress::Done)
            } else {
                Err(ConsumerStepError::Unbounded(name()))
            }
        }
        (ConsumerCall::PutRolePolicy { document, .. }, ConsumerState::Policy(found)) => match found
        {
            None => Ok(Progress::ToDo(None)),
            Some(text) if is_same(text, document) => Ok(Progress::Done),
            Some(_) => Err(ConsumerStepError::Changed),
        },
        (ConsumerCall::AttachRolePolicy { policy, .. }, ConsumerState::Attached(all)) => {
            Ok(if all.contains(policy) { Progress::Done } else { Progress::ToDo(None) })
        }
        (ConsumerCall::UpdateFunctionRole { before, role, .. }, ConsumerState::Function(found)) => {
            let Some(found) = found else { return Err(ConsumerStepError::Gone) };
            if found.role == *role {
                match found.last_update.as_deref() {
                    Some("InProgress") => Ok(Progress::Under),
                    Some("Failed") => Err(ConsumerStepError::UpdateFailed(update_reason(found))),
                    _ => Ok(Progress::Done),
                }
            } else if found.role == *before {
                match found.last_update.as_deref() {
                    Some("InProgress") => Ok(Progress::Under),
                    _ => Ok(Progress::ToDo(Some(found.revision.clone()))),
                }
            } else {
                Err(ConsumerStepError::Changed)
            }
        }
        _ => Err(ConsumerStepError::NotShown),
    }
}

/// Whether two documents say the same: IAM may write one in its own way.
fn is_same(one: &str, other: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    read(one).is_some_and(|one| Some(one) == read(other))
}

/// Why Lambda could not carry out the last update, as its code.
pub(super) fn update_reason(function: &ConsumerFunction) -> String {
    function.update_reason.clone().unwrap_or_else(|| "Lambda names no code".to_owned())
}

/// Whether AWS gave no answer.
const fn is_transient(error: &AwsError) -> bool {
    matches!(error.fault, RegionScanFault::Throttled | RegionScanFault::Unreachable)
}

/// Whether IAM denies a call about a role that the step before created: until IAM knows the role everywhere, it authorizes the
/// call on the name without the path, and without the boundary.
fn follows_a_role(call: &ConsumerCall, error: &AwsError) -> bool {
    let is_of_role =
        matches!(call, ConsumerCall::PutRolePolicy { .. } | ConsumerCall::AttachRolePolicy { .. });
    is_of_role && error.fault == RegionScanFault::Denied && error.operation != "AssumeRole"
}

/// Whether AWS refuses the call only because what came before is not there for it yet, or gave no answer.
fn settles(call: &ConsumerCall, error: &AwsError) -> bool {
    let code = error.code.as_deref().unwrap_or_default();
    if is_transient(error) || follows_a_role(call, error) {
        return true;
    }
    match call {
        // A role of this name is there: the next look says whose.
        ConsumerCall::CreateRole { .. } => matches!(code, "ConcurrentModification" | EXISTS),
        ConsumerCall::PutRolePolicy { .. } | ConsumerCall::AttachRolePolicy { .. } => {
            matches!(code, "NoSuchEntity" | "ConcurrentModification")
        }
        // Also where Lambda cannot assume the role yet. Its message, which would tell, can repeat settings of the function.
        ConsumerCall::UpdateFunctionRole { .. } => {
            matches!(code, INVALID | "ResourceConflictException" | "PreconditionFailedException")
        }
    }
}

fn outcome(call: &ConsumerCall) -> String {
    match call {
        ConsumerCall::CreateRole { role, .. } => {
            format!("The role {} is there, under its permissions boundary.", role_name(role))
        }
        ConsumerCall::PutRolePolicy { name, .. } => format!("It has the inline policy {name}."),
        ConsumerCall::AttachRolePolicy { policy, .. } => {
            format!("It has the managed policy {}.", role_name(policy))
        }
        ConsumerCall::UpdateFunctionRole { before, role, .. } => {
            format!("The function has the role {}. The way back: {before}.", role_name(role))
        }
    }
}

/// What AWS's refusal means. `role` is the one whose session made the call.
pub(super) fn said(error: &AwsError, role: &str) -> String {
    let code = error.code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
    match (error.operation, error.fault) {
        (operation, RegionScanFault::Throttled | RegionScanFault::Unreachable) => {
            format!("AWS did not answer {operation} in time{code}. Try again.")
        }
        ("AssumeRole", _) => format!(
            "Claviger can't assume {role} in the account{code}. It is an opt-in role: deploy it with its parameter, see docs/roles.md."
        ),
        (operation, RegionScanFault::Denied) => {
            format!("AWS denied {operation}{code}. Check the SCPs and the role {role}.")
        }
        (operation, _) => format!("AWS refused {operation}{code}."),
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

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_gateways::ExistingRole;
    use std::collections::BTreeMap;

    const ROLE: &str = "arn:aws:iam::441205839201:role/claviger/orders";
    const BOUNDARY: &str = "arn:aws:iam::441205839201:policy/claviger-boundary";
    const OLD: &str = "arn:aws:iam::441205839201:role/old";

    fn create() -> ConsumerCall {
        ConsumerCall::CreateRole {
            role: ROLE.into(),
            trust: "{}".into(),
            boundary: BOUNDARY.into(),
            tags: BTreeMap::new(),
        }
    }

    fn existing(mark: &str, boundary: Option<&str>) -> ConsumerState {
        ConsumerState::Role(Some(ExistingRole {
            arn: ROLE.into(),
            boundary: boundary.map(ToOwned::to_owned),
            tags: [(ROLE_MARK.to_owned(), mark.to_owned())].into(),
        }))
    }

    #[test]
    fn a_role_is_ours_by_its_mark_and_its_boundary() {
        let is = |state: &ConsumerState| compare(&create(), state, "token").ok();
        assert_eq!(is(&ConsumerState::Role(None)), Some(Progress::ToDo(None)));
        assert_eq!(is(&existing("token", Some(BOUNDARY))), Some(Progress::Done));
        for (other, part) in [
            (existing("another", Some(BOUNDARY)), "has another role orders"),
            (existing("token", None), "no longer under its permissions boundary"),
            (existing("token", Some(OLD)), "no longer under its permissions boundary"),
        ] {
            let refused = compare(&create(), &other, "token").unwrap_err().to_string();
            assert!(refused.contains(part), "{refused}");
        }
    }

    #[test]
    fn a_function_that_has_a_third_role_is_left_alone() {
        let call = ConsumerCall::UpdateFunctionRole {
            function: "arn:aws:lambda:us-east-1:441205839201:function:orders".into(),
            before: OLD.into(),
            role: ROLE.into(),
        };
        let function = |role: &str, update: &str| {
            ConsumerState::Function(Some(Box::new(ConsumerFunction {
                arn: String::new(),
                role: role.into(),
                revision: "r-1".into(),
                last_update: Some(update.into()),
                update_reason: Some("EniLimitExceeded".into()),
                kms_key: None,
                is_in_vpc: false,
                variables: None,
                tags: Ok(BTreeMap::new()),
            })))
        };
        let is = |state: &ConsumerState| compare(&call, state, "token").ok();
        assert_eq!(is(&function(OLD, "Successful")), Some(Progress::ToDo(Some("r-1".into()))));
        assert_eq!(is(&function(OLD, "InProgress")), Some(Progress::Under));
        assert_eq!(is(&function(ROLE, "InProgress")), Some(Progress::Under));
        assert_eq!(is(&function(ROLE, "Successful")), Some(Progress::Done));
        let failed = compare(&call, &function(ROLE, "Failed"), "token").unwrap_err().to_string();
        assert!(failed.contains("its last update failed (EniLimitExceeded)"), "{failed}");
        assert_eq!(is(&function("arn:aws:iam::441205839201:role/third", "Successful")), None);
        assert_eq!(is(&ConsumerState::Function(None)), None);
    }

    #[test]
    fn a_document_is_the_same_however_iam_writes_it() {
        assert!(is_same("{\"a\": [1]}", "{\"a\":[1]}"));
        assert!(!is_same("{\"a\": [1]}", "{\"a\":[2]}") && !is_same("x", "x"));
    }
}
