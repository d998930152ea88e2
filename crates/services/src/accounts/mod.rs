//! Browsing the accounts.

pub(crate) mod readiness;
pub(crate) mod role_checks;
mod roll_out;

pub(crate) use readiness::ReadinessService;
pub use role_checks::{OPT_IN_ROLES, check_opt_in_role, check_role, explain_role};

use crate::{AlarmCheckService, Authority, ScopeCheckService, ServiceError, SnapshotService};
use claviger_domain::{
    accounts::roles::AccountRoles,
    authz::{Caller, Permission},
    clock::Clock,
    ids::AccountId,
    inventory::view::{AccountDetail, AccountsView},
};
use claviger_policy::permissions::templates::snippets::{Deployment, OrganizationIds};
use claviger_store::AccountRepository;
use std::sync::Arc;

/// Accounts, as people read them.
#[derive(Clone)]
pub struct AccountService {
    pub(crate) accounts: AccountRepository,
    pub(crate) alarm_check_service: AlarmCheckService,
    pub(crate) scope_check_service: ScopeCheckService,
    pub(crate) snapshot_service: SnapshotService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
    pub(crate) deployment: Option<Arc<Deployment>>,
}

impl AccountService {
    /// All accounts within the caller's scope.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn accounts(&self, caller: &Caller) -> Result<AccountsView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadAccounts).await?;
        let (mut rows, roles, opt_in) = tokio::try_join!(
            self.accounts.list_accounts(&visible),
            self.accounts.roles(&visible),
            self.accounts.opt_in_roles(&visible, None),
        )?;
        roll_out::fill_in(&mut rows, &roles, &opt_in);
        let (deployment, place) = (self.deployment.as_deref(), self.place().await?);
        Ok(AccountsView {
            roll_out: roll_out::roll_out(deployment, &place, &rows),
            rows,
            can_scan: caller.may_everywhere(Permission::StartScan),
            scope_problems: self
                .scope_check_service
                .scope_problems(caller)
                .await?
                .iter()
                .map(ToString::to_string)
                .collect(),
            as_of: self.clock.now(),
        })
    }

    /// One account with its Regions.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn account(&self, caller: &Caller, id: &str) -> Result<AccountDetail, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadAccounts).await?;
        let missing = || ServiceError::NotFound("account");
        let id: AccountId = id.parse().map_err(|_| missing())?;
        let (mut account, joined_at, regions) =
            self.accounts.account(&visible, &id).await?.ok_or_else(missing)?;
        let location =
            self.accounts.locations(std::slice::from_ref(&id)).await?.pop().ok_or_else(missing)?;
        let (checked_at, mut readiness) = self.accounts.readiness(&visible, &id).await?;
        let (of_tags, tag_policy) = self.snapshot_service.tag_policy_in(&location).await?;
        readiness.push(of_tags);
        readiness.extend(self.alarm_check_service.readiness(&visible, &id).await?);
        let checks = readiness.iter().filter_map(|one| one.role);
        account.roles = AccountRoles::of(checks.map(|check| check.state));
        let mut opt_in = self.accounts.opt_in_roles(&visible, Some(&id)).await?;
        // As in the list: of one that was suspended or left, an old result may be there.
        opt_in.retain(|_, _| roll_out::is_active(&account));
        roll_out::fill_in_opt_in(&mut account, &opt_in);
        let place = self.place().await?;
        let rows = std::slice::from_ref(&account);
        Ok(AccountDetail {
            snippets: roll_out::of_rows(self.deployment.as_deref(), &place, rows),
            account,
            joined_at,
            regions,
            checked_at,
            readiness,
            opt_in_roles: opt_in.remove(&id).unwrap_or_default(),
            tag_policy,
            as_of: self.clock.now(),
        })
    }

    /// The Organization, as the commands that deploy roles name it.
    async fn place(&self) -> Result<OrganizationIds, ServiceError> {
        let (organization, management_account) =
            tokio::try_join!(self.accounts.organization(), self.accounts.management_account())?;
        Ok(OrganizationIds { organization: organization.0, management_account })
    }
}
