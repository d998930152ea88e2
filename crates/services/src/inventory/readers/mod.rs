//! Who can read a secret or parameter, and what a role or user can read, from what was stored of IAM, the Organization and KMS.

mod facts;
mod not_read;
mod principal;
mod reach;

use crate::{Authority, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission, VisibleAccounts},
    clock::Clock,
    facts::{Detail, Reading},
    grants::GrantState,
    ids::{AccountId, ResourceId},
    inventory::{
        entitlement::{Answer, EntitlementsView, GrantedReader},
        view::ResourceDetail,
    },
    key::KeyAccess,
};
use claviger_policy::entitlement::{Accounts, Fact, Resource, readers};
use claviger_store::{
    AccountRepository, EvaluationRepository, GrantRepository, InventoryRepository,
    PrincipalRepository, ResourceInput,
};
use facts::{NOT_NAMED, NOT_YET, Organization, Parsed, StoredResource, principal, resource};
use std::{collections::BTreeSet, sync::Arc};
use time::OffsetDateTime;

/// Says who can read a resource, and what a principal can read.
#[derive(Clone)]
pub struct ReaderService {
    pub(crate) accounts: AccountRepository,
    pub(crate) evaluations: EvaluationRepository,
    pub(crate) grants: GrantRepository,
    pub(crate) inventory: InventoryRepository,
    pub(crate) principals: PrincipalRepository,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
}

/// A resource with what is known of its accounts.
pub(crate) struct Evaluated {
    pub(crate) shown: ResourceDetail,
    pub(crate) resource: Resource,
    pub(crate) accounts: Accounts,
}

impl ReaderService {
    /// Everyone who can read a resource, or may be able to. IAM policies of accounts outside of the caller's scope are not
    /// shown, and count as not read. Grants of other people are shown to those who may see access there.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn readers_of(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<EntitlementsView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let missing = || ServiceError::NotFound("secret or parameter");
        let id: ResourceId = id.parse().map_err(|_| missing())?;
        let now = self.clock.now();
        let Evaluated { shown, resource, accounts } =
            self.evaluated(&visible, id).await?.ok_or_else(missing)?;
        let (grants, has_all_grants) = self.granted(caller, &shown, now).await?;
        let iam_read_at = self.principals.principals_read_at(&shown.account_id).await?;
        let mut rows = readers(&resource, &accounts, now);
        let all = rows.len();
        rows.retain(|row| row.answer > Answer::Cannot);
        let mut notes = vec![
            "Policies of VPC endpoints and session policies are not read.".to_owned(),
            "Who can assume a role, or change a policy, is not listed.".to_owned(),
        ];
        if is_advanced(&shown) {
            notes.push("Sharing of advanced parameters through AWS RAM is not read.".to_owned());
        }
        Ok(EntitlementsView {
            resource: id,
            name: shown.facts.name.clone(),
            cannot: u32::try_from(all - rows.len()).unwrap_or(u32::MAX),
            rows,
            grants,
            has_all_grants,
            notes,
            iam_read_at,
            as_of: now,
        })
    }

    /// A resource and every account, as the evaluation takes them; `None` if it is not among these accounts.
    pub(crate) async fn evaluated(
        &self,
        visible: &VisibleAccounts,
        id: ResourceId,
    ) -> Result<Option<Evaluated>, ServiceError> {
        let Some(shown) = self.inventory.resource(visible, id, self.clock.now()).await? else {
            return Ok(None);
        };
        self.evaluated_as_shown(visible, shown, None).await
    }

    /// The same for a resource that the caller has read already.
    pub(crate) async fn evaluated_as_shown(
        &self,
        visible: &VisibleAccounts,
        shown: ResourceDetail,
        also: Option<AccountId>,
    ) -> Result<Option<Evaluated>, ServiceError> {
        let Some((input, access)) = self.inputs(visible, &shown).await? else { return Ok(None) };
        let also = also.as_ref();
        let accounts = self.accounts_of(&shown, &input, access.as_ref(), visible, also).await?;
        let resource = resource(StoredResource::new(&shown, &input, access));
        Ok(Some(Evaluated { shown, resource, accounts }))
    }

    /// The same without the accounts.
    pub(crate) async fn resource(
        &self,
        visible: &VisibleAccounts,
        shown: &ResourceDetail,
    ) -> Result<Option<Resource>, ServiceError> {
        let inputs = self.inputs(visible, shown).await?;
        Ok(inputs.map(|(input, access)| resource(StoredResource::new(shown, &input, access))))
    }

    /// What is stored of a resource and of its key.
    async fn inputs(
        &self,
        visible: &VisibleAccounts,
        shown: &ResourceDetail,
    ) -> Result<Option<(ResourceInput, Option<KeyAccess>)>, ServiceError> {
        let Some(input) = self.evaluations.resource_to_evaluate(visible, shown.id).await? else {
            return Ok(None);
        };
        let access = match &shown.facts.kms_key_id {
            Some(name) => {
                self.principals.key_access(&shown.account_id, &shown.region, name).await?
            }
            None => None,
        };
        Ok(Some((input, access)))
    }

    /// The active grants on a resource that the caller may see, and whether they may see all.
    async fn granted(
        &self,
        caller: &Caller,
        shown: &ResourceDetail,
        now: OffsetDateTime,
    ) -> Result<(Vec<GrantedReader>, bool), ServiceError> {
        let mut locations =
            self.accounts.locations(std::slice::from_ref(&shown.account_id)).await?;
        let sees_all = locations
            .pop()
            .is_some_and(|location| caller.may_at(Permission::ReadAccess, &location));
        let active = self.grants.running_on(&[shown.id], now).await?;
        let mut found: Vec<GrantedReader> = active
            .into_iter()
            .map(|named| named.grant)
            .filter(|grant| sees_all || grant.held_by(&caller.person).is_ok())
            .filter_map(|grant| match grant.state {
                GrantState::Active { until, .. } => Some(GrantedReader {
                    grant: grant.id,
                    person: grant.terms.requester.name.clone(),
                    action: grant.terms.action,
                    until,
                }),
                _ => None,
            })
            .collect();
        found.sort_by_key(|one| std::cmp::Reverse(one.until));
        Ok((found, sees_all))
    }

    /// Every account of the Organization; with its principals where the resource depends on them, or they are asked for, and the
    /// caller may see them.
    async fn accounts_of(
        &self,
        shown: &ResourceDetail,
        input: &ResourceInput,
        access: Option<&KeyAccess>,
        visible: &VisibleAccounts,
        also: Option<&AccountId>,
    ) -> Result<Accounts, ServiceError> {
        let (organization, mut members) = self.accounts.organization().await?;
        if !members.contains(&shown.account_id) {
            members.push(shown.account_id.clone());
        }
        let policy = input.deep.as_ref().map(|deep| &deep.resource_policy);
        let texts: Vec<&str> = [
            match policy {
                Some(Reading::Read(Some(text))) => Some(text.as_str()),
                _ => None,
            },
            match access.map(|access| &access.policy) {
                Some(Reading::Read(text)) => Some(text.as_str()),
                _ => None,
            },
        ]
        .into_iter()
        .flatten()
        .collect();
        let is_named = |id: &AccountId| {
            also == Some(id) || texts.iter().any(|text| text.contains(id.as_str()))
        };
        let may_see: BTreeSet<&AccountId> = visible.accounts.iter().collect();
        let asked: Vec<AccountId> = members
            .iter()
            .filter(|id| **id == shown.account_id || (is_named(id) && may_see.contains(id)))
            .cloned()
            .collect();
        let (locations, mut principals, guardrails, management) = tokio::try_join!(
            self.accounts.locations(&members),
            self.principals.principals(&asked),
            self.principals.guardrails(),
            self.principals.management_account(),
        )?;
        let organization = Organization::new(organization, management, guardrails);
        let mut parsed = Parsed::default();
        let accounts = locations.into_iter().map(|location| {
            let id = &location.account;
            let principals = match principals.remove(id) {
                Some(Ok(all)) => {
                    Fact::Known(all.into_iter().map(|one| principal(one, &mut parsed)).collect())
                }
                Some(Err(why)) => Fact::NotRead(why),
                None if asked.contains(id) => Fact::NotRead(NOT_YET.to_owned()),
                None if may_see.contains(id) => Fact::NotRead(NOT_NAMED.to_owned()),
                None => Fact::NotRead("outside your scope".to_owned()),
            };
            (location.account.clone(), organization.account(&location, principals))
        });
        Ok(accounts.collect())
    }
}

fn is_advanced(shown: &ResourceDetail) -> bool {
    matches!(&shown.facts.detail, Detail::Parameter(facts) if facts.tier.as_deref() != Some("Standard"))
}
