//! What is shown of access: one's own, a grant whole, everyone's live grants, the audit trail.

use super::{approver_context, number, session_policies::composed};
use crate::{
    Authority, EligibilityService, GrantReader, PeopleService, ServiceError,
    grants::reader::may_see,
};
use claviger_domain::{
    authz::{AccountLocation, Caller, Permission, VisibleAccounts},
    clock::Clock,
    grants::{
        AccessPause, Grant, GrantState, GrantStateName,
        view::{
            AccessCounts, GrantDetail, GrantMay, GrantRow, MyAccess, Queue, TimelineEvent,
            TimelineEventKind, TrailState,
        },
    },
    ids::ResourceId,
    inventory::view::Owner,
    rotation::RotationState,
};
use claviger_policy::SESSION_POLICY_LIMIT;
use claviger_store::{AuditRepository, DenialRepository, GrantRepository, NamedGrant};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// What is looked for in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WaitFor {
    /// Requests that wait for a decision; nothing else can be in the list.
    Approval,
    /// Also break-glass access whose review is open.
    Anything,
}

const MAX_PAST_GRANTS: u16 = 25;
const LOOKBACK: Duration = Duration::days(90);

/// Grants as people read them: lists, one grant, what waits for a decision.
#[derive(Clone)]
pub struct GrantService {
    pub(crate) audit: AuditRepository,
    pub(crate) denials: DenialRepository,
    pub(crate) grants: GrantRepository,
    pub(crate) eligibility_service: EligibilityService,
    pub(crate) grant_reader: GrantReader,
    pub(crate) people_service: PeopleService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
}

impl GrantService {
    /// One's own grants and requests; `before` is the number to go on before in the past ones.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn my_access(
        &self,
        caller: &Caller,
        before: Option<i64>,
    ) -> Result<MyAccess, ServiceError> {
        let now = self.clock.now();
        let subject = &caller.person.subject;
        let (open, past) = tokio::try_join!(
            self.grants.open_grants_of(subject),
            self.grants.past_grants_of(subject, before, MAX_PAST_GRANTS)
        )?;
        let is_full = past.len() == usize::from(MAX_PAST_GRANTS);
        let waits = self.waits_of(open.iter().chain(&past), WaitFor::Anything, now).await?;
        let rows: Vec<GrantRow> = open.into_iter().map(|named| waits.row(named, now)).collect();
        let (live, rest): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| row.state.word() == GrantStateName::Active);
        // What time has ended, but the timer not yet written.
        let (waiting, lapsed): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|row| row.state.next_at().is_some());
        let mut rows: Vec<GrantRow> = past.into_iter().map(|named| waits.row(named, now)).collect();
        let next = rows.last().filter(|_| is_full).map(|row| row.id.0);
        if before.is_none() {
            rows.splice(0..0, lapsed);
        }
        Ok(MyAccess {
            live,
            waiting,
            past: rows,
            older: next,
            may_request: caller.may(Permission::RequestAccess),
            as_of: now,
        })
    }

    /// Everybody's live grants within the caller's scope.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn live_access(&self, caller: &Caller) -> Result<Queue, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadAccess).await?;
        let now = self.clock.now();
        let rows = self.grants.live_grants(&visible, now).await?;
        let waits = self.waits_of(&rows, WaitFor::Anything, now).await?;
        let rows = rows.into_iter().map(|named| waits.row(named, now)).collect();
        Ok(Queue { rows, as_of: now })
    }

    /// Break-glass grants whose review is open.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn reviews(&self, caller: &Caller) -> Result<Queue, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReviewAccess).await?;
        let now = self.clock.now();
        let rows = self.grants.open_reviews(&visible).await?;
        let waits = self.waits_of(&rows, WaitFor::Anything, now).await?;
        let rows = rows.into_iter().map(|named| waits.row(named, now)).collect();
        Ok(Queue { rows, as_of: now })
    }

    /// A grant whole: for its holder, for those who decide about it, and for who may see access there.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn grant_detail(
        &self,
        caller: &Caller,
        grant: &str,
    ) -> Result<GrantDetail, ServiceError> {
        let now = self.clock.now();
        let named = self.grant_reader.known(number(grant)?).await?;
        let grant = named.grant.clone().at(now);
        let location = self.grant_reader.location(&grant.account).await?;
        if !may_see(caller, &grant, &location) {
            return Err(ServiceError::NotFound("grant"));
        }
        let id = grant.id;
        let resources: Vec<ResourceId> = grant.resources.iter().map(|r| r.id).collect();
        let subject = grant.terms.requester.subject.clone();
        let of_grant = id.to_string();
        let (entries, denial, review, trail, keys, earlier, running) = tokio::try_join!(
            self.audit.audit_of(&of_grant),
            self.denials.denial(id),
            self.grants.review(id),
            self.denials.trail(id),
            self.grants.session_keys(id),
            self.grants.earlier(&subject, &resources, id, now - LOOKBACK),
            self.grants.running_on(&resources, now),
        )?;
        let review_open = review.as_ref().is_some_and(|review| review.closed_at.is_none());
        let may = Self::may(caller, &grant, &location, review_open);
        let is_reviewer = may.decide || may.revoke;
        let warnings =
            if is_reviewer { self.warnings(&resources, &location, now).await? } else { Vec::new() };
        let approvers = self.grant_approvers(&grant, &location, review_open).await?;
        let mut timeline: Vec<TimelineEvent> = entries
            .into_iter()
            .map(|entry| TimelineEvent {
                at: entry.at,
                who: entry.actor.map(|actor| actor.name),
                what: TimelineEventKind::AuditAction {
                    audit_action: entry.audit_action,
                    phase: entry.phase,
                    succeeded: entry.succeeded,
                },
                detail: entry.detail,
            })
            .collect();
        let (trail_state, events) = trail;
        timeline.extend(events.into_iter().map(|event| TimelineEvent {
            at: event.at,
            who: Some(grant.terms.requester.name.clone()),
            what: TimelineEventKind::CloudTrail { event: event.name, error: event.error },
            detail: event.source_ip.into_iter().map(|ip| ("from".to_owned(), ip)).collect(),
        }));
        timeline.sort_by_key(|event| event.at);
        timeline.reverse();
        let until = match &grant.state {
            GrantState::Active { until, .. } => *until,
            _ => now + Duration::minutes(grant.minutes.into()),
        };
        let resources = self.eligibility_service.session_resources(&grant).await?;
        let parts = composed(grant.terms.action, &resources, until, SESSION_POLICY_LIMIT);
        // A grant that can have no session is shown like any other, and says so.
        let (policies, policy_problem) = match parts {
            Ok(parts) => (parts.into_iter().map(|part| part.document).collect(), None),
            Err(refusal) => (Vec::new(), Some(refusal.into_problem().to_string())),
        };
        let running = running
            .into_iter()
            .filter(|other| other.grant.id != id && is_reviewer)
            .map(|named| row(named, now))
            .collect();
        Ok(GrantDetail {
            hash: grant.hash.clone(),
            purpose: grant.terms.purpose.clone(),
            ticket: grant.terms.ticket.clone(),
            incident: grant.terms.incident.clone(),
            starts_at: grant.terms.starts_at,
            extends: grant.terms.extends,
            rule: grant.rule.name.clone(),
            steps: steps(&grant),
            policies,
            policy_problem,
            sessions: u32::try_from(keys.len()).unwrap_or(u32::MAX),
            resources: grant.resources.clone(),
            decided: grant.decided.clone(),
            denial,
            review,
            timeline,
            trail: if keys.is_empty() { TrailState::NotRead } else { trail_state },
            earlier,
            approvers,
            warnings,
            running,
            may,
            row: row(named, now),
            as_of: now,
        })
    }

    /// Who can decide what waits, by name: the request's next step, or the review of a break-glass.
    async fn grant_approvers(
        &self,
        grant: &Grant,
        location: &AccountLocation,
        review_open: bool,
    ) -> Result<Vec<String>, ServiceError> {
        if grant.state.word() != GrantStateName::Requested && !review_open {
            return Ok(Vec::new());
        }
        let people = self.people_service.known_callers().await?;
        Ok(if review_open {
            super::waits::reviewers(&people, grant, location)
        } else {
            super::waits::approvers(&people, grant, location)
        })
    }

    fn may(
        caller: &Caller,
        grant: &Grant,
        location: &AccountLocation,
        review_open: bool,
    ) -> GrantMay {
        let teams = grant.owner_teams();
        let as_who = approver_context(caller, location, &teams);
        let is_holder = grant.held_by(&caller.person).is_ok();
        let word = grant.state.word();
        let is_open = grant.state.next_at().is_some();
        GrantMay {
            decide: grant.may_decide(as_who).is_ok(),
            claim: is_holder && word == GrantStateName::Claimable,
            act: is_holder && word == GrantStateName::Active,
            give_back: is_holder && is_open,
            extend: is_holder
                && word == GrantStateName::Active
                && !grant.terms.break_glass
                && caller.may(Permission::RequestAccess),
            again: is_holder
                && !is_open
                && !grant.terms.break_glass
                && caller.may(Permission::RequestAccess),
            revoke: is_open && !is_holder && grant.may_revoke(as_who),
            close_review: review_open
                && !grant.terms.requester.is_same_as(&caller.person)
                && caller.may_at(Permission::ReviewAccess, location),
        }
    }

    /// What an approver should know about the secrets.
    async fn warnings(
        &self,
        resources: &[ResourceId],
        location: &AccountLocation,
        now: OffsetDateTime,
    ) -> Result<Vec<String>, ServiceError> {
        let only =
            VisibleAccounts { accounts: vec![location.account.clone()], whole_organization: false };
        let mut warnings = Vec::new();
        for target in self.grants.targets(&only, resources, now).await? {
            let name = &target.facts.name;
            if target.gone {
                warnings.push(format!("{name} is deleted from AWS, or pending deletion"));
            }
            match target.owner {
                Owner::Missing => warnings.push(format!("{name} has no owner")),
                Owner::Unknown => warnings.push(format!("The tags of {name} are unknown")),
                Owner::Named(_) => {}
            }
            match target.rotation {
                RotationState::Overdue { since, .. } => {
                    let days = (now - since).whole_days().max(1);
                    warnings.push(format!("Rotation of {name} overdue by {days} days"));
                }
                RotationState::Stuck { .. } => {
                    warnings.push(format!("Rotation of {name} is stuck"));
                }
                _ => {}
            }
            if let Some(tier) = target.facts.tags.as_ref().and_then(|tags| tags.get("tier")) {
                warnings.push(format!("Tier {tier}"));
            }
        }
        warnings.sort();
        warnings.dedup();
        Ok(warnings)
    }

    /// The pause, while all access is paused.
    pub(crate) async fn access_pause(&self) -> Result<Option<AccessPause>, ServiceError> {
        Ok(self.grants.access_pause().await?)
    }

    /// The navigation's numbers, and the newest entry of the audit trail before they were read: a change
    /// in between is seen as one.
    pub(crate) async fn access_counts(
        &self,
        caller: &Caller,
    ) -> Result<(String, AccessCounts), ServiceError> {
        let reviewed = self.authority.where_allowed(caller, Permission::ReviewAccess).await?;
        let now = self.clock.now();
        let numbers = self.grants.access_numbers(&caller.person.subject, &reviewed, now).await?;
        let waiting =
            if numbers.anything_waits { self.to_decide(caller, now).await?.len() } else { 0 };
        Ok((
            numbers.entry,
            AccessCounts {
                live: numbers.live,
                to_decide: u32::try_from(waiting).unwrap_or(u32::MAX),
                reviews: numbers.reviews,
                unread: numbers.unread,
            },
        ))
    }
}

fn steps(grant: &Grant) -> Vec<(String, u32, u32)> {
    (0u32..)
        .zip(&grant.rule.steps)
        .map(|(at, step)| {
            (format!("{}: {}", step.name, step.words()), grant.approvals_of(at), step.quorum)
        })
        .collect()
}

/// A grant as a list shows it, with what time has made of it.
pub(crate) fn row(named: NamedGrant, now: OffsetDateTime) -> GrantRow {
    let grant = named.grant.at(now);
    let approvals = grant.approvals();
    let is_automatic = grant.terms.break_glass || grant.rule.approves_itself(grant.minutes);
    let approvals_needed =
        if approvals == 0 && is_automatic { 0 } else { grant.rule.approvals_needed() };
    GrantRow {
        id: grant.id,
        request: grant.request,
        requester: grant.terms.requester.name.clone(),
        action: grant.terms.action,
        name: grant.resources.first().map(|r| r.name.clone()).unwrap_or_default(),
        more: u32::try_from(grant.resources.len().saturating_sub(1)).unwrap_or(0),
        account_id: grant.account.clone(),
        account_name: named.account_name,
        minutes: grant.minutes,
        approvals,
        approvals_needed,
        break_glass: grant.terms.break_glass,
        created_at: grant.terms.created_at,
        state: grant.state,
        waits: None,
    }
}
