//! A resource policy without the statements for which a check fails.

use super::{NoCall, current_policy};
use crate::compliance::{Facts, OrganizationContext, Policy};
use claviger_domain::{
    compliance::CheckResult,
    facts::{Reading, ResourceDetails},
    remediation::AwsCall,
};
use serde_json::Value;
use time::OffsetDateTime;

/// Removes every Allow that fails the check when it is evaluated alone with the Denies. The rest has to pass.
pub(super) fn without_failing(
    policy: &Policy,
    facts: &Facts<'_>,
    org_context: &OrganizationContext,
    now: OffsetDateTime,
) -> Result<AwsCall, NoCall> {
    let text = current_policy(facts)?.ok_or(NoCall::NoPolicy)?;
    let mut document: Value = serde_json::from_str(text).map_err(|_| NoCall::InvalidPolicy)?;
    let statements = match document.get("Statement") {
        Some(Value::Array(all)) => all.clone(),
        Some(one @ Value::Object(_)) => vec![one.clone()],
        _ => return Err(NoCall::InvalidPolicy),
    };
    let is_deny =
        |statement: &Value| statement.get("Effect").and_then(Value::as_str) == Some("Deny");
    let denies: Vec<Value> = statements.iter().filter(|s| is_deny(s)).cloned().collect();
    let verdict_of = |statements: Vec<Value>| -> Option<CheckResult> {
        let mut alone = document.clone();
        alone["Statement"] = Value::Array(statements);
        let deep = ResourceDetails {
            resource_policy: Reading::Read(Some(alone.to_string())),
            ..facts.deep?.clone()
        };
        let changed = Facts { deep: Some(&deep), ..*facts };
        policy.evaluate(&changed, org_context, now).map(|outcome| outcome.verdict)
    };
    let kept: Vec<Value> = statements
        .iter()
        .filter(|statement| {
            let mut alone = denies.clone();
            alone.push((*statement).clone());
            is_deny(statement) || verdict_of(alone) != Some(CheckResult::Fail)
        })
        .cloned()
        .collect();
    if kept.len() == statements.len() {
        return Err(NoCall::NoFailingStatement);
    }
    if kept.is_empty() {
        return Ok(AwsCall::DeleteResourcePolicy);
    }
    if verdict_of(kept.clone()) != Some(CheckResult::Pass) {
        return Err(NoCall::StillFails);
    }
    document["Statement"] = Value::Array(kept);
    Ok(AwsCall::PutResourcePolicy { resource_policy: document.to_string() })
}
