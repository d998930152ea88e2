//! What AWS is asked right before the call: the inventory may be minutes behind.

use super::execution::{CreationExecutionService, named};
use crate::ServiceError;
use claviger_domain::{
    creation::{NewResource, ShapeFault},
    error_line::ErrorLine,
    facts::{Detail, Reading, ResourceFacts, SecretFacts},
    ids::Region,
    key::is_foreign_key,
};
use claviger_gateways::AwsError;

impl CreationExecutionService {
    /// Refuses what AWS says is in the way. What it does not answer is left to the call, which then fails itself.
    pub(super) async fn ask_aws(&self, shape: &NewResource) -> Result<(), ServiceError> {
        let mut faults = self.region_faults(shape).await?;
        if faults.is_empty() {
            faults.extend(self.name_faults(shape).await);
            faults.extend(self.key_fault("key", shape, &shape.region, shape.key.as_deref()).await);
            for replica in shape.replicas() {
                let key = replica.key.as_deref();
                faults.extend(self.key_fault("replicas", shape, &replica.region, key).await);
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(ServiceError::Shape(faults)) }
    }

    /// Where the inventory does not know which Regions are enabled.
    async fn region_faults(&self, shape: &NewResource) -> Result<Vec<ShapeFault>, ServiceError> {
        let account = &shape.account;
        let known = self.accounts.enabled_regions(std::slice::from_ref(account)).await?;
        if matches!(known.get(account), Some((Some(_), _))) {
            return Ok(Vec::new());
        }
        Ok(match self.gateway.enabled_regions(account).await {
            Ok(enabled) => disabled_regions(shape, &enabled),
            Err(error) => unanswered(&error),
        })
    }

    async fn name_faults(&self, shape: &NewResource) -> Vec<ShapeFault> {
        let mut faults = match self.find(shape, &shape.region).await {
            Ok(found) => found.iter().map(taken).collect(),
            Err(error) => unanswered(&error),
        };
        for replica in shape.replicas() {
            faults.extend(match self.find(shape, &replica.region).await {
                Ok(found) => found.iter().map(|_| taken_in(&replica.region)).collect(),
                Err(error) => unanswered(&error),
            });
        }
        faults
    }

    /// What AWS has of this name in a Region.
    async fn find(
        &self,
        shape: &NewResource,
        region: &Region,
    ) -> Result<Option<ResourceFacts>, AwsError> {
        let reader = self.gateway.open(&shape.account, region).await?;
        named(reader.as_ref(), shape).await
    }

    /// A key of the account that does not exist, or that does not encrypt.
    async fn key_fault(
        &self,
        field: &str,
        shape: &NewResource,
        region: &Region,
        key: Option<&str>,
    ) -> Option<ShapeFault> {
        let is_own =
            |key: &&str| !is_foreign_key(key, &shape.account) && !key.contains("alias/aws/");
        let key = key.filter(is_own)?;
        let read = self.gateway.kms_keys(&shape.account, region, &[key.to_owned()]).await;
        match read.as_deref() {
            Ok([Reading::Read(None)]) => {
                Some(ShapeFault::new(field, format!("{region} has no key {key}.")))
            }
            Ok([Reading::Read(Some(found))]) if !found.is_enabled() => {
                let reason =
                    format!("{key} is {} and can't encrypt: use another key.", found.state);
                Some(ShapeFault::new(field, reason))
            }
            Ok(_) => None,
            Err(error) => unanswered(error).pop(),
        }
    }
}

/// Those that the new resource needs, and that are not among these.
pub(super) fn disabled_regions(shape: &NewResource, enabled: &[Region]) -> Vec<ShapeFault> {
    let fault = |field: &str, region: &Region| {
        ShapeFault::new(field, format!("{region} is not enabled in this account."))
    };
    let own = (!enabled.contains(&shape.region)).then(|| fault("region", &shape.region));
    let replicas = shape.replicas().iter().filter(|one| !enabled.contains(&one.region));
    own.into_iter().chain(replicas.map(|one| fault("replicas", &one.region))).collect()
}

fn taken(facts: &ResourceFacts) -> ShapeFault {
    match &facts.detail {
        Detail::Secret(SecretFacts { deleted_at: Some(_), .. }) => pending_deletion(),
        _ => name_taken(),
    }
}

pub(super) fn name_taken() -> ShapeFault {
    ShapeFault::new("name", "This name is taken: choose another one.")
}

pub(super) fn pending_deletion() -> ShapeFault {
    let reason =
        "A secret of this name is pending deletion: restore it, or wait until AWS has deleted it.";
    ShapeFault::new("name", reason)
}

pub(super) fn taken_in(region: &Region) -> ShapeFault {
    ShapeFault::new("replicas", format!("{region} has a secret of this name already."))
}

fn unanswered(error: &AwsError) -> Vec<ShapeFault> {
    tracing::debug!(error = %ErrorLine(error), "AWS does not say what is in the way of a creation");
    Vec::new()
}
