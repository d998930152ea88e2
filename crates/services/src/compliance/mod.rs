//! Governance: what the policies say of every secret and parameter.

pub(crate) mod details;
pub(crate) mod evaluate;
mod evaluator;
mod evidence;
pub(crate) mod export;
mod findings;
mod organization_snapshot;
mod overview;
mod policies;
pub(crate) mod policy_evaluation;
mod posture_history;
mod resource_checks;
mod rules;
mod teams;
mod triage;
pub(crate) mod unfinished;
mod versions;

pub use evaluate::EvaluationService;
pub use evidence::{EvidenceExport, EvidenceService};
pub use export::FindingExport;
pub use findings::ComplianceService;
pub(crate) use organization_snapshot::{SnapshotService, TagPolicyService};
pub use policies::PolicyService;
pub use triage::TriageService;
pub(crate) use unfinished::ProgressService;

use crate::ServiceError;
use claviger_domain::{
    compliance::{Severity, Tally, view::PolicyRow},
    grants::sentence,
};
use claviger_policy::compliance::{Policy, controls_of, read_policies};
use claviger_store::StoreError;

/// What somebody may say of a decision; nothing, where there is only white space.
pub(crate) fn parse_comment(note: &str) -> Result<Option<String>, ServiceError> {
    if note.trim().is_empty() {
        return Ok(None);
    }
    sentence(note).map(Some).ok_or(ServiceError::Invalid("at most 1,000 characters"))
}

/// The word as a sentence or a label begins with it.
pub(crate) fn capitalize(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A policy in force with its version.
#[derive(Debug, Clone)]
pub(crate) struct InForce {
    pub(crate) policy: Policy,
    pub(crate) version: i32,
}

impl InForce {
    fn row(&self, tally: Tally) -> PolicyRow {
        let policy = &self.policy;
        PolicyRow {
            id: policy.id.clone(),
            title: policy.title.clone(),
            severity: policy.severity,
            mode: policy.mode,
            category: policy.category(),
            version: self.version,
            tally,
            controls: controls_of(&policy.rule)
                .iter()
                .map(|control| format!("{} {}", control.framework, control.id))
                .collect(),
        }
    }
}

impl PolicyService {
    /// The policies in force, the most severe first.
    pub(crate) async fn in_force(&self) -> Result<Vec<InForce>, StoreError> {
        let mut all = Vec::new();
        for stored in self.policies.policies().await? {
            let read =
                read_policies(&stored.document).map_err(|fault| StoreError::Inconsistent {
                    table: "policy",
                    column: "document",
                    key: stored.id.clone(),
                    reason: fault.to_string(),
                })?;
            all.extend(read.into_iter().map(|policy| InForce { policy, version: stored.version }));
        }
        all.sort_by(|a, b| {
            (a.policy.severity, &a.policy.id).cmp(&(b.policy.severity, &b.policy.id))
        });
        Ok(all)
    }
}

/// The title of a policy by its id.
pub(crate) fn title_of(policies: &[InForce], id: &str) -> String {
    let found = policies.iter().find(|found| found.policy.id == id);
    found.map_or_else(|| format!("{id} (retired)"), |found| found.policy.title.clone())
}

/// The severity of a policy by its id; one that was retired meanwhile counts least.
pub(crate) fn severity_of(policies: &[InForce], id: &str) -> Severity {
    policies.iter().find(|p| p.policy.id == id).map_or(Severity::Low, |p| p.policy.severity)
}
