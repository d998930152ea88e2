//! The AWS Security Finding Format, as `BatchImportFindings` of Security Hub takes it from an account itself.

use super::{Exported, format_timestamp};
use claviger_domain::{compliance::CheckResult, facts::Kind};
use serde_json::{Value, json};

/// Security Hub's limits, in characters and entries.
const TITLE: usize = 256;
const DESCRIPTION: usize = 1024;
const REQUIREMENTS: usize = 32;

pub(super) fn finding(exported: &Exported<'_>) -> Value {
    let row = exported.row;
    let (account, region, partition) = (&row.account_id, &row.region, row.arn.partition());
    let compliance = match exported.verdict() {
        CheckResult::Pass => "PASSED",
        CheckResult::Fail => "FAILED",
        CheckResult::Unknown | CheckResult::NotApplicable => "NOT_AVAILABLE",
    };
    let (workflow, record) = match exported.state() {
        "resolved" => ("RESOLVED", "ARCHIVED"),
        "waived" => ("SUPPRESSED", "ACTIVE"),
        _ => ("NEW", "ACTIVE"),
    };
    let mut requirements = exported.requirements();
    requirements.truncate(REQUIREMENTS);
    let mut fields: serde_json::Map<String, Value> = row
        .evidence
        .iter()
        .take(40)
        .map(|e| (format!("claviger/evidence/{}", e.fact), e.value.as_str().into()))
        .collect();
    fields.insert("claviger/policy".into(), row.policy.as_str().into());
    fields.insert("claviger/verdict".into(), row.verdict.to_string().into());
    json!({
        "SchemaVersion": "2018-10-08",
        "Id": exported.id(),
        "ProductArn": format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default"),
        "ProductName": "Claviger",
        "GeneratorId": format!("claviger/{}", row.policy),
        "AwsAccountId": account,
        "Types": ["Software and Configuration Checks/AWS Security Best Practices"],
        "CreatedAt": format_timestamp(row.opened_at),
        "UpdatedAt": format_timestamp(row.resolved_at.unwrap_or(exported.at)),
        "Severity": {"Label": row.severity.to_string().to_uppercase(), "Original": row.severity},
        "Title": cut(&row.policy_title, TITLE),
        "Description": cut(&row.says, DESCRIPTION),
        "ProductFields": fields,
        "Resources": [{
            // There is no type for parameters.
            "Type": match row.kind { Kind::Secret => "AwsSecretsManagerSecret", Kind::Parameter => "Other" },
            "Id": row.arn,
            "Partition": partition,
            "Region": region,
        }],
        "Compliance": {"Status": compliance, "RelatedRequirements": requirements},
        "Workflow": {"Status": workflow},
        "RecordState": record,
    })
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
