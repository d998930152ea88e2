//! Who can act on what waits, for lists: people, places and reviews are read once for all rows of a list.

use super::{
    approver_context,
    queries::{WaitFor, row},
};
use crate::{GrantService, ServiceError, notifications::batch::named};
use claviger_domain::{
    authz::{AccountLocation, Caller, Permission},
    grants::{Grant, GrantId, GrantStateName, view::GrantRow},
    waits::Waits,
};
use claviger_store::NamedGrant;
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;

/// What the grants of a list wait for.
#[derive(Debug, Default)]
pub(crate) struct WaitsOf(BTreeMap<GrantId, Waits>);

impl WaitsOf {
    /// The grant as a list shows it.
    pub(crate) fn row(&self, named: NamedGrant, now: OffsetDateTime) -> GrantRow {
        let waits = self.0.get(&named.grant.id).cloned();
        GrantRow { waits, ..row(named, now) }
    }
}

impl IntoIterator for WaitsOf {
    type Item = (GrantId, Waits);
    type IntoIter = std::collections::btree_map::IntoIter<GrantId, Waits>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Who can decide the step that waits, by name.
pub(super) fn approvers(
    people: &[Caller],
    grant: &Grant,
    location: &AccountLocation,
) -> Vec<String> {
    let teams = grant.owner_teams();
    named(
        people
            .iter()
            .filter(|who| grant.may_decide(approver_context(who, location, &teams)).is_ok()),
    )
}

/// Who can close the review of a break-glass, by name.
pub(super) fn reviewers(
    people: &[Caller],
    grant: &Grant,
    location: &AccountLocation,
) -> Vec<String> {
    named(people.iter().filter(|who| {
        who.may_at(Permission::ReviewAccess, location)
            && !who.person.is_same_as(&grant.terms.requester)
    }))
}

impl GrantService {
    /// What these wait for, whatever their number, by three questions to the database at most.
    pub(crate) async fn waits_of<'a>(
        &self,
        grants: impl IntoIterator<Item = &'a NamedGrant>,
        wanted: WaitFor,
        now: OffsetDateTime,
    ) -> Result<WaitsOf, ServiceError> {
        let mut waiting: Vec<Grant> = Vec::new();
        let mut glass: Vec<Grant> = Vec::new();
        for named in grants {
            let grant = named.grant.clone().at(now);
            if grant.state.word() == GrantStateName::Requested {
                waiting.push(grant);
            } else if wanted == WaitFor::Anything && grant.terms.break_glass {
                glass.push(grant);
            }
        }
        if !glass.is_empty() {
            let ids: Vec<GrantId> = glass.iter().map(|grant| grant.id).collect();
            let open: BTreeSet<GrantId> =
                self.grants.open_reviews_among(&ids).await?.into_iter().collect();
            glass.retain(|grant| open.contains(&grant.id));
        }
        if waiting.is_empty() && glass.is_empty() {
            return Ok(WaitsOf::default());
        }
        let accounts = waiting.iter().chain(&glass).map(|grant| &grant.account);
        let (people, locations) = tokio::try_join!(
            self.people_service.known_callers(),
            self.grant_reader.locations(accounts)
        )?;
        let nobody = Vec::new;
        let decided = waiting.iter().map(|grant| {
            let location = locations.get(&grant.account);
            let who = location.map_or_else(nobody, |location| approvers(&people, grant, location));
            (grant.id, Waits::Approval(who))
        });
        let reviewed = glass.iter().map(|grant| {
            let location = locations.get(&grant.account);
            let who = location.map_or_else(nobody, |location| reviewers(&people, grant, location));
            (grant.id, Waits::Review(who))
        });
        Ok(WaitsOf(decided.chain(reviewed).collect()))
    }
}
