//! Evaluates secrets and parameters against policies. Pure: facts, policies and the time are arguments.

mod cases;
mod catalog;
mod cause;
mod config;
mod controls;
mod custom;
mod document;
mod facts;
mod fields;
mod frameworks;
mod policy;
mod recorded;
mod reference;
mod rule_reference;
pub(crate) mod rules;
pub(crate) mod schedule;
mod scope;
mod version_diff;

pub use cases::{FailedPolicyCase, PolicyCaseError, PolicyCases};
pub use catalog::RULES;
pub use config::config_opinions;
pub use controls::{Control, controls_of};
pub use document::{PolicyDocumentFault, json_schema, read_policies};
pub use facts::{Facts, OrganizationContext, PathReaders, TagPolicies};
pub use fields::PolicyFields;
pub use frameworks::{Requirement, requirements_of};
pub use policy::{Approval, Fix, Policy, PolicyRule};
pub use recorded::{RecordedInventory, RecordedResource};
pub use reference::reference_page;
pub use rule_reference::{AppliesTo, ParameterReference, RuleReference};
pub use scope::{PolicyScope, ScopePart};
pub use version_diff::{Effect, PolicyChange, PolicyDiff, PolicyDifference, policy_diff};

use claviger_domain::{
    compliance::{Category, Outcome},
    ids::Region,
};
use custom::Custom;
use time::OffsetDateTime;

/// A starter pack: a file of policies that ships with Claviger.
pub const PACKS: &[(&str, &str)] = &[
    ("baseline", include_str!("../../packs/baseline.yaml")),
    ("strict", include_str!("../../packs/strict.yaml")),
    ("security-hub", include_str!("../../packs/security-hub.yaml")),
    ("nist-800-53", include_str!("../../packs/nist-800-53.yaml")),
    ("pci-dss", include_str!("../../packs/pci-dss.yaml")),
];

impl PolicyRule {
    /// As a policy file names it.
    pub fn name(&self) -> &'static str {
        self.into()
    }
}

impl Policy {
    pub fn category(&self) -> Category {
        self.custom.as_ref().map_or_else(|| self.rule.category(), Custom::category)
    }

    /// Whether what it says depends on the key.
    pub fn asks_for_key(&self) -> bool {
        matches!(self.rule, PolicyRule::CustomerManagedKey {})
            || self.custom.as_ref().is_some_and(Custom::asks_for_key)
    }

    /// Days within which a failure has to be fixed.
    pub fn due_days(&self) -> u32 {
        self.due_days.unwrap_or_else(|| self.severity.due_days())
    }

    /// Evaluates one resource; `None` if it is outside the policy's scope.
    pub fn evaluate(
        &self,
        facts: &Facts<'_>,
        org_context: &OrganizationContext,
        now: OffsetDateTime,
    ) -> Option<Outcome> {
        self.scope.covers(facts).then(|| rules::evaluate(self, facts, org_context, now))
    }
}

/// A day, in the format of evidence.
fn day(at: OffsetDateTime) -> String {
    at.to_offset(time::UtcOffset::UTC).date().to_string()
}

fn listed(regions: &[&Region]) -> String {
    regions.iter().map(|region| region.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
