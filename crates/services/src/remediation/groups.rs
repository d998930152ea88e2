//! Findings grouped by what one plan can fix.

use super::{
    RemediationService,
    items::PlanItem,
    plan::{read_action, suggestions},
};
use crate::{ServiceError, compliance::InForce};
use claviger_domain::{
    authz::{Caller, Permission, VisibleAccounts},
    compliance::{CheckResult, FindingGrouping, FindingQuery},
    ids::AccountId,
    remediation::{
        RemediationForm,
        view::{FixGroup, FixGroups},
    },
};
use std::collections::HashMap;

/// Groups of a page.
const MAX_GROUPS: usize = 50;
/// Findings that are looked at for a page, to say how many have a proposed value.
const MAX_EXAMINED: u16 = 1000;

impl RemediationService {
    /// The failures of a list, by policy and account. Nothing is written.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn fix_groups(&self, caller: &Caller, of: &str) -> Result<FixGroups, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let can_remediate = caller.may(Permission::Remediate);
        let asked = of.parse::<FindingQuery>()?.asked_by(&caller.person.subject).actionable();
        let Some(asked) = asked else {
            return Ok(FixGroups { rows: Vec::new(), more: 0, can_remediate });
        };
        let list = FindingQuery { verdicts: vec![CheckResult::Fail], group: None, ..asked };
        let group = Some(FindingGrouping::Fix);
        let grouped = FindingQuery { group, ..list.clone() };
        let now = self.clock.now();
        let (found, policies, (names, _)) = tokio::try_join!(
            self.findings.list_findings(&visible, &grouped, 0, now),
            self.policy_service.in_force(),
            self.accounts.account_names(&visible),
        )?;
        let names: HashMap<_, _> = names;
        let may_fix = match self.authority.within(caller, Permission::Remediate).await {
            Ok(visible) => visible,
            Err(ServiceError::Forbidden(_)) => VisibleAccounts::default(),
            Err(error) => return Err(error),
        };
        let all = found.groups.len();
        let mut failures = self.failures(&may_fix, &list).await?;
        let mut rows = Vec::new();
        for group in found.groups.into_iter().take(MAX_GROUPS) {
            let of = FindingQuery {
                policies: vec![group.policy.clone()],
                accounts: vec![group.account.clone()],
                ..list.clone()
            };
            let found = failures.remove(&(group.policy.clone(), group.account.clone()));
            // A part of the group would say less than is true.
            let proposed = match found.filter(|found| u64::try_from(found.len()) == Ok(group.count))
            {
                Some(found) => self.proposal(&found, &policies).await?,
                None => None,
            };
            let policy = policies.iter().find(|found| found.policy.id == group.policy);
            rows.push(FixGroup {
                of: of.to_url_query(),
                policy_title: policy.map_or_else(
                    || format!("{} (retired)", group.policy),
                    |found| found.policy.title.clone(),
                ),
                policy: group.policy,
                severity: group.severity,
                account_name: names
                    .get(&group.account)
                    .cloned()
                    .unwrap_or_else(|| group.account.to_string()),
                account: group.account,
                findings: group.count,
                proposed,
            });
        }
        Ok(FixGroups { more: u64::try_from(all - rows.len()).unwrap_or(0), rows, can_remediate })
    }

    /// The first failures of a list, by policy and account.
    async fn failures(
        &self,
        visible: &VisibleAccounts,
        list: &FindingQuery,
    ) -> Result<HashMap<(String, AccountId), Vec<PlanItem>>, ServiceError> {
        let now = self.clock.now();
        let found = self.findings.list_findings(visible, list, MAX_EXAMINED, now).await?;
        let mut grouped: HashMap<_, Vec<PlanItem>> = HashMap::new();
        for row in found.rows {
            let group = (row.policy.clone(), row.account_id.clone());
            grouped.entry(group).or_default().push(row.into());
        }
        Ok(grouped)
    }

    /// What the policy suggests for all of these findings, and how many calls that would be.
    async fn proposal(
        &self,
        found: &[PlanItem],
        policies: &[InForce],
    ) -> Result<Option<(String, u64)>, ServiceError> {
        let owner_tag = self.owner_rules.naming_tag().unwrap_or("owner");
        let Some(action) = suggestions(policies, found, owner_tag).into_iter().next() else {
            return Ok(None);
        };
        let filled = self.plan_writer.proposed(&action, found, policies).await?;
        // What the form would send: what is left to fill in has no call.
        let Ok(action) = read_action(&RemediationForm::from(&filled.action)) else {
            return Ok(Some((action.word().to_owned(), 0)));
        };
        let resolved = self.plan_writer.resolved(&action, found, policies).await?;
        let count = u64::try_from(resolved.calls().len()).unwrap_or(0);
        Ok(Some((action.word().to_owned(), count)))
    }
}
