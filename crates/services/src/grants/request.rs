//! Asking: one request, one grant for each account and rule.

use super::{eligibility::subject, number};
use crate::{
    Authority, EligibilityService, GrantReader, PeopleService, ServiceError,
    grants::reader::{locked, not_paused},
    notifications::batch::NotificationBatch,
    uncancelled::uncancelled,
};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    authz::{AccountLocation, Caller, Permission, VisibleAccounts},
    clock::Clock,
    grants::{
        Action, ApprovalRule, Grant, GrantId, GrantResource, GrantState, Refusal, RequestTerms,
        request_hash, sentence, view::Requested,
    },
    ids::{AccountId, ResourceId},
    notifications::notice::NoticeKind,
};
use claviger_policy::{AccessKind, AccessPolicy, Asked};
use claviger_store::{GrantRepository, NewGrant, RequestTarget, Transactions};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};
use time::{
    Duration, OffsetDateTime, PrimitiveDateTime, format_description::well_known::Rfc3339,
    macros::format_description,
};

/// A request may start this far ahead.
const AHEAD: Duration = Duration::days(30);
/// The first reminder comes when this part of the waiting time is over.
const REMIND_AFTER: i32 = 4;

/// A requested action as the form or the client sends it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RequestInput {
    /// The console's ids.
    pub resources: Vec<String>,
    pub action: String,
    pub minutes: u32,
    pub purpose: String,
    #[serde(default)]
    pub ticket: String,
    /// RFC 3339, or `2026-11-24T15:00` in UTC; empty begins as soon as it is approved.
    #[serde(default)]
    pub starts_at: String,
    #[serde(default)]
    pub break_glass: bool,
    /// The incident that break-glass access is for, such as `INC-204`.
    #[serde(default)]
    pub incident: String,
    /// The grant that this one is to follow.
    #[serde(default)]
    pub extends: String,
}

/// One account's part before it has a number.
struct Part<'a> {
    account: AccountId,
    rule: &'a ApprovalRule,
    resources: Vec<GrantResource>,
}

/// Requests for access: what can be requested, and requesting it.
#[derive(Clone)]
pub struct RequestService {
    pub(crate) grants: GrantRepository,
    pub(crate) transactions: Transactions,
    pub(crate) eligibility_service: EligibilityService,
    pub(crate) grant_reader: GrantReader,
    pub(crate) people_service: PeopleService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
}

impl RequestService {
    /// Makes a request. Either all of it is made, or nothing.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn request_access(
        &self,
        caller: &Caller,
        input: RequestInput,
    ) -> Result<Requested, ServiceError> {
        uncancelled(self, caller, move |service, caller| async move {
            let now = service.clock.now();
            let (targets, locations) =
                service.eligibility_service.targets(&caller, &input.resources).await?;
            let terms = terms(&caller, &input, now)?;
            service.follows(&caller, &terms, &targets).await?;
            let parts = service.parts(&caller, &terms, &targets, &locations, now)?;
            let hashed: Vec<(AccountId, Vec<GrantResource>)> =
                parts.iter().map(|p| (p.account.clone(), p.resources.clone())).collect();
            let hash = request_hash(&terms, &hashed);

            let mut batch = service.people_service.notification_batch().await?;
            let mut work = service.transactions.begin(now).await?;
            let request = work.insert_request(&terms, &hash).await?;
            let mut grants = Vec::new();
            for part in &parts {
                let state = first_state(&terms, part.rule, now);
                let waiting = Duration::minutes(part.rule.decide_minutes.into());
                let id = work
                    .insert_grant(&NewGrant {
                        request,
                        account: &part.account,
                        requester: &caller.person.subject,
                        rule: part.rule,
                        minutes: terms.minutes,
                        resources: &part.resources,
                        state: &state,
                        remind_at: state.waits().then(|| now + waiting / REMIND_AFTER),
                    })
                    .await?;
                grants.push(id);
            }
            for id in &grants {
                let grant = locked(&mut work, *id).await?;
                if grant.terms.break_glass {
                    // It would begin now. A request may wait until access is resumed.
                    not_paused(&mut work).await?;
                }
                service.begin_grant(&mut work, grant, &caller, &locations, &mut batch).await?;
            }
            batch.send(&mut work).await?;
            work.commit().await?;
            tracing::info!(
                access_request.id = %request, grant.count = grants.len(), person.id = %caller.person.subject,
                "access was requested"
            );
            Ok(Requested { request, grants })
        })
        .await
    }

    /// What follows at once from a grant that was just made: entries, notifications, self-approval by rule.
    async fn begin_grant(
        &self,
        work: &mut claviger_store::UnitOfWork,
        mut grant: Grant,
        caller: &Caller,
        locations: &BTreeMap<AccountId, AccountLocation>,
        batch: &mut NotificationBatch,
    ) -> Result<(), ServiceError> {
        let person = &caller.person;
        work.audit(
            NewEntry::done(Some(person), AuditAction::Request, grant.id)
                .with("action", grant.terms.action)
                .with("minutes", grant.minutes)
                .with("purpose", &grant.terms.purpose)
                .with("rule", &grant.rule.name)
                .with("hash", &grant.hash)
                .with("resources", names(&grant))
                .with_some("ticket", grant.terms.ticket.as_ref()),
        );
        let location = locations.get(&grant.account).ok_or(ServiceError::NotFound("account"))?;
        if grant.terms.break_glass {
            work.audit(
                NewEntry::done(Some(person), AuditAction::BreakGlass, grant.id)
                    .with_some("incident", grant.terms.incident.as_ref()),
            );
            work.open_review(grant.id).await?;
            let notice = NoticeKind::BreakGlass.write(&grant, None);
            batch.notify_reviewers(&grant, location, &notice);
            batch.channel(notice);
            batch.person(&person.subject, NoticeKind::Claimed.write(&grant, None));
        } else if grant.rule.approves_itself(grant.minutes) {
            grant.approve(work.now)?;
            work.save_grant(&grant).await?;
            work.audit(
                NewEntry::done(None, AuditAction::Approve, grant.id)
                    .with("by", format!("rule {}", grant.rule.name)),
            );
            batch.person(&person.subject, NoticeKind::Approved.write(&grant, None));
        } else {
            batch.notify_approvers(&grant, location, NoticeKind::Decide);
            batch.channel(NoticeKind::Decide.write(&grant, None));
        }
        Ok(())
    }

    /// The parts of a request, each evaluated whole.
    fn parts<'a>(
        &'a self,
        caller: &Caller,
        terms: &RequestTerms,
        targets: &[RequestTarget],
        locations: &BTreeMap<AccountId, AccountLocation>,
        now: OffsetDateTime,
    ) -> Result<Vec<Part<'a>>, Refusal> {
        let access_kind = if terms.break_glass {
            AccessKind::BreakGlass
        } else {
            AccessKind::Ordinary(terms.action)
        };
        let asked = Asked {
            minutes: terms.minutes,
            start: terms.starts_at.unwrap_or(now),
            purpose: &terms.purpose,
            ticket: terms.ticket.as_deref(),
        };
        let mut parts: Vec<Part<'a>> = Vec::new();
        for target in targets {
            let location = &locations[&target.account];
            let rule = self.eligibility_service.rule_for(
                caller,
                target,
                location,
                access_kind,
                terms.action,
                asked,
            )?;
            let longest = longest(rule, terms)?;
            if terms.minutes == 0 || terms.minutes > longest {
                return Err(Refusal::Duration { minutes: terms.minutes, longest });
            }
            if !AccessPolicy::ticket_fits(rule, terms.ticket.as_deref()) {
                return Err(Refusal::Ticket(rule.ticket.clone().unwrap_or_default()));
            }
            self.eligibility_service.fits(target, terms.action)?;
            let resource = self.eligibility_service.resource_of(target);
            let same = |part: &&mut Part<'_>| {
                part.account == target.account && part.rule.name == rule.name
            };
            match parts.iter_mut().find(same) {
                Some(part) => part.resources.push(resource),
                None => parts.push(Part {
                    account: target.account.clone(),
                    rule,
                    resources: vec![resource],
                }),
            }
        }
        Ok(parts)
    }

    /// An extension asks for what its grant already covers, by the same person.
    async fn follows(
        &self,
        caller: &Caller,
        terms: &RequestTerms,
        targets: &[RequestTarget],
    ) -> Result<(), ServiceError> {
        let Some(extends) = terms.extends else { return Ok(()) };
        let before = self.grant_reader.known(extends).await?.grant;
        before.held_by(&caller.person)?;
        before.allows(terms.action)?;
        for target in targets {
            before.resource(target.id)?;
        }
        Ok(())
    }
}

/// Why a grant's holder is no longer eligible, for them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LostEligibility {
    #[error("Its secrets are no longer within your scope")]
    Scope,
    #[error("{0} is deleted from AWS, or pending deletion")]
    Deleted(String),
    #[error("No policy allows you access to {0} any longer")]
    Policy(String),
}

impl EligibilityService {
    /// Whether a grant's holder is still eligible for all of it, with the facts of this moment.
    pub(crate) async fn still_eligible(
        &self,
        caller: &Caller,
        grant: &Grant,
    ) -> Result<Result<(), LostEligibility>, ServiceError> {
        let ids: Vec<String> = grant.resources.iter().map(|r| r.id.to_string()).collect();
        let (targets, locations) = match self.targets(caller, &ids).await {
            Ok(found) => found,
            Err(ServiceError::NotFound(_) | ServiceError::Forbidden(_)) => {
                return Ok(Err(LostEligibility::Scope));
            }
            Err(error) => return Err(error),
        };
        let asked = Asked {
            minutes: grant.minutes,
            start: self.clock.now(),
            purpose: &grant.terms.purpose,
            ticket: grant.terms.ticket.as_deref(),
        };
        for target in &targets {
            if target.gone {
                return Ok(Err(LostEligibility::Deleted(target.facts.name.clone())));
            }
            let location = &locations[&target.account];
            let access_kind = AccessKind::Ordinary(grant.terms.action);
            if !self.access_policy.permits(caller, access_kind, subject(target, location), asked) {
                return Ok(Err(LostEligibility::Policy(target.facts.name.clone())));
            }
        }
        Ok(Ok(()))
    }

    /// What of a live grant its holder may no longer use, and why: by the groups, the policies and the tags of this
    /// moment. What AWS has deleted meanwhile, AWS says itself.
    pub(crate) async fn lost(
        &self,
        caller: &Caller,
        grant: &Grant,
    ) -> Result<BTreeMap<ResourceId, String>, ServiceError> {
        let ids: Vec<ResourceId> = grant.resources.iter().map(|r| r.id).collect();
        let visible = match self.authority.within(caller, Permission::ReadInventory).await {
            Ok(visible) if caller.may(Permission::RequestAccess) => visible,
            Ok(_) | Err(ServiceError::Forbidden(_)) => VisibleAccounts::default(),
            Err(error) => return Err(error),
        };
        let targets = self.grants.targets(&visible, &ids, self.clock.now()).await?;
        let locations =
            self.grant_reader.locations(targets.iter().map(|target| &target.account)).await?;
        let asked = Asked {
            minutes: grant.minutes,
            // A policy about the time of day is evaluated for the time at which the work began.
            start: match grant.state {
                GrantState::Active { since, .. } => since,
                _ => self.clock.now(),
            },
            purpose: &grant.terms.purpose,
            ticket: grant.terms.ticket.as_deref(),
        };
        let access_kind = if grant.terms.break_glass {
            AccessKind::BreakGlass
        } else {
            AccessKind::Ordinary(grant.terms.action)
        };
        let why = |resource: &GrantResource| {
            let target = targets.iter().find(|target| target.id == resource.id);
            match target.and_then(|target| Some((target, locations.get(&target.account)?))) {
                None => {
                    Some(format!("{} is no longer within the scope of your roles", resource.name))
                }
                Some((target, location)) => {
                    let subject = subject(target, location);
                    let is_permitted =
                        self.access_policy.permits(caller, access_kind, subject, asked);
                    (!is_permitted).then(|| {
                        format!("No policy allows you access to {} any longer", resource.name)
                    })
                }
            }
        };
        Ok(grant.resources.iter().filter_map(|r| Some((r.id, why(r)?))).collect())
    }
}

fn longest(rule: &ApprovalRule, terms: &RequestTerms) -> Result<u32, Refusal> {
    if terms.break_glass {
        return rule.break_glass.as_ref().map(|g| g.longest_minutes).ok_or(Refusal::NoBreakGlass);
    }
    Ok(rule.longest_minutes)
}

fn first_state(terms: &RequestTerms, rule: &ApprovalRule, now: OffsetDateTime) -> GrantState {
    if terms.break_glass {
        GrantState::Active { since: now, until: now + Duration::minutes(terms.minutes.into()) }
    } else {
        GrantState::Requested { expires_at: now + Duration::minutes(rule.decide_minutes.into()) }
    }
}

/// Reads the form. Identity comes from the session.
fn terms(
    caller: &Caller,
    input: &RequestInput,
    now: OffsetDateTime,
) -> Result<RequestTerms, ServiceError> {
    let action: Action = input.action.parse()?;
    let purpose = sentence(&input.purpose).ok_or(Refusal::Purpose)?;
    let short = |text: &str| -> Option<String> {
        let text = text.trim();
        (!text.is_empty()).then(|| text.chars().take(200).collect())
    };
    let starts_at = match input.starts_at.trim() {
        "" => None,
        text => Some(moment(text).ok_or(Refusal::Start)?),
    };
    // A minute's grace: people type slowly.
    if starts_at.is_some_and(|at| at < now - Duration::minutes(1) || at > now + AHEAD) {
        return Err(Refusal::Start.into());
    }
    if input.break_glass && (action != Action::Read || starts_at.is_some()) {
        return Err(Refusal::NoBreakGlass.into());
    }
    let extends: Option<GrantId> = match input.extends.trim() {
        "" => None,
        text => Some(number(text)?),
    };
    Ok(RequestTerms {
        requester: caller.person.clone(),
        action,
        purpose,
        ticket: short(&input.ticket),
        minutes: input.minutes,
        starts_at,
        created_at: now,
        break_glass: input.break_glass,
        extends,
        // An ordinary request has none.
        incident: short(&input.incident).filter(|_| input.break_glass),
    })
}

/// A moment as the client or a browser's form writes it; without a zone it is UTC.
fn moment(text: &str) -> Option<OffsetDateTime> {
    let plain = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    OffsetDateTime::parse(text, &Rfc3339)
        .ok()
        .or_else(|| PrimitiveDateTime::parse(text, plain).ok().map(PrimitiveDateTime::assume_utc))
}

fn names(grant: &Grant) -> String {
    grant.resources.iter().map(|r| r.arn.as_str()).collect::<Vec<_>>().join(" ")
}
