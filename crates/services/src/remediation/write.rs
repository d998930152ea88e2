//! A plan as it is written, with its entry in the audit log.

use crate::ServiceError;
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    authz::Person,
    creation::CreationId,
    ids::AccountId,
    job::Job,
    remediation::{PlanId, PlannedCall, plan_hash},
};
use claviger_store::{NewPlan, UnitOfWork};
use std::collections::BTreeSet;

/// What a plan comes from, as its entry in the audit log says.
pub(crate) enum PlanOrigin<'a> {
    /// The word of an action.
    Action(&'a str),
    /// The creation that it completes.
    Creation(CreationId),
    /// The ARN of a consumer's role that it creates or attaches.
    ConsumerRole(&'a str),
}

/// A plan about to be written.
pub(crate) struct PlanToWrite<'a> {
    pub(crate) title: &'a str,
    pub(crate) reason: &'a str,
    /// `None` where a policy made it.
    pub(crate) author: Option<&'a Person>,
    pub(crate) needs_approval: bool,
    pub(crate) calls: &'a [(AccountId, PlannedCall)],
}

impl PlanToWrite<'_> {
    /// Writes it, with its entry in the audit log. Where nobody has to approve it, its calls begin after the commit.
    pub(crate) async fn insert(
        &self,
        work: &mut UnitOfWork,
        origin: PlanOrigin<'_>,
    ) -> Result<PlanId, ServiceError> {
        let Self { title, reason, author, needs_approval, calls } = *self;
        let planned: Vec<PlannedCall> = calls.iter().map(|(_, call)| call.clone()).collect();
        let hash = plan_hash(title, reason, &planned);
        let new = NewPlan { title, reason, author, needs_approval, hash: &hash, calls };
        let id = work.insert_plan(&new).await?;
        let entry = NewEntry::done(author, AuditAction::PlanRemediation, id).with("hash", &hash);
        let entry = match origin {
            PlanOrigin::Action(action) => entry.with("wish", action),
            PlanOrigin::Creation(creation) => entry.with("creation", creation),
            PlanOrigin::ConsumerRole(role) => entry.with("role", role),
        };
        work.audit(entry.with("calls", calls.len()).with("needs_approval", needs_approval));
        if !needs_approval {
            let accounts: BTreeSet<&AccountId> = calls.iter().map(|(account, _)| account).collect();
            for account in accounts {
                work.enqueue(&Job::Remediate { plan: id, account: account.clone() }).await?;
            }
        }
        Ok(id)
    }
}
