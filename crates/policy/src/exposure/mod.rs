//! Who a resource policy lets in, and why. Deny wins; what cannot be decided is said to be so, and is taken to be
//! as wide as it may be.

mod document;
mod narrowing;

pub use document::{DOCUMENT_LIMIT, DocumentFault};

use claviger_domain::{
    governance::view::{Reader, Readers, Standing},
    ids::AccountId,
};
pub(crate) use document::{Document, Statement};

use document::{Principal, Principals};
use narrowing::Narrowing;
use std::collections::BTreeSet;

/// The Organization as seen from a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// `o-…`; `None` where it is not known yet.
    pub organization: Option<String>,
    /// Every account of the Organization.
    pub accounts: BTreeSet<AccountId>,
}

/// Somebody let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grantee {
    pub principal: String,
    pub standing: Standing,
    /// Whether an account as a whole, or more, is let in rather than a principal of it.
    pub is_wide: bool,
    /// As the statement has them; `NotAction` is said.
    pub actions: Vec<String>,
    /// Whether these go beyond what a reader needs: a wildcard, or all but some.
    pub wide_actions: bool,
    /// Whether a value can be read.
    pub reads: bool,
    /// Each condition with what it does.
    pub conditions: Vec<String>,
}

/// What a policy comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exposure {
    pub grantees: Vec<Grantee>,
    /// What is to be known beside it.
    pub notes: Vec<String>,
}

/// Whether a document can be understood whole.
pub fn is_read(text: &str) -> Result<(), DocumentFault> {
    Document::read(text).map(|_| ())
}

/// The action that reads a value.
const READ: &str = "secretsmanager:getsecretvalue";

/// Analyses a policy, as seen from a secret in `own`.
pub fn analyse(
    text: &str,
    arn: &str,
    own: &AccountId,
    around: &Surroundings,
) -> Result<Exposure, DocumentFault> {
    let document = Document::read(text)?;
    let here: Vec<&Statement> =
        document.statements.iter().filter(|statement| statement.covers(arn)).collect();
    let (allows, denies): (Vec<&Statement>, Vec<&Statement>) =
        here.into_iter().partition(|statement| statement.allows);
    let mut exposure = Exposure::default();
    for allow in &allows {
        for principal in allow.let_in() {
            if denies.iter().any(|deny| deny.shuts_out(&principal, allow)) {
                exposure.notes.push(format!("A Deny takes away what is allowed to {principal}."));
                continue;
            }
            exposure.grantees.extend(grantee(allow, &principal, &denies, own, around));
        }
    }
    for deny in &denies {
        if !deny.is_understood() {
            exposure.notes.push(
                "A Deny with conditions may take more away; that cannot be decided here, so it is left out of the account."
                    .into(),
            );
        }
    }
    exposure.notes.sort();
    exposure.notes.dedup();
    Ok(exposure)
}

impl Statement {
    /// Whether it speaks of this resource.
    pub(crate) fn covers(&self, arn: &str) -> bool {
        let named = self.resources.iter().any(|pattern| matches(pattern, arn));
        named != self.not_resources
    }

    /// Whether it speaks of this action.
    pub(crate) fn covers_action(&self, action: &str) -> bool {
        let named = self
            .actions
            .iter()
            .any(|p| matches(&p.to_ascii_lowercase(), &action.to_ascii_lowercase()));
        named != self.not_actions
    }

    /// Whether every action that `other` allows is one of its own.
    fn covers_all_of(&self, other: &Self) -> bool {
        if self.not_actions {
            // All but some: covers an Allow that names none of those.
            return !other.not_actions
                && other
                    .actions
                    .iter()
                    .all(|action| self.actions.iter().all(|p| !overlap(p, action)));
        }
        let everything = |p: &String| p == "*" || p.eq_ignore_ascii_case("secretsmanager:*");
        if self.actions.iter().any(everything) {
            return true;
        }
        !other.not_actions && other.actions.iter().all(|action| self.covers_action(action))
    }

    fn let_in(&self) -> Vec<Principal> {
        match &self.principals {
            // An Allow for all but some lets in everybody else, and whoever has no name at all.
            Principals::Any | Principals::Except(_) => vec![Principal::Everyone],
            Principals::Only(named) => named.clone(),
        }
    }

    /// Whether this Deny, without any condition, takes all of an Allow from a principal.
    fn shuts_out(&self, principal: &Principal, allow: &Self) -> bool {
        if !self.conditions.is_empty() || !self.covers_all_of(allow) {
            return false;
        }
        match &self.principals {
            Principals::Any => true,
            Principals::Only(named) => named.iter().any(|denied| is_within(principal, denied)),
            Principals::Except(spared) => {
                *principal != Principal::Everyone
                    && !spared
                        .iter()
                        .any(|one| is_within(principal, one) || is_within(one, principal))
            }
        }
    }

    /// What this Deny leaves of everybody for an Allow, where it is one of all but some.
    fn leaves(&self, allow: &Self) -> Option<Narrowing> {
        if !self.covers_all_of(allow) {
            return None;
        }
        match (&self.principals, self.conditions.as_slice()) {
            (Principals::Any, [only]) => narrowing::of_denied(only),
            (Principals::Except(spared), []) => {
                let arns: Option<Vec<String>> =
                    spared.iter().map(|one| one.account().map(ToOwned::to_owned)).collect();
                arns.map(Narrowing::Accounts)
            }
            _ => None,
        }
    }

    /// Whether all of a Deny went into the account.
    fn is_understood(&self) -> bool {
        match self.conditions.as_slice() {
            [] => true,
            [only] => self.principals == Principals::Any && narrowing::of_denied(only).is_some(),
            _ => false,
        }
    }
}

/// Whether a Deny of `whole` is one of `part`.
fn is_within(part: &Principal, whole: &Principal) -> bool {
    match whole {
        Principal::Everyone => true,
        Principal::Account(number) => part.account() == Some(number),
        other => part == other,
    }
}

fn grantee(
    allow: &Statement,
    principal: &Principal,
    denies: &[&Statement],
    own: &AccountId,
    around: &Surroundings,
) -> Option<Grantee> {
    let narrowings: Vec<Narrowing> = allow
        .conditions
        .iter()
        .map(narrowing::of)
        .chain(denies.iter().filter_map(|deny| deny.leaves(allow)))
        .collect();
    let standing = standing(principal, &narrowings, own, around)?;
    let actions = if allow.not_actions {
        vec![format!("all but {}", allow.actions.join(", "))]
    } else {
        allow.actions.clone()
    };
    let by_arn = narrowings.iter().any(|narrowing| matches!(narrowing, Narrowing::Arns(_)));
    let reads = allow.covers_action(READ)
        && !denies.iter().any(|deny| {
            deny.conditions.is_empty()
                && deny.covers_action(READ)
                && match &deny.principals {
                    Principals::Any => true,
                    Principals::Only(named) => named.iter().any(|one| is_within(principal, one)),
                    Principals::Except(_) => false,
                }
        });
    Some(Grantee {
        principal: principal.to_string(),
        standing,
        is_wide: matches!(principal, Principal::Everyone | Principal::Account(_)) && !by_arn,
        wide_actions: allow.not_actions
            || allow.actions.iter().any(|p| p == "*" || p.eq_ignore_ascii_case("secretsmanager:*")),
        actions,
        reads,
        conditions: allow.conditions.iter().map(narrowing::explain).collect(),
    })
}

/// The widest place from which the principal may come; `None` where nobody is left.
fn standing(
    principal: &Principal,
    narrowings: &[Narrowing],
    own: &AccountId,
    around: &Surroundings,
) -> Option<Standing> {
    let of_account = |number: &str| match number.parse::<AccountId>() {
        Ok(id) if id == *own => Standing::SameAccount,
        Ok(id) if around.accounts.contains(&id) => Standing::InOrganization,
        // Without the Organization's accounts nobody can be said to be outside.
        _ if around.accounts.is_empty() => Standing::Undecided,
        _ => Standing::Outside,
    };
    let own_place = match principal {
        Principal::Everyone => Standing::Everyone,
        Principal::Account(_) | Principal::Arn(_) => {
            principal.account().map_or(Standing::Undecided, of_account)
        }
        Principal::Service(_) => Standing::Service,
        Principal::Federated(_) | Principal::CanonicalUser(_) => Standing::Undecided,
        // Nobody can be that id again.
        Principal::Deleted(_) => return None,
    };
    let widest = |all: &mut dyn Iterator<Item = Standing>| all.max();
    let mut place = own_place;
    for narrowing in narrowings {
        let left = match narrowing {
            Narrowing::Nothing => continue,
            // Of somebody named it is known who they are, wherever they call from.
            Narrowing::Undecided if *principal != Principal::Everyone => continue,
            Narrowing::Organizations(ids) => match &around.organization {
                Some(ours) if ids.iter().all(|id| id == ours) => Standing::InOrganization,
                Some(_) => Standing::Outside,
                None => Standing::Undecided,
            },
            Narrowing::Accounts(numbers) => {
                widest(&mut numbers.iter().map(|number| of_account(number)))?
            }
            Narrowing::Arns(arns) => widest(
                &mut arns.iter().map(|arn| of_account(arn.split(':').nth(4).unwrap_or_default())),
            )?,
            Narrowing::Undecided => Standing::Undecided,
        };
        place = place.min(left);
    }
    Some(place)
}

/// IAM's wildcards: `*` for any text, `?` for one character.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == '*' {
            back = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == '?' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((star, at)) = back {
            back = Some((star, at + 1));
            p = star + 1;
            t = at + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Whether two action patterns can mean the same action: decided only where one of them is fixed.
fn overlap(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    matches(&one, &other) || matches(&other, &one) || (one.contains('*') && other.contains('*'))
}

impl Exposure {
    /// The widest standing of anybody let in.
    pub fn widest(&self) -> Option<Standing> {
        self.grantees.iter().map(|grantee| grantee.standing).max()
    }

    /// As the secret's page shows it.
    pub fn explain(&self, document: &str) -> Readers {
        let rows: Vec<Reader> = self.grantees.iter().map(Grantee::explain).collect();
        let summary = match self.widest() {
            None => "Its resource policy lets nobody in.",
            Some(Standing::SameAccount) => {
                "Its resource policy names principals of its own account alone."
            }
            Some(Standing::Service) => {
                "Its resource policy lets in AWS services, and nobody of another account."
            }
            Some(Standing::InOrganization) => {
                "Its resource policy lets other accounts of the Organization in."
            }
            Some(Standing::Undecided) => {
                "Its resource policy lets in principals whose account cannot be decided from it alone."
            }
            Some(Standing::Outside) => "Its resource policy reaches outside the Organization.",
            Some(Standing::Everyone) => "Its resource policy lets anyone in.",
        };
        let mut notes = self.notes.clone();
        notes.push(
            "Identity policies of its own account can let principals in as well; another account needs both sides. Service control policies and the key's policy can still refuse."
                .into(),
        );
        Readers { summary: summary.into(), rows, notes, document: Some(document.to_owned()) }
    }
}

impl Grantee {
    /// Where it stands, in words.
    fn whence(&self) -> &'static str {
        match self.standing {
            Standing::SameAccount => "in this account",
            Standing::InOrganization => "in the Organization",
            Standing::Service => "an AWS service",
            Standing::Undecided => "whose account cannot be decided here",
            Standing::Outside => "outside the Organization",
            Standing::Everyone => "anywhere",
        }
    }

    fn explain(&self) -> Reader {
        let who = match (self.principal.as_str(), self.standing) {
            ("*", Standing::Everyone) => "Anyone".to_owned(),
            ("*", _) => format!("Anyone {}", self.whence()),
            (name, _) if self.is_wide => {
                format!("Every principal that account {name} lets ({})", self.whence())
            }
            (name, _) => format!("{name} ({})", self.whence()),
        };
        let what = if self.reads {
            "can read the value"
        } else {
            "cannot read the value, but may do other things"
        };
        let under = match self.conditions.len() {
            0 => ", without a condition".to_owned(),
            1 => ", under one condition".to_owned(),
            more => format!(", under {more} conditions"),
        };
        Reader {
            sentence: format!("{who} {what}{under}."),
            principal: self.principal.clone(),
            place: self.standing,
            actions: self.actions.clone(),
            reads: self.reads,
            conditions: self.conditions.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
