//! What the policies say of one secret or parameter, and its resource policy.

use super::policy_evaluation::evaluate_policy;
use crate::{ComplianceService, ServiceError};
use claviger_domain::{
    accounts::readiness::{Readiness, ReadinessItem, ReadinessState},
    authz::{Caller, Permission},
    compliance::{
        CheckResult,
        view::{Check, Readers, ResourceEvaluation, ResourcePolicyView},
    },
    facts::{Kind, Reading},
    ids::{Region, ResourceId},
};
use claviger_policy::{
    compliance::{PolicyRule, config_opinions},
    exposure::analyse,
};
use claviger_store::ResourceInput;
use std::collections::BTreeMap;
use time::OffsetDateTime;

impl ComplianceService {
    /// Evaluated now, from the facts as they are stored; the findings beside it say since when.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn resource_evaluation(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<ResourceEvaluation, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let missing = || ServiceError::NotFound("secret or parameter");
        let id: ResourceId = id.parse().map_err(|_| missing())?;
        let now = self.clock.now();
        // The scope is asked of the resource itself.
        let shown = self.inventory.resource(&visible, id, now).await?.ok_or_else(missing)?;
        let input =
            self.evaluations.resource_to_evaluate(&visible, id).await?.ok_or_else(missing)?;
        let mut locations =
            self.accounts.locations(std::slice::from_ref(&shown.account_id)).await?;
        let location = locations.pop().ok_or_else(missing)?;
        let (policies, known, findings, results, readiness) = tokio::try_join!(
            self.policy_service.in_force(),
            self.snapshot_service
                .load_organization_snapshot(std::slice::from_ref(&shown.account_id)),
            self.findings.findings_of(&visible, id, now),
            self.accounts.config_results(&visible, &input.facts.arn),
            self.accounts.readiness(&visible, &shown.account_id),
        )?;
        let org_context = known.at(&location);
        let mut checks: Vec<Check> = Vec::new();
        let mut missing_tags: BTreeMap<String, String> = BTreeMap::new();
        if shown.gone_at.is_none() {
            for super::InForce { policy, .. } in &policies {
                let others = policies.iter().map(|other| &other.policy);
                let outcome = evaluate_policy(policy, others, &input, &location, &org_context, now);
                let Some(outcome) = outcome else {
                    continue;
                };
                if let (PolicyRule::RequiredTags { tags: required }, Some(tags)) =
                    (&policy.rule, &input.facts.tags)
                    && outcome.verdict == CheckResult::Fail
                {
                    for key in required.keys().filter(|key| !tags.contains_key(*key)) {
                        missing_tags.entry(key.clone()).or_insert_with(|| policy.title.clone());
                    }
                }
                let finding = findings.iter().find(|finding| finding.policy == policy.id);
                checks.push(Check {
                    policy: policy.id.clone(),
                    title: policy.title.clone(),
                    severity: policy.severity,
                    category: policy.category(),
                    opened_at: finding.map(|finding| finding.opened_at),
                    due_at: finding.map(|finding| finding.due_at),
                    exception: finding.and_then(|finding| finding.exception.clone()),
                    triage: finding.map(|finding| finding.triage.clone()).unwrap_or_default(),
                    config: config_opinions(&policy.rule, &outcome, &input.facts, &results),
                    outcome,
                });
            }
        }
        checks.sort_by_key(|check| (order(check.outcome.verdict), check.severity));
        let own = claviger_domain::authz::VisibleAccounts {
            accounts: vec![shown.account_id.clone()],
            whole_organization: false,
        };
        Ok(ResourceEvaluation {
            resource: id,
            can_remediate: caller.may_at(Permission::Remediate, &location),
            can_request_exception: caller.may_at(Permission::RequestException, &location),
            can_triage: caller.may_at(Permission::TriageFindings, &location),
            checks,
            missing_tags: missing_tags.into_iter().collect(),
            config_gap: (shown.facts.kind() == Kind::Secret)
                .then(|| config_gap(&readiness.1, &input.region))
                .flatten(),
            evaluated_at: self.overview.evaluated_at(&own).await?,
            as_of: now,
        })
    }

    /// The resource policy of a secret with its explanation.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn resource_policy(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<ResourcePolicyView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let missing = || ServiceError::NotFound("secret or parameter");
        let id: ResourceId = id.parse().map_err(|_| missing())?;
        let now = self.clock.now();
        let shown = self.inventory.resource(&visible, id, now).await?.ok_or_else(missing)?;
        let input =
            self.evaluations.resource_to_evaluate(&visible, id).await?.ok_or_else(missing)?;
        let of = std::slice::from_ref(&shown.account_id);
        let location = self.accounts.locations(of).await?.pop().ok_or_else(missing)?;
        let known = self.snapshot_service.load_organization_snapshot(of).await?;
        let readers = readers(&input, &location.account, &known.at(&location), now);
        Ok(ResourcePolicyView { readers, as_of: now })
    }
}

/// Why AWS Config says nothing of it, or not everything.
fn config_gap(readiness: &[Readiness], region: &Region) -> Option<String> {
    let found = |item: ReadinessItem| {
        readiness.iter().find(|one| one.item == item && one.region.as_ref() == Some(region))
    };
    let gap = |one: &Readiness| format!("{region}: {}", one.says);
    match found(ReadinessItem::ConfigRecorder) {
        None => Some(format!("AWS Config was not queried in {region} yet.")),
        Some(one) if one.state != ReadinessState::Ready => Some(gap(one)),
        Some(_) => found(ReadinessItem::ConfigRules).map(gap),
    }
}

fn order(verdict: CheckResult) -> u8 {
    match verdict {
        CheckResult::Fail => 0,
        CheckResult::Unknown => 1,
        CheckResult::Pass => 2,
        CheckResult::NotApplicable => 3,
    }
}

fn readers(
    input: &ResourceInput,
    own: &claviger_domain::ids::AccountId,
    org_context: &claviger_policy::compliance::OrganizationContext,
    now: OffsetDateTime,
) -> Readers {
    let said = |summary: String| Readers { summary, ..Readers::default() };
    match input.deep.as_ref().map(|deep| &deep.resource_policy) {
        None => said("The resource policy has not been read yet.".into()),
        Some(Reading::Refused(code)) => {
            said(format!("Access denied reading the resource policy ({code})."))
        }
        Some(Reading::Read(None)) => said(
            "No resource policy. Access is granted only by IAM identity policies in this account."
                .into(),
        ),
        Some(Reading::Read(Some(text))) => {
            match analyse(text, input.facts.arn.as_str(), own, &org_context.around, now) {
                Ok(exposure) => exposure.explain(text),
                Err(fault) => Readers {
                    summary: format!("The resource policy can't be parsed: {fault}."),
                    document: Some(text.clone()),
                    ..Readers::default()
                },
            }
        }
    }
}
