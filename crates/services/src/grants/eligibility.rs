//! What a person may ask for: shown before they ask.

use crate::{Authority, GrantReader, RequestService, ServiceError};
use claviger_domain::{
    authz::{AccountLocation, Caller, Permission},
    clock::Clock,
    facts::Kind,
    grants::{
        Action, ApprovalRule, GrantId, GrantResource, MAX_RESOURCES, Refusal,
        view::{Offer, OfferTerms, RequestForm},
    },
    ids::{AccountId, ResourceId},
    inventory::view::Owner,
};
use claviger_policy::{AccessKind, AccessPolicy, Asked, Subject};
use claviger_store::{GrantRepository, RequestTarget};
use std::{collections::BTreeMap, sync::Arc};

/// So many of those who could decide are named.
const MAX_NAMED_PEOPLE: usize = 4;

impl RequestService {
    /// The form for these resources (the console's ids) and this action.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn request_form(
        &self,
        caller: &Caller,
        resources: &[String],
        action: &str,
        extends: Option<&str>,
    ) -> Result<RequestForm, ServiceError> {
        let action: Action = action.parse().unwrap_or(Action::Read);
        let extends: Option<GrantId> = extends.and_then(|id| id.parse().ok());
        let (targets, locations) = self.eligibility_service.targets(caller, resources).await?;
        let people = self.people_service.known_callers().await?;
        let offers: Vec<Offer> = targets
            .iter()
            .map(|target| {
                let location = &locations[&target.account];
                Offer {
                    id: target.id,
                    name: target.facts.name.clone(),
                    kind: target.facts.kind(),
                    account_id: target.account.clone(),
                    account_name: location.account_name.clone(),
                    region: target.region.clone(),
                    terms: self
                        .offer(caller, target, location, action, &people)
                        .map_err(|refusal| refusal.into_problem().to_string()),
                }
            })
            .collect();
        let terms: Vec<&OfferTerms> = offers.iter().filter_map(|o| o.terms.as_ref().ok()).collect();
        let whole = terms.len() == offers.len();
        Ok(RequestForm {
            action,
            longest_minutes: terms
                .iter()
                .map(|t| t.longest_minutes)
                .min()
                .filter(|_| whole)
                .unwrap_or(0),
            break_glass_minutes: terms
                .iter()
                .map(|t| t.break_glass_minutes)
                .min()
                .flatten()
                .filter(|_| whole && action == Action::Read),
            ticket: terms.iter().find_map(|t| t.ticket.clone()),
            offers,
            extends,
            as_of: self.clock.now(),
        })
    }

    fn offer(
        &self,
        caller: &Caller,
        target: &RequestTarget,
        location: &AccountLocation,
        action: Action,
        people: &[Caller],
    ) -> Result<OfferTerms, Refusal> {
        // The shortest window: what is refused even so is not to be had at all.
        let asked = Asked { minutes: 1, start: self.clock.now(), purpose: "", ticket: None };
        let rule = self.eligibility_service.rule_for(
            caller,
            target,
            location,
            AccessKind::Ordinary(action),
            action,
            asked,
        );
        let glass = self.may_break(caller, target, location, action, asked);
        let rule = match (rule, glass) {
            (Ok(rule), _) | (Err(_), Some(rule)) => rule,
            (Err(refusal), None) => return Err(refusal),
        };
        self.eligibility_service.fits(target, action)?;
        let teams = [self.eligibility_service.owner_team(target)];
        let first = rule.steps.first();
        let people = people
            .iter()
            .filter(|person| !person.person.is_same_as(&caller.person))
            .filter(|person| {
                first.is_some_and(|step| {
                    step.includes(super::approver_context(person, location, &teams))
                })
            })
            .take(MAX_NAMED_PEOPLE)
            .map(|person| person.person.name.clone())
            .collect();
        Ok(OfferTerms {
            rule: rule.name.clone(),
            approvers: rule.words(),
            people,
            longest_minutes: rule.longest_minutes,
            auto_minutes: rule.auto_approve.as_ref().map(|auto| auto.longest_minutes),
            ticket: rule.ticket.clone(),
            break_glass_minutes: glass
                .and_then(|rule| rule.break_glass.as_ref())
                .map(|glass| glass.longest_minutes),
        })
    }

    /// The rule under which a person may break the glass, if policy names them for it.
    fn may_break<'a>(
        &'a self,
        caller: &Caller,
        target: &RequestTarget,
        location: &AccountLocation,
        action: Action,
        asked: Asked<'_>,
    ) -> Option<&'a ApprovalRule> {
        if action != Action::Read {
            return None;
        }
        self.eligibility_service
            .rule_for(caller, target, location, AccessKind::BreakGlass, action, asked)
            .ok()
            .filter(|rule| rule.break_glass.is_some())
    }
}

/// Which policies and approval rules apply to a person and a secret.
#[derive(Clone)]
pub struct EligibilityService {
    pub(crate) grants: GrantRepository,
    pub(crate) grant_reader: GrantReader,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
    pub(crate) access_policy: Arc<AccessPolicy>,
}

impl EligibilityService {
    /// The rule that decides about a requested action, once a policy permits it.
    pub(crate) fn rule_for(
        &self,
        caller: &Caller,
        target: &RequestTarget,
        location: &AccountLocation,
        access_kind: AccessKind,
        action: Action,
        asked: Asked<'_>,
    ) -> Result<&ApprovalRule, Refusal> {
        let name = &target.facts.name;
        if target.gone {
            return Err(Refusal::Gone(name.clone()));
        }
        if action == Action::Rotate && target.facts.kind() == Kind::Parameter {
            return Err(Refusal::NotEligible(format!("{name}: parameters have no rotation")));
        }
        let subject = subject(target, location);
        if !self.access_policy.permits(caller, access_kind, subject, asked) {
            return Err(Refusal::NotEligible(name.clone()));
        }
        self.access_policy.rule_for(action, subject).ok_or_else(|| Refusal::NoRule(name.clone()))
    }

    /// The resources that the caller can see, with where their accounts stand.
    pub(crate) async fn targets(
        &self,
        caller: &Caller,
        resources: &[String],
    ) -> Result<(Vec<RequestTarget>, BTreeMap<AccountId, AccountLocation>), ServiceError> {
        if !caller.may(Permission::RequestAccess) {
            return Err(ServiceError::Forbidden(Permission::RequestAccess));
        }
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let missing = || ServiceError::NotFound("secret or parameter");
        let mut ids: Vec<ResourceId> = resources
            .iter()
            .map(|id| id.parse().map_err(|_| missing()))
            .collect::<Result<_, _>>()?;
        ids.sort();
        ids.dedup();
        if ids.is_empty() || ids.len() > MAX_RESOURCES {
            return Err(Refusal::Resources.into());
        }
        let targets = self.grants.targets(&visible, &ids, self.clock.now()).await?;
        if targets.len() != ids.len() {
            return Err(missing());
        }
        let locations =
            self.grant_reader.locations(targets.iter().map(|target| &target.account)).await?;
        if targets.iter().any(|target| !locations.contains_key(&target.account)) {
            return Err(missing());
        }
        Ok((targets, locations))
    }

    /// The team that owns a resource, as its owner tag says.
    pub(crate) fn owner_team(&self, target: &RequestTarget) -> Option<String> {
        match &target.owner {
            Owner::Named(owner) => Some(self.access_policy.team_of(owner)),
            Owner::Missing | Owner::Unknown => None,
        }
    }

    /// A resource as it is written into a request.
    pub(crate) fn resource_of(&self, target: &RequestTarget) -> GrantResource {
        GrantResource {
            id: target.id,
            arn: target.facts.arn.clone(),
            name: target.facts.name.clone(),
            kind: target.facts.kind(),
            region: target.region.clone(),
            key: target.facts.own_key(),
            owner_team: self.owner_team(target),
        }
    }
}

/// A resource as the policies see it.
pub(crate) fn subject<'a>(target: &'a RequestTarget, location: &'a AccountLocation) -> Subject<'a> {
    Subject {
        arn: &target.facts.arn,
        kind: target.facts.kind(),
        name: &target.facts.name,
        region: &target.region,
        owner: match &target.owner {
            Owner::Named(owner) => Some(owner),
            Owner::Missing | Owner::Unknown => None,
        },
        tags: target.facts.tags.as_ref(),
        location,
    }
}
