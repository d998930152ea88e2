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
use claviger_gateways::{AwsError, ConsumerGateway, ConsumerOrder, ConsumerState, RoleWrite};
use claviger_policy::consumers::{applying_session, reading_session};
use claviger_store::{ClaimedStep, PlanRepository, StoreError};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// How often a call is made, or what it changed is read, before it has failed.
const MAX_ATTEMPTS: u32 = 12;

/// What Lambda answers while it cannot assume a role.
const INVALID: &str = "InvalidParameterValueException";

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
        "Lambda cannot assume the role yet, after {MAX_ATTEMPTS} attempts. The function keeps its role. Retry attaches it again."
    )]
    NotAssumable,
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
    /// Makes one call of a plan; both sides are for people.
    pub(crate) async fn carry_out(
        &self,
        step: &ClaimedStep,
        call: &ConsumerCall,
    ) -> Result<String, ConsumerStepError> {
        self.follows(step).await?;
        let mark = step.token.to_string();
        let mut revision = match self.progress(step, call, &mark).await? {
            Progress::Done => return Ok(format!("No change needed. {}", outcome(call))),
            Progress::Under => None,
            Progress::ToDo(revision) => revision,
        };
        let (mut was_accepted, mut last) = (false, None);
        for attempt in 1..=MAX_ATTEMPTS {
            if attempt > 1 {
                tokio::time::sleep(self.pause).await;
                match self.progress(step, call, &mark).await? {
                    Progress::Done => return Ok(outcome(call)),
                    Progress::Under => continue,
                    Progress::ToDo(now) => revision = now,
                }
            }
            // What was accepted is only read again.
            if was_accepted {
                continue;
            }
            let write = RoleWrite { mark: mark.clone(), revision: revision.clone() };
            let order = order(step, applying_session(call));
            match self.consumer_gateway.apply(&order, call, &write).await {
                Ok(()) => {
                    was_accepted = true;
                    if self.progress(step, call, &mark).await? == Progress::Done {
                        return Ok(outcome(call));
                    }
                }
                Err(error) if settles(call, &error) => last = Some(error),
                Err(error) => return Err(self.refused(call, &error)),
            }
        }
        Err(match last.filter(|_| !was_accepted) {
            Some(error) if error.code.as_deref() == Some(INVALID) => {
                ConsumerStepError::NotAssumable
            }
            Some(error) => self.refused(call, &error),
            None => ConsumerStepError::NotShown,
        })
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

    async fn progress(
        &self,
        step: &ClaimedStep,
        call: &ConsumerCall,
        mark: &str,
    ) -> Result<Progress, ConsumerStepError> {
        let order = order(step, reading_session(call));
        let state = self.consumer_gateway.consumer_state(&order, call).await;
        let state = state.map_err(|error| self.refused(call, &error))?;
        compare(call, &state, mark)
    }

    fn refused(&self, call: &ConsumerCall, error: &AwsError) -> ConsumerStepError {
        match (call, error.code.as_deref()) {
            (ConsumerCall::CreateRole { .. }, Some("MalformedPolicyDocument")) => {
                ConsumerStepError::Trust
            }
            (ConsumerCall::CreateRole { role, .. }, Some("EntityAlreadyExists")) => {
                ConsumerStepError::NameTaken(role_name(role).to_owned())
            }
            _ => {
                let reads = error.operation == "GetFunctionConfiguration";
                let role = if reads {
                    self.consumer_gateway.consumers_role()
                } else {
                    self.consumer_gateway.iam_role()
                };
                ConsumerStepError::Aws(said(error, role))
            }
        }
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
            match found {
                None => Ok(Progress::ToDo(None)),
                Some(found)
                    if found.tags.get(ROLE_MARK).is_some_and(|own| own == mark)
                        && found.boundary.as_ref() == Some(boundary)
                        && is_consumer_role(&found.arn) =>
                {
                    Ok(Progress::Done)
                }
                Some(_) => Err(ConsumerStepError::NameTaken(role_name(role).to_owned())),
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
            let is_under = found.last_update.as_deref() == Some("InProgress");
            if found.role == *role {
                Ok(if is_under { Progress::Under } else { Progress::Done })
            } else if found.role == *before {
                Ok(if is_under {
                    Progress::Under
                } else {
                    Progress::ToDo(Some(found.revision.clone()))
                })
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

/// Whether AWS refuses the call only because what came before is not there for it yet, or gave no answer.
fn settles(call: &ConsumerCall, error: &AwsError) -> bool {
    let code = error.code.as_deref().unwrap_or_default();
    if matches!(error.fault, RegionScanFault::Throttled | RegionScanFault::Unreachable) {
        return true;
    }
    match call {
        ConsumerCall::CreateRole { .. } => code == "ConcurrentModification",
        ConsumerCall::PutRolePolicy { .. } | ConsumerCall::AttachRolePolicy { .. } => {
            matches!(code, "NoSuchEntity" | "ConcurrentModification")
        }
        // "The role defined for the function cannot be assumed by Lambda."
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
    use claviger_gateways::{ConsumerFunction, ExistingRole};
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
        for other in [
            existing("another", Some(BOUNDARY)),
            existing("token", None),
            existing("token", Some(OLD)),
        ] {
            assert_eq!(is(&other), None, "{other:?}");
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
        assert_eq!(is(&function("arn:aws:iam::441205839201:role/third", "Successful")), None);
        assert_eq!(is(&ConsumerState::Function(None)), None);
    }

    #[test]
    fn a_document_is_the_same_however_iam_writes_it() {
        assert!(is_same("{\"a\": [1]}", "{\"a\":[1]}"));
        assert!(!is_same("{\"a\": [1]}", "{\"a\":[2]}") && !is_same("x", "x"));
    }
}
