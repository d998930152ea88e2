//! Whom the answer lists: the principals of the resource's account, and everyone whom its policy names.

use super::{
    Accounts, Answer, BY_NAME, Entitlement, GET_PARAMETERS_BY_PATH, GET_SECRET_VALUE, ReaderKind,
    Way,
    caller::{Caller, Kind},
    facts::{Account, Fact, Resource, ResourceKind},
    rules::Rule,
};
use crate::{
    exposure::{Principal, Principals, is_account},
    permissions::Role as OurRole,
};
use claviger_domain::{compliance::view::PrincipalLocation, ids::AccountId};
use std::collections::BTreeSet;

/// Whom the resource policy's Allows name.
#[derive(Default)]
struct Named {
    accounts: BTreeSet<String>,
    arns: BTreeSet<String>,
    services: BTreeSet<String>,
    others: BTreeSet<String>,
    everyone: bool,
}

fn allows(resource: &Resource) -> Vec<&Rule> {
    let Fact::Known(Some(policy)) = &resource.policy else { return Vec::new() };
    let rules = policy.rules.as_deref().unwrap_or_default().iter();
    rules
        .filter(|rule| {
            rule.statement.allows && actions(resource).any(|a| rule.statement.covers_action(a))
        })
        .collect()
}

fn actions(resource: &Resource) -> impl Iterator<Item = &'static str> + use<> {
    let all: Vec<&str> = match resource.kind {
        ResourceKind::Secret => vec![GET_SECRET_VALUE],
        ResourceKind::Parameter => BY_NAME.into_iter().chain([GET_PARAMETERS_BY_PATH]).collect(),
    };
    all.into_iter()
}

impl Named {
    fn of(resource: &Resource) -> Self {
        let mut named = Self::default();
        for rule in allows(resource) {
            match &rule.statement.principals {
                Principals::Any | Principals::Except(_) => {
                    named.everyone = true;
                    named.note_conditions(rule);
                }
                Principals::Only(all) => all.iter().for_each(|one| named.note(one)),
            }
        }
        named
    }

    fn note(&mut self, principal: &Principal) {
        match principal {
            Principal::Everyone => self.everyone = true,
            Principal::Account(number) => {
                self.accounts.insert(number.clone());
            }
            Principal::Arn(arn) => {
                self.arns.insert(role_of_session(arn).unwrap_or_else(|| arn.clone()));
            }
            Principal::Service(name) => {
                self.services.insert(name.clone());
            }
            Principal::Federated(name)
            | Principal::CanonicalUser(name)
            | Principal::Deleted(name) => {
                self.others.insert(name.clone());
            }
        }
    }

    /// What an Allow for everyone asks of the caller names accounts as well.
    fn note_conditions(&mut self, rule: &Rule) {
        for (written, _) in &rule.conditions {
            let key = written.key.to_ascii_lowercase();
            for value in &written.values {
                let account = match key.as_str() {
                    "aws:principalaccount" | "kms:calleraccount" => value.as_str(),
                    "aws:principalarn" => value.split(':').nth(4).unwrap_or_default(),
                    _ => continue,
                };
                if is_account(account) {
                    self.accounts.insert(account.to_owned());
                }
            }
        }
    }
}

/// `arn:aws:iam::…:role/ROLE` of a session's ARN. A role's path is not in it.
fn role_of_session(arn: &str) -> Option<String> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let (role, _) = parts.get(5)?.strip_prefix("assumed-role/")?.split_once('/')?;
    Some(format!("{}:{}:iam::{}:role/{role}", parts[0], parts[1], parts[4]))
}

/// The name of a role without its path.
fn name_of_role(arn: &str) -> Option<(&str, &str)> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    Some((*parts.get(4)?, parts.get(5)?.strip_prefix("role/")?.rsplit('/').next()?))
}

pub(super) fn callers<'a>(resource: &Resource, accounts: &'a Accounts) -> Vec<Caller<'a>> {
    let named = Named::of(resource);
    let own = resource.account.as_str();
    let partition = resource.arn.split(':').nth(1).unwrap_or("aws");
    let root = |account: &str| format!("arn:{partition}:iam::{account}:root");
    let home = accounts.get(&resource.account);
    let mut found: Vec<Caller<'a>> = Vec::new();
    found.push(Caller::of_account(Kind::Root, own, home, Some(root(own))));
    found.extend(of_account(own, home));
    for number in named.accounts.iter().filter(|number| *number != own) {
        let home = account(number, accounts);
        if home.is_some_and(|home| matches!(home.principals, Fact::Known(_))) {
            found.push(Caller::of_account(Kind::Root, number, home, Some(root(number))));
        }
        found.extend(of_account(number, home));
    }
    for arn in &named.arns {
        let number = arn.split(':').nth(4).unwrap_or_default();
        let home = account(number, accounts);
        match home.map(|home| &home.principals) {
            Some(Fact::Known(all)) if number != own && !named.accounts.contains(number) => {
                let is_it = |one: &&super::Principal| {
                    one.arn == *arn
                        || (name_of_role(arn).is_some()
                            && name_of_role(&one.arn) == name_of_role(arn))
                };
                let home = home.into_iter();
                found.extend(home.flat_map(|home| {
                    all.iter().filter(is_it).map(move |one| Caller::principal(one, home))
                }));
            }
            Some(Fact::Known(_)) => {}
            _ => found.push(Caller::of_account(Kind::Unread, number, home, Some(arn.clone()))),
        }
    }
    found.extend(named.services.iter().map(|name| Caller::service(name)));
    if named.everyone {
        let organization = match home.map(|home| &home.membership) {
            Some(Fact::Known(Some(membership))) => Some(membership.organization.clone()),
            _ => None,
        };
        found.extend(organization.map(|id| Caller::anyone(Some(id))));
        found.push(Caller::anyone(None));
    }
    found
}

fn account<'a>(number: &str, accounts: &'a Accounts) -> Option<&'a Account> {
    accounts.get(&number.parse::<AccountId>().ok()?)
}

/// Each principal of an account, or the account as a whole where its IAM was not read.
fn of_account<'a>(number: &str, home: Option<&'a Account>) -> Vec<Caller<'a>> {
    match home.map(|home| (&home.principals, home)) {
        Some((Fact::Known(all), home)) => {
            all.iter().map(|one| Caller::principal(one, home)).collect()
        }
        _ => vec![Caller::of_account(Kind::WholeAccount, number, home, None)],
    }
}

/// Where a caller is. Outside only where the Organization's accounts are known.
pub(super) fn location(
    caller: &Caller<'_>,
    resource: &Resource,
    accounts: &Accounts,
) -> PrincipalLocation {
    let of_account = |number: &str| {
        let home = accounts.get(&resource.account).map(|home| &home.membership);
        if number == resource.account.as_str() {
            PrincipalLocation::SameAccount
        } else if account(number, accounts).is_some() {
            PrincipalLocation::InOrganization
        } else if matches!(home, Some(Fact::Known(_))) {
            PrincipalLocation::Outside
        } else {
            PrincipalLocation::Undecided
        }
    };
    match (caller.kind, caller.account.as_deref()) {
        (Kind::Service, _) => PrincipalLocation::Service,
        (Kind::Organization, _) => PrincipalLocation::InOrganization,
        (Kind::Outside, _) => PrincipalLocation::Everyone,
        (_, Some(number)) => of_account(number),
        (_, None) => PrincipalLocation::Undecided,
    }
}

/// Whether it is one of Claviger's roles, by its default name, in the resource's account.
pub(super) fn is_claviger(caller: &Caller<'_>, resource: &Resource) -> bool {
    let named = caller.arn.as_deref().and_then(name_of_role);
    named.is_some_and(|(account, name)| {
        account == resource.account.as_str() && OurRole::members().any(|role| role.name() == name)
    })
}

/// Principals in the resource policy about which nothing more can be told.
pub(super) fn undecided(resource: &Resource) -> Vec<Entitlement> {
    let action = match resource.kind {
        ResourceKind::Secret => GET_SECRET_VALUE,
        ResourceKind::Parameter => BY_NAME[0],
    };
    let others = Named::of(resource).others.into_iter();
    others
        .map(|principal| Entitlement {
            kind: ReaderKind::Other,
            location: PrincipalLocation::Undecided,
            is_claviger: false,
            is_administrator: false,
            answer: Answer::Unknown,
            ways: vec![Way {
                action: action.to_owned(),
                path: None,
                answer: Answer::Unknown,
                through: Vec::new(),
                conditions: Vec::new(),
                against: Vec::new(),
                not_read: vec![format!("whose sessions {principal} stands for")],
            }],
            principal,
        })
        .collect()
}
