//! Permissions and their scopes. Deny by default: no binding, no permission; an empty scope matches nothing.

pub mod scope_check;

use crate::{
    accounts::names_ou,
    authz::scope_check::{ScopeReference, ScopeTarget},
    choice::InvalidChoice,
    ids::{AccountId, OuId},
};
use serde::{Deserialize, Serialize};

/// A role that a group has within a scope.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum Role {
    Viewer,
    Requester,
    Approver,
    SecurityAdmin,
    Auditor,
}

/// Something that Claviger lets people do.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
)]
pub enum Permission {
    /// See the metadata of secrets and parameters.
    ReadInventory,
    /// See the accounts and their last scan.
    ReadAccounts,
    /// Start a scan, which reads every account: needs the scope of the whole Organization.
    #[serde(rename = "StartSweep")]
    StartScan,
    /// Request access. The Cedar policies decide whether a secret can be requested.
    RequestAccess,
    /// See other people's requests and grants.
    ReadAccess,
    /// Close the review of break-glass access.
    ReviewAccess,
    /// See results, findings and policies.
    ReadFindings,
    /// Change policies: needs the scope of the whole Organization.
    EditPolicies,
    /// Plan calls that fix findings, stop and resume them, pause all remediation.
    Remediate,
    /// Approve someone else's plan.
    ApproveRemediation,
    /// Request an exception for a finding.
    #[serde(rename = "RequestWaiver")]
    RequestException,
    /// Approve, deny, review and end exceptions.
    #[serde(rename = "DecideWaiver")]
    DecideException,
    /// Snooze findings, and assign them to people.
    TriageFindings,
    /// Declare which repositories name secrets and parameters.
    DeclareConsumers,
    /// Pause all access and resume it: needs the scope of the whole Organization.
    PauseAccess,
    /// Read the audit log: needs the scope of the whole Organization.
    ReadAudit,
    /// See whether notifications are delivered: needs the scope of the whole Organization.
    ReadDeliveries,
    /// See the configuration and the state of the installation: needs the scope of the whole Organization.
    ReadSettings,
    /// Send test notifications, retry jobs and dismiss the setup: needs the scope of the whole Organization.
    ManageSettings,
}

impl Role {
    /// From the most to the least powerful, for places that show one role for all that a person has.
    pub const BY_POWER: [Self; 5] =
        [Self::SecurityAdmin, Self::Approver, Self::Auditor, Self::Requester, Self::Viewer];

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::SecurityAdmin => "Security admin",
            Self::Approver => "Approver",
            Self::Requester => "Requester",
            Self::Auditor => "Auditor",
            Self::Viewer => "Viewer",
        }
    }

    /// What the role allows within its scope.
    pub fn allows(self, permission: Permission) -> bool {
        match permission {
            Permission::ReadInventory | Permission::ReadAccounts | Permission::ReadFindings => true,
            Permission::StartScan
            | Permission::EditPolicies
            | Permission::Remediate
            | Permission::PauseAccess
            | Permission::ReadDeliveries
            | Permission::ManageSettings
            | Permission::DecideException => self == Self::SecurityAdmin,
            Permission::RequestAccess
            | Permission::RequestException
            | Permission::TriageFindings
            | Permission::DeclareConsumers => {
                matches!(self, Self::Requester | Self::Approver | Self::SecurityAdmin)
            }
            Permission::ReadAccess => {
                matches!(self, Self::Approver | Self::SecurityAdmin | Self::Auditor)
            }
            Permission::ReviewAccess | Permission::ApproveRemediation => {
                matches!(self, Self::Approver | Self::SecurityAdmin)
            }
            Permission::ReadAudit | Permission::ReadSettings => {
                matches!(self, Self::SecurityAdmin | Self::Auditor)
            }
        }
    }
}

/// Where a role applies, as configured.
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

/// Where an account is in the Organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountLocation {
    pub account: AccountId,
    pub account_name: String,
    /// The OUs that contain it, from the root down: id and path.
    pub units: Vec<(OuId, String)>,
}

impl AccountLocation {
    /// Whether the OU, by id or by path, contains the account directly.
    pub fn parent_is(&self, ou: &str) -> bool {
        self.units.last().is_some_and(|unit| is_unit(unit, ou))
    }
}

pub(crate) fn is_unit((id, path): &(OuId, String), ou: &str) -> bool {
    names_ou(ou, id, path)
}

impl Scope {
    /// For people, such as `OU Workloads/Production`.
    pub fn label(&self) -> String {
        match self {
            Self::Organization => "Organization".into(),
            Self::Ou(ou) => format!("OU {ou}"),
            Self::Accounts(accounts) => {
                let ids: Vec<&str> = accounts.iter().map(AccountId::as_str).collect();
                format!(
                    "{} {}",
                    if ids.len() == 1 { "Account" } else { "Accounts" },
                    ids.join(", ")
                )
            }
        }
    }

    /// Whether the scope contains the account. An OU covers its descendants.
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

/// The configuration's statement that a group has a role within a scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RoleBinding {
    /// As in the groups claim of the id token.
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
    /// A person from the identity provider's data. A value that is empty or only white space counts as absent:
    /// the name then falls back to the email address, and then to the subject.
    pub fn new(subject: &str, name: Option<&str>, email: Option<&str>) -> Self {
        let email = email.and_then(said);
        let name = name.and_then(said).or_else(|| email.clone());
        Self {
            subject: subject.to_owned(),
            name: name.unwrap_or_else(|| subject.to_owned()),
            email,
        }
    }

    /// The email address in the form used for comparison: trimmed and case-insensitive.
    pub fn address(&self) -> Option<String> {
        address(self.email.as_deref()?)
    }

    /// Whether both are the same person, as far as we can know: the same subject, or the same email address.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.subject == other.subject
            || self.address().is_some_and(|address| Some(address) == other.address())
    }
}

/// An email address in the form used for comparison; `None` if it is none. It is converted to upper case and
/// back, so that `ß` equals `SS` as in Unicode's case folding: taking two people for one only denies.
pub fn address(text: &str) -> Option<String> {
    said(text).map(|text| text.to_uppercase().to_lowercase())
}

/// The text without surrounding white space and zero-width characters; `None` if nothing remains.
pub fn said(text: &str) -> Option<String> {
    let is_blank = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
    };
    let text = text.trim_matches(is_blank);
    (!text.is_empty()).then(|| text.to_owned())
}

/// The caller: a person from the session, with the roles of their groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub person: Person,
    /// As the identity provider names them: the teams of the access policies.
    pub groups: Vec<String>,
    pub held: Vec<(Role, Scope)>,
}

impl Caller {
    /// Gives a person the roles of their groups' bindings.
    pub fn new(person: Person, groups: &[String], bindings: &[RoleBinding]) -> Self {
        let held = bindings
            .iter()
            .filter(|binding| groups.contains(&binding.group))
            .map(|binding| (binding.role, binding.scope.clone()))
            .collect();
        Self { person, groups: groups.to_vec(), held }
    }

    /// The scopes within which the caller may do this; empty means nowhere.
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

    /// Whether the caller may do this in every account: for actions that affect all of them.
    pub fn may_everywhere(&self, permission: Permission) -> bool {
        self.scopes(permission).contains(&&Scope::Organization)
    }

    /// Whether the caller has the role over this account.
    pub fn holds_over(&self, role: Role, location: &AccountLocation) -> bool {
        self.held.iter().any(|(held, scope)| *held == role && scope.covers(location))
    }

    /// Whether the caller may do this in this account.
    pub fn may_at(&self, permission: Permission, location: &AccountLocation) -> bool {
        self.scopes(permission).iter().any(|scope| scope.covers(location))
    }

    /// Each role once, the most powerful first.
    pub fn roles(&self) -> Vec<Role> {
        let held = |role: &Role| self.held.iter().any(|(held, _)| held == role);
        Role::BY_POWER.into_iter().filter(held).collect()
    }
}

/// The accounts that a query may see. Only the services create it, from an authorized caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VisibleAccounts {
    pub accounts: Vec<AccountId>,
    /// Whether these are all accounts.
    pub whole_organization: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::VariantArray;

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
        assert!(Permission::VARIANTS.iter().all(|p| nobody.scopes(*p).is_empty()));
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
