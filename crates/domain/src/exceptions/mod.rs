//! Exceptions: findings that are accepted for a reason, until a day, with someone else's approval.

mod query;
pub mod view;

pub use query::{EXCEPTION_ROWS, EXPIRES_SOON_DAYS, ExceptionDue, ExceptionQuery, ExceptionSort};

use crate::{
    authz::{AccountLocation, Caller, Permission, Scope, is_unit},
    choice::InvalidChoice,
    ids::{AccountId, OuId, ResourceId, numbered},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

numbered!(
    /// An exception; its target never changes.
    ExceptionId,
    "W",
    "the number of an exception, such as W-3"
);

/// Secrets and parameters that one exception can name.
pub const MAX_NAMED: usize = 100;

/// What an exception covers. As text: `resource:<id>`, `resources:<id>,<id>`, `account:<id>`, `ou:<id>` or
/// `organization`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum ExceptionScope {
    Resource(ResourceId),
    /// Two or more of one account, at most [`MAX_NAMED`].
    Resources(Vec<ResourceId>),
    Account(AccountId),
    /// With everything below it.
    Ou(OuId),
    Organization,
}

impl ExceptionScope {
    /// These resources of one account; `None` where there is none, or too many.
    pub fn named(mut ids: Vec<ResourceId>) -> Option<Self> {
        ids.sort_unstable();
        ids.dedup();
        match ids.as_slice() {
            [] => None,
            [one] => Some(Self::Resource(*one)),
            more => (more.len() <= MAX_NAMED).then_some(Self::Resources(ids)),
        }
    }

    /// The resources that it names.
    pub fn resources(&self) -> &[ResourceId] {
        match self {
            Self::Resource(id) => std::slice::from_ref(id),
            Self::Resources(ids) => ids,
            Self::Account(_) | Self::Ou(_) | Self::Organization => &[],
        }
    }

    /// Whether it covers a resource in this location.
    pub fn reaches(&self, resource: ResourceId, location: &AccountLocation) -> bool {
        match self {
            Self::Resource(id) => *id == resource,
            Self::Resources(ids) => ids.contains(&resource),
            Self::Account(id) => *id == location.account,
            Self::Ou(id) => location.units.iter().any(|(ou, _)| ou == id),
            Self::Organization => true,
        }
    }
}

/// Whether the caller may do this for the whole target, which is in this location. An OU needs a scope that contains
/// the OU itself, because accounts may move into it.
pub fn may_over(
    caller: &Caller,
    permission: Permission,
    target: &ExceptionScope,
    location: &AccountLocation,
) -> bool {
    caller.scopes(permission).into_iter().any(|scope| match (target, scope) {
        (_, Scope::Organization) => true,
        (
            ExceptionScope::Resource(_) | ExceptionScope::Resources(_) | ExceptionScope::Account(_),
            scope,
        ) => scope.covers(location),
        (ExceptionScope::Ou(ou), Scope::Ou(held)) => {
            let depth = location.units.iter().position(|(id, _)| id == ou);
            let above = depth.and_then(|depth| location.units.get(..=depth)).unwrap_or_default();
            above.iter().any(|unit| is_unit(unit, held))
        }
        _ => false,
    })
}

impl fmt::Display for ExceptionScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource(id) => write!(f, "resource:{id}"),
            Self::Resources(ids) => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                write!(f, "resources:{}", ids.join(","))
            }
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Ou(id) => write!(f, "ou:{id}"),
            Self::Organization => f.write_str("organization"),
        }
    }
}

impl FromStr for ExceptionScope {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "resource:<id>, account:<id>, ou:<id> or organization";
        let read = |part: Option<(&str, &str)>| match part {
            Some(("resource", id)) => id.parse().ok().map(Self::Resource),
            Some(("resources", ids)) => {
                let ids: Option<Vec<ResourceId>> =
                    ids.split(',').map(|id| id.parse().ok()).collect();
                ids.and_then(Self::named)
            }
            Some(("account", id)) => id.parse().ok().map(Self::Account),
            Some(("ou", id)) => id.parse().ok().map(Self::Ou),
            None if text == "organization" => Some(Self::Organization),
            _ => None,
        };
        read(text.split_once(':')).ok_or(EXPECTED)
    }
}

impl From<ExceptionScope> for String {
    fn from(target: ExceptionScope) -> Self {
        target.to_string()
    }
}

impl TryFrom<String> for ExceptionScope {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// The state of an exception.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum ExceptionState {
    /// Someone else has to approve it.
    Waiting,
    /// Active until its end.
    Approved,
    Denied,
    Withdrawn,
    /// Someone ended it before its last day.
    Ended,
    /// Its last day has passed.
    Expired,
}

impl ExceptionState {
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Pending approval",
            Self::Approved => "Active",
            Self::Denied => "Denied",
            Self::Withdrawn => "Withdrawn",
            Self::Ended => "Ended",
            Self::Expired => "Expired",
        }
    }
}

/// What people do with it.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum ExceptionTransition {
    Approve,
    Deny,
    Withdraw,
    /// It was reviewed, and stays.
    Review,
    End,
}

impl ExceptionState {
    /// The state after a transition; `None` if the transition is not allowed.
    pub fn after(self, step: ExceptionTransition) -> Option<Self> {
        match (self, step) {
            (Self::Waiting, ExceptionTransition::Approve)
            | (Self::Approved, ExceptionTransition::Review) => Some(Self::Approved),
            (Self::Waiting, ExceptionTransition::Deny) => Some(Self::Denied),
            (Self::Waiting, ExceptionTransition::Withdraw) => Some(Self::Withdrawn),
            (Self::Approved, ExceptionTransition::End) => Some(Self::Ended),
            _ => None,
        }
    }

    /// Whether it is in a final state.
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Waiting | Self::Approved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::VariantArray;

    #[test]
    fn a_target_reads_as_it_is_written() {
        for text in [
            "resource:00000000-0000-0000-0000-000000000001",
            "account:441205839201",
            "ou:ou-prod-12345678",
            "organization",
        ] {
            assert_eq!(text.parse::<ExceptionScope>().unwrap().to_string(), text);
        }
        for text in ["", "resource:", "account:12", "ou:x", "organization:", "everything"] {
            assert!(text.parse::<ExceptionScope>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_unit_takes_a_scope_that_holds_it() {
        use crate::authz::{Person, Role};
        let unit = |id: &str, path: &str| (id.parse().unwrap(), path.to_owned());
        let location = AccountLocation {
            account: "441205839201".parse().unwrap(),
            account_name: "Payments".into(),
            units: vec![
                unit("r-abcd", ""),
                unit("ou-abcd-11111111", "Workloads"),
                unit("ou-abcd-22222222", "Workloads/Production"),
            ],
        };
        let person = Person { subject: "a".into(), name: "A".into(), email: None };
        let may = |scope: Scope, target: &str| {
            let held = vec![(Role::SecurityAdmin, scope)];
            let caller = Caller { person: person.clone(), groups: Vec::new(), held };
            may_over(&caller, Permission::DecideException, &target.parse().unwrap(), &location)
        };
        let accounts = || Scope::Accounts(vec![location.account.clone()]);
        let ou = |path: &str| Scope::Ou(path.to_owned());
        assert!(may(accounts(), "account:441205839201"));
        assert!(!may(accounts(), "ou:ou-abcd-22222222"), "accounts may join the unit");
        assert!(may(ou("Workloads"), "ou:ou-abcd-22222222"));
        assert!(may(ou("ou-abcd-22222222"), "ou:ou-abcd-22222222"));
        assert!(!may(ou("Workloads/Production"), "ou:ou-abcd-11111111"), "only a part of it");
        assert!(!may(ou("Workloads"), "organization"));
        assert!(!may(ou("Workloads"), "ou:ou-abcd-99999999"), "the place is not in it");
        assert!(may(Scope::Organization, "organization"));
    }

    #[test]
    fn what_is_over_stays_over() {
        for state in ExceptionState::VARIANTS.iter().filter(|state| state.is_over()) {
            for step in ExceptionTransition::VARIANTS {
                assert_eq!(state.after(*step), None, "{state} {step}");
            }
        }
        assert_eq!(ExceptionState::Waiting.after(ExceptionTransition::Review), None);
        assert_eq!(ExceptionState::Approved.after(ExceptionTransition::Approve), None);
    }
}
