//! Eligibility: a Cedar request. Any error in a policy denies.

use crate::AccessPolicy;
use cedar_policy::{
    ActionConstraint, Authorizer, Context, Decision, Effect, Entities, Entity, EntityUid, Policy,
    Request, Response, RestrictedExpression,
};
use claviger_domain::{
    VariantArray,
    accounts::is_ou_id,
    authz::{AccountLocation, Caller, Role},
    creation::CreationRule,
    facts::Kind,
    grants::{Action, ApprovalRule},
    ids::{Arn, Region},
};
use std::collections::{BTreeMap, HashSet};
use time::OffsetDateTime;

/// The requested secret or parameter.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub arn: &'a Arn,
    pub kind: Kind,
    pub name: &'a str,
    pub region: &'a Region,
    pub owner: Option<&'a str>,
    /// `None` if they could not be read.
    pub tags: Option<&'a BTreeMap<String, String>>,
    pub location: &'a AccountLocation,
}

/// The terms of the request.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub minutes: u32,
    pub start: OffsetDateTime,
    pub purpose: &'a str,
    pub ticket: Option<&'a str>,
}

/// The requested action: an ordinary one, or break-glass access to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessKind {
    Ordinary(Action),
    BreakGlass,
}

impl AccessKind {
    /// The actions of Cedar that a policy has to permit, each of them. To read and write needs both.
    fn actions(self) -> &'static [&'static str] {
        match self {
            Self::Ordinary(Action::Read) => &["read"],
            Self::Ordinary(Action::Write) => &["write"],
            Self::Ordinary(Action::Rotate) => &["rotate"],
            Self::Ordinary(Action::Change) => &["read", "write"],
            Self::BreakGlass => &["breakGlass"],
        }
    }
}

/// A Cedar policy of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySource {
    /// Its `@id`, or the number by which Cedar knows it.
    pub id: String,
    pub forbids: bool,
    /// In Cedar's own format.
    pub text: String,
}

/// A decision with what decided it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub permits: bool,
    /// The policies that apply: those that forbid, or else those that permit. None if no policy permits.
    pub deciding: Vec<PolicySource>,
    /// What could not be evaluated. Any error denies.
    pub errors: Vec<String>,
}

/// A request that cannot be passed to Cedar: denied, and logged.
type Unaskable = Box<dyn std::error::Error + Send + Sync>;

impl AccessPolicy {
    /// Whether a policy permits, and none forbids. An error in any of them denies.
    pub fn permits(
        &self,
        caller: &Caller,
        access_kind: AccessKind,
        subject: Subject<'_>,
        asked: Asked<'_>,
    ) -> bool {
        access_kind.actions().iter().all(|action| {
            self.ask(caller, action, subject, asked).is_ok_and(|answer| is_permitted(&answer))
        })
    }

    /// Whether a policy permits this to be created. A policy about every action was written for access: it permits
    /// nothing to be created.
    pub fn permits_creation(
        &self,
        caller: &Caller,
        subject: Subject<'_>,
        asked: Asked<'_>,
    ) -> bool {
        self.ask(caller, "create", subject, asked).is_ok_and(|answer| {
            let mut deciding =
                answer.diagnostics().reason().filter_map(|id| self.policies.policy(id));
            is_permitted(&answer)
                && deciding.any(|policy| policy.action_constraint() != ActionConstraint::Any)
        })
    }

    /// The same decision as `permits`, with the policies that decide it.
    pub fn explain(
        &self,
        caller: &Caller,
        access_kind: AccessKind,
        subject: Subject<'_>,
        asked: Asked<'_>,
    ) -> Explanation {
        let each = access_kind.actions().iter();
        let mut each: Vec<Explanation> =
            each.map(|action| self.explain_one(caller, action, subject, asked)).collect();
        // What is denied in one part is denied.
        if let Some(denied) = each.iter().position(|one| !one.permits) {
            return each.swap_remove(denied);
        }
        let mut deciding: Vec<PolicySource> = Vec::new();
        for source in each.into_iter().flat_map(|one| one.deciding) {
            if !deciding.contains(&source) {
                deciding.push(source);
            }
        }
        Explanation { permits: true, deciding, errors: Vec::new() }
    }

    fn explain_one(
        &self,
        caller: &Caller,
        action: &str,
        subject: Subject<'_>,
        asked: Asked<'_>,
    ) -> Explanation {
        match self.ask(caller, action, subject, asked) {
            Ok(answer) => {
                let diagnostics = answer.diagnostics();
                let policies = diagnostics.reason().filter_map(|id| self.policies.policy(id));
                Explanation {
                    permits: is_permitted(&answer),
                    deciding: sources(policies),
                    errors: diagnostics.errors().map(ToString::to_string).collect(),
                }
            }
            Err(error) => Explanation {
                permits: false,
                deciding: Vec::new(),
                errors: vec![error.to_string()],
            },
        }
    }

    /// Every Cedar policy.
    pub fn sources(&self) -> Vec<PolicySource> {
        sources(self.policies.policies())
    }

    /// The rule that applies, if there is one. To read and write it is the first rule about either, and it has to cover both,
    /// or name `change`: otherwise a rule about one would decide about the other.
    pub fn rule_for(&self, action: Action, subject: Subject<'_>) -> Option<&ApprovalRule> {
        let applies = |rule: &ApprovalRule, action| {
            rule.applies(action, subject.kind, subject.tags, subject.location)
        };
        let parts = action.parts();
        let first = self
            .rules()
            .iter()
            .find(|rule| applies(rule, action) || parts.iter().any(|part| applies(rule, *part)))?;
        let covers = applies(first, action) || parts.iter().all(|part| applies(first, *part));
        covers.then_some(first)
    }

    /// The rule about a new secret or parameter, if there is one.
    pub fn creation_rule_for(
        &self,
        kind: Kind,
        tags: &BTreeMap<String, String>,
        location: &AccountLocation,
    ) -> Option<&CreationRule> {
        self.creation_rules().iter().find(|rule| rule.applies(kind, tags, location))
    }

    fn ask(
        &self,
        caller: &Caller,
        action: &str,
        subject: Subject<'_>,
        asked: Asked<'_>,
    ) -> Result<Response, Unaskable> {
        let principal = uid("Person", &caller.person.subject)?;
        let resource = uid("Secret", subject.arn.as_str())?;
        let action: EntityUid = format!("Claviger::Action::\"{action}\"").parse()?;
        let mut entities =
            vec![person(caller, &principal, subject.location)?, secret(&resource, subject)?];
        entities.extend(tree(subject.location)?);
        for group in &caller.groups {
            entities.push(Entity::new_no_attrs(uid("Team", group)?, HashSet::new()));
        }
        for role in Role::VARIANTS {
            entities.push(Entity::new_no_attrs(uid("Role", &role.to_string())?, HashSet::new()));
        }
        let entities = Entities::from_entities(entities, Some(&self.schema))?;
        let request =
            Request::new(principal, action, resource, context(asked)?, Some(&self.schema))?;
        Ok(Authorizer::new().is_authorized(&request, &self.policies, &entities))
    }
}

/// A `forbid` that could not be evaluated must not become a permission.
fn is_permitted(answer: &Response) -> bool {
    let sound = answer.diagnostics().errors().next().is_none();
    sound && answer.decision() == Decision::Allow
}

/// In the order of the file.
fn sources<'a>(policies: impl Iterator<Item = &'a Policy>) -> Vec<PolicySource> {
    // Cedar numbers the policies of a text `policy0`, `policy1`, …
    let number = |policy: &Policy| {
        let id = policy.id().to_string();
        (id.trim_start_matches("policy").parse().unwrap_or(u32::MAX), id)
    };
    let mut found: Vec<&Policy> = policies.collect();
    found.sort_by_key(|policy| number(policy));
    let each = found.into_iter().map(|policy| PolicySource {
        id: policy.annotation("id").map_or_else(|| policy.id().to_string(), str::to_owned),
        forbids: policy.effect() == Effect::Forbid,
        text: policy.to_string(),
    });
    each.collect()
}

fn uid(kind: &str, id: &str) -> Result<EntityUid, Unaskable> {
    Ok(EntityUid::from_type_name_and_id(
        format!("Claviger::{kind}").parse()?,
        cedar_policy::EntityId::new(id),
    ))
}

fn text(value: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_owned())
}

fn person(
    caller: &Caller,
    id: &EntityUid,
    location: &AccountLocation,
) -> Result<Entity, Unaskable> {
    let mut attributes = vec![("name".to_owned(), text(&caller.person.name))];
    if let Some(email) = &caller.person.email {
        attributes.push(("email".into(), text(email)));
    }
    let mut parents = Vec::new();
    for group in &caller.groups {
        parents.push(uid("Team", group)?);
    }
    // A role counts only if the person has it over this account.
    for role in Role::VARIANTS.iter().filter(|role| caller.holds_over(**role, location)) {
        parents.push(uid("Role", &role.to_string())?);
    }
    Ok(Entity::new_with_tags(id.clone(), attributes, parents, [])?)
}

fn secret(id: &EntityUid, subject: Subject<'_>) -> Result<Entity, Unaskable> {
    let mut attributes = vec![
        ("kind".to_owned(), text(&subject.kind.to_string())),
        ("name".into(), text(subject.name)),
        ("region".into(), text(subject.region.as_str())),
        ("tagsKnown".into(), RestrictedExpression::new_bool(subject.tags.is_some())),
    ];
    if let Some(owner) = subject.owner {
        attributes.push(("owner".into(), text(owner)));
    }
    let tags = subject.tags.into_iter().flatten().map(|(key, value)| (key.clone(), text(value)));
    let account = uid("Account", subject.location.account.as_str())?;
    Ok(Entity::new_with_tags(id.clone(), attributes, [account], tags)?)
}

/// The account with every OU above it, each by its id and by its path. A path with the form of an id is omitted: it
/// would be the entity of another OU.
fn tree(location: &AccountLocation) -> Result<Vec<Entity>, Unaskable> {
    let mut above: Vec<EntityUid> = Vec::new();
    let mut entities = Vec::new();
    for (id, path) in &location.units {
        let own: Vec<EntityUid> =
            [Some(id.as_str()), (!path.is_empty() && !is_ou_id(path)).then_some(path.as_str())]
                .into_iter()
                .flatten()
                .map(|name| uid("Ou", name))
                .collect::<Result<_, _>>()?;
        for unit in &own {
            entities.push(Entity::new_no_attrs(unit.clone(), above.iter().cloned().collect()));
        }
        above = own;
    }
    let account = uid("Account", location.account.as_str())?;
    let name = [("name".to_owned(), text(&location.account_name))];
    entities.push(Entity::new_with_tags(account, name, above, [])?);
    Ok(entities)
}

fn context(asked: Asked<'_>) -> Result<Context, Unaskable> {
    let start = asked.start.to_offset(time::UtcOffset::UTC);
    let number = |n: u32| RestrictedExpression::new_long(n.into());
    let mut pairs = vec![
        ("minutes".to_owned(), number(asked.minutes)),
        ("hour".into(), number(start.hour().into())),
        ("weekday".into(), number(start.weekday().number_from_monday().into())),
        ("purpose".into(), text(asked.purpose)),
    ];
    if let Some(ticket) = asked.ticket {
        pairs.push(("ticket".into(), text(ticket)));
    }
    Ok(Context::from_pairs(pairs)?)
}
