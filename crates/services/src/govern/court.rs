//! Everything that decides over one account, and what it comes to. Pure: the docket comes in, an evaluation goes out.

use super::{InForce, evaluate::judge};
use claviger_domain::{
    access::Place,
    governance::{Score, Severity, Tally, Verdict},
    ids::ResourceId,
};
use claviger_policy::govern::{Policy, World};
use claviger_store::{
    Came, Docket, Fresh, InForceWaiver, Judged, NewEvaluation, NewFinding, NewJudgement,
    NewOffender, TeamTally, WORST,
};
use sha2::{Digest, Sha256};
use std::{cmp::Reverse, collections::BTreeMap};
use time::OffsetDateTime;

/// What is judged by, beside the facts of each resource.
#[derive(Debug)]
pub(super) struct Court {
    pub(super) policies: Vec<InForce>,
    pub(super) waivers: Vec<InForceWaiver>,
    pub(super) world: World,
    pub(super) place: Place,
    /// By which rules the owners of its resources were worked out.
    pub(super) owners_as: String,
    pub(super) now: OffsetDateTime,
}

/// How a check of a resource counts, as a letter.
const PASSED: char = 'p';
const FAILED: char = 'f';
const UNKNOWN: char = 'u';
const WAIVED: char = 'w';
const NOT_ASKED: char = '-';

impl Court {
    /// Of all that decides here: where it differs, everything is judged again; so it is on every new day as well.
    pub(super) fn context(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        for InForce { policy, version } in &self.policies {
            feed(&mut hash, &policy.id);
            hash.update(version.to_be_bytes());
        }
        let around = (&self.waivers, &self.world, &self.place, &self.owners_as, self.now.date());
        feed(&mut hash, &format!("{around:?}"));
        hash.finalize().to_vec()
    }

    pub(super) fn evaluate(&self, docket: Docket) -> NewEvaluation {
        let Docket { round, context, fresh, carried } = docket;
        let judged: Vec<NewJudgement> = fresh.into_iter().map(|one| self.judge(one)).collect();
        let mut sum = Sum::default();
        for came in carried.iter().chain(judged.iter().map(|one| &one.came)) {
            sum.add(&self.policies, came);
        }
        let Sum { counts, mut offenders, gaps, next_at } = sum;
        offenders.sort_by_key(|one| (Reverse(one.weight), one.resource.0));
        offenders.truncate(WORST);
        let mut score = Score::default();
        let mut posture = Vec::with_capacity(counts.len());
        for ((team, at), tally) in counts {
            let policy = &self.policies[at].policy;
            score.add(policy.severity, tally);
            posture.push(TeamTally { team: team.to_owned(), policy: policy.id.clone(), tally });
        }
        let gaps = gaps.into_iter().map(|(says, checks)| (says.to_owned(), checks)).collect();
        NewEvaluation {
            resources: carried.len() + judged.len(),
            round,
            context,
            judged,
            posture,
            offenders,
            gaps,
            score,
            next_at,
        }
    }

    fn judge(&self, fresh: Fresh) -> NewJudgement {
        let Fresh { resource, basis, before } = fresh;
        let mut verdicts = String::with_capacity(self.policies.len());
        let (mut gaps, mut until) = (Vec::new(), None);
        let mut findings = Vec::new();
        for InForce { policy, .. } in &self.policies {
            let outcome = judge(policy, &resource, &self.place, &self.world, self.now);
            let Some(outcome) = outcome else {
                verdicts.push(NOT_ASKED);
                continue;
            };
            until = until.into_iter().chain(outcome.until).min();
            let waiver = (outcome.verdict == Verdict::Fail)
                .then(|| self.waivers.iter().find(|waiver| self.bears(waiver, &resource, policy)))
                .flatten();
            verdicts.push(match outcome.verdict {
                Verdict::Pass => PASSED,
                Verdict::Fail if waiver.is_some() => WAIVED,
                Verdict::Fail => FAILED,
                Verdict::Unknown => UNKNOWN,
                Verdict::NotApplicable => NOT_ASKED,
            });
            if outcome.verdict == Verdict::Unknown {
                gaps.push(outcome.says.replace('\n', " "));
            }
            if matches!(outcome.verdict, Verdict::Fail | Verdict::Unknown) {
                findings.push(NewFinding {
                    policy: policy.id.clone(),
                    category: policy.category(),
                    severity: policy.severity,
                    due_days: policy.due_days(),
                    outcome,
                    waiver: waiver.map(|waiver| waiver.id),
                });
            }
        }
        let digest = digest(resource.team.as_deref(), &findings);
        let is_new = before.is_none();
        let is_news = before.as_ref().is_none_or(|before| before.digest != digest);
        let gaps = (!gaps.is_empty()).then(|| gaps.join("\n"));
        let came = Came { resource: resource.id, team: resource.team, verdicts, gaps, until };
        let is_same =
            !is_news && before.is_some_and(|before| before.is_same_basis && before.came == came);
        NewJudgement { came, basis, findings, digest, is_news, is_same, is_new }
    }

    /// Whether an exception bears the failure of a resource under a policy.
    fn bears(&self, waiver: &InForceWaiver, resource: &Judged, policy: &Policy) -> bool {
        waiver.policy.as_ref().is_none_or(|id| *id == policy.id)
            && waiver.target.reaches(resource.id, &self.place)
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
    fn add(&mut self, policies: &[InForce], came: &'a Came) {
        self.next_at = self.next_at.into_iter().chain(came.until).min();
        let team = came.team.as_deref().unwrap_or_default();
        let mut offends: Option<NewOffender> = None;
        for (at, (letter, InForce { policy, .. })) in
            came.verdicts.chars().zip(policies).enumerate()
        {
            if letter == NOT_ASKED {
                continue;
            }
            let tally = self.counts.entry((team, at)).or_default();
            match letter {
                PASSED => tally.pass += 1,
                FAILED => {
                    tally.fail += 1;
                    offends = Some(worse(offends, came.resource, policy.severity));
                }
                WAIVED => tally.waived += 1,
                _ => tally.unknown += 1,
            }
        }
        self.offenders.extend(offends);
        for gap in came.gaps.iter().flat_map(|gaps| gaps.lines()) {
            *self.gaps.entry(gap).or_default() += 1;
        }
    }
}

/// One more failure of a resource.
fn worse(so_far: Option<NewOffender>, resource: ResourceId, severity: Severity) -> NewOffender {
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
    feed(&mut hash, team.unwrap_or_default());
    for finding in findings {
        let NewFinding { policy, category, severity, due_days, outcome, waiver } = finding;
        feed(&mut hash, policy);
        hash.update([*category as u8, *severity as u8, outcome.verdict as u8]);
        hash.update(due_days.to_be_bytes());
        hash.update(waiver.map_or(0, |id| id.0).to_be_bytes());
        feed(&mut hash, &outcome.says);
        for evidence in &outcome.evidence {
            feed(&mut hash, &evidence.fact);
            feed(&mut hash, &evidence.value);
        }
    }
    hash.finalize().to_vec()
}

/// With its length, so that two texts are not one.
fn feed(hash: &mut Sha256, text: &str) {
    hash.update(text.len().to_be_bytes());
    hash.update(text);
}
