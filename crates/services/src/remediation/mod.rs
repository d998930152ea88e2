//! Remediation: plans are made of findings or of chosen secrets and parameters, approved by somebody else, carried out call by call, and read again.

mod enforce;
mod execution;
mod groups;
mod items;
mod plan;
mod rotation_now;
mod rotation_preflight;
mod suggestions;
mod targets;
mod transitions;
mod windows;
mod write;

pub(crate) use enforce::EnforcementService;
pub(crate) use execution::ExecutionService;
pub(crate) use plan::{PlanWriter, calls_of};
pub use rotation_preflight::RotationPreflightService;
pub(crate) use write::{PlanOrigin, PlanToWrite};

use crate::{Authority, PeopleService, PolicyService, ServiceError, grants::named};
use claviger_domain::{
    VariantArray,
    authz::{AccountLocation, Caller, Permission, Person, VisibleAccounts},
    clock::Clock,
    ids::{AccountId, ResourceId},
    owner::OwnerRules,
    remediation::{
        MAX_STEPS, PlanId, PlanState, PlanTransition, StepState,
        view::{PlanRow, PlanView, PlansView, ResourceChanges, ResourcePlan},
    },
    waits::Waits,
};
use claviger_store::{
    AccountRepository, FindingRepository, JobQueue, PlanRepository, RemediationLimits, StoreError,
    StoredPlan, Transactions,
};
use std::{collections::BTreeSet, sync::Arc};

/// Calls an hour that nobody has to configure.
pub const REMEDIATION_LIMITS: RemediationLimits =
    RemediationLimits { an_hour: 500, an_account: 100 };

/// Plans as people make, read and decide them.
#[derive(Clone)]
pub struct RemediationService {
    pub(crate) accounts: AccountRepository,
    pub(crate) findings: FindingRepository,
    pub(crate) jobs: JobQueue,
    pub(crate) plans: PlanRepository,
    pub(crate) transactions: Transactions,
    pub(crate) people_service: PeopleService,
    pub(crate) plan_writer: PlanWriter,
    pub(crate) policy_service: PolicyService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
    pub(crate) owner_rules: Arc<OwnerRules>,
    pub(crate) limits: RemediationLimits,
}

impl RemediationService {
    /// The newest plans within the caller's scope, those that are not over first.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn plans(&self, caller: &Caller) -> Result<PlansView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let now = self.clock.now();
        let (plans, pause, begun) = tokio::try_join!(
            self.plans.plans(&visible),
            self.plans.pause(),
            self.plans.begun(now)
        )?;
        Ok(PlansView {
            rows: self.with_waits(plans).await?,
            pause,
            can_pause: caller.may(Permission::Remediate),
            limits: (self.limits.an_hour, self.limits.an_account),
            begun,
            as_of: now,
        })
    }

    /// One plan with its calls.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn plan_page(&self, caller: &Caller, id: &str) -> Result<PlanView, ServiceError> {
        let id = number(id)?;
        let (plan, locations) = self.seen_plan(caller, id).await?;
        // All of its accounts are visible.
        let visible =
            VisibleAccounts { accounts: plan.accounts.clone(), whole_organization: false };
        let now = self.clock.now();
        let (steps, pause, begun) = tokio::try_join!(
            self.plans.plan_steps(&visible, id),
            self.plans.pause(),
            self.plans.begun(now)
        )?;
        let transitions = PlanTransition::VARIANTS
            .iter()
            .copied()
            .filter(|step| plan.row.state.after(*step).is_some())
            .filter(|step| *step != PlanTransition::Retry || plan.row.counts.failed > 0)
            .filter(|step| transitions::may(caller, &locations, &plan.row, *step))
            .collect();
        let is_going = plan.row.state == PlanState::Running && plan.row.counts.pending > 0;
        let waits = match &pause {
            _ if !is_going => None,
            Some(pause) => Some(format!("Remediation paused by {}: {}", pause.by, pause.reason)),
            None if begun >= self.limits.an_hour => Some(format!(
                "The limit of {} API calls per hour is reached. The remaining calls follow.",
                self.limits.an_hour
            )),
            None => None,
        };
        let approvers = if plan.row.state == PlanState::Waiting {
            let author = plan.row.author.as_ref();
            self.plan_approvers(author, &locations, &plan.accounts).await?
        } else {
            Vec::new()
        };
        let (row, hash) = (plan.row, plan.hash);
        Ok(PlanView { row, hash, steps, transitions, pause, waits, approvers, as_of: now })
    }

    /// The plans with calls for a secret or parameter, and whether the caller may plan another change of it.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn resource_changes(
        &self,
        caller: &Caller,
        id: ResourceId,
    ) -> Result<ResourceChanges, ServiceError> {
        let visible = self.authority.where_allowed(caller, Permission::ReadFindings).await?;
        let open = self.plans.plans_of(&visible, id).await?;
        // By any plan: also one that reaches accounts outside the caller's scope, and is not named for that.
        let is_planned = self.plans.planned(&[id]).await?.contains(&id);
        let mut plans = Vec::with_capacity(open.len());
        for plan in open {
            let is_changing = is_planned && self.is_changed_by(&visible, plan.row.id, id).await?;
            plans.push(ResourcePlan { row: plan.row, is_changing });
        }
        let changeable = self.authority.where_allowed(caller, Permission::Remediate).await?;
        let may_change = match self.plan_writer.chosen_items(&changeable, &[id]).await {
            Ok(_) => true,
            Err(ServiceError::NotFound(_)) => false,
            Err(error) => return Err(error),
        };
        Ok(ResourceChanges { can_plan: may_change && !is_planned, plans })
    }

    /// Whether a call of this plan that is still to come changes the secret or parameter. One about a consumer's role does not.
    async fn is_changed_by(
        &self,
        visible: &VisibleAccounts,
        plan: PlanId,
        id: ResourceId,
    ) -> Result<bool, ServiceError> {
        let steps = self.plans.plan_steps(visible, plan).await?;
        Ok(steps.iter().any(|step| {
            step.resource == id
                && matches!(step.state, StepState::Pending | StepState::Running)
                && step.call.of_consumer().is_none()
        }))
    }

    /// Plans that this person can decide, the oldest first; never their own.
    pub(crate) async fn to_decide(&self, caller: &Caller) -> Result<Vec<StoredPlan>, ServiceError> {
        if !caller.may(Permission::ApproveRemediation) {
            return Ok(Vec::new());
        }
        let visible = self.authority.where_allowed(caller, Permission::ReadFindings).await?;
        let mut plans = self.plans.undecided_plans(&visible).await?;
        if plans.is_empty() {
            return Ok(plans);
        }
        let accounts: BTreeSet<&AccountId> = plans.iter().flat_map(|plan| &plan.accounts).collect();
        let accounts: Vec<AccountId> = accounts.into_iter().cloned().collect();
        let locations = self.accounts.locations(&accounts).await?;
        plans.retain(|plan| {
            let of = |at: &&AccountLocation| plan.accounts.contains(&at.account);
            let at: Vec<AccountLocation> = locations.iter().filter(of).cloned().collect();
            at.len() == plan.accounts.len()
                && transitions::may(caller, &at, &plan.row, PlanTransition::Approve)
        });
        Ok(plans)
    }

    /// The plans as lists show them. Who can decide about those that wait is named, by two questions for all of them.
    pub(crate) async fn with_waits(
        &self,
        plans: Vec<StoredPlan>,
    ) -> Result<Vec<PlanRow>, ServiceError> {
        let waits = |plan: &StoredPlan| plan.row.state == PlanState::Waiting;
        let accounts: BTreeSet<&AccountId> =
            plans.iter().filter(|plan| waits(plan)).flat_map(|plan| &plan.accounts).collect();
        if accounts.is_empty() {
            return Ok(plans.into_iter().map(|plan| plan.row).collect());
        }
        let accounts: Vec<AccountId> = accounts.into_iter().cloned().collect();
        let people = self.people_service.known_callers().await?;
        let locations = self.accounts.locations(&accounts).await?;
        let rows = plans.into_iter().map(|plan| {
            let is_waiting = waits(&plan);
            let mut row = plan.row;
            row.waits = is_waiting.then(|| {
                let of = |at: &&AccountLocation| plan.accounts.contains(&at.account);
                let at: Vec<AccountLocation> = locations.iter().filter(of).cloned().collect();
                Waits::Approval(approvers(&people, row.author.as_ref(), &at, &plan.accounts))
            });
            row
        });
        Ok(rows.collect())
    }

    /// Who can approve calls in all of these accounts, by name; never their author.
    pub(super) async fn plan_approvers(
        &self,
        author: Option<&Person>,
        locations: &[AccountLocation],
        accounts: &[AccountId],
    ) -> Result<Vec<String>, ServiceError> {
        Ok(approvers(&self.people_service.known_callers().await?, author, locations, accounts))
    }

    /// Whether there is this plan, for the caller.
    pub(crate) async fn sees_plan(&self, caller: &Caller, id: PlanId) -> Result<(), ServiceError> {
        self.seen_plan(caller, id).await.map(drop)
    }

    /// A plan whose every account the caller may see.
    async fn seen_plan(
        &self,
        caller: &Caller,
        id: PlanId,
    ) -> Result<(StoredPlan, Vec<AccountLocation>), ServiceError> {
        let missing = || ServiceError::NotFound("plan");
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let plan = self.plans.plan(&visible, id).await?.ok_or_else(missing)?;
        let locations = self.accounts.locations(&plan.accounts).await?;
        if !everywhere(caller, Permission::ReadFindings, &locations, &plan.accounts) {
            return Err(missing());
        }
        Ok((plan, locations))
    }

    /// Has the calls of plans go on: after a limit, a pause or a restart.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn queue_running_plans(&self) -> Result<(), ServiceError> {
        if self.plans.pause().await?.is_some() {
            return Ok(());
        }
        let going = self.plans.plans_to_run().await?;
        if !going.is_empty() {
            self.jobs.queue_plans(&going).await?;
        }
        Ok(())
    }
}

/// The number of a plan, as people write it.
fn number(id: &str) -> Result<PlanId, ServiceError> {
    id.parse().map_err(|_| ServiceError::NotFound("plan"))
}

/// Whether the caller may do this in every one of these accounts; of none, nobody may.
pub(crate) fn everywhere(
    caller: &Caller,
    permission: Permission,
    locations: &[AccountLocation],
    accounts: &[AccountId],
) -> bool {
    !locations.is_empty()
        && locations.len() == accounts.len()
        && locations.iter().all(|location| caller.may_at(permission, location))
}

pub(crate) fn approvers(
    people: &[Caller],
    author: Option<&Person>,
    locations: &[AccountLocation],
    accounts: &[AccountId],
) -> Vec<String> {
    named(people.iter().filter(|person| {
        everywhere(person, Permission::ApproveRemediation, locations, accounts)
            && author.is_none_or(|author| !person.person.is_same_as(author))
    }))
}

fn too_many() -> ServiceError {
    ServiceError::conflict(
        format!("A plan can cover at most {MAX_STEPS} findings."),
        "Add a filter.",
    )
}

fn lost(error: &StoreError) -> String {
    format!("the console's database failed: {error}")
}
