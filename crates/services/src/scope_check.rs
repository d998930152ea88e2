//! Whether the OUs and accounts that the configuration and the policies name are in the Organization.

use crate::{PolicyService, ServiceError, compliance::InForce};
use claviger_domain::{
    accounts::{Organization, Ou},
    authz::{
        Caller, Permission,
        scope_check::{ScopeProblem, ScopeReference, ScopeTarget, check_scopes},
    },
    error_line::ErrorLine,
    ids::AccountId,
};
use claviger_gateways::Gateway;
use claviger_policy::compliance::PolicyScope;
use claviger_store::AccountRepository;
use std::{sync::Arc, time::Duration};

/// How long the server's start waits for AWS Organizations where nothing is stored yet.
const ORGANIZATION_TIMEOUT: Duration = Duration::from_secs(15);

/// The OUs and accounts that the configuration and the policies name, against the Organization.
#[derive(Clone)]
pub struct ScopeCheckService {
    pub(crate) accounts: AccountRepository,
    pub(crate) policy_service: PolicyService,
    pub(crate) gateway: Arc<dyn Gateway>,
    pub(crate) scope_references: Arc<[ScopeReference]>,
}

impl ScopeCheckService {
    /// Holds what the configuration names against the Organization as it was read last, or where it never was, as AWS
    /// Organizations lists it now. `None` where it cannot be read.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn check_scopes_at_start(&self) -> Result<Option<Vec<ScopeProblem>>, ServiceError> {
        if self.scope_references.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let (ous, accounts) = self.accounts.ous_and_accounts().await?;
        if !accounts.is_empty() {
            return Ok(Some(check_scopes(&self.scope_references, &ous, &accounts)));
        }
        let read = tokio::time::timeout(ORGANIZATION_TIMEOUT, self.gateway.organization()).await;
        match read {
            Ok(Ok(organization)) => Ok(Some(self.check_scopes_against(&organization))),
            Ok(Err(error)) => {
                tracing::warn!(error = %ErrorLine(&error), "the scopes of the configuration were not checked: the Organization cannot be read");
                Ok(None)
            }
            Err(_) => {
                tracing::warn!(
                    "the scopes of the configuration were not checked: AWS Organizations did not answer in time"
                );
                Ok(None)
            }
        }
    }

    /// The same against an Organization that was read just now.
    pub fn check_scopes_against(&self, organization: &Organization) -> Vec<ScopeProblem> {
        let accounts: Vec<AccountId> =
            organization.accounts.iter().map(|account| account.id.clone()).collect();
        check_scopes(&self.scope_references, &organization.ous, &accounts)
    }

    /// What security admins of the whole Organization read about it: the configuration and the policies. Nobody else reads
    /// any of it.
    pub(crate) async fn scope_problems(
        &self,
        caller: &Caller,
    ) -> Result<Vec<ScopeProblem>, ServiceError> {
        if !caller.may_everywhere(Permission::EditPolicies) {
            return Ok(Vec::new());
        }
        let (ous, accounts): (Vec<Ou>, Vec<AccountId>) = self.accounts.ous_and_accounts().await?;
        // Before the first scan nothing is known, so nothing is missing.
        if accounts.is_empty() {
            return Ok(Vec::new());
        }
        let mut references = self.scope_references.to_vec();
        for InForce { policy, .. } in self.policy_service.in_force().await? {
            references.extend(of_policy(&policy.id, &policy.scope));
        }
        Ok(check_scopes(&references, &ous, &accounts))
    }
}

fn of_policy(id: &str, scope: &PolicyScope) -> Vec<ScopeReference> {
    let source = format!("the policy {id}");
    let of = |target| ScopeReference { source: source.clone(), target };
    std::iter::once(&scope.within)
        .chain(&scope.except)
        .flat_map(|part| {
            let ous = part.ous.iter().cloned().map(ScopeTarget::Ou);
            ous.chain(part.accounts.iter().cloned().map(ScopeTarget::Account))
        })
        .map(of)
        .collect()
}
