//! Who may do what, and where. Deny by default: no binding, no permission; an empty scope is nobody's.

pub mod scope_check;

use crate::{
    accounts::names_ou,
    authz::scope_check::{ScopeReference, ScopeTarget},
    facts::string_enum,
    ids::{AccountId, OuId},
};
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

string_enum!(
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
    #[serde(rename = "StartSweep")]
    StartScan,
    /// Request access. Whether a secret may be asked for, the Cedar policies say.
    RequestAccess,
    /// See other people's requests and grants.
    ReadAccess,
    /// Close the review of a break-glass.
    ReviewAccess,
    /// See verdicts, findings and policies.
    ReadFindings,
    /// Change the policies that evaluate: needs the scope of the whole Organization.
    EditPolicies,
    /// Plan calls that fix findings, stop and resume them, pull the pause.
    Remediate,
    /// Let somebody else's plan happen.
    ApproveRemediation,
    /// Ask that a failure be excepted until a day.
    #[serde(rename = "RequestWaiver")]
    RequestException,
    /// Approve, deny, review and end exceptions.
    #[serde(rename = "DecideWaiver")]
    DecideException,
    /// Read the audit trail: needs the scope of the whole Organization.
    ReadAudit,
    /// See whether notifications leave the console: needs the scope of the whole Organization.
    ReadDeliveries,
}

impl Permission {
    pub const ALL: &'static [Self] = &[
        Self::ReadInventory,
        Self::ReadAccounts,
        Self::StartScan,
        Self::RequestAccess,
        Self::ReadAccess,
        Self::ReviewAccess,
        Self::ReadFindings,
        Self::EditPolicies,
        Self::Remediate,
        Self::ApproveRemediation,
        Self::RequestException,
        Self::DecideException,
        Self::ReadAudit,
        Self::ReadDeliveries,
    ];
}

impl Role {
    /// From the one that may do most to the one that may do least, where one stands for all that a person holds.
    pub const BY_POWER: [Self; 5] =
        [Self::SecurityAdmin, Self::Approver, Self::Auditor, Self::Requester, Self::Viewer];

    /// What the role allows within its scope.
    pub fn allows(self, permission: Permission) -> bool {
        match permission {
            Permission::ReadInventory | Permission::ReadAccounts | Permission::ReadFindings => true,
            Permission::StartScan
            | Permission::EditPolicies
            | Permission::Remediate
            | Permission::ReadDeliveries
            | Permission::DecideException => self == Self::SecurityAdmin,
            Permission::RequestAccess | Permission::RequestException => {
                matches!(self, Self::Requester | Self::Approver | Self::SecurityAdmin)
            }
            Permission::ReadAccess => {
                matches!(self, Self::Approver | Self::SecurityAdmin | Self::Auditor)
            }
            Permission::ReviewAccess | Permission::ApproveRemediation => {
                matches!(self, Self::Approver | Self::SecurityAdmin)
            }
            Permission::ReadAudit => matches!(self, Self::SecurityAdmin | Self::Auditor),
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

/// Where an account stands in the Organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountLocation {
    pub account: AccountId,
    pub account_name: String,
    /// The units that hold it, from the root down: id and path.
    pub units: Vec<(OuId, String)>,
}

impl AccountLocation {
    /// Whether the unit, by id or by path, holds the account directly.
    pub fn parent_is(&self, ou: &str) -> bool {
        self.units.last().is_some_and(|unit| is_unit(unit, ou))
    }
}

pub(crate) fn is_unit((id, path): &(OuId, String), ou: &str) -> bool {
    names_ou(ou, id, path)
}

impl Scope {
    /// Whether the account lies within. A unit covers its descendants.
    pub fn covers(&self, location: &AccountLocation) -> bool {
        match self {
            Self::Organization => true,
            Self::Ou(ou) => location.units.iter().any(|unit| is_unit(unit, ou)),
            Self::Accounts(accounts) => accounts.contains(&location.account),
        }
    }
}

impl Scope {
    /// The OUs and accounts that it names; `source` is the part of the configuration that holds it.
    pub fn references(&self, source: &str) -> Vec<ScopeReference> {
        let of = |target| ScopeReference { source: source.to_owned(), target };
        match self {
            Self::Organization => Vec::new(),
            Self::Ou(ou) => vec![of(ScopeTarget::Ou(ou.clone()))],
            Self::Accounts(ids) => ids.iter().cloned().map(ScopeTarget::Account).map(of).collect(),
        }
    }
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

impl Person {
    /// A person from what the identity provider says. What is empty, or of nothing but space, counts as not said:
    /// a name falls back to the address, and then to the subject.
    pub fn new(subject: &str, name: Option<&str>, email: Option<&str>) -> Self {
        let email = email.and_then(said);
        let name = name.and_then(said).or_else(|| email.clone());
        Self {
            subject: subject.to_owned(),
            name: name.unwrap_or_else(|| subject.to_owned()),
            email,
        }
    }

    /// The address in the form in which addresses are compared: trimmed, and without regard to case.
    pub fn address(&self) -> Option<String> {
        address(self.email.as_deref()?)
    }

    /// Whether both are one human being, as far as we can know: the same subject, or the same address.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.subject == other.subject
            || self.address().is_some_and(|address| Some(address) == other.address())
    }
}

/// An email address in the form in which addresses are compared; `None` where it is none. Through upper case and
/// back, so that `ß` equals `SS` as in Unicode's case folding: to take two people for one only refuses.
pub fn address(text: &str) -> Option<String> {
    said(text).map(|text| text.to_uppercase().to_lowercase())
}

/// The text without space around it, and without what takes no space at all; `None` where nothing remains.
pub fn said(text: &str) -> Option<String> {
    let is_blank = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
    };
    let text = text.trim_matches(is_blank);
    (!text.is_empty()).then(|| text.to_owned())
}

/// Who is asking: a person from the session with the roles their groups bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub person: Person,
    /// As the identity provider names them: the teams of the access policies.
    pub groups: Vec<String>,
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
        Self { person, groups: groups.to_vec(), held }
    }

    /// The scopes within which the caller may do this; empty means not at all.
    pub fn scopes(&self, permission: Permission) -> Vec<&Scope> {
        self.held
            .iter()
            .filter(|(role, _)| role.allows(permission))
            .map(|(_, scope)| scope)
            .collect()
    }

    /// Whether the caller may do this anywhere.
    pub fn may(&self, permission: Permission) -> bool {
        !self.scopes(permission).is_empty()
    }

    /// Whether the caller may do this in every account: for what cannot be done to a part.
    pub fn may_everywhere(&self, permission: Permission) -> bool {
        self.scopes(permission).contains(&&Scope::Organization)
    }

    /// Whether the caller holds the role over this account.
    pub fn holds_over(&self, role: Role, location: &AccountLocation) -> bool {
        self.held.iter().any(|(held, scope)| *held == role && scope.covers(location))
    }

    /// Whether the caller may do this in this account.
    pub fn may_at(&self, permission: Permission, location: &AccountLocation) -> bool {
        self.scopes(permission).iter().any(|scope| scope.covers(location))
    }

    /// Each role once, the one that may do most first.
    pub fn roles(&self) -> Vec<Role> {
        let held = |role: &Role| self.held.iter().any(|(held, _)| held == role);
        Role::BY_POWER.into_iter().filter(held).collect()
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
        assert_eq!(admin.scopes(Permission::StartScan), [&Scope::Organization]);
    }

    #[test]
    fn an_empty_address_makes_nobody_the_same() {
        let with = |subject: &str, email: Option<&str>| Person {
            subject: subject.into(),
            name: String::new(),
            email: email.map(Into::into),
        };
        for blank in ["", " ", "\t\n", "\u{a0}", "\u{200b}", "\u{feff} "] {
            assert!(!with("a", Some(blank)).is_same_as(&with("b", Some(blank))), "{blank:?}");
            assert_eq!(Person::new("a", Some(blank), Some(blank)).email, None, "{blank:?}");
            assert_eq!(Person::new("a", Some(blank), Some("x@y.z")).name, "x@y.z", "{blank:?}");
            assert_eq!(Person::new("a", Some(blank), None).name, "a", "{blank:?}");
        }
        for (one, other) in [
            ("Ben@Example.com", " ben@example.COM "),
            ("stra\u{df}e@example.com", "STRASSE@EXAMPLE.COM"),
            ("\u{3a3}\u{3b1}\u{3c2}@example.com", "\u{3c3}\u{3b1}\u{3c3}@example.com"),
            ("ben@example.com\u{200b}", "ben@example.com"),
        ] {
            assert!(with("a", Some(one)).is_same_as(&with("b", Some(other))), "{one} {other}");
        }
        assert!(!with("a", Some("a@x.y")).is_same_as(&with("b", Some("b@x.y"))));
        assert!(with("a", None).is_same_as(&with("a", Some("b@x.y"))), "one subject");
        assert!(!with("a", None).is_same_as(&with("b", None)));
    }

    #[test]
    fn the_role_that_may_do_most_comes_first() {
        let binding = |role| RoleBinding { group: "a".into(), role, scope: Scope::Organization };
        let bindings = [Role::Viewer, Role::Requester, Role::SecurityAdmin, Role::Auditor];
        let bindings = bindings.map(binding);
        let caller = Caller::new(person(), &["a".into()], &bindings);
        let roles = [Role::SecurityAdmin, Role::Auditor, Role::Requester, Role::Viewer];
        assert_eq!(caller.roles(), roles);
        for role in
            [Role::Viewer, Role::Requester, Role::Approver, Role::SecurityAdmin, Role::Auditor]
        {
            assert!(Role::BY_POWER.contains(&role), "{role} has its place");
        }
    }

    #[test]
    fn a_role_counts_only_within_its_own_scope() {
        let production = Scope::Ou("Workloads/Production".into());
        let bindings = [
            RoleBinding { group: "a".into(), role: Role::Viewer, scope: Scope::Organization },
            RoleBinding { group: "a".into(), role: Role::SecurityAdmin, scope: production.clone() },
        ];
        let caller = Caller::new(person(), &["a".into()], &bindings);
        assert_eq!(caller.scopes(Permission::StartScan), [&production]);
        assert!(
            caller.may_everywhere(Permission::ReadInventory)
                && !caller.may_everywhere(Permission::StartScan)
        );
        assert_eq!(caller.scopes(Permission::ReadInventory).len(), 2);
    }
}
