//! The Open Cybersecurity Schema Framework: Compliance Finding (class 2003) of version 1.3, with the cloud profile.

use super::{super::capitalize, Exported};
use claviger_domain::compliance::{CheckResult, Severity};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use time::OffsetDateTime;

const CLASS: u32 = 2003;

pub(crate) fn finding(exported: &Exported<'_>) -> Value {
    let row = exported.row;
    let (activity_id, activity) = match (row.resolved_at, row.reopened) {
        (Some(_), _) => (3, "Close"),
        (None, 0) => (1, "Create"),
        (None, _) => (2, "Update"),
    };
    let (status_id, status) = match exported.state() {
        "resolved" => (4, "Resolved"),
        "waived" => (3, "Suppressed"),
        _ => (1, "New"),
    };
    let (compliance_id, compliance) = match exported.verdict() {
        CheckResult::Pass => (1, "Pass"),
        CheckResult::Fail => (3, "Fail"),
        CheckResult::Unknown | CheckResult::NotApplicable => (0, "Unknown"),
    };
    let severity_id = match row.severity {
        Severity::Low => 2,
        Severity::Medium => 3,
        Severity::High => 4,
        Severity::Critical => 5,
    };
    let standards: BTreeSet<&str> = exported.controls.iter().map(|c| c.framework).collect();
    let evidence: serde_json::Map<String, Value> =
        row.evidence.iter().map(|e| (e.fact.clone(), e.value.as_str().into())).collect();
    let mut resource = json!({
        "uid": row.arn,
        "name": row.name,
        "type": row.kind,
        "region": row.region,
        "cloud_partition": row.arn.partition(),
    });
    if let Some(team) = &row.team {
        resource["owner"] = json!({ "name": team });
    }
    let mut unmapped = json!({"evidence": evidence, "due_time": millis(row.due_at)});
    if let Some(exception) = &row.exception {
        unmapped["exception"] = exception.id.to_string().into();
    }
    json!({
        "class_uid": CLASS,
        "class_name": "Compliance Finding",
        "category_uid": 2,
        "category_name": "Findings",
        "activity_id": activity_id,
        "activity_name": activity,
        "type_uid": CLASS * 100 + activity_id,
        "type_name": format!("Compliance Finding: {activity}"),
        "time": millis(exported.at),
        "severity_id": severity_id,
        "severity": capitalize(&row.severity.to_string()),
        "status_id": status_id,
        "status": status,
        "message": row.says,
        "metadata": {
            "version": "1.3.0",
            "profiles": ["cloud"],
            "product": {"name": "Claviger", "vendor_name": "Claviger", "version": env!("CARGO_PKG_VERSION")},
        },
        "cloud": {
            "provider": "AWS",
            "region": row.region,
            "account": {"uid": row.account_id, "name": row.account_name, "type_id": 10, "type": "AWS Account"},
        },
        "finding_info": {
            "uid": exported.id(),
            "title": row.policy_title,
            "desc": row.says,
            "created_time": millis(row.opened_at),
            "first_seen_time": millis(row.opened_at),
            "modified_time": millis(row.resolved_at.unwrap_or(row.opened_at)),
        },
        "compliance": {
            "control": row.policy,
            "standards": standards,
            "requirements": exported.requirements(),
            "status_id": compliance_id,
            "status": compliance,
        },
        "resources": [resource],
        "unmapped": unmapped,
    })
}

fn millis(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or_default()
}
