//! Whom a resource policy allows, and why. Deny wins; what cannot be determined is reported as such, and never counts as good.

mod callers;
mod document;
mod kept;
mod keys;
mod network;
mod operators;
mod patterns;
mod solve;
mod words;

pub use document::{DOCUMENT_LIMIT, DocumentFault};
pub use kept::Analyses;

use callers::{Caller, Class, Scene, callers};
use claviger_domain::{compliance::view::PrincipalLocation, ids::AccountId};
pub(crate) use document::{Condition, Document, Principal, Principals, Statement};
use keys::Level;
pub(crate) use operators::{Base, Operator, Set, moment};
pub(crate) use patterns::{filled, has_wildcard, is_account, matches};
use solve::{Problem, Ready, Situation};
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// The Organization, relative to a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganizationMembers {
    /// `o-…`; `None` if it is not known yet.
    pub organization: Option<String>,
    /// Every account of the Organization.
    pub accounts: BTreeSet<AccountId>,
}

/// Other accounts with allowed principals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OtherAccounts {
    /// Accounts that the policy names.
    pub named: BTreeSet<String>,
    /// Every account of the Organization that it does not name.
    pub whole_organization: bool,
    /// Accounts outside that it does not name.
    pub unnamed_outside: bool,
}

impl OtherAccounts {
    /// Whether all of them are among these.
    pub fn are_within(
        &self,
        allowed: &BTreeSet<AccountId>,
        own: &AccountId,
        around: &OrganizationMembers,
    ) -> bool {
        let is_allowed = |number: &str| allowed.iter().any(|id| id.as_str() == number);
        let rest = || around.accounts.iter().filter(|id| *id != own);
        !self.unnamed_outside
            && self.named.iter().all(|number| is_allowed(number))
            && (!self.whole_organization
                || (!around.accounts.is_empty() && rest().all(|id| is_allowed(id.as_str()))))
    }
}

/// An allowed principal.
#[expect(clippy::struct_excessive_bools, reason = "each is an answer to a question of its own")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grantee {
    pub principal: String,
    pub location: PrincipalLocation,
    /// Whether it is undetermined if the policy is public as well.
    pub may_be_anyone: bool,
    /// Whether an account as a whole, or more, is allowed, rather than a principal of it.
    pub is_wide: bool,
    /// As in the statement, with `NotAction` marked.
    pub actions: Vec<String>,
    /// Whether these exceed what a reader needs: every action, or all but some.
    pub wide_actions: bool,
    /// Whether they allow reading a value.
    pub reads: bool,
    pub accounts: OtherAccounts,
    /// Each condition with its effect.
    pub conditions: Vec<String>,
}

/// The result of an analysis.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exposure {
    pub grantees: Vec<Grantee>,
    /// Notes on it.
    pub notes: Vec<String>,
    /// When a date in it may change the result.
    pub until: Option<OffsetDateTime>,
}

/// Whether a document can be interpreted completely.
pub fn is_read(text: &str) -> Result<(), DocumentFault> {
    Document::read(text).map(|_| ())
}

/// The action that reads a value.
const READ: &str = "secretsmanager:getsecretvalue";

/// The actions on a secret, as the service authorization reference lists them.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html>
const ACTIONS: &[&str] = &[
    READ,
    "secretsmanager:cancelrotatesecret",
    "secretsmanager:createsecret",
    "secretsmanager:deleteresourcepolicy",
    "secretsmanager:deletesecret",
    "secretsmanager:describesecret",
    "secretsmanager:getresourcepolicy",
    "secretsmanager:listsecretversionids",
    "secretsmanager:putresourcepolicy",
    "secretsmanager:putsecretvalue",
    "secretsmanager:removeregionsfromreplication",
    "secretsmanager:replicatesecrettoregions",
    "secretsmanager:restoresecret",
    "secretsmanager:rotatesecret",
    "secretsmanager:stopreplicationtoreplica",
    "secretsmanager:tagresource",
    "secretsmanager:untagresource",
    "secretsmanager:updatesecret",
    "secretsmanager:updatesecretversionstage",
    "secretsmanager:validateresourcepolicy",
];

/// Analyzes a policy, relative to a secret in `own`.
pub fn analyse(
    text: &str,
    arn: &str,
    own: &AccountId,
    around: &OrganizationMembers,
    now: OffsetDateTime,
) -> Result<Exposure, DocumentFault> {
    let document = Document::read(text)?;
    Ok(analyse_document(&document, Scene { arn, own, around, now }))
}

fn analyse_document(document: &Document, scene: Scene<'_>) -> Exposure {
    let here: Vec<&Statement> =
        document.statements.iter().filter(|statement| statement.covers(scene.arn)).collect();
    if !here.iter().any(|statement| statement.allows) {
        return Exposure::default();
    }
    let (names, actions) = action_groups(&here);
    let problem = Problem::of(scene, &here, &names);
    let everybody = callers(scene, &here, &problem.all_tests());
    let analysis = Analysis {
        situations: everybody.iter().map(|caller| problem.situation(caller)).collect(),
        problem: &problem,
        actions: &actions,
    };
    let mut exposure = Exposure { until: next_date(&problem, scene.now), ..Exposure::default() };
    for allow in &problem.allows {
        for principal in allow.let_in() {
            let found = analysis.grantees(allow, &principal);
            if found.is_empty() && !matches!(principal, Principal::Deleted(_)) {
                let by_deny = !problem.denies.is_empty();
                exposure.notes.push(if by_deny {
                    format!(
                        "Of what is allowed to {principal} the conditions and Denies leave nothing."
                    )
                } else {
                    format!("Nobody can meet the conditions of what is allowed to {principal}.")
                });
            }
            exposure.grantees.extend(found);
        }
    }
    if exposure.grantees.iter().any(|grantee| grantee.may_be_anyone) {
        exposure.notes.push(
            "Whether a condition keeps everybody else out cannot be decided from the policy alone."
                .into(),
        );
    }
    exposure.notes.sort();
    exposure.notes.dedup();
    exposure
}

/// One action of each group that no statement distinguishes, and a bit for each group; the group of the read action is first.
fn action_groups(here: &[&Statement]) -> (Vec<String>, Vec<u64>) {
    let mut names: Vec<String> = Vec::new();
    let mut seen: Vec<Vec<bool>> = Vec::new();
    let written = here
        .iter()
        .flat_map(|one| &one.actions)
        .map(|action| patterns::filled(&action.to_ascii_lowercase(), "", 'z'));
    let all = ACTIONS.iter().map(ToString::to_string).chain(written);
    for action in all {
        let covered: Vec<bool> = here.iter().map(|one| one.covers_action(&action)).collect();
        if names.len() < 64 && (names.is_empty() || !seen[1..].contains(&covered)) {
            names.push(action);
            seen.push(covered);
        }
    }
    let bits = (0..names.len()).map(|at| 1 << at).collect();
    (names, bits)
}

/// The next time that a date condition names.
fn next_date(problem: &Problem<'_>, now: OffsetDateTime) -> Option<OffsetDateTime> {
    problem
        .all_tests()
        .into_iter()
        .filter(|test| matches!(test.key.as_str(), "aws:currenttime" | "aws:epochtime"))
        .filter(|test| {
            test.operator.is_some_and(|o| matches!(o.base, Base::Date(_) | Base::Number(_)))
        })
        .flat_map(|test| &test.values)
        .filter_map(|value| moment(value))
        .filter(|at| *at > now)
        .min()
        .map(|at| at + time::Duration::seconds(1))
}

impl Statement {
    /// Whether it matches this resource.
    pub(crate) fn covers(&self, arn: &str) -> bool {
        let named = self.resources.iter().any(|pattern| {
            // A policy variable may resolve to this resource.
            patterns::has_variable(pattern) || matches(pattern, arn)
        });
        let is_sure = !self.resources.iter().any(|pattern| patterns::has_variable(pattern));
        if !is_sure && (!self.allows || self.not_resources) {
            // An Allow is interpreted as broadly, a Deny as narrowly as possible.
            return self.allows;
        }
        named != self.not_resources
    }

    /// Whether it matches this action.
    pub(crate) fn covers_action(&self, action: &str) -> bool {
        let action = action.to_ascii_lowercase();
        let named = self.actions.iter().any(|p| matches(&p.to_ascii_lowercase(), &action));
        named != self.not_actions
    }
}

impl Ready<'_> {
    fn let_in(&self) -> Vec<Principal> {
        match &self.statement.principals {
            // An Allow for all but some allows everyone else.
            Principals::Any | Principals::Except(_) => vec![Principal::Everyone],
            Principals::Only(named) => named.clone(),
        }
    }

    fn actions_as_written(&self) -> Vec<String> {
        if self.statement.not_actions {
            return vec![format!("all but {}", self.statement.actions.join(", "))];
        }
        self.statement.actions.clone()
    }

    /// Whether it allows all actions on a secret, or all but some.
    fn is_wide(&self) -> bool {
        self.statement.not_actions || ACTIONS.iter().all(|a| self.statement.covers_action(a))
    }
}

/// Whether an ARN shows its account, or may be in any account.
fn names_an_account(arn: &str) -> bool {
    patterns::arn_parts(arn)
        .is_some_and(|parts| patterns::is_account(parts[4]) || has_wildcard(parts[4]))
}

struct Analysis<'a> {
    problem: &'a Problem<'a>,
    situations: Vec<Situation<'a>>,
    actions: &'a [u64],
}

/// An allowed caller.
#[derive(Clone, Copy)]
struct Reached<'a> {
    caller: &'a Caller,
    level: Level,
}

impl Analysis<'_> {
    /// The callers that an Allow allows under one of its principals.
    fn grantees(&self, allow: &Ready<'_>, principal: &Principal) -> Vec<Grantee> {
        match principal {
            Principal::Deleted(_) => Vec::new(),
            Principal::Federated(name) => self.of_provider(allow, name),
            // The policy does not show whose that is.
            Principal::CanonicalUser(_) => self.of_nameless(allow, principal),
            // AWS rejects an ARN that names no account; whom it means is undetermined.
            Principal::Arn(arn) if !names_an_account(arn) => self.of_nameless(allow, principal),
            _ => {
                let meant: Vec<&Situation<'_>> = self
                    .situations
                    .iter()
                    .filter(|one| match principal {
                        Principal::Everyone => one.caller.is_meant(allow.statement),
                        named => one.caller.is(named, false),
                    })
                    .collect();
                self.of_situations(allow, principal, &meant, |level| level)
            }
        }
    }

    /// Sessions from an identity provider. Anyone can get one from a web identity provider; for a provider in an
    /// account it is unknown whom it admits.
    fn of_provider(&self, allow: &Ready<'_>, name: &str) -> Vec<Grantee> {
        let account = patterns::arn_parts(name).map(|parts| parts[4]);
        // The provider's own keys, such as its audience, may exclude some of its users.
        let is_asked = allow.tests.iter().any(|test| {
            test.key
                .strip_prefix(&name.to_ascii_lowercase())
                .is_some_and(|rest| rest.starts_with(':'))
        });
        let sessions: Vec<Caller> = self
            .situations
            .iter()
            .map(|one| one.caller)
            .filter(|caller| {
                caller.service.is_none()
                    && account.is_none_or(|account| caller.account.as_deref() == Some(account))
            })
            .map(|caller| Caller { provider: Some(name.to_owned()), ..caller.clone() })
            .collect();
        let situations: Vec<Situation<'_>> =
            sessions.iter().map(|caller| self.problem.situation(caller)).collect();
        let all: Vec<&Situation<'_>> = situations.iter().collect();
        let principal = Principal::Federated(name.to_owned());
        let found = self.of_situations(allow, &principal, &all, |level| {
            if is_asked || account.is_some() { level.max(Level::Doubtful) } else { level }
        });
        if account.is_none() {
            return found;
        }
        let undecided = |grantee: Grantee| Grantee {
            location: PrincipalLocation::Undecided,
            may_be_anyone: true,
            is_wide: true,
            ..grantee
        };
        found.into_iter().map(undecided).collect()
    }

    fn of_nameless(&self, allow: &Ready<'_>, principal: &Principal) -> Vec<Grantee> {
        let strangers: Vec<&Situation<'_>> =
            self.situations.iter().filter(|one| one.caller.service.is_none()).collect();
        let found =
            self.of_situations(allow, principal, &strangers, |level| level.max(Level::Doubtful));
        let widest = found.into_iter().max_by_key(|grantee| grantee.location);
        widest
            .map(|grantee| Grantee {
                location: PrincipalLocation::Undecided,
                may_be_anyone: true,
                is_wide: true,
                ..grantee
            })
            .into_iter()
            .collect()
    }

    fn of_situations(
        &self,
        allow: &Ready<'_>,
        principal: &Principal,
        meant: &[&Situation<'_>],
        level: impl Fn(Level) -> Level,
    ) -> Vec<Grantee> {
        let reached = |actions: &[u64], leaves_out: Option<&str>, of_services: bool| {
            let found = meant.iter().filter(|one| one.caller.service.is_some() == of_services);
            found
                .filter_map(|one| {
                    let best = actions
                        .iter()
                        .filter_map(|action| self.problem.level(allow, one, *action, leaves_out))
                        .min()?;
                    Some(Reached { caller: one.caller, level: level(best) })
                })
                .collect::<Vec<Reached<'_>>>()
        };
        let mut found = Vec::new();
        for of_services in [false, true] {
            let all = reached(self.actions, None, of_services);
            let Some((location, may_be_anyone)) = locate(&all) else { continue };
            let readers = reached(&self.actions[..1], None, of_services);
            let reading = locate(&readers);
            let by_source = reached(self.actions, Some("aws:sourcearn"), of_services);
            let grantee = |of: &[Reached<'_>], (location, may_be_anyone), reads| Grantee {
                principal: principal.to_string(),
                location,
                may_be_anyone,
                is_wide: is_wide(principal, &by_source, meant),
                actions: allow.actions_as_written(),
                wide_actions: allow.is_wide(),
                reads,
                accounts: accounts(of),
                conditions: allow
                    .statement
                    .conditions
                    .iter()
                    .map(|condition| words::explain(condition, self.problem.scene))
                    .collect(),
            };
            let reads_all = reading == Some((location, may_be_anyone));
            found.push(grantee(&all, (location, may_be_anyone), reads_all));
            if let Some(reading) = reading.filter(|_| !reads_all) {
                found.push(grantee(&readers, reading, true));
            }
        }
        // Public access includes AWS services.
        if found.first().is_some_and(|one| one.location == PrincipalLocation::Everyone && one.reads)
        {
            found.truncate(1);
        }
        found
    }
}

/// Whether an account as a whole, or more, is among them: any principal of it that the policy does not name, however
/// the request was triggered.
fn is_wide(principal: &Principal, reached: &[Reached<'_>], meant: &[&Situation<'_>]) -> bool {
    let is_named = matches!(principal, Principal::Arn(arn) if !has_wildcard(arn));
    let same = |one: &Caller, other: &Caller| {
        (&one.account, &one.organization, &one.path)
            == (&other.account, &other.organization, &other.path)
    };
    !is_named
        && reached.iter().filter(|one| one.caller.is_generic).any(|one| {
            let peers =
                meant.iter().filter(|peer| peer.caller.is_generic && same(peer.caller, one.caller));
            peers.into_iter().all(|peer| reached.iter().any(|one| one.caller == peer.caller))
        })
}

fn accounts(reached: &[Reached<'_>]) -> OtherAccounts {
    let mut found = OtherAccounts::default();
    for one in reached {
        match one.caller.class {
            Class::Sisters => found.whole_organization = true,
            Class::Anyone => found.unnamed_outside = true,
            Class::Sister | Class::Stranger | Class::Unclear => {
                found.named.extend(one.caller.account.clone());
            }
            Class::Own | Class::Service => {}
        }
    }
    found
}

/// The widest location of allowed callers, and whether it may be public; `None` if nobody is allowed.
fn locate(reached: &[Reached<'_>]) -> Option<(PrincipalLocation, bool)> {
    let anyone =
        reached.iter().filter(|one| one.caller.class == Class::Anyone).map(|one| one.level).min();
    let of = |one: &Reached<'_>| match (one.caller.class, one.level) {
        (Class::Own, _) => PrincipalLocation::SameAccount,
        (Class::Sister | Class::Sisters, _) => PrincipalLocation::InOrganization,
        (Class::Service, _) => PrincipalLocation::Service,
        (Class::Anyone, Level::Open) => PrincipalLocation::Everyone,
        // Callers from there may be of that account, or of any other.
        (Class::Stranger, Level::Guarded) if anyone.is_some() => PrincipalLocation::Undecided,
        (Class::Stranger, Level::Open | Level::Guarded) => PrincipalLocation::Outside,
        (Class::Anyone | Class::Unclear | Class::Stranger, _) => PrincipalLocation::Undecided,
    };
    let location = reached.iter().map(of).max()?;
    Some((location, anyone == Some(Level::Doubtful)))
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod plain_evaluator;
#[cfg(test)]
mod tests;
