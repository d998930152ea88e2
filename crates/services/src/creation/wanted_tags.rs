//! Tags that policies want of what is new, with the values that they accept.

use super::CreationService;
use crate::ServiceError;
use claviger_domain::{
    authz::Caller,
    creation::{CreationForm, view::WantedTag},
    facts::Kind,
    ids::AccountId,
    inventory::view::Owner,
};
use claviger_policy::{
    compliance::{PolicyRule, TagPolicies},
    tag_policy::{TagRule, resource_type},
};
use std::collections::BTreeMap;

impl CreationService {
    /// Those of the checks in force, and those of the effective tag policy of the account. A tag of both accepts what the
    /// tag policy accepts: AWS enforces it. The owner is the one that the owner rules know, or the one without whom no policy
    /// lets the caller create it.
    pub(super) async fn wanted_tags(
        &self,
        caller: &Caller,
        account: Option<&AccountId>,
        form: &CreationForm,
    ) -> Result<Vec<WantedTag>, ServiceError> {
        let mut wanted: BTreeMap<String, WantedTag> = BTreeMap::new();
        let owner_tag = self.permit_service.owner_tag().to_owned();
        for found in self.policy_service.in_force().await? {
            match &found.policy.rule {
                PolicyRule::RequiredTags { tags } => {
                    for (key, accepted) in tags {
                        let accepted = (!accepted.is_empty()).then(|| accepted.clone());
                        wanted.insert(key.clone(), required(key, accepted));
                    }
                }
                PolicyRule::Owner {} => {
                    wanted.entry(owner_tag.clone()).or_insert_with(|| required(&owner_tag, None));
                }
                _ => {}
            }
        }
        let Some(account) = account else { return Ok(wanted.into_values().collect()) };
        let accounts = std::slice::from_ref(account);
        let Some(location) = self.accounts.locations(accounts).await?.pop() else {
            return Ok(wanted.into_values().collect());
        };
        let known = self.snapshot_service.load_organization_snapshot(accounts).await?;
        if let TagPolicies::Known(policy) = known.at(&location).tag_policies {
            for rule in policy.keys.values() {
                let is_required = rule.is_required_for(resource_type(kind_of(form)));
                let tag = wanted.entry(rule.tag_key.clone()).or_insert_with(|| WantedTag {
                    is_required: false,
                    ..required(&rule.tag_key, None)
                });
                tag.is_required |= is_required;
                tag.accepted = accepted(rule).or_else(|| tag.accepted.take());
            }
        }
        if let Owner::Named(owner) = self.owner_rules.owner(Some(&[].into()), &location)
            && let Some(tag) = wanted.get_mut(&owner_tag)
        {
            tag.value = owner;
        } else if let Some(owner) = self.permit_service.own_owner(caller, form, &location) {
            let tag = wanted.entry(owner_tag.clone()).or_insert_with(|| required(&owner_tag, None));
            (tag.value, tag.is_required) = (owner, true);
        }
        Ok(wanted.into_values().collect())
    }
}

pub(super) fn kind_of(form: &CreationForm) -> Kind {
    if form.is_parameter() { Kind::Parameter } else { Kind::Secret }
}

fn required(key: &str, accepted: Option<Vec<String>>) -> WantedTag {
    WantedTag { key: key.to_owned(), value: String::new(), accepted, is_required: true }
}

fn accepted(rule: &TagRule) -> Option<Vec<String>> {
    rule.values.as_ref().map(|values| values.iter().cloned().collect())
}
