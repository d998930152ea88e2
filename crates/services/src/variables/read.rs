//! Reads which workloads of an account have a credential in a plaintext variable.

use crate::JobFailure;
use claviger_domain::{
    VariantArray as _,
    clock::Clock,
    error_line::ErrorLine,
    ids::AccountId,
    scan::RegionScanFault,
    variables::{EnvironmentVariable, WorkloadKind},
};
use claviger_gateways::{AwsError, ConsumerOrder, VariableGateway, VariableReading};
use claviger_policy::variables::{credential_sign, reading_session};
use claviger_store::{
    AccountRepository, NewVariable, NewVariableRead, VariableAccess, VariableRepository,
};
use std::{collections::BTreeMap, sync::Arc};

/// Shown in CloudTrail.
const SESSION_NAME: &str = "claviger-variables";
const SOURCE_IDENTITY: &str = "claviger";

/// Reads environment variables of workloads and stores the names of those that hold a credential.
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
                self.variables.write_variable_access(account, &regions, &access, now).await?;
                if access != VariableAccess::Open {
                    return Ok(());
                }
            }
            let read = found(read);
            self.variables.write_variables(account, region, &read, self.clock.now()).await?;
        }
        Ok(())
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
        let read = read.map(|read| (credentials(&read.variables), read.unreadable));
        let read = read.map_err(|error| {
            tracing::warn!(error = %ErrorLine(&error), variable.kind = %kind, "plaintext variables cannot be read");
            error.read_failure().to_string()
        });
        NewVariableRead { kind, read }
    });
    stored.collect()
}

/// The variables that hold a credential, each once: a container may list one twice.
fn credentials(all: &[EnvironmentVariable]) -> Vec<NewVariable> {
    let mut found = BTreeMap::new();
    for one in all {
        if let Some(sign) = credential_sign(one) {
            found.insert((&one.consumer, &one.container, &one.name), sign);
        }
    }
    let each = found.into_iter().map(|((consumer, container, name), sign)| NewVariable {
        consumer: consumer.clone(),
        container: container.clone(),
        name: name.clone(),
        sign,
    });
    each.collect()
}
