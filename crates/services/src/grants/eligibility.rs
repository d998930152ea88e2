//! Which policies and approval rules apply to a request.

use crate::{Authority, GrantReader, ServiceError};
use claviger_domain::{
    authz::{AccountLocation, Caller, Permission},
    clock::Clock,
    facts::Kind,
    grants::{Action, ApprovalRule, GrantResource, MAX_RESOURCES, Refusal},
    ids::{AccountId, ResourceId},
    inventory::view::Owner,
};
use claviger_policy::{AccessKind, AccessPolicy, Asked, Subject};
use claviger_store::{GrantRepository, RequestTarget};
use std::{collections::BTreeMap, sync::Arc};

/// Which policies and approval rules apply to a person and a secret.
#[derive(Clone)]
pub struct EligibilityService {
    pub(crate) grants: GrantRepository,
    pub(crate) grant_reader: GrantReader,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
    pub(crate) access_policy: Arc<AccessPolicy>,
}

impl EligibilityService {
    /// The rule that decides about a requested action, once a policy permits it.
    pub(crate) fn rule_for(
        &self,
        caller: &Caller,
        target: &RequestTarget,
        location: &AccountLocation,
        access_kind: AccessKind,
        action: Action,
        asked: Asked<'_>,
    ) -> Result<&ApprovalRule, Refusal> {
        let name = &target.facts.name;
        if target.gone {
            return Err(Refusal::Gone(name.clone()));
        }
        if action == Action::Rotate && target.facts.kind() == Kind::Parameter {
            return Err(Refusal::NotEligible(format!("{name}: parameters have no rotation")));
        }
        let subject = subject(target, location);
        if !self.access_policy.permits(caller, access_kind, subject, asked) {
            return Err(Refusal::NotEligible(name.clone()));
        }
        self.access_policy.rule_for(action, subject).ok_or_else(|| Refusal::NoRule(name.clone()))
    }

    /// The resources that the caller can see, with where their accounts stand.
    pub(crate) async fn targets(
        &self,
        caller: &Caller,
        resources: &[String],
    ) -> Result<(Vec<RequestTarget>, BTreeMap<AccountId, AccountLocation>), ServiceError> {
        if !caller.may(Permission::RequestAccess) {
            return Err(ServiceError::Forbidden(Permission::RequestAccess));
        }
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let missing = || ServiceError::NotFound("secret or parameter");
        let mut ids: Vec<ResourceId> = resources
            .iter()
            .map(|id| id.parse().map_err(|_| missing()))
            .collect::<Result<_, _>>()?;
        ids.sort();
        ids.dedup();
        if ids.is_empty() || ids.len() > MAX_RESOURCES {
            return Err(Refusal::Resources.into());
        }
        let targets = self.grants.targets(&visible, &ids, self.clock.now()).await?;
        if targets.len() != ids.len() {
            return Err(missing());
        }
        let locations =
            self.grant_reader.locations(targets.iter().map(|target| &target.account)).await?;
        if targets.iter().any(|target| !locations.contains_key(&target.account)) {
            return Err(missing());
        }
        Ok((targets, locations))
    }

    /// The team that owns a resource, as its owner tag says.
    pub(crate) fn owner_team(&self, target: &RequestTarget) -> Option<String> {
        match &target.owner {
            Owner::Named(owner) => Some(self.access_policy.team_of(owner)),
            Owner::Missing | Owner::Unknown => None,
        }
    }

    /// A resource as it is written into a request.
    pub(crate) fn resource_of(&self, target: &RequestTarget) -> GrantResource {
        GrantResource {
            id: target.id,
            arn: target.facts.arn.clone(),
            name: target.facts.name.clone(),
            kind: target.facts.kind(),
            region: target.region.clone(),
            key: target.facts.own_key(),
            owner_team: self.owner_team(target),
        }
    }
}

/// A resource as the policies see it.
pub(crate) fn subject<'a>(target: &'a RequestTarget, location: &'a AccountLocation) -> Subject<'a> {
    Subject {
        arn: &target.facts.arn,
        kind: target.facts.kind(),
        name: &target.facts.name,
        region: &target.region,
        owner: match &target.owner {
            Owner::Named(owner) => Some(owner),
            Owner::Missing | Owner::Unknown => None,
        },
        tags: target.facts.tags.as_ref(),
        location,
    }
}
