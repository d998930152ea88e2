//! The form of a request: what a person may ask for, shown before they ask.

use crate::{RequestService, ServiceError};
use claviger_domain::{
    authz::{AccountLocation, Caller},
    grants::{
        Action, ApprovalRule, GrantId, Refusal,
        view::{Offer, OfferTerms, RequestForm},
    },
};
use claviger_policy::{AccessKind, Asked};
use claviger_store::RequestTarget;

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
