//! The catalog of built-in rules, with the policies that use them.

use super::InForce;
use crate::{PolicyService, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission},
    compliance::view::{RuleParameter, RuleRow},
};
use claviger_policy::compliance::{RULES, RuleReference};

impl PolicyService {
    /// Every built-in rule, with the enabled policies that use it.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn rules(&self, caller: &Caller) -> Result<Vec<RuleRow>, ServiceError> {
        if !caller.may(Permission::ReadFindings) {
            return Err(ServiceError::Forbidden(Permission::ReadFindings));
        }
        let policies = self.in_force().await?;
        Ok(RULES.iter().map(|rule| rule_row(rule, &policies)).collect())
    }
}

fn rule_row(rule: &RuleReference, policies: &[InForce]) -> RuleRow {
    let parameters = rule.parameters.iter().map(|one| RuleParameter {
        name: one.name.to_owned(),
        value: one.value.to_owned(),
        default: one.default.map(str::to_owned),
    });
    let used = policies.iter().filter(|one| one.policy.rule.name() == rule.name);
    RuleRow {
        name: rule.name.to_owned(),
        checks: rule.checks.to_owned(),
        applies_to: rule.applies_to.label().to_owned(),
        parameters: parameters.collect(),
        unknown: rule.unknown.to_owned(),
        example: rule.example.to_owned(),
        source: rule.source.map(str::to_owned),
        baseline_severity: rule.baseline_severity(),
        fixes: rule.fixes().into_iter().map(str::to_owned).collect(),
        policies: used.map(|one| (one.policy.id.clone(), one.policy.title.clone())).collect(),
    }
}
