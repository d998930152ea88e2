//! What a plan's URL names, as far as the caller may change it.

use super::{
    items::{PlanItem, PlanItems},
    too_many,
};
use crate::{PlanWriter, RemediationService, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission, VisibleAccounts},
    compliance::{CheckResult, FindingQuery, view::FindingRow},
    ids::ResourceId,
    remediation::{MAX_STEPS, PlanTarget},
};
use std::collections::HashSet;

impl RemediationService {
    /// What a plan is about, all of which the caller may change.
    pub(super) async fn plan_items(
        &self,
        caller: &Caller,
        of: &str,
    ) -> Result<PlanItems, ServiceError> {
        let visible = self.authority.within(caller, Permission::Remediate).await?;
        Ok(match of.parse()? {
            PlanTarget::Findings(query) => PlanItems {
                items: self.can_be_fixed(caller, &visible, *query).await?,
                are_chosen: false,
            },
            PlanTarget::Resources(ids) => PlanItems {
                items: self.plan_writer.chosen_items(&visible, &ids).await?,
                are_chosen: true,
            },
        })
    }

    /// The open findings of a list, one a resource.
    async fn can_be_fixed(
        &self,
        caller: &Caller,
        visible: &VisibleAccounts,
        query: FindingQuery,
    ) -> Result<Vec<PlanItem>, ServiceError> {
        let query = query.asked_by(&caller.person.subject);
        let Some(query) = query.actionable() else { return Ok(Vec::new()) };
        let query = FindingQuery { verdicts: vec![CheckResult::Fail], ..query };
        let limit = u16::try_from(MAX_STEPS + 1).unwrap_or(u16::MAX);
        let found = self.findings.list_findings(visible, &query, limit, self.clock.now()).await?;
        if found.rows.len() > MAX_STEPS {
            return Err(too_many());
        }
        let mut seen = HashSet::new();
        // The list is found in memory, which may be a moment behind: what a plan changes is what the table says.
        let holds = |row: &FindingRow| {
            row.resolved_at.is_none() && row.exception.is_none() && row.verdict == CheckResult::Fail
        };
        let rows = found.rows.into_iter().filter(|row| holds(row) && seen.insert(row.resource));
        Ok(rows.map(PlanItem::from).collect())
    }
}

impl PlanWriter {
    /// These secrets and parameters; none where one of them is not within the scope.
    pub(super) async fn chosen_items(
        &self,
        visible: &VisibleAccounts,
        ids: &[ResourceId],
    ) -> Result<Vec<PlanItem>, ServiceError> {
        let rows = self.inventory.inventory_rows(visible, ids, &[], self.clock.now()).await?;
        if rows.len() != ids.len() {
            return Err(ServiceError::NotFound("secret or parameter"));
        }
        let items = rows.into_iter().map(|row| PlanItem {
            resource: row.id,
            name: row.name,
            kind: row.kind,
            account_id: row.account_id,
            account_name: row.account_name,
            region: row.region,
            policy: None,
        });
        Ok(items.collect())
    }
}
