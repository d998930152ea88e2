//! Claviger's roles in the AWS in memory, and what else an account needs.

use super::{FakeAws, State, fault};
use async_trait::async_trait;
use claviger_aws::{AwsError, Identities, MemberRole, OurRole, ReadinessGateway};
use claviger_domain::{
    accounts::readiness::{ConfigReading, Trail},
    ids::{AccountId, Region},
    scan::RegionScanFault,
};
use claviger_policy::permissions::templates::{TEMPLATE_VERSION, VERSION_TAG};

/// A role that is not as the templates make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FakeRole {
    /// It does not exist.
    Missing,
    /// It can be assumed, with this value of the version tag; `None` if it has no tag.
    Version(Option<String>),
    /// It requires another external id.
    OtherExternalId,
    /// It exists and trusts another role.
    Untrusting,
}

impl FakeRole {
    fn admits(&self) -> bool {
        matches!(self, Self::Version(_))
    }
}

impl State {
    /// How a role differs from what the templates make; they do not make the opt-in roles.
    fn role(&self, key: &(AccountId, OurRole)) -> Option<FakeRole> {
        let is_opt_in = matches!(key.1, OurRole::Consumers | OurRole::Iam);
        self.roles.get(key).cloned().or(is_opt_in.then_some(FakeRole::Missing))
    }
}

impl FakeAws {
    /// From now on this role of the account is so; `None` makes it as the templates do, which do not make the opt-in roles.
    pub fn set_role(&self, account: &AccountId, role: OurRole, is: Option<FakeRole>) {
        let key = (account.clone(), role);
        match is {
            Some(fake) => self.state().roles.insert(key, fake),
            None => self.state().roles.remove(&key),
        };
    }
}

#[async_trait]
impl ReadinessGateway for FakeAws {
    async fn try_role(&self, account: &AccountId, role: OurRole) -> Result<(), AwsError> {
        let state = self.state();
        let is_closed = state.closed.get(account).copied();
        let key = (account.clone(), role);
        let refuses = state.role(&key).is_some_and(|fake| !fake.admits());
        match is_closed.or(refuses.then_some(RegionScanFault::RoleNotAssumable)) {
            Some(why) => Err(fault("AssumeRole", why)),
            None => Ok(()),
        }
    }

    async fn trails(&self, _: &AccountId, _: &Region) -> Result<Vec<Trail>, AwsError> {
        Ok(self.state().trails.clone())
    }

    async fn identities(&self, account: &AccountId) -> Result<Identities, AwsError> {
        self.try_role(account, OurRole::Inventory).await?;
        let state = self.state();
        let identities = state.identities.clone();
        let mut identities =
            identities.map_err(|why| fault("GetAccountAuthorizationDetails", why))?;
        let own = format!(":{account}:");
        identities.retain(|identity| identity.principal.contains(&own));
        let role = |role: OurRole| {
            let fake = state.role(&(account.clone(), role));
            let version = match &fake {
                Some(FakeRole::Missing) => return None,
                Some(FakeRole::Version(version)) => version.clone(),
                _ => Some(TEMPLATE_VERSION.to_string()),
            };
            Some(MemberRole {
                role,
                tags: version
                    .map(|version| (VERSION_TAG.to_owned(), version))
                    .into_iter()
                    .collect(),
                requires_other_external_id: fake == Some(FakeRole::OtherExternalId),
            })
        };
        let each = [
            OurRole::Inventory,
            OurRole::Access,
            OurRole::Remediation,
            OurRole::Consumers,
            OurRole::Iam,
        ];
        Ok(Identities { identities, own_roles: each.into_iter().filter_map(role).collect() })
    }

    async fn config(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<ConfigReading, AwsError> {
        let key = (account.clone(), region.clone());
        Ok(self.state().config.get(&key).cloned().unwrap_or_default())
    }
}
