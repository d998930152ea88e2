//! The session policies of a grant, and whether there can be any: what does not fit is not promised.

use crate::{EligibilityService, ServiceError};
use claviger_domain::{
    authz::VisibleAccounts,
    grants::{Action, Grant, Refusal},
    ids::ResourceId,
};
use claviger_policy::{
    ComposeFault, SESSION_POLICY_LIMIT, SessionPolicy, SessionResource, compose,
};
use claviger_store::RequestTarget;
use time::OffsetDateTime;

impl EligibilityService {
    /// A grant's resources with what is known of them now. One that the inventory has no more is as it was requested.
    pub(crate) async fn session_resources(
        &self,
        grant: &Grant,
    ) -> Result<Vec<SessionResource>, ServiceError> {
        let only =
            VisibleAccounts { accounts: vec![grant.account.clone()], whole_organization: false };
        let ids: Vec<ResourceId> = grant.resources.iter().map(|resource| resource.id).collect();
        let targets = self.grants.targets(&only, &ids, self.clock.now()).await?;
        let now = grant.resources.iter().cloned().map(|resource| {
            match targets.iter().find(|target| target.id == resource.id) {
                Some(target) => SessionResource::now(resource, &target.facts),
                None => SessionResource::of_grant(resource),
            }
        });
        Ok(now.collect())
    }

    /// Whether a session for this alone can be composed. More than one are split over several sessions.
    pub(crate) fn fits(&self, target: &RequestTarget, action: Action) -> Result<(), Refusal> {
        let resource = SessionResource::now(self.resource_of(target), &target.facts);
        composed(action, &[resource], self.clock.now(), SESSION_POLICY_LIMIT).map(|_| ())
    }
}

/// The documents of a grant, as few as fit.
pub(crate) fn composed(
    action: Action,
    resources: &[SessionResource],
    until: OffsetDateTime,
    limit: usize,
) -> Result<Vec<SessionPolicy>, Refusal> {
    compose(action, resources, until, limit).map_err(|fault| match fault {
        ComposeFault::TooLarge(name) => Refusal::PolicyTooLarge(name),
        ComposeFault::Time(text) => Refusal::PolicyTooLarge(text),
    })
}
