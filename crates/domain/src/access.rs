//! Who may do what, and where. Deny by default: no binding, no permission; an empty scope is nobody's.

use crate::{facts::words, ids::AccountId};
use serde::{Deserialize, Serialize};

/// A role that a group of people holds within a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Viewer,
    Requester,
    Approver,
    SecurityAdmin,
    Auditor,
}

words!(
    Role, "viewer, requester, approver, security-admin or auditor",
    "security-admin" => Role::SecurityAdmin,
    "approver" => Role::Approver,
    "requester" => Role::Requester,
    "auditor" => Role::Auditor,
    "viewer" => Role::Viewer
);

/// Something the console lets people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Permission {
    /// See the metadata of secrets and parameters.
    ReadInventory,
    /// See the accounts and how far the sweeps reached them.
    ReadAccounts,
    /// Start a sweep, which reads every account: needs the scope of the whole Organization.
    StartSweep,
}

impl Permission {
    pub const ALL: &'static [Self] = &[Self::ReadInventory, Self::ReadAccounts, Self::StartSweep];
}

impl Role {
    /// What the role allows within its scope.
    pub fn allows(self, permission: Permission) -> bool {
        match permission {
            Permission::ReadInventory | Permission::ReadAccounts => true,
            Permission::StartSweep => self == Self::SecurityAdmin,
        }
    }
}

/// Where a role holds, as the configuration says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Every account.
    Organization,
    /// An organizational unit with everything below it, by id or by path (`Workloads/Production`).
    Ou(String),
    /// These accounts and no others.
    Accounts(Vec<AccountId>),
}

/// The configuration's word that a group holds a role within a scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RoleBinding {
    /// As it stands in the groups claim of the id token.
    pub group: String,
    pub role: Role,
    pub scope: Scope,
}

/// A person as the identity provider names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The `sub` claim.
    pub subject: String,
    pub name: String,
    pub email: Option<String>,
}

/// Who is asking: a person from the session with the roles their groups bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub person: Person,
    pub held: Vec<(Role, Scope)>,
}

impl Caller {
    /// Gives a person what the bindings of their groups say.
    pub fn new(person: Person, groups: &[String], bindings: &[RoleBinding]) -> Self {
        let held = bindings
            .iter()
            .filter(|binding| groups.contains(&binding.group))
            .map(|binding| (binding.role, binding.scope.clone()))
            .collect();
        Self { person, held }
    }

    /// The scopes within which the caller may do this; empty means not at all.
    pub fn scopes(&self, permission: Permission) -> Vec<&Scope> {
        self.held
            .iter()
            .filter(|(role, _)| role.allows(permission))
            .map(|(_, scope)| scope)
            .collect()
    }

    /// Whether the caller may do this in every account: for what cannot be done to a part.
    pub fn may_everywhere(&self, permission: Permission) -> bool {
        self.scopes(permission).contains(&&Scope::Organization)
    }

    pub fn roles(&self) -> Vec<Role> {
        let mut roles: Vec<Role> = self.held.iter().map(|(role, _)| *role).collect();
        roles.sort();
        roles.dedup();
        roles
    }
}

/// The accounts that a query may see. Only the services make one, from an authorised caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VisibleAccounts {
    pub accounts: Vec<AccountId>,
    /// Whether these are all there are.
    pub whole_organization: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person() -> Person {
        Person { subject: "s".into(), name: "S".into(), email: None }
    }

    #[test]
    fn without_a_group_nothing_is_held() {
        let bindings = [RoleBinding {
            group: "sec".into(),
            role: Role::SecurityAdmin,
            scope: Scope::Organization,
        }];
        let nobody = Caller::new(person(), &[], &bindings);
        assert!(Permission::ALL.iter().all(|p| nobody.scopes(*p).is_empty()));
        let admin = Caller::new(person(), &["sec".into()], &bindings);
        assert_eq!(admin.scopes(Permission::StartSweep), [&Scope::Organization]);
    }

    #[test]
    fn a_role_counts_only_within_its_own_scope() {
        let production = Scope::Ou("Workloads/Production".into());
        let bindings = [
            RoleBinding { group: "a".into(), role: Role::Viewer, scope: Scope::Organization },
            RoleBinding { group: "a".into(), role: Role::SecurityAdmin, scope: production.clone() },
        ];
        let caller = Caller::new(person(), &["a".into()], &bindings);
        assert_eq!(caller.scopes(Permission::StartSweep), [&production]);
        assert!(
            caller.may_everywhere(Permission::ReadInventory)
                && !caller.may_everywhere(Permission::StartSweep)
        );
        assert_eq!(caller.scopes(Permission::ReadInventory).len(), 2);
    }
}
