//! A grant with everything that determines its state. All changes to a grant are made here.

use super::{
    Action, ApprovalRule, ApproverContext, EndReason, GrantId, GrantResource, GrantState,
    MAX_SENTENCE_CHARS, Refusal, RequestId, RequestTerms,
};
use crate::{
    authz::{Person, Role},
    choice::InvalidChoice,
    ids::AccountId,
};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// Yes or no.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum Vote {
    Approve,
    Deny,
}

/// Why the form of a decision cannot be read: what its field should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDecision {
    #[error("a whole number of minutes")]
    Minutes,
    #[error(transparent)]
    Vote(#[from] InvalidChoice),
}

/// A decision as submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub verdict: Vote,
    /// Required for a denial.
    pub reason: Option<String>,
    /// A shorter duration than requested.
    pub minutes: Option<u32>,
    /// The hash of the request that the approver has read.
    pub hash: String,
}

impl Decision {
    /// Parses a form, or says what a field should be.
    pub fn read(
        verdict: &str,
        reason: String,
        minutes: &str,
        hash: String,
    ) -> Result<Self, InvalidDecision> {
        let minutes = match minutes.trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| InvalidDecision::Minutes)?),
        };
        let reason = Some(reason).filter(|reason| !reason.trim().is_empty());
        Ok(Self { verdict: verdict.parse()?, reason, minutes, hash })
    }
}

/// A recorded decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    pub by: Person,
    /// Counted from 0.
    pub step: u32,
    pub verdict: Vote,
    pub reason: Option<String>,
    pub minutes: Option<u32>,
    pub hash: String,
    pub at: OffsetDateTime,
}

/// The result of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionOutcome {
    /// More approvals are needed.
    Counted,
    Approved,
    Denied,
}

/// One account's part of a request, with its progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub id: GrantId,
    pub request: RequestId,
    pub hash: String,
    pub terms: RequestTerms,
    pub account: AccountId,
    /// As it was when the request was made.
    pub rule: ApprovalRule,
    pub resources: Vec<GrantResource>,
    pub decided: Vec<Decided>,
    pub state: GrantState,
    /// The length of the access window: as requested, or shortened.
    pub minutes: u32,
    /// The name of all its AWS sessions; with a random part, so that it is unique.
    pub session_name: String,
}

impl Grant {
    /// The grant's state at this time.
    #[must_use]
    pub fn at(mut self, now: OffsetDateTime) -> Self {
        self.state = self.state.at(now);
        self
    }

    /// The step that waits for a decision; `None` if all are met.
    pub fn step(&self) -> Option<u32> {
        (0u32..).zip(&self.rule.steps).find_map(|(at, step)| {
            let got = self.approvals_of(at);
            (got < step.quorum).then_some(at)
        })
    }

    /// Approvals of one step, counted from 0.
    pub fn approvals_of(&self, step: u32) -> u32 {
        let count =
            self.decided.iter().filter(|d| d.step == step && d.verdict == Vote::Approve).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Approvals so far.
    pub fn approvals(&self) -> u32 {
        self.decided.iter().map(|d| u32::from(d.verdict == Vote::Approve)).sum()
    }

    pub fn owner_teams(&self) -> Vec<Option<String>> {
        self.resources.iter().map(|resource| resource.owner_team.clone()).collect()
    }

    /// Whether the person may decide now; if not, why.
    pub fn may_decide(&self, approver_context: ApproverContext<'_>) -> Result<u32, Refusal> {
        let person = &approver_context.caller.person;
        if person.is_same_as(&self.terms.requester) {
            return Err(Refusal::OwnRequest);
        }
        if self.decided.iter().any(|decided| decided.by.is_same_as(person)) {
            return Err(Refusal::DecidedAlready);
        }
        if !self.state.waits() {
            // The transition itself reports the error.
            self.state.clone().deny(self.terms.created_at)?;
        }
        let step = self.step().ok_or(Refusal::NotApprover)?;
        let rule = usize::try_from(step).ok().and_then(|at| self.rule.steps.get(at));
        match rule {
            Some(rule) if rule.includes(approver_context) => Ok(step),
            _ => Err(Refusal::NotApprover),
        }
    }

    /// Applies a decision.
    pub fn decide(
        &mut self,
        approver_context: ApproverContext<'_>,
        decision: Decision,
        now: OffsetDateTime,
    ) -> Result<DecisionOutcome, Refusal> {
        self.state = self.state.clone().at(now);
        let step = self.may_decide(approver_context)?;
        if decision.hash != self.hash {
            return Err(Refusal::HashChanged);
        }
        let reason = decision.reason.filter(|reason| !reason.trim().is_empty());
        if reason.as_ref().is_some_and(|reason| reason.chars().count() > MAX_SENTENCE_CHARS)
            || (decision.verdict == Vote::Deny && reason.is_none())
        {
            return Err(Refusal::Reason);
        }
        if let Some(minutes) = decision.minutes.filter(|m| *m == 0 || *m > self.minutes) {
            return Err(Refusal::Duration { minutes, longest: self.minutes });
        }
        let outcome = match decision.verdict {
            Vote::Deny => {
                self.state = self.state.clone().deny(now)?;
                DecisionOutcome::Denied
            }
            Vote::Approve => DecisionOutcome::Counted,
        };
        self.decided.push(Decided {
            by: approver_context.caller.person.clone(),
            step,
            verdict: decision.verdict,
            reason,
            minutes: decision.minutes,
            hash: decision.hash,
            at: now,
        });
        if outcome == DecisionOutcome::Denied {
            return Ok(outcome);
        }
        self.minutes = decision.minutes.unwrap_or(self.minutes);
        if self.step().is_none() {
            self.approve(now)?;
            return Ok(DecisionOutcome::Approved);
        }
        Ok(outcome)
    }

    /// Approval by quorum, or by the rule itself.
    pub fn approve(&mut self, now: OffsetDateTime) -> Result<(), Refusal> {
        let starts_at = self.terms.starts_at.unwrap_or(now).max(now);
        let claim_until = starts_at + Duration::minutes(self.rule.claim_minutes.into());
        self.state = self.state.clone().approve(starts_at, claim_until, now)?;
        Ok(())
    }

    /// Starts the access window. The caller has to check eligibility immediately before.
    pub fn claim(&mut self, by: &Person, now: OffsetDateTime) -> Result<(), Refusal> {
        self.held_by(by)?;
        let until = now + Duration::minutes(self.minutes.into());
        self.state = self.state.clone().at(now).claim(now, until)?;
        Ok(())
    }

    pub fn held_by(&self, person: &Person) -> Result<(), Refusal> {
        // Compares only the subject: a second identity can't use what the first one requested.
        if self.terms.requester.subject == person.subject {
            Ok(())
        } else {
            Err(Refusal::NotHolder)
        }
    }

    /// The latest end of a session that is issued now.
    pub fn live_until(&self, now: OffsetDateTime) -> Result<OffsetDateTime, Refusal> {
        match self.state.clone().at(now) {
            GrantState::Active { until, .. } => Ok(until),
            other => Err(super::InvalidTransition { from: other.word(), wanted: "used" }.into()),
        }
    }

    /// Ended by its holder, or revoked by someone who may.
    pub fn end(&mut self, why: EndReason, now: OffsetDateTime) -> Result<(), Refusal> {
        self.state = self.state.clone().at(now).end(now, why)?;
        Ok(())
    }

    /// Whether the person is an approver of any of its steps.
    pub fn is_approver(&self, approver_context: ApproverContext<'_>) -> bool {
        self.rule.steps.iter().any(|step| step.includes(approver_context))
    }

    /// Whether the person may revoke: its approvers of any step, and security admins of the account.
    pub fn may_revoke(&self, approver_context: ApproverContext<'_>) -> bool {
        approver_context.caller.holds_over(Role::SecurityAdmin, approver_context.location)
            || self.is_approver(approver_context)
    }

    /// The resource with this internal id.
    pub fn resource(&self, id: crate::ids::ResourceId) -> Result<&GrantResource, Refusal> {
        self.resources.iter().find(|resource| resource.id == id).ok_or(Refusal::NotInGrant)
    }

    pub fn allows(&self, action: Action) -> Result<(), Refusal> {
        if self.terms.action.covers(action) { Ok(()) } else { Err(Refusal::WrongAction) }
    }
}
