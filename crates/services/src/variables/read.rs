//! Reads which workloads of an account have a credential in a plaintext variable.

use crate::JobFailure;
use claviger_domain::{
    VariantArray as _,
    clock::Clock,
    error_line::ErrorLine,
    ids::{AccountId, Region},
    scan::RegionScanFault,
    variables::WorkloadKind,
};
use claviger_gateways::{
    AwsError, ConsumerOrder, VariableGateway, VariableReading, WorkloadVariables,
};
use claviger_policy::variables::{credential_sign, reading_session};
use claviger_store::{
    AccountRepository, NewVariable, NewVariableList, NewVariableRead, VariableAccess,
    VariableRepository,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Shown in CloudTrail.
const SESSION_NAME: &str = "claviger-variables";
const SOURCE_IDENTITY: &str = "claviger";

/// The most characters of a name that is stored.
const MAX_NAME: usize = 255;

/// Reads variables of workloads, and parameters and outputs of stacks, and stores the names of those that hold a credential.
#[derive(Clone)]
pub struct VariableReadService {
    pub(crate) accounts: AccountRepository,
    pub(crate) variables: VariableRepository,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) variable_gateway: Arc<dyn VariableGateway>,
}

impl VariableReadService {
    /// One account. What AWS refuses is part of what is found.
    #[tracing::instrument(skip_all, fields(aws.account = %account))]
    pub(crate) async fn read_variables(&self, account: &AccountId) -> Result<(), JobFailure> {
        let regions = self.accounts.regions_of_scan(account).await?;
        let mut is_changed = false;
        for (at, region) in regions.iter().enumerate() {
            let order = ConsumerOrder {
                account: account.clone(),
                region: region.clone(),
                session_name: SESSION_NAME.to_owned(),
                source_identity: SOURCE_IDENTITY.to_owned(),
                policy: reading_session(account, region),
            };
            let read = self.variable_gateway.plain_variables(&order).await;
            if at == 0 {
                let access = read.as_ref().map_or_else(access_of, |_| VariableAccess::Open);
                let now = self.clock.now();
                is_changed |=
                    self.variables.write_variable_access(account, &regions, &access, now).await?;
                if access != VariableAccess::Open {
                    break;
                }
            }
            is_changed |= self.write(account, region, &found(read)).await?;
        }
        if is_changed {
            self.variables.announce_variables().await?;
        }
        Ok(())
    }

    /// Writes a Region. What the database refuses is noted as a failure of that Region: the others are read all the same.
    async fn write(
        &self,
        account: &AccountId,
        region: &Region,
        read: &[NewVariableRead],
    ) -> Result<bool, JobFailure> {
        let now = self.clock.now();
        let error = match self.variables.write_variables(account, region, read, now).await {
            Ok(is_changed) => return Ok(is_changed),
            Err(error) => error,
        };
        tracing::error!(error = %ErrorLine(&error), aws.region = %region, "plaintext variables cannot be stored");
        let failed = |kind: &WorkloadKind| NewVariableRead {
            kind: *kind,
            read: Err("the list could not be stored".to_owned()),
        };
        let failed: Vec<_> = WorkloadKind::VARIANTS.iter().map(failed).collect();
        Ok(self.variables.write_variables(account, region, &failed, now).await?)
    }
}

/// Why there is no session in the account. AWS denies it alike if the role is missing and if it does not trust Claviger.
fn access_of(error: &AwsError) -> VariableAccess {
    let reason = error.read_failure().to_string();
    if matches!(error.fault, RegionScanFault::RoleNotAssumable | RegionScanFault::Denied) {
        return VariableAccess::NoRole(reason);
    }
    tracing::warn!(error = %ErrorLine(error), "plaintext variables cannot be read");
    VariableAccess::Failed(reason)
}

/// As it is stored.
fn found(read: Result<Vec<VariableReading>, AwsError>) -> Vec<NewVariableRead> {
    let each = read.unwrap_or_else(|error| {
        let failed =
            |kind: &WorkloadKind| VariableReading { kind: *kind, read: Err(error.clone()) };
        WorkloadKind::VARIANTS.iter().map(failed).collect()
    });
    let stored = each.into_iter().map(|VariableReading { kind, read }| {
        let read = read.map(credentials);
        let read = read.map_err(|error| {
            tracing::warn!(error = %ErrorLine(&error), variable.kind = %kind, "plaintext variables cannot be read");
            error.read_failure().to_string()
        });
        NewVariableRead { kind, read }
    });
    stored.collect()
}

/// The variables that hold a credential, each once: a container may list one twice. A workload with one whose name cannot be
/// stored counts as unreadable.
fn credentials(all: WorkloadVariables) -> NewVariableList {
    let mut found = BTreeMap::new();
    let mut unreadable: BTreeSet<String> = all.unreadable.into_iter().collect();
    for one in all.variables {
        let Some(sign) = credential_sign(&one) else { continue };
        if is_storable(&one.name) {
            found.insert((one.consumer, one.container, one.name), sign);
        } else {
            unreadable.insert(one.consumer);
        }
    }
    let each = found.into_iter().map(|((consumer, container, name), sign)| NewVariable {
        consumer,
        container,
        name,
        sign,
    });
    NewVariableList { variables: each.collect(), unreadable: unreadable.into_iter().collect() }
}

/// Whether a name fits into the index. PostgreSQL's text has no zero byte.
fn is_storable(name: &str) -> bool {
    name.chars().count() <= MAX_NAME && !name.contains('\0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::variables::{EnvironmentVariable, VariableContent};

    #[test]
    fn a_workload_with_a_name_that_cannot_be_stored_is_unreadable() {
        let long = |count| format!("{}_PASSWORD", "A".repeat(count));
        let variable = |consumer: &str, name: String| EnvironmentVariable {
            consumer: consumer.into(),
            container: None,
            name,
            content: VariableContent::Plain,
        };
        let list = credentials(WorkloadVariables {
            variables: vec![
                variable("fits", long(246)),
                variable("long", long(247)),
                variable("long", long(3_000)),
                variable("long", "DB_PASSWORD".into()),
                variable("zero", "A\0_PASSWORD".into()),
                // It is no credential, so nothing of it is stored.
                variable("other", "A".repeat(3_000)),
            ],
            unreadable: vec!["own-key".into()],
        });
        let stored: Vec<_> = list.variables.iter().map(|one| one.consumer.as_str()).collect();
        assert_eq!(stored, ["fits", "long"]);
        assert_eq!(list.unreadable, ["long", "own-key", "zero"]);
    }
}
