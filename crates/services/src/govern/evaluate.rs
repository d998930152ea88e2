//! From facts to findings: read what lists leave out, judge an account, write what changed.

use super::InForce;
use crate::{JobFailure, ServiceError, Services};
use claviger_domain::{
    access::Place,
    facts::{DeepFacts, Reading},
    governance::{Outcome, Score, Severity, Tally, Verdict},
    ids::{AccountId, Region, ResourceId},
};
use claviger_policy::govern::{Facts, PACKS, Policy, World, read_policies};
use claviger_store::{
    InForceWaiver, Judged, NewEvaluation, NewFinding, NewOffender, TeamTally, WORST,
};
use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};
use time::OffsetDateTime;

/// Secrets whose deep facts are read before they are written.
const BATCH: i64 = 50;

impl Services {
    /// Reads what is missing or out of date, and has the account judged.
    pub(crate) async fn read_deep(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<(), JobFailure> {
        let mut outcome = Ok(());
        while outcome.is_ok() {
            let batch = self.store.shallow(account, region, BATCH, self.clock.now()).await?;
            if batch.is_empty() {
                break;
            }
            let reader = match self.gateway.open(account, region).await {
                Ok(reader) => reader,
                Err(error) => {
                    outcome = Err(JobFailure::Aws(error));
                    break;
                }
            };
            let mut read = Vec::new();
            for secret in &batch {
                match reader.deep(&secret.arn, secret.changed_at, secret.is_replicated).await {
                    Ok(Some(deep)) => read.push((secret.id, deep)),
                    // The next sweep will see that it is gone; until then nothing is known of it.
                    Ok(None) => read.push((secret.id, not_there(secret.changed_at))),
                    Err(error) => {
                        outcome = Err(JobFailure::Aws(error));
                        break;
                    }
                }
            }
            self.store.write_deep(&read, self.clock.now()).await?;
        }
        self.store.queue_evaluation(std::slice::from_ref(account)).await?;
        outcome
    }

    /// Judges one account.
    pub(crate) async fn evaluate(&self, account: &AccountId) -> Result<(), JobFailure> {
        let Some(place) = self.store.places(std::slice::from_ref(account)).await?.pop() else {
            return Ok(());
        };
        let policies = self.in_force().await?;
        let world = self.world().await?;
        let judged = self.store.to_judge(account).await?;
        let now = self.clock.now();
        let waivers = self.store.waivers_at(&place, now).await?;
        let policies: Arc<[InForce]> = policies.into();
        let place = Arc::new(place);
        let (judging, there) = (Arc::clone(&policies), Arc::clone(&place));
        let evaluation = tokio::task::spawn_blocking(move || {
            judge_account(&judging, &waivers, &judged, &there, &world, now)
        })
        .await
        .map_err(|error| JobFailure::Other(error.to_string()))?;
        let mut told = self.told().await.map_err(JobFailure::of)?;
        let mut work = self.store.begin(now).await?;
        let change = work.write_evaluation(account, &evaluation).await?;
        self.tell_news(&mut told, &policies, &change, &place);
        told.send(&mut work).await.map_err(JobFailure::of)?;
        work.commit().await?;
        if change.written + change.resolved > 0 {
            tracing::info!(
                account.id = %account, findings.written = change.written, findings.resolved = change.resolved,
                "account judged"
            );
        }
        self.enforce(account).await.map_err(JobFailure::of)
    }

    /// Has those judged anew for which time alone has changed a verdict, and everybody once a day.
    pub async fn keep_judging(&self) -> Result<(), ServiceError> {
        let due = self.store.due_evaluations(self.clock.now()).await?;
        if !due.is_empty() {
            self.store.queue_evaluation(&due).await?;
        }
        Ok(())
    }

    /// The baseline, where no policy was ever saved: a console without policies would show nothing.
    pub async fn seed_policies(&self) -> Result<(), ServiceError> {
        if self.store.had_policies().await? {
            return Ok(());
        }
        let Some((name, text)) = PACKS.first() else { return Ok(()) };
        let saved = self.save_all(read_policies(text)?, None).await?;
        tracing::info!(pack = %name, policies = saved.len(), "the first policies are in force");
        Ok(())
    }
}

fn not_there(changed_at: Option<OffsetDateTime>) -> DeepFacts {
    const CODE: &str = "ResourceNotFoundException";
    DeepFacts {
        of_change: changed_at,
        resource_policy: Reading::Refused(CODE.into()),
        versions: Reading::Refused(CODE.into()),
        replicas: Reading::Refused(CODE.into()),
    }
}

/// What a policy says of a resource, where it reaches it.
pub(super) fn judge(
    policy: &Policy,
    judged: &Judged,
    place: &Place,
    world: &World,
    now: OffsetDateTime,
) -> Option<Outcome> {
    policy.judge(&facts_of(judged, place), world, now)
}

/// What is known of a resource, as rules judge it.
pub(super) fn facts_of<'a>(judged: &'a Judged, place: &'a Place) -> Facts<'a> {
    Facts {
        resource: &judged.facts,
        region: &judged.region,
        place,
        deep: judged.deep.as_ref(),
        used_on: judged.used_on,
        first_seen_at: judged.first_seen_at,
    }
}

/// Counts an outcome; one that does not apply counts nowhere.
pub(super) fn count(tally: &mut Tally, verdict: Verdict) {
    match verdict {
        Verdict::Pass => tally.pass += 1,
        Verdict::Fail => tally.fail += 1,
        Verdict::Unknown => tally.unknown += 1,
        Verdict::NotApplicable => {}
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

/// Whether an exception bears the failure of a resource under a policy.
fn bears(waiver: &InForceWaiver, resource: &Judged, policy: &Policy, place: &Place) -> bool {
    waiver.policy.as_ref().is_none_or(|id| *id == policy.id)
        && waiver.target.reaches(resource.id, place)
}

/// Everything of an account against every policy. Pure; benchmarks call it as well.
pub(crate) fn judge_account(
    policies: &[InForce],
    waivers: &[InForceWaiver],
    judged: &[Judged],
    place: &Place,
    world: &World,
    now: OffsetDateTime,
) -> NewEvaluation {
    let mut evaluation = NewEvaluation::default();
    let mut counts: BTreeMap<(&str, usize), Tally> = BTreeMap::new();
    let mut offenders: Vec<NewOffender> = Vec::new();
    for resource in judged {
        let mut offends: Option<NewOffender> = None;
        let team = resource.team.as_deref().unwrap_or_default();
        for (at, InForce { policy, .. }) in policies.iter().enumerate() {
            let Some(outcome) = judge(policy, resource, place, world, now) else { continue };
            if let Some(until) = outcome.until {
                evaluation.next_at = Some(evaluation.next_at.map_or(until, |next| next.min(until)));
            }
            if outcome.verdict == Verdict::NotApplicable {
                continue;
            }
            let waiver = waivers
                .iter()
                .filter(|_| outcome.verdict == Verdict::Fail)
                .find(|waiver| bears(waiver, resource, policy, place));
            let tally = counts.entry((team, at)).or_default();
            if waiver.is_some() {
                tally.waived += 1;
            } else {
                count(tally, outcome.verdict);
            }
            if outcome.verdict == Verdict::Fail && waiver.is_none() {
                offends = Some(worse(offends, resource.id, policy.severity));
            }
            if outcome.verdict == Verdict::Unknown {
                *evaluation.gaps.entry(outcome.says.clone()).or_default() += 1;
            }
            if outcome.verdict != Verdict::Pass {
                evaluation.findings.push(NewFinding {
                    resource: resource.id,
                    policy: policy.id.clone(),
                    category: policy.category(),
                    severity: policy.severity,
                    due_days: policy.due_days(),
                    team: resource.team.clone(),
                    outcome,
                    waiver: waiver.map(|waiver| waiver.id),
                });
            }
        }
        offenders.extend(offends);
    }
    offenders.sort_by_key(|one| (Reverse(one.weight), one.resource.0));
    offenders.truncate(WORST);
    evaluation.offenders = offenders;
    let mut score = Score::default();
    for ((team, at), tally) in counts {
        let policy = &policies[at].policy;
        score.add(policy.severity, tally);
        evaluation.posture.push(TeamTally {
            team: team.to_owned(),
            policy: policy.id.clone(),
            tally,
        });
    }
    evaluation.score = score;
    evaluation
}
