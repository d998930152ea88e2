//! Our own words, as JSON.

use super::{Exported, format_timestamp};
use serde_json::{Value, json};

pub(crate) fn finding(exported: &Exported<'_>) -> Value {
    let row = exported.row;
    json!({
        "id": exported.id(),
        "policy": row.policy,
        "policy_title": row.policy_title,
        "severity": row.severity,
        "verdict": row.verdict,
        "state": exported.state(),
        "says": row.says,
        "evidence": row.evidence,
        "arn": row.arn,
        "name": row.name,
        "kind": row.kind,
        "account_id": row.account_id,
        "account_name": row.account_name,
        "region": row.region,
        "team": row.team,
        "opened_at": format_timestamp(row.opened_at),
        "due_at": format_timestamp(row.due_at),
        "resolved_at": row.resolved_at.map(format_timestamp),
        "reopened": row.reopened,
        "exception": row.exception.as_ref().map(|exception| exception.id.to_string()),
        "requirements": exported.requirements(),
    })
}
