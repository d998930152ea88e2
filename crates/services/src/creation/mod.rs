//! New secrets and parameters: drafted, approved where a rule wants it, and created with a value that nobody keeps.

mod asked;
mod draft;
mod execution;
mod known;
mod permitted;
mod transitions;
mod value;
mod wanted_tags;

pub(crate) use execution::CreationExecutionService;
pub(crate) use known::CreationPlaceService;
pub(crate) use permitted::CreationPermitService;
pub use value::TypedValue;

use crate::{
    Authority, PeopleService, PolicyService, ServiceError, SnapshotService, grants::named,
};
use claviger_domain::{
    VariantArray,
    authz::{AccountLocation, Caller, Permission},
    clock::Clock,
    creation::{
        CreationId, CreationRule, CreationState, CreationTransition,
        view::{CreationList, CreationView},
    },
    grants::ApproverContext,
    inventory::view::Owner,
    owner::OwnerRules,
};
use claviger_policy::AccessPolicy;
use claviger_store::{
    AccountRepository, CreationRepository, FactRepository, StoredCreation, Transactions,
};
use std::sync::Arc;

/// New secrets and parameters.
#[derive(Clone)]
pub struct CreationService {
    pub(crate) accounts: AccountRepository,
    pub(crate) creations: CreationRepository,
    pub(crate) facts: FactRepository,
    pub(crate) transactions: Transactions,
    pub(crate) execution_service: CreationExecutionService,
    pub(crate) permit_service: CreationPermitService,
    pub(crate) place_service: CreationPlaceService,
    pub(crate) people_service: PeopleService,
    pub(crate) policy_service: PolicyService,
    pub(crate) snapshot_service: SnapshotService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
    pub(crate) access_policy: Arc<AccessPolicy>,
    pub(crate) owner_rules: Arc<OwnerRules>,
}

fn missing() -> ServiceError {
    ServiceError::NotFound("creation")
}

impl CreationService {
    /// The newest creations within the caller's scope, those that are not over first.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn creations(&self, caller: &Caller) -> Result<CreationList, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let found = self.creations.creations(&visible).await?;
        Ok(CreationList {
            rows: found.into_iter().map(|stored| stored.row).collect(),
            may_request: caller.may(Permission::RequestAccess),
        })
    }

    /// One creation.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn creation(&self, caller: &Caller, id: &str) -> Result<CreationView, ServiceError> {
        let stored = self.seen(caller, id).await?;
        let location = self.location_of(&stored).await?;
        let now = self.clock.now();
        let is_requester = stored.row.requester.is_same_as(&caller.person);
        let is_open = stored.row.expires_at > now;
        let transitions = CreationTransition::VARIANTS
            .iter()
            .copied()
            .filter(|step| is_open && stored.row.state.after(*step).is_some())
            .filter(|step| self.may(caller, &stored, &location, *step))
            .collect();
        let approvers = if stored.row.state == CreationState::Waiting {
            self.approvers_of(&stored, &location).await?
        } else {
            Vec::new()
        };
        Ok(CreationView {
            transitions,
            can_enter_value: is_requester && is_open && stored.row.state == CreationState::Approved,
            calls: stored.row.shape.calls(),
            approvers,
            hash: stored.hash,
            row: stored.row,
            as_of: now,
        })
    }

    /// Those that this person can decide, the oldest first; never their own.
    pub(crate) async fn to_decide(
        &self,
        caller: &Caller,
    ) -> Result<Vec<StoredCreation>, ServiceError> {
        let visible = self.authority.where_allowed(caller, Permission::ReadInventory).await?;
        let mut found = self.creations.undecided_creations(&visible, self.clock.now()).await?;
        let accounts: Vec<_> =
            found.iter().map(|stored| stored.row.shape.account.clone()).collect();
        if accounts.is_empty() {
            return Ok(found);
        }
        let locations = self.accounts.locations(&accounts).await?;
        found.retain(|stored| {
            let at = locations.iter().find(|at| at.account == stored.row.shape.account);
            at.is_some_and(|at| self.may(caller, stored, at, CreationTransition::Approve))
        });
        Ok(found)
    }

    async fn seen(&self, caller: &Caller, id: &str) -> Result<StoredCreation, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let id: CreationId = id.parse().map_err(|_| missing())?;
        self.creations.creation(&visible, id).await?.ok_or_else(missing)
    }

    async fn location_of(&self, stored: &StoredCreation) -> Result<AccountLocation, ServiceError> {
        let account = std::slice::from_ref(&stored.row.shape.account);
        self.accounts.locations(account).await?.pop().ok_or_else(missing)
    }

    /// Whether the caller may do this. In which state it is is asked elsewhere.
    fn may(
        &self,
        caller: &Caller,
        stored: &StoredCreation,
        location: &AccountLocation,
        step: CreationTransition,
    ) -> bool {
        let is_requester = stored.row.requester.is_same_as(&caller.person);
        match step {
            CreationTransition::Withdraw => is_requester,
            CreationTransition::Approve | CreationTransition::Deny => {
                !is_requester && self.decides(caller, stored, location)
            }
        }
    }

    /// Whether the rule names the person as an approver. Without a rule nobody decides.
    fn decides(
        &self,
        caller: &Caller,
        stored: &StoredCreation,
        location: &AccountLocation,
    ) -> bool {
        let shape = &stored.row.shape;
        let rule = self.access_policy.creation_rule_for(shape.kind(), &shape.tags, location);
        let owner = self.owner_rules.owner(Some(&shape.tags), location);
        rule.is_some_and(|rule| self.is_approver(caller, rule, location, &owner))
    }

    fn is_approver(
        &self,
        person: &Caller,
        rule: &CreationRule,
        location: &AccountLocation,
        owner: &Owner,
    ) -> bool {
        let team = match owner {
            Owner::Named(owner) => Some(self.access_policy.team_of(owner)),
            _ => None,
        };
        person.may_at(Permission::ReadInventory, location)
            && rule.includes(ApproverContext { caller: person, location, owner_teams: &[team] })
    }

    /// Who can approve it, by name.
    async fn approvers_of(
        &self,
        stored: &StoredCreation,
        location: &AccountLocation,
    ) -> Result<Vec<String>, ServiceError> {
        let people = self.people_service.known_callers().await?;
        Ok(named(
            people
                .iter()
                .filter(|person| self.may(person, stored, location, CreationTransition::Approve)),
        ))
    }
}
