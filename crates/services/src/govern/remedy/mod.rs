//! Mending: plans are made of findings, approved by somebody else, carried out call by call, and read again.

mod enforce;
mod moves;
mod plan;
mod propose;
mod run;

use crate::{ServiceError, Services, access::named};
use claviger_domain::{
    access::{Caller, Permission, Person, Place, VisibleAccounts},
    ids::AccountId,
    remedy::{
        MAX_STEPS, PlanId, PlanMove, PlanState,
        view::{PlanPage, PlanRow, PlansPage},
    },
    waits::Waits,
};
use claviger_store::{RemedyLimits, StoreError, StoredPlan};
use std::collections::BTreeSet;

/// Calls an hour that nobody has to configure.
pub const REMEDY_LIMITS: RemedyLimits = RemedyLimits { an_hour: 500, an_account: 100 };

impl Services {
    /// The same services with other limits of calls an hour.
    #[must_use]
    pub fn with_limits(self, limits: RemedyLimits) -> Self {
        Self { limits, ..self }
    }

    /// The newest plans within the caller's scope, those that are not over first.
    pub async fn plans(&self, caller: &Caller) -> Result<PlansPage, ServiceError> {
        let visible = self.authority().within(caller, Permission::ReadFindings).await?;
        let now = self.clock.now();
        let (plans, brake, begun) = tokio::try_join!(
            self.store.plans(&visible),
            self.store.brake(),
            self.store.begun(now)
        )?;
        Ok(PlansPage {
            rows: self.with_waits(plans).await?,
            brake,
            may_brake: caller.may(Permission::Remediate),
            limits: (self.limits.an_hour, self.limits.an_account),
            begun,
            as_of: now,
        })
    }

    /// One plan with its calls.
    pub async fn plan_page(&self, caller: &Caller, id: &str) -> Result<PlanPage, ServiceError> {
        let id = number(id)?;
        let (plan, places) = self.seen_plan(caller, id).await?;
        // All of its accounts are visible.
        let visible =
            VisibleAccounts { accounts: plan.accounts.clone(), whole_organization: false };
        let now = self.clock.now();
        let (steps, brake, begun) = tokio::try_join!(
            self.store.plan_steps(&visible, id),
            self.store.brake(),
            self.store.begun(now)
        )?;
        let moves = PlanMove::ALL
            .iter()
            .copied()
            .filter(|step| plan.row.state.after(*step).is_some())
            .filter(|step| *step != PlanMove::Retry || plan.row.counts.failed > 0)
            .filter(|step| moves::may(caller, &places, &plan.row, *step))
            .collect();
        let is_going = plan.row.state == PlanState::Running && plan.row.counts.pending > 0;
        let waits = match &brake {
            _ if !is_going => None,
            Some(brake) => Some(format!("{} has pulled the brake: {}", brake.by, brake.reason)),
            None if begun >= self.limits.an_hour => Some(format!(
                "{} calls have begun within the last hour, which is the limit. The rest follows.",
                self.limits.an_hour
            )),
            None => None,
        };
        let deciders = if plan.row.state == PlanState::Waiting {
            let author = plan.row.author.as_ref();
            self.plan_deciders(author, &places, &plan.accounts).await?
        } else {
            Vec::new()
        };
        let (row, hash) = (plan.row, plan.hash);
        Ok(PlanPage { row, hash, steps, moves, brake, waits, deciders, as_of: now })
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
        let people = self.known_callers().await?;
        let places = self.store.places(&accounts).await?;
        let rows = plans.into_iter().map(|plan| {
            let is_waiting = waits(&plan);
            let mut row = plan.row;
            row.waits = is_waiting.then(|| {
                let of = |at: &&Place| plan.accounts.contains(&at.account);
                let at: Vec<Place> = places.iter().filter(of).cloned().collect();
                Waits::Approval(deciders(&people, row.author.as_ref(), &at, &plan.accounts))
            });
            row
        });
        Ok(rows.collect())
    }

    /// Who can approve calls in all of these accounts, by name; never their author.
    pub(super) async fn plan_deciders(
        &self,
        author: Option<&Person>,
        places: &[Place],
        accounts: &[AccountId],
    ) -> Result<Vec<String>, ServiceError> {
        Ok(deciders(&self.known_callers().await?, author, places, accounts))
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
    ) -> Result<(StoredPlan, Vec<Place>), ServiceError> {
        let missing = || ServiceError::NotFound("plan");
        let visible = self.authority().within(caller, Permission::ReadFindings).await?;
        let plan = self.store.plan(&visible, id).await?.ok_or_else(missing)?;
        let places = self.store.places(&plan.accounts).await?;
        if !everywhere(caller, Permission::ReadFindings, &places, &plan.accounts) {
            return Err(missing());
        }
        Ok((plan, places))
    }

    /// Has the calls of plans go on: after a limit, a brake or a restart.
    pub async fn keep_mending(&self) -> Result<(), ServiceError> {
        if self.store.brake().await?.is_some() {
            return Ok(());
        }
        let going = self.store.plans_to_run().await?;
        if !going.is_empty() {
            self.store.queue_plans(&going).await?;
        }
        Ok(())
    }
}

/// The number of a plan, as people write it.
fn number(id: &str) -> Result<PlanId, ServiceError> {
    id.parse().map_err(|_| ServiceError::NotFound("plan"))
}

/// Whether the caller may do this in every one of these accounts; of none, nobody may.
fn everywhere(
    caller: &Caller,
    permission: Permission,
    places: &[Place],
    accounts: &[AccountId],
) -> bool {
    !places.is_empty()
        && places.len() == accounts.len()
        && places.iter().all(|place| caller.may_at(permission, place))
}

fn deciders(
    people: &[Caller],
    author: Option<&Person>,
    places: &[Place],
    accounts: &[AccountId],
) -> Vec<String> {
    named(people.iter().filter(|person| {
        everywhere(person, Permission::ApproveRemediation, places, accounts)
            && author.is_none_or(|author| !person.person.is_same_as(author))
    }))
}

fn too_many() -> ServiceError {
    ServiceError::conflict(
        format!("More than {MAX_STEPS} findings match."),
        "Narrow the list: a plan is to be looked over by a person.",
    )
}

fn lost(error: &StoreError) -> String {
    format!("the console's database failed: {error}")
}
