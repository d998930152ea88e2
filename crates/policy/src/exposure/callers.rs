//! Representatives of all possible callers: of each account that a policy names, of the rest of the Organization, of
//! everyone outside, and of AWS services. What holds for all of them holds for everyone.

use super::{
    OrganizationMembers,
    document::{Principal, Principals, Statement},
    operators::Test,
    patterns::{
        account_of_pattern, arn_matches, arn_parts, filled, has_wildcard, is_account, matches,
        unlike,
    },
};
use claviger_domain::ids::AccountId;
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// The viewpoint of the analysis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) arn: &'a str,
    pub(crate) own: &'a AccountId,
    pub(crate) around: &'a OrganizationMembers,
    pub(crate) now: OffsetDateTime,
}

/// Whom a caller represents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// The secret's own account.
    Own,
    /// An account of the Organization that the policy names.
    Sister,
    /// Every account of the Organization that it does not name.
    Sisters,
    /// An account about which nothing is known: the Organization's accounts were not read.
    Unclear,
    /// An account outside that it names, or every account of another Organization that it names.
    Stranger,
    /// Everyone else.
    Anyone,
    Service,
}

/// A caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) class: Class,
    /// `None` for a service.
    pub(crate) account: Option<String>,
    /// `aws:PrincipalArn`; `None` for a service, and for a principal that was not determined.
    pub(crate) arn: Option<String>,
    /// The session's ARN, where the policy names one.
    pub(crate) session: Option<String>,
    /// Whether it stands for every principal of its account that the policy does not name.
    pub(crate) is_generic: bool,
    pub(crate) organization: Option<String>,
    /// `aws:PrincipalOrgPaths`, if it is in an Organization.
    pub(crate) path: Option<String>,
    pub(crate) service: Option<String>,
    /// The identity provider of its session.
    pub(crate) provider: Option<String>,
}

/// An account or Organization that does not exist.
const SOMEBODY: [&str; 4] = ["909090909090", "809080908090", "353535353535", "161616161616"];
const SOME_SISTER: &str = "707070707070";
const SOME_ORGANIZATION: [&str; 3] = ["o-zzzzzzzzzz", "o-7777777777", "o-qqqqqqqqqqqq"];
const SOME_SERVICE: &str = "any-service.amazonaws.com";
/// A name that no policy uses.
pub(crate) const NAME: &str = "@=+,.@=+,.@=+";
/// The replacement for a `*` that may not be empty.
pub(crate) const FILL: &str = "zq";

/// The values that the policy names.
#[derive(Debug, Default)]
struct Names {
    accounts: BTreeSet<String>,
    account_patterns: BTreeSet<String>,
    organizations: BTreeSet<String>,
    organization_patterns: BTreeSet<String>,
    /// Of `aws:PrincipalOrgPaths` and `aws:SourceOrgPaths`.
    paths: BTreeSet<String>,
    principals: BTreeSet<String>,
    services: BTreeSet<String>,
    /// Values of `aws:PrincipalArn`.
    arns: BTreeSet<String>,
    asks_for_arns: bool,
}

impl Names {
    fn of(statements: &[&Statement], tests: &[&Test]) -> Self {
        let mut names = Self::default();
        for statement in statements {
            let (Principals::Only(all) | Principals::Except(all)) = &statement.principals else {
                continue;
            };
            for principal in all {
                match principal {
                    Principal::Arn(arn) => {
                        names.principals.insert(arn.clone());
                        names.asks_for_arns = true;
                    }
                    Principal::Service(name) => {
                        names.services.insert(filled(name, FILL, 'z'));
                    }
                    _ => {}
                }
                names.note_account(principal.account().unwrap_or_default());
            }
        }
        for test in tests {
            names.note(test);
        }
        names
    }

    fn note_account(&mut self, text: &str) {
        if is_account(text) {
            self.accounts.insert(text.to_owned());
        } else if has_wildcard(text) && text != "*" {
            self.account_patterns.insert(text.to_owned());
        }
    }

    fn note(&mut self, test: &Test) {
        self.asks_for_arns |= test.key == "aws:principalarn";
        for value in &test.values {
            match test.key.as_str() {
                "aws:principalaccount" | "aws:sourceaccount" | "aws:sourceowner" => {
                    self.note_account(value);
                }
                "aws:principalorgid" | "aws:sourceorgid" => self.note_organization(value),
                "aws:principalorgpaths" | "aws:sourceorgpaths" => {
                    self.note_organization(value.split('/').next().unwrap_or_default());
                    self.paths.insert(value.clone());
                }
                "aws:principalarn" => {
                    self.arns.insert(value.clone());
                    self.note_account(arn_parts(value).map_or("", |parts| parts[4]));
                }
                "aws:sourcearn" => {
                    self.note_account(arn_parts(value).map_or("", |parts| parts[4]));
                }
                "aws:principalservicename" | "aws:principalservicenameslist" => {
                    self.services.insert(filled(value, FILL, 'z'));
                }
                _ => {}
            }
        }
    }

    fn note_organization(&mut self, text: &str) {
        if has_wildcard(text) {
            self.organization_patterns.insert(text.to_owned());
        } else if text.starts_with("o-") {
            self.organizations.insert(text.to_owned());
        }
    }

    /// The locations within an Organization that the policy distinguishes.
    fn paths_in(&self, organization: Option<&str>) -> Vec<Option<String>> {
        let Some(organization) = organization else { return vec![None] };
        let mut found = vec![Some(format!("{organization}/r-zzzz/ou-zzzz-zzzzzzzz/"))];
        if !self.paths.is_empty() {
            found.push(Some(format!("{organization}/r-7777/ou-7777-77777777/")));
        }
        for pattern in &self.paths {
            let (root, rest) = match pattern.split_once('/') {
                Some((root, rest)) => (root, format!("/{rest}")),
                // A wildcard that extends past the Organization's id.
                None => (pattern.as_str(), String::new()),
            };
            if matches(root, organization) {
                for fill in ["", FILL] {
                    found.push(Some(format!("{organization}{}", filled(&rest, fill, 'z'))));
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

/// An account with its possible locations.
struct Account {
    class: Class,
    number: String,
    organization: Option<String>,
}

/// Every representative.
pub(crate) fn callers(scene: Scene<'_>, statements: &[&Statement], tests: &[&Test]) -> Vec<Caller> {
    let names = Names::of(statements, tests);
    let mut callers = Vec::new();
    for account in accounts(scene, &names) {
        for path in names.paths_in(account.organization.as_deref()) {
            callers.extend(principals(scene, &names, &account, path.as_ref()));
        }
    }
    let mut services = names.services.clone();
    services.insert(SOME_SERVICE.into());
    callers.extend(services.into_iter().map(|service| Caller {
        class: Class::Service,
        account: None,
        arn: None,
        session: None,
        is_generic: false,
        organization: None,
        path: None,
        service: Some(service),
        provider: None,
    }));
    callers
}

fn accounts(scene: Scene<'_>, names: &Names) -> Vec<Account> {
    let ours = scene.around.organization.as_deref();
    let known = &scene.around.accounts;
    let is_known = |number: &str| number.parse::<AccountId>().is_ok_and(|id| known.contains(&id));
    let own = scene.own.as_str();
    let mut all = Vec::new();
    let mut add = |class, number: &str, organization: Option<&str>| {
        all.push(Account {
            class,
            number: number.to_owned(),
            organization: organization.map(ToOwned::to_owned),
        });
    };
    let others: Vec<&str> =
        names.organizations.iter().map(String::as_str).filter(|id| Some(*id) != ours).collect();
    // An Organization with an unknown id may be any that is named.
    let of_ours: Vec<Option<&str>> = match ours {
        Some(_) => vec![ours],
        None => std::iter::once(None).chain(others.iter().copied().map(Some)).collect(),
    };
    for organization in &of_ours {
        add(Class::Own, own, *organization);
    }
    let patterns: Vec<&str> = names.organization_patterns.iter().map(String::as_str).collect();
    // Outside: in no Organization, in one that no policy names, in one that the policy names.
    let mut outside: Vec<Option<String>> =
        vec![None, Some(unlike(&SOME_ORGANIZATION, &patterns).into())];
    outside
        .extend(names.organization_patterns.iter().map(|pattern| Some(filled(pattern, FILL, 'z'))));
    outside.retain(|id| id.is_none() || id.as_deref() != ours);
    for number in names.accounts.iter().filter(|number| *number != own) {
        if is_known(number) {
            for organization in &of_ours {
                add(Class::Sister, number, *organization);
            }
            continue;
        }
        let class = if known.is_empty() { Class::Unclear } else { Class::Stranger };
        for id in &outside {
            add(class, number, id.as_deref());
        }
        for id in &others {
            add(class, number, Some(id));
        }
        if known.is_empty() && ours.is_some() {
            add(Class::Sister, number, ours);
        }
    }
    let unnamed = |pattern: &str| {
        known.iter().map(AccountId::as_str).find(|number| {
            *number != own && !names.accounts.contains(*number) && matches(pattern, number)
        })
    };
    let mut sisters: Vec<&str> = names
        .account_patterns
        .iter()
        .map(String::as_str)
        .chain(["*"])
        .filter_map(unnamed)
        .collect();
    if known.is_empty() {
        sisters.push(SOME_SISTER);
    }
    sisters.sort_unstable();
    sisters.dedup();
    for number in sisters {
        for organization in &of_ours {
            add(Class::Sisters, number, *organization);
        }
    }
    let patterns: Vec<&str> = names.account_patterns.iter().map(String::as_str).collect();
    let nobody: Vec<&str> = SOMEBODY
        .iter()
        .copied()
        .filter(|number| !is_known(number) && !names.accounts.contains(*number) && *number != own)
        .collect();
    let mut somebody = vec![unlike(&nobody, &patterns).to_owned()];
    for pattern in &names.account_patterns {
        let instances = ['9', '7', '0'].iter().filter_map(|c| account_of_pattern(pattern, *c));
        somebody.extend(
            instances.filter(|n| !is_known(n) && !names.accounts.contains(n) && n != own).take(1),
        );
    }
    for number in &somebody {
        for id in &outside {
            add(Class::Anyone, number, id.as_deref());
        }
        // If our own Organization is unknown, a named one may be it.
        let class = if ours.is_some() { Class::Stranger } else { Class::Unclear };
        for id in &others {
            add(class, number, Some(id));
        }
    }
    all
}

fn principals(
    scene: Scene<'_>,
    names: &Names,
    account: &Account,
    path: Option<&String>,
) -> Vec<Caller> {
    let partition = scene.arn.split(':').nth(1).unwrap_or("aws");
    let number = &account.number;
    let caller = |arn: Option<String>, session: Option<String>, is_generic: bool| Caller {
        class: account.class,
        account: Some(number.clone()),
        arn,
        session,
        is_generic,
        organization: account.organization.clone(),
        path: path.cloned(),
        service: None,
        provider: None,
    };
    let iam = |what: &str| Some(format!("arn:{partition}:iam::{number}:{what}"));
    let mut found = vec![caller(iam(&format!("role/{NAME}")), None, true)];
    if !names.asks_for_arns {
        return found;
    }
    found.push(caller(iam(&format!("user/{NAME}")), None, true));
    found.push(caller(iam("root"), None, false));
    for name in &names.principals {
        if arn_parts(name).is_none_or(|parts| !matches(parts[4], number)) {
            continue;
        }
        let (role, session) = match role_of_session(name) {
            Some(role) => (role, Some(name.clone())),
            None => (name.clone(), None),
        };
        let concrete = arn_instances(&role, number).into_iter().next();
        found.push(caller(concrete, session, has_wildcard(name)));
    }
    let mut patterns = 0;
    for value in &names.arns {
        let instances = arn_instances(value, number);
        let is_pattern = has_wildcard(value);
        if is_pattern && (arn_parts(value).is_none() || !instances.is_empty()) {
            patterns += 1;
        }
        found.extend(instances.into_iter().map(|arn| caller(Some(arn), None, false)));
    }
    let is_odd = |value: &String| has_wildcard(value) && arn_parts(value).is_none();
    // Two patterns may match the same names, and one that is no ARN may match many.
    if patterns > 1 || names.arns.iter().any(|value| is_odd(value) && !is_open(value)) {
        found.push(caller(None, None, false));
    }
    found
}

/// A pattern that matches every ARN.
fn is_open(pattern: &str) -> bool {
    pattern.chars().all(|c| c == '*')
}

/// The role of `arn:aws:sts::…:assumed-role/ROLE/SESSION`.
fn role_of_session(arn: &str) -> Option<String> {
    let parts = arn_parts(arn)?;
    let role = parts[5].strip_prefix("assumed-role/")?.split('/').next()?;
    (parts[2] == "sts").then(|| format!("arn:{}:iam::{}:role/{role}", parts[1], parts[4]))
}

/// ARNs of an account that match a pattern; none if the account has no such ARN.
pub(crate) fn arn_instances(pattern: &str, account: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(parts) = arn_parts(pattern) {
        if !matches(parts[4], account) {
            return found;
        }
        for fill in [FILL, ""] {
            let [prefix, partition, service, region, _, resource] = parts;
            let part = |text: &str, usual: &str| {
                if has_wildcard(text) && matches(text, usual) {
                    usual.to_owned()
                } else {
                    filled(text, fill, 'z')
                }
            };
            found.push(format!(
                "{}:{}:{}:{}:{account}:{}",
                part(prefix, "arn"),
                part(partition, "aws"),
                part(service, "iam"),
                part(region, ""),
                filled(resource, fill, 'z')
            ));
        }
    } else if has_wildcard(pattern) {
        // A wildcard that extends over colons.
        let end = pattern.rsplit('*').next().unwrap_or_default();
        let whole = [
            format!("arn:aws:iam::{account}:role/{}", filled(end, FILL, 'z')),
            format!("arn:aws:iam::{account}{}", filled(end, FILL, 'z')),
            format!("arn:aws:iam::{account}:role/{FILL}"),
        ];
        found.extend(whole.into_iter().filter(|arn| matches(pattern, arn)));
    }
    found.dedup();
    found
}

impl Caller {
    /// Whether a statement's principal element matches the caller.
    pub(super) fn is_meant(&self, statement: &Statement) -> bool {
        match &statement.principals {
            Principals::Any => true,
            Principals::Only(named) => named.iter().any(|one| self.is(one, !statement.allows)),
            // NotPrincipal in a Deny spares everyone of a named account; in an Allow only the account itself
            // is left out.
            Principals::Except(spared) => !spared.iter().any(|one| match one {
                Principal::Account(_) | Principal::Service(_) => self.is(one, true),
                one => !statement.allows && self.is(one, true),
            }),
        }
    }

    /// Whether it is a principal as written. A Deny takes it literally: wildcards have no meaning there.
    pub(super) fn is(&self, principal: &Principal, is_literal: bool) -> bool {
        let same = |text: &String, own: &String| {
            text == own || (!is_literal && has_wildcard(text) && arn_matches(text, own))
        };
        match principal {
            Principal::Everyone => true,
            Principal::Account(number) => self.account.as_ref() == Some(number),
            Principal::Arn(arn) => {
                self.arn.as_ref().is_some_and(|own| same(arn, own))
                    || self.session.as_ref().is_some_and(|own| same(arn, own))
            }
            Principal::Service(name) => self
                .service
                .as_ref()
                .is_some_and(|own| name == own || (!is_literal && matches(name, own))),
            Principal::Federated(name) => self.provider.as_ref() == Some(name),
            Principal::CanonicalUser(_) | Principal::Deleted(_) => false,
        }
    }
}
