//! What the policies say of one secret or parameter, and who can read it.

use super::evaluate::judge;
use crate::{ServiceError, Services};
use claviger_domain::{
    access::{Caller, Permission},
    facts::{Kind, Reading},
    governance::{
        Verdict,
        view::{Check, Judgement, Readers},
    },
    ids::{Region, ResourceId},
    readiness::{Readiness, ReadinessItem, ReadinessState},
};
use claviger_policy::{exposure::analyse, govern::config_opinions};
use claviger_store::Judged;
use time::OffsetDateTime;

impl Services {
    /// Judged now, from the facts as they are stored; the findings beside it say since when.
    pub async fn judgement(&self, caller: &Caller, id: &str) -> Result<Judgement, ServiceError> {
        let visible = self.authority().within(caller, Permission::ReadFindings).await?;
        let missing = || ServiceError::NotFound("secret or parameter");
        let id: ResourceId = id.parse().map_err(|_| missing())?;
        let now = self.clock.now();
        // The scope is asked of the resource itself.
        let shown = self.store.resource(&visible, id, now).await?.ok_or_else(missing)?;
        let judged = self.store.to_judge_one(&visible, id).await?.ok_or_else(missing)?;
        let mut places = self.store.places(std::slice::from_ref(&shown.account_id)).await?;
        let place = places.pop().ok_or_else(missing)?;
        let (policies, known, findings, results, readiness) = tokio::try_join!(
            self.in_force(),
            self.surroundings(std::slice::from_ref(&shown.account_id)),
            self.store.findings_of(&visible, id),
            self.store.config_results(&visible, &judged.facts.arn),
            self.store.readiness(&visible, &shown.account_id),
        )?;
        let world = known.at(&place);
        let mut checks: Vec<Check> = Vec::new();
        if shown.gone_at.is_none() {
            for super::InForce { policy, .. } in &policies {
                let Some(outcome) = judge(policy, &judged, &place, &world, now) else { continue };
                let finding = findings.iter().find(|finding| finding.policy == policy.id);
                checks.push(Check {
                    policy: policy.id.clone(),
                    title: policy.title.clone(),
                    severity: policy.severity,
                    opened_at: finding.map(|finding| finding.opened_at),
                    due_at: finding.map(|finding| finding.due_at),
                    waiver: finding.and_then(|finding| finding.waiver.clone()),
                    config: config_opinions(&policy.rule, &outcome, &judged.facts, &results),
                    outcome,
                });
            }
        }
        checks.sort_by_key(|check| (order(check.outcome.verdict), check.severity));
        let own = claviger_domain::access::VisibleAccounts {
            accounts: vec![shown.account_id.clone()],
            whole_organization: false,
        };
        Ok(Judgement {
            resource: id,
            may_mend: caller.may_at(Permission::Remediate, &place),
            may_waive: caller.may_at(Permission::RequestWaiver, &place),
            checks,
            readers: (shown.facts.kind() == Kind::Secret)
                .then(|| readers(&judged, &place.account, &world, now)),
            config_gap: (shown.facts.kind() == Kind::Secret)
                .then(|| config_gap(&readiness.1, &judged.region))
                .flatten(),
            evaluated_at: self.store.evaluated_at(&own).await?,
            as_of: now,
        })
    }
}

/// Why AWS Config says nothing of it, or not everything.
fn config_gap(readiness: &[Readiness], region: &Region) -> Option<String> {
    let found = |item: ReadinessItem| {
        readiness.iter().find(|one| one.item == item && one.region.as_ref() == Some(region))
    };
    let gap = |one: &Readiness| format!("{region}: {}", one.says);
    match found(ReadinessItem::ConfigRecorder) {
        None => Some(format!("AWS Config was not asked in {region} yet.")),
        Some(one) if one.state != ReadinessState::Ready => Some(gap(one)),
        Some(_) => found(ReadinessItem::ConfigRules).map(gap),
    }
}

fn order(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fail => 0,
        Verdict::Unknown => 1,
        Verdict::Pass => 2,
        Verdict::NotApplicable => 3,
    }
}

fn readers(
    judged: &Judged,
    own: &claviger_domain::ids::AccountId,
    world: &claviger_policy::govern::World,
    now: OffsetDateTime,
) -> Readers {
    let said = |summary: String| Readers { summary, ..Readers::default() };
    match judged.deep.as_ref().map(|deep| &deep.resource_policy) {
        None => said("Its resource policy has not been read yet: nothing is known of it.".into()),
        Some(Reading::Refused(code)) => said(format!(
            "AWS did not let the console read its resource policy ({code}): nothing is known of it."
        )),
        Some(Reading::Read(None)) => said(
            "It has no resource policy. Only identity policies of its own account let principals in.".into(),
        ),
        Some(Reading::Read(Some(text))) => {
            match analyse(text, judged.facts.arn.as_str(), own, &world.around, now) {
                Ok(exposure) => exposure.explain(text),
                Err(fault) => Readers {
                    summary: format!("Its resource policy cannot be understood: {fault}."),
                    document: Some(text.clone()),
                    ..Readers::default()
                },
            }
        }
    }
}
