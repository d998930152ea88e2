//! Enabled policies in the mode `enforce` create plans that fix their failures.

use super::{items::PlanItem, plan::Resolved};
use crate::{PlanWriter, PolicyService, ServiceError, compliance::InForce};
use claviger_domain::{
    clock::Clock,
    compliance::Mode,
    ids::{AccountId, ResourceId},
    remediation::MAX_STEPS,
};
use claviger_policy::compliance::Approval;
use claviger_store::{FindingRepository, PlanRepository};
use std::sync::Arc;
use time::Duration;

/// What was tried, denied or withdrawn is not planned again for so long.
const PAUSE: Duration = Duration::hours(24);

/// Plans that policies make by themselves.
#[derive(Clone)]
pub struct EnforcementService {
    pub(crate) findings: FindingRepository,
    pub(crate) plans: PlanRepository,
    pub(crate) plan_writer: PlanWriter,
    pub(crate) policy_service: PolicyService,
    pub(crate) clock: Arc<dyn Clock>,
}

impl EnforcementService {
    /// Plans what the enforced policies ask in an account; those that need no approval begin at once.
    pub(crate) async fn enforce(&self, account: &AccountId) -> Result<(), ServiceError> {
        let policies = self.policy_service.in_force().await?;
        for InForce { policy, version } in &policies {
            let now = self.clock.now();
            let (Mode::Enforce, Some(fix)) = (policy.mode, &policy.fix) else { continue };
            let rows = self.findings.failures_in(account, &policy.id, MAX_STEPS, now).await?;
            let ids: Vec<ResourceId> = rows.iter().map(|row| row.resource).collect();
            let tried = self.plans.failed_since(&ids, now - PAUSE).await?;
            let rows: Vec<_> = rows
                .into_iter()
                .filter(|row| !tried.contains(&(row.resource, row.policy.clone())))
                .map(PlanItem::from)
                .collect();
            if rows.is_empty() {
                continue;
            }
            let resolved: Resolved =
                self.plan_writer.resolved(&fix.action, &rows, &policies).await?;
            if resolved.steps.is_empty() {
                continue;
            }
            let reason = format!("The policy {} (version {version}) is enforced.", policy.title);
            let needs_approval = fix.approval == Approval::Required;
            self.plan_writer
                .write_plan(&fix.action, &resolved, &reason, None, needs_approval)
                .await?;
        }
        Ok(())
    }
}
