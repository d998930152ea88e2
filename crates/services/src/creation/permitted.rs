//! Whether a policy lets the caller create something, and with which owner one would.

use crate::ServiceError;
use claviger_domain::{
    authz::{AccountLocation, Caller, Permission},
    clock::Clock,
    creation::{CreationForm, NewResource, ShapeFault},
    ids::Arn,
    inventory::view::Owner,
    owner::OwnerRules,
};
use claviger_policy::{AccessPolicy, Asked, Subject};
use std::sync::Arc;

/// The most groups of a person that are held against the policies.
const MAX_GROUPS: usize = 50;

/// Holds what somebody wants to create against the access policies. Nothing is read.
#[derive(Clone)]
pub(crate) struct CreationPermitService {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) access_policy: Arc<AccessPolicy>,
    pub(crate) owner_rules: Arc<OwnerRules>,
}

impl CreationPermitService {
    /// Whether a policy permits it.
    pub(super) fn permits(
        &self,
        caller: &Caller,
        shape: &NewResource,
        location: &AccountLocation,
        reason: &str,
    ) -> bool {
        let Ok(arn) = sample_arn(shape) else { return false };
        let owner = self.owner_rules.owner(Some(&shape.tags), location);
        let subject = Subject {
            arn: &arn,
            kind: shape.kind(),
            name: &shape.name,
            region: &shape.region,
            owner: match &owner {
                Owner::Named(owner) => Some(owner),
                _ => None,
            },
            tags: Some(&shape.tags),
            location,
        };
        let asked = Asked { minutes: 0, start: self.clock.now(), purpose: reason, ticket: None };
        caller.may(Permission::RequestAccess)
            && self.access_policy.permits_creation(caller, subject, asked)
    }

    /// The tag that names an owner.
    pub(super) fn owner_tag(&self) -> &str {
        self.owner_rules.naming_tag().unwrap_or("owner")
    }

    /// The value of the owner tag with which a policy would permit what none permits as it is. Only owners whose team the
    /// caller is in are tried; `None` if none of them does, or more than one.
    pub(super) fn permitting_owner(
        &self,
        caller: &Caller,
        shape: &NewResource,
        location: &AccountLocation,
        reason: &str,
    ) -> Option<String> {
        if self.permits(caller, shape, location, reason) {
            return None;
        }
        let teams = caller.groups.iter().take(MAX_GROUPS);
        let mut found =
            teams.filter_map(|team| self.access_policy.owner_of_team(team)).filter(|owner| {
                let mut with = shape.clone();
                with.tags.insert(self.owner_tag().to_owned(), owner.clone());
                self.permits(caller, &with, location, reason)
            });
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }

    /// The same for a form that is not filled in yet.
    pub(super) fn own_owner(
        &self,
        caller: &Caller,
        form: &CreationForm,
        location: &AccountLocation,
    ) -> Option<String> {
        let name = form.name.trim();
        let form = CreationForm {
            account: location.account.to_string(),
            region: form.region.clone(),
            kind: form.kind.clone(),
            name: if name.is_empty() { "new".into() } else { name.into() },
            ..CreationForm::default()
        };
        let shape = form.read().ok()?;
        self.permitting_owner(caller, &shape, location, "")
    }
}

/// An ARN such as it will have.
pub(super) fn sample_arn(shape: &NewResource) -> Result<Arn, ServiceError> {
    let text = shape.arn_pattern().replace("??????", "AbCdEf");
    text.parse().map_err(|_| ServiceError::Shape(vec![ShapeFault::new("name", "Enter a name.")]))
}
