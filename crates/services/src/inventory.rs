//! Browsing the inventory.

use crate::{ServiceError, Services};
use claviger_domain::{
    access::{Caller, Permission},
    facts::{KeyClass, Kind},
    ids::{AccountId, ResourceId},
    organization::Ou,
    query::{InventoryQuery, LifeState, OwnerClass},
    rotation::RotationClass,
    view::{FacetValue, Facets, InventoryPage, Me, ResourceDetail},
};
use claviger_store::FacetCounts;
use std::{collections::HashMap, fmt::Display};

/// Rows a page.
const PAGE_ROWS: u16 = 50;

impl Services {
    /// The inventory as the URL asks for it.
    pub async fn inventory(
        &self,
        caller: &Caller,
        url_query: &str,
    ) -> Result<InventoryPage, ServiceError> {
        let visible = self.authority().within(caller, Permission::ReadInventory).await?;
        let query: InventoryQuery = url_query.parse()?;
        let now = self.clock.now();
        let (page, counts, total, ous, accounts) = tokio::try_join!(
            self.store.list_inventory(&visible, &query, PAGE_ROWS, now),
            self.store.count_facets(&visible, &query, now),
            self.store.count_inventory(&visible),
            self.store.visible_ous(&visible),
            self.store.list_accounts(&visible),
        )?;
        let ever_swept = accounts.iter().any(|account| account.complete_as_of.is_some());
        let names = accounts.into_iter().map(|account| (account.id, account.name)).collect();
        Ok(InventoryPage {
            facets: facets(&counts, &query, &ous, &names),
            matching: counts.matching,
            query,
            page,
            total,
            may_request: caller.may(Permission::RequestAccess),
            ever_swept,
            as_of: now,
        })
    }

    /// One secret or parameter.
    pub async fn resource(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<ResourceDetail, ServiceError> {
        let visible = self.authority().within(caller, Permission::ReadInventory).await?;
        let missing = || ServiceError::NotFound("secret or parameter");
        let id: ResourceId = id.parse().map_err(|_| missing())?;
        let now = self.clock.now();
        let mut found = self.store.resource(&visible, id, now).await?.ok_or_else(missing)?;
        found.may_request = found.gone_at.is_none() && caller.may(Permission::RequestAccess);
        Ok(found)
    }

    /// Who is asking, with the numbers of the navigation. Open to everybody who is signed in.
    pub async fn me(&self, caller: &Caller) -> Result<Me, ServiceError> {
        let (as_of_entry, access) = self.access_counts(caller).await?;
        let mut me = Me {
            name: caller.person.name.clone(),
            email: caller.person.email.clone(),
            roles: caller.roles(),
            may_sweep: caller.may_everywhere(Permission::StartSweep),
            may_request: caller.may(Permission::RequestAccess),
            may_read_access: caller.may(Permission::ReadAccess),
            may_review: caller.may(Permission::ReviewAccess),
            may_audit: caller.may_everywhere(Permission::ReadAudit),
            as_of_entry,
            access,
            resources: 0,
            failures: 0,
            accounts: 0,
            accounts_failing: 0,
        };
        let scopes = caller.scopes(Permission::ReadInventory);
        if !scopes.is_empty() {
            let visible = self.store.visible_accounts(&scopes).await?;
            let (resources, failures, progress) = tokio::try_join!(
                self.store.count_inventory(&visible),
                self.store.count_failures(&visible),
                self.store.sweep_progress(&visible, self.clock.now())
            )?;
            me.resources = resources;
            me.failures = failures;
            me.accounts = progress.accounts.into();
            me.accounts_failing = progress.accounts_failed.into();
        }
        Ok(me)
    }
}

fn facets(
    counts: &FacetCounts,
    query: &InventoryQuery,
    ous: &[Ou],
    accounts: &HashMap<AccountId, String>,
) -> Facets {
    let named = |id: &str| {
        id.parse::<AccountId>()
            .ok()
            .and_then(|id| accounts.get(&id))
            .cloned()
            .unwrap_or_else(|| id.to_owned())
    };
    let mut account_values = open_values(counts, "account", &query.accounts, named);
    account_values.sort_by(|a, b| a.label.cmp(&b.label));
    Facets {
        kinds: fixed(counts, "kind", Kind::ALL, |kind| match kind {
            Kind::Secret => "Secrets Manager",
            Kind::Parameter => "SSM parameters",
        }),
        ous: ous
            .iter()
            .map(|ou| FacetValue {
                value: ou.id.to_string(),
                label: ou.name.clone(),
                depth: u8::try_from(ou.path.matches('/').count()).unwrap_or(u8::MAX),
                count: counts.of("ou", ou.id.as_str()),
            })
            .filter(|value| value.count > 0 || is_chosen(&query.ous, &value.value))
            .collect(),
        accounts: account_values,
        regions: open_values(counts, "region", &query.regions, ToOwned::to_owned),
        rotation: fixed(counts, "rotation", RotationClass::ALL, |class| match class {
            RotationClass::Stuck => "Stuck",
            RotationClass::Overdue => "Overdue",
            RotationClass::Scheduled => "On schedule",
            RotationClass::Off => "Off",
            RotationClass::NotApplicable => "Not applicable",
        }),
        keys: fixed(counts, "key", KeyClass::ALL, |key| match key {
            KeyClass::AwsManaged => "AWS managed",
            KeyClass::CustomerManaged => "Customer managed",
            KeyClass::Plain => "Not encrypted",
        }),
        owners: fixed(counts, "owner", OwnerClass::ALL, |owner| match owner {
            OwnerClass::Named => "Named",
            OwnerClass::Missing => "Missing",
            OwnerClass::Unknown => "Tags not read",
        }),
        states: fixed(counts, "state", LifeState::ALL, |state| match state {
            LifeState::Live => "Live",
            LifeState::Deleting => "Pending deletion",
            LifeState::Gone => "Gone from AWS",
        }),
    }
}

fn is_chosen<T: Display>(chosen: &[T], value: &str) -> bool {
    chosen.iter().any(|c| c.to_string() == value)
}

/// A facet whose choices are always the same.
fn fixed<T: Copy + Display>(
    counts: &FacetCounts,
    field: &str,
    all: &[T],
    label: fn(T) -> &'static str,
) -> Vec<FacetValue> {
    all.iter()
        .map(|value| FacetValue {
            value: value.to_string(),
            label: label(*value).to_owned(),
            depth: 0,
            count: counts.of(field, &value.to_string()),
        })
        .collect()
}

/// A facet whose choices come from the rows; a chosen one stays even if it leaves none.
fn open_values<T: Display>(
    counts: &FacetCounts,
    field: &str,
    chosen: &[T],
    label: impl Fn(&str) -> String,
) -> Vec<FacetValue> {
    let mut values: Vec<String> = counts.values(field).into_iter().map(ToOwned::to_owned).collect();
    values.extend(chosen.iter().map(ToString::to_string));
    values.sort();
    values.dedup();
    values
        .into_iter()
        .map(|value| FacetValue {
            label: label(&value),
            depth: 0,
            count: counts.of(field, &value),
            value,
        })
        .collect()
}
