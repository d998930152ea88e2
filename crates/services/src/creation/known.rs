//! What the inventory knows of the place of a new secret or parameter: what is in the way, and its key.

use super::{
    asked::{disabled_regions, name_taken, pending_deletion, taken_in},
    wanted_tags::kind_of,
};
use crate::ServiceError;
use claviger_domain::{
    accounts::AccountState,
    clock::Clock,
    creation::{CreationForm, CreationId, NewResource, ShapeFault, ShapeWarning},
    facts::Reading,
    ids::{AccountId, Region},
    inventory::view::{AccountRow, Coverage},
    key::{KmsKey, is_foreign_key},
};
use claviger_policy::exposure;
use claviger_store::{AccountRepository, CreationRepository, FactRepository, TakenName};
use std::sync::Arc;

/// Looks up the place of a new secret or parameter. AWS is not asked.
#[derive(Clone)]
pub(crate) struct CreationPlaceService {
    pub(crate) accounts: AccountRepository,
    pub(crate) creations: CreationRepository,
    pub(crate) facts: FactRepository,
    pub(crate) clock: Arc<dyn Clock>,
}

impl CreationPlaceService {
    /// What the inventory knows to be in the way.
    pub(super) async fn known_faults(
        &self,
        shape: &NewResource,
        row: &AccountRow,
    ) -> Result<Vec<ShapeFault>, ServiceError> {
        let account = &shape.account;
        let mut faults: Vec<ShapeFault> = account_fault(row).into_iter().collect();
        faults.extend(self.taken_names(shape).await?);
        let enabled = self.accounts.enabled_regions(std::slice::from_ref(account)).await?;
        if let Some((Some(enabled), _)) = enabled.get(account) {
            faults.extend(disabled_regions(shape, enabled));
        }
        if let Some(Err(fault)) = shape.policy().map(exposure::is_read) {
            faults.push(ShapeFault::new("policy", format!("{fault}.")));
        }
        if let Some(key) = shape.key.as_deref().filter(|key| is_foreign_key(key, account)) {
            let own: Option<AccountId> =
                key.split(':').nth(4).and_then(|account| account.parse().ok());
            let own: Vec<AccountId> = own.into_iter().collect();
            if self.accounts.locations(&own).await?.is_empty() {
                faults.push(ShapeFault::new(
                    "key",
                    "The key is in an account that is not in the Organization: use a key of this account.",
                ));
            }
        }
        Ok(faults)
    }

    /// Names that the inventory has already.
    pub(super) async fn taken_names(
        &self,
        shape: &NewResource,
    ) -> Result<Vec<ShapeFault>, ServiceError> {
        let mut faults = Vec::new();
        let NewResource { account, region, name, .. } = shape;
        match self.creations.name_taken(account, region, shape.kind(), name).await? {
            None => {}
            Some(TakenName::Live) => faults.push(name_taken()),
            Some(TakenName::PendingDeletion) => faults.push(pending_deletion()),
        }
        for replica in shape.replicas() {
            let found = self.creations.name_taken(account, &replica.region, shape.kind(), name);
            faults.extend(found.await?.map(|_| taken_in(&replica.region)));
        }
        Ok(faults)
    }

    /// An open request of the same account, Region, kind and name. Everyone who sees the account sees its requests.
    pub(super) async fn open_request(
        &self,
        shape: &NewResource,
    ) -> Result<Option<CreationId>, ServiceError> {
        Ok(self.creations.open_creation(shape, self.clock.now()).await?)
    }

    /// What KMS said of the key that the shape names; `None` without one, and if KMS has no such key or was not asked.
    pub(super) async fn known_key(
        &self,
        shape: &NewResource,
    ) -> Result<Option<KmsKey>, ServiceError> {
        let Some(name) = shape.key.as_deref() else { return Ok(None) };
        let (account, region) = (&shape.account, &shape.region);
        for (named, reading) in self.facts.key_readings(account, region).await? {
            let is_same = named == name;
            match reading {
                Reading::Read(Some(key)) if is_same || key.is_named(name) => {
                    return Ok(Some(key));
                }
                // KMS has no such key, or did not say.
                _ if is_same => return Ok(None),
                _ => {}
            }
        }
        // That something is encrypted under it does not say whose it is: an AWS managed key has an ID as well.
        Ok(None)
    }

    /// Those that are enabled, or at least those that are scanned.
    pub(super) async fn regions_of(
        &self,
        account: &AccountId,
    ) -> Result<Vec<Region>, ServiceError> {
        let enabled = self.accounts.enabled_regions(std::slice::from_ref(account)).await?;
        match enabled.get(account) {
            Some((Some(regions), _)) => Ok(regions.clone()),
            _ => Ok(self.accounts.regions_of_scan(account).await?),
        }
    }

    /// Names beside the one that is typed.
    pub(super) async fn siblings(
        &self,
        account: &AccountId,
        region: &Region,
        form: &CreationForm,
    ) -> Result<Vec<String>, ServiceError> {
        let name = form.name.trim();
        let Some((prefix, _)) = name.rsplit_once('/').filter(|(prefix, _)| !prefix.is_empty())
        else {
            return Ok(Vec::new());
        };
        Ok(self.creations.siblings(account, region, kind_of(form), &format!("{prefix}/")).await?)
    }
}

/// That a request asks for the name already.
pub(super) fn requested_already(id: CreationId) -> ShapeFault {
    ShapeFault::new(
        "name",
        format!("{id} asks for this name already: open that request, or choose another name."),
    )
}

/// Claviger enters only active accounts of the Organization.
fn account_fault(row: &AccountRow) -> Option<ShapeFault> {
    let is = match row.state {
        _ if row.left_at.is_some() => "no longer in the Organization",
        AccountState::Active => return None,
        AccountState::Suspended => "suspended",
        AccountState::Closed | AccountState::PendingClosure => "closed",
        AccountState::PendingActivation => "not activated yet",
        AccountState::Unknown => "not active",
    };
    Some(ShapeFault::new("account", format!("The account is {is}: choose another one.")))
}

/// That the key did not encrypt when KMS was last asked. It may since then, so nothing is refused for it.
fn key_state_warning(key: &KmsKey) -> Option<String> {
    let state = match key.state.as_str() {
        // A multi-Region key that is updated goes on working.
        "Enabled" | "Updating" => return None,
        "Disabled" => "was disabled: enable it",
        "PendingDeletion" | "PendingReplicaDeletion" => {
            "was pending deletion: cancel the deletion and enable it"
        }
        "PendingImport" => "had no key material: import it",
        _ => "could not encrypt: correct it",
    };
    Some(format!(
        "When KMS was last asked, the key {state}, or use another one. AWS is asked again when you submit."
    ))
}

/// That the last scan could not read the account: what creates something in it may fail too.
pub(super) fn account_warning(row: &AccountRow) -> Option<ShapeWarning> {
    if row.reach != Coverage::None {
        return None;
    }
    let why = row.fault.map(|fault| format!(" {}", fault.explain().0)).unwrap_or_default();
    let reason = format!(
        "The last scan could not read this account.{why} Names in it may be taken, and the creation may fail."
    );
    Some(ShapeWarning { field: "account".into(), reason })
}

/// What to know about the key.
pub(super) fn key_warning(shape: &NewResource, known: Option<&KmsKey>) -> Option<ShapeWarning> {
    let key = shape.key.as_deref()?;
    let reason = if is_foreign_key(key, &shape.account) {
        "The key is in another account: its policy has to let claviger-remediation and the secret's readers use it."
            .to_owned()
    } else if let Some(reason) = known.and_then(key_state_warning) {
        reason
    } else if known.is_none() && !key.contains("alias/aws/") {
        format!(
            "Claviger does not know whether the KMS key {key} exists in {} and is customer managed. AWS is asked when you submit.",
            shape.region
        )
    } else {
        return None;
    };
    Some(ShapeWarning { field: "key".into(), reason })
}
