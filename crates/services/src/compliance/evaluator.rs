//! Everything that decides over one account, and what it comes to. Pure: the evaluation input comes in, an evaluation goes out.

use super::{InForce, policy_evaluation::evaluate_policy};
use claviger_domain::{
    authz::AccountLocation,
    compliance::{Category, CheckResult, Score, Severity, Tally},
    ids::ResourceId,
};
use claviger_policy::compliance::{OrganizationContext, Policy};
use claviger_store::{
    EvaluationInput, InForceException, MAX_OFFENDERS, NewEvaluation, NewFinding, NewOffender,
    NewResult, PendingEvaluation, ResourceInput, StoredResult, TeamPoints, TeamTally,
};
use sha2::{Digest, Sha256};
use std::{cmp::Reverse, collections::BTreeMap};
use time::OffsetDateTime;

/// What is evaluated by, beside the facts of each resource.
#[derive(Debug)]
pub(crate) struct Evaluator {
    pub(crate) policies: Vec<InForce>,
    pub(crate) exceptions: Vec<InForceException>,
    pub(crate) org_context: OrganizationContext,
    pub(crate) location: AccountLocation,
    /// By which rules the owners of its resources were worked out.
    pub(crate) owners_as: String,
    pub(crate) now: OffsetDateTime,
}

/// How a check of a resource counts, as a letter.
const PASSED: char = 'p';
const FAILED: char = 'f';
const UNKNOWN: char = 'u';
const EXCEPTED: char = 'w';
const NOT_ASKED: char = '-';

impl Evaluator {
    /// Of all that decides here: where it differs, everything is evaluated again; so it is on every new day as well.
    pub(super) fn context(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        for InForce { policy, version } in &self.policies {
            hash_field(&mut hash, &policy.id);
            hash.update(version.to_be_bytes());
        }
        let around =
            (&self.exceptions, &self.org_context, &self.location, &self.owners_as, self.now.date());
        hash_field(&mut hash, &format!("{around:?}"));
        hash.finalize().to_vec()
    }

    pub(crate) fn evaluate(&self, evaluation_input: EvaluationInput) -> NewEvaluation {
        let EvaluationInput { round, context, pending, unchanged } = evaluation_input;
        let evaluated: Vec<NewResult> =
            pending.into_iter().map(|one| self.evaluate_resource(one)).collect();
        let mut sum = Sum::default();
        for result in unchanged.iter().chain(evaluated.iter().map(|one| &one.result)) {
            sum.add(&self.policies, result);
        }
        let Sum { counts, mut offenders, gaps, next_at } = sum;
        offenders.sort_by_key(|one| (Reverse(one.weight), one.resource.0));
        offenders.truncate(MAX_OFFENDERS);
        let mut score = Score::default();
        let mut posture = Vec::with_capacity(counts.len());
        let mut by_category: BTreeMap<Category, Tally> = BTreeMap::new();
        let mut by_team: BTreeMap<String, TeamPoints> = BTreeMap::new();
        for ((team, at), tally) in counts {
            let policy = &self.policies[at].policy;
            score.add(policy.severity, tally);
            by_category.entry(policy.category()).or_default().add(tally);
            let points = by_team.entry(team.to_owned()).or_default();
            points.score.add(policy.severity, tally);
            points.fail += tally.fail;
            posture.push(TeamTally { team: team.to_owned(), policy: policy.id.clone(), tally });
        }
        let gaps = gaps.into_iter().map(|(says, checks)| (says.to_owned(), checks)).collect();
        NewEvaluation {
            resources: unchanged.len() + evaluated.len(),
            round,
            context,
            evaluated,
            posture,
            by_category,
            by_team,
            policies: self.policies.iter().map(|one| one.policy.id.clone()).collect(),
            offenders,
            gaps,
            score,
            next_at,
        }
    }

    fn evaluate_resource(&self, pending: PendingEvaluation) -> NewResult {
        let PendingEvaluation { resource, input_fingerprint, before } = pending;
        let mut verdicts = String::with_capacity(self.policies.len());
        let (mut gaps, mut until) = (Vec::new(), None);
        let mut findings = Vec::new();
        for InForce { policy, .. } in &self.policies {
            let others = self.policies.iter().map(|other| &other.policy);
            let (location, org_context) = (&self.location, &self.org_context);
            let outcome =
                evaluate_policy(policy, others, &resource, location, org_context, self.now);
            let Some(outcome) = outcome else {
                verdicts.push(NOT_ASKED);
                continue;
            };
            until = until.into_iter().chain(outcome.until).min();
            let exception = (outcome.verdict == CheckResult::Fail)
                .then(|| {
                    self.exceptions
                        .iter()
                        .find(|exception| self.covers(exception, &resource, policy))
                })
                .flatten();
            verdicts.push(match outcome.verdict {
                CheckResult::Pass => PASSED,
                CheckResult::Fail if exception.is_some() => EXCEPTED,
                CheckResult::Fail => FAILED,
                CheckResult::Unknown => UNKNOWN,
                CheckResult::NotApplicable => NOT_ASKED,
            });
            if outcome.verdict == CheckResult::Unknown {
                gaps.push(outcome.says.replace('\n', " "));
            }
            if matches!(outcome.verdict, CheckResult::Fail | CheckResult::Unknown) {
                findings.push(NewFinding {
                    policy: policy.id.clone(),
                    category: policy.category(),
                    severity: policy.severity,
                    due_days: policy.due_days(),
                    outcome,
                    exception: exception.map(|exception| exception.id),
                });
            }
        }
        let digest = digest(resource.team.as_deref(), &findings);
        let is_new = before.is_none();
        let is_changed = before.as_ref().is_none_or(|before| before.digest != digest);
        let gaps = (!gaps.is_empty()).then(|| gaps.join("\n"));
        let result =
            StoredResult { resource: resource.id, team: resource.team, verdicts, gaps, until };
        let is_same = !is_changed
            && before.is_some_and(|before| before.is_same_basis && before.result == result);
        NewResult { result, input_fingerprint, findings, digest, is_changed, is_same, is_new }
    }

    /// Whether an exception bears the failure of a resource under a policy.
    fn covers(
        &self,
        exception: &InForceException,
        resource: &ResourceInput,
        policy: &Policy,
    ) -> bool {
        exception.policy.as_ref().is_none_or(|id| *id == policy.id)
            && exception.target.reaches(resource.id, &self.location)
    }
}

/// The account's numbers, as they are added up.
#[derive(Default)]
struct Sum<'a> {
    /// By team and the policy's place in the order.
    counts: BTreeMap<(&'a str, usize), Tally>,
    offenders: Vec<NewOffender>,
    gaps: BTreeMap<&'a str, u32>,
    next_at: Option<OffsetDateTime>,
}

impl<'a> Sum<'a> {
    pub(crate) fn add(&mut self, policies: &[InForce], result: &'a StoredResult) {
        self.next_at = self.next_at.into_iter().chain(result.until).min();
        let team = result.team.as_deref().unwrap_or_default();
        let mut offends: Option<NewOffender> = None;
        for (at, (letter, InForce { policy, .. })) in
            result.verdicts.chars().zip(policies).enumerate()
        {
            if letter == NOT_ASKED {
                continue;
            }
            let tally = self.counts.entry((team, at)).or_default();
            match letter {
                PASSED => tally.pass += 1,
                FAILED => {
                    tally.fail += 1;
                    offends = Some(add_failure(offends, result.resource, policy.severity));
                }
                EXCEPTED => tally.waived += 1,
                _ => tally.unknown += 1,
            }
        }
        self.offenders.extend(offends);
        for gap in result.gaps.iter().flat_map(|gaps| gaps.lines()) {
            *self.gaps.entry(gap).or_default() += 1;
        }
    }
}

/// One more failure of a resource.
fn add_failure(
    so_far: Option<NewOffender>,
    resource: ResourceId,
    severity: Severity,
) -> NewOffender {
    let known = so_far.unwrap_or(NewOffender { resource, weight: 0, fails: 0, worst: severity });
    NewOffender {
        weight: known.weight + severity.weight(),
        fails: known.fails + 1,
        worst: known.worst.min(severity),
        ..known
    }
}

/// Of everything that is written of the findings of a resource.
fn digest(team: Option<&str>, findings: &[NewFinding]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash_field(&mut hash, team.unwrap_or_default());
    for finding in findings {
        let NewFinding { policy, category, severity, due_days, outcome, exception } = finding;
        hash_field(&mut hash, policy);
        hash.update([*category as u8, *severity as u8, outcome.verdict as u8]);
        hash.update(due_days.to_be_bytes());
        hash.update(exception.map_or(0, |id| id.0).to_be_bytes());
        hash_field(&mut hash, &outcome.says);
        for evidence in &outcome.evidence {
            hash_field(&mut hash, &evidence.fact);
            hash_field(&mut hash, &evidence.value);
        }
    }
    hash.finalize().to_vec()
}

/// With its length, so that two texts are not one.
fn hash_field(hash: &mut Sha256, text: &str) {
    hash.update(text.len().to_be_bytes());
    hash.update(text);
}
