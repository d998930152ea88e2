//! The secrets and parameters that a plan may change: of findings, or chosen by somebody.

use crate::compliance::InForce;
use claviger_domain::{
    compliance::view::FindingRow,
    facts::Kind,
    ids::{AccountId, Region, ResourceId},
    remediation::view::PlanSubject,
};
use claviger_policy::compliance::Policy;

/// A secret or parameter that a plan may change.
#[derive(Debug, Clone)]
pub(crate) struct PlanItem {
    pub(super) resource: ResourceId,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) account_id: AccountId,
    pub(super) account_name: String,
    pub(super) region: Region,
    /// The policy that it fails; `None` if somebody chose it.
    pub(super) policy: Option<String>,
}

impl From<FindingRow> for PlanItem {
    fn from(row: FindingRow) -> Self {
        Self {
            resource: row.resource,
            name: row.name,
            kind: row.kind,
            account_id: row.account_id,
            account_name: row.account_name,
            region: row.region,
            policy: Some(row.policy),
        }
    }
}

impl PlanItem {
    /// The policy that it fails, where it is in force.
    pub(super) fn policy_in<'a>(&self, policies: &'a [InForce]) -> Option<&'a Policy> {
        let id = self.policy.as_ref()?;
        policies.iter().map(|found| &found.policy).find(|policy| policy.id == *id)
    }
}

/// What a plan is about, as its URL names it.
pub(super) struct PlanItems {
    pub(super) items: Vec<PlanItem>,
    /// Whether somebody chose them, and not their findings.
    pub(super) are_chosen: bool,
}

impl PlanItems {
    pub(super) fn subject(&self) -> PlanSubject {
        let count = u64::try_from(self.items.len()).unwrap_or(u64::MAX);
        match self.items.as_slice() {
            [one] if self.are_chosen => {
                PlanSubject::Resource { id: one.resource, name: one.name.clone() }
            }
            _ if self.are_chosen => PlanSubject::Resources(count),
            _ => PlanSubject::Findings(count),
        }
    }
}
