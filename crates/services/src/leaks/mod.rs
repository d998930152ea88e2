//! Reports of leaked secrets: all access ends at once, a plan rotates the secret, and what is known of its readers is kept.

mod reads;
mod report;

use crate::{
    Authority, InventoryService, PeopleService, PlanWriter, ServiceError,
    grants::approver_context,
    remediation::{approvers, everywhere},
};
use claviger_domain::{
    authz::{AccountLocation, Caller, Permission, Role, VisibleAccounts},
    clock::Clock,
    facts::Kind,
    grants::{Grant, GrantStateName, view::DenialView},
    ids::{AccountId, Arn, ResourceId},
    inventory::view::ResourceDetail,
    leaks::{EndedGrant, LeakDraft, LeakId, LeakMark, LeakReport, LeakView, NoPlan},
    remediation::PlannedCall,
};
use claviger_store::{
    AccountRepository, ActivityRepository, DenialRepository, GrantRepository, LeakRepository,
    PlanRepository, Transactions,
};
use std::sync::Arc;

/// What people report as leaked.
#[derive(Clone)]
pub struct LeakService {
    pub(crate) accounts: AccountRepository,
    pub(crate) activity: ActivityRepository,
    pub(crate) denials: DenialRepository,
    pub(crate) grants: GrantRepository,
    pub(crate) leaks: LeakRepository,
    pub(crate) plans: PlanRepository,
    pub(crate) transactions: Transactions,
    pub(crate) inventory_service: InventoryService,
    pub(crate) people_service: PeopleService,
    pub(crate) plan_writer: PlanWriter,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
}

/// A secret about which somebody may make a report.
struct Target {
    shown: ResourceDetail,
    location: AccountLocation,
    /// What has the same value, with itself.
    same: Vec<(ResourceId, Arn)>,
    /// Grants that are not over, at the time of the question.
    open: Vec<Grant>,
}

impl Target {
    fn ids(&self) -> Vec<ResourceId> {
        self.same.iter().map(|(id, _)| *id).collect()
    }

    /// The secret that AWS rotates: of a replica, its primary.
    fn rotated(&self) -> ResourceId {
        let primary = self.shown.facts.primary_arn(&self.shown.region);
        let found = self.same.iter().find(|(_, arn)| Some(arn) == primary.as_ref());
        found.map_or(self.shown.id, |(id, _)| *id)
    }
}

/// The call that rotates it, or why there is no plan.
type Rotation = Result<Vec<(AccountId, PlannedCall)>, NoPlan>;

impl LeakService {
    /// What a report would do. Nothing is written.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn draft(&self, caller: &Caller, id: &str) -> Result<LeakDraft, ServiceError> {
        let target = self.target(caller, id).await?;
        let plan = self.rotation(caller, &target).await?.map(drop);
        let approvers = match &plan {
            Ok(()) => {
                let people = self.people_service.known_callers().await?;
                let at = std::slice::from_ref(&target.location);
                let account = std::slice::from_ref(&target.location.account);
                approvers(&people, Some(&caller.person), at, account)
            }
            Err(_) => Vec::new(),
        };
        let ids = target.ids();
        let earlier = self.open_leak(&ids).await?;
        let grants = target.open.iter().map(|grant| ended(grant, false, &ids)).collect();
        let shown = target.shown;
        Ok(LeakDraft {
            resource: shown.id,
            kind: shown.facts.kind(),
            name: shown.facts.name,
            account_name: shown.account_name,
            region: shown.region,
            grants,
            plan,
            approvers,
            earlier,
        })
    }

    /// The newest reports in accounts whose access the caller may see.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn leaks(&self, caller: &Caller) -> Result<Vec<LeakReport>, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadAccess).await?;
        Ok(self.leaks.leaks(&visible).await?)
    }

    /// One report, with what has become of it.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn leak(&self, caller: &Caller, id: &str) -> Result<LeakView, ServiceError> {
        let missing = || ServiceError::NotFound("report");
        let visible = self.authority.within(caller, Permission::ReadAccess).await?;
        let id: LeakId = id.parse().map_err(|_| missing())?;
        let report = self.leaks.leak(&visible, id).await?.ok_or_else(missing)?;
        let plan = match report.plan {
            Ok(plan) => {
                let seen = self.authority.where_allowed(caller, Permission::ReadFindings).await?;
                self.plans.plan(&seen, plan).await?.map(|plan| plan.row)
            }
            Err(_) => None,
        };
        let ids = self.same_value(&visible, report.resource).await?;
        let rotated_at = self.leaks.value_changed_since(&ids, report.at).await?;
        let mut sessions_left = Vec::new();
        for one in report.ended.iter().filter(|one| one.ends_sessions) {
            let denial = self.denials.denial(one.grant).await?;
            let is_over =
                |view: &DenialView| view.confirmed_at.is_some() || view.collected_at.is_some();
            if !denial.as_ref().is_some_and(is_over) {
                sessions_left.push(one.grant);
            }
        }
        Ok(LeakView {
            plan,
            rotated_at,
            sessions_left,
            can_request: caller.may(Permission::RequestAccess),
            as_of: self.clock.now(),
            report,
        })
    }

    /// What the page of a secret shows of leaks: whether it was reported, and whether the caller may report it. Who holds
    /// grants on it is asked by the report itself.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn mark(
        &self,
        caller: &Caller,
        shown: &ResourceDetail,
    ) -> Result<LeakMark, ServiceError> {
        let visible = self.authority.where_allowed(caller, Permission::ReadAccess).await?;
        if !visible.accounts.contains(&shown.account_id) {
            return Ok(LeakMark::default());
        }
        let ids = self.same_value(&visible, shown.id).await?;
        let reviewed = self.authority.where_allowed(caller, Permission::ReviewAccess).await?;
        let can_report = reviewed.accounts.contains(&shown.account_id);
        Ok(LeakMark { open: self.open_leak(&ids).await?, can_report })
    }

    /// The newest report since which no other value was found.
    async fn open_leak(&self, ids: &[ResourceId]) -> Result<Option<LeakId>, ServiceError> {
        let Some((id, at)) = self.leaks.newest_leak(ids).await? else { return Ok(None) };
        let changed = self.leaks.value_changed_since(ids, at).await?;
        Ok(changed.is_none().then_some(id))
    }

    async fn same_value(
        &self,
        visible: &VisibleAccounts,
        id: ResourceId,
    ) -> Result<Vec<ResourceId>, ServiceError> {
        let same = self.leaks.same_value(visible, id).await?;
        Ok(same.into_iter().map(|(id, _)| id).collect())
    }

    /// The secret, all access to which the caller may end.
    async fn target(&self, caller: &Caller, id: &str) -> Result<Target, ServiceError> {
        let shown = self.inventory_service.resource(caller, id).await?;
        let missing = || ServiceError::NotFound("secret or parameter");
        let of = std::slice::from_ref(&shown.account_id);
        let location = self.accounts.locations(of).await?.pop().ok_or_else(missing)?;
        let here =
            VisibleAccounts { accounts: vec![shown.account_id.clone()], whole_organization: false };
        let same = self.leaks.same_value(&here, shown.id).await?;
        let ids: Vec<ResourceId> = same.iter().map(|(id, _)| *id).collect();
        let now = self.clock.now();
        let open: Vec<Grant> = self
            .grants
            .open_grants_on(&ids)
            .await?
            .into_iter()
            .map(|named| named.grant.at(now))
            .filter(|grant| is_open(grant.state.word()))
            .collect();
        if !may_report(caller, &location, &open) {
            return Err(ServiceError::Forbidden(Permission::ReviewAccess));
        }
        Ok(Target { shown, location, same, open })
    }

    /// The call that rotates it. Only who may change the secret plans one.
    async fn rotation(&self, caller: &Caller, target: &Target) -> Result<Rotation, ServiceError> {
        if !caller.may_at(Permission::Remediate, &target.location) {
            return Ok(Err(NoPlan::NotAllowed));
        }
        if target.shown.facts.kind() == Kind::Parameter {
            let reason = "Parameter Store has no rotation".to_owned();
            return Ok(Err(NoPlan::NoRotation { reason }));
        }
        let visible = self.authority.within(caller, Permission::Remediate).await?;
        let call = self.plan_writer.rotation_now(&visible, target.rotated()).await?;
        Ok(call.map_err(|reason| NoPlan::NoRotation { reason }))
    }
}

fn is_open(state: GrantStateName) -> bool {
    matches!(
        state,
        GrantStateName::Requested
            | GrantStateName::Approved
            | GrantStateName::Claimable
            | GrantStateName::Active
    )
}

/// A security admin of the account, or an approver of it who may revoke each of these.
fn may_report(caller: &Caller, location: &AccountLocation, open: &[Grant]) -> bool {
    let may_revoke = |grant: &Grant| {
        let teams = grant.owner_teams();
        grant.may_revoke(approver_context(caller, location, &teams))
    };
    caller.holds_over(Role::SecurityAdmin, location)
        || caller.may_at(Permission::ReviewAccess, location) && open.iter().all(may_revoke)
}

fn ended(grant: &Grant, ends_sessions: bool, same: &[ResourceId]) -> EndedGrant {
    let others = grant.resources.iter().filter(|one| !same.contains(&one.id)).count();
    EndedGrant {
        grant: grant.id,
        holder: grant.terms.requester.name.clone(),
        action: grant.terms.action,
        was: grant.state.word(),
        ends_sessions,
        others: u32::try_from(others).unwrap_or(u32::MAX),
    }
}

/// Whether somebody may approve calls in this account.
fn approves(caller: &Caller, location: &AccountLocation) -> bool {
    let (at, account) = (std::slice::from_ref(location), std::slice::from_ref(&location.account));
    everywhere(caller, Permission::ApproveRemediation, at, account)
}
