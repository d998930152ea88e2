//! Comma-separated values, for spreadsheets.

use super::Exported;
use crate::{
    ServiceError,
    files::{format_timestamp, record},
};

const COLUMNS: [&str; 20] = [
    "policy",
    "policy_title",
    "severity",
    "verdict",
    "state",
    "says",
    "evidence",
    "arn",
    "name",
    "kind",
    "account_id",
    "account_name",
    "region",
    "team",
    "opened_at",
    "due_at",
    "resolved_at",
    "reopened",
    "exception",
    "requirements",
];

pub(crate) fn head() -> Result<String, ServiceError> {
    record(COLUMNS.map(ToOwned::to_owned))
}

pub(crate) fn line(exported: &Exported<'_>) -> Result<String, ServiceError> {
    let row = exported.row;
    let evidence: Vec<String> =
        row.evidence.iter().map(|e| format!("{}: {}", e.fact, e.value)).collect();
    record([
        row.policy.clone(),
        row.policy_title.clone(),
        row.severity.to_string(),
        row.verdict.to_string(),
        exported.state().to_owned(),
        row.says.clone(),
        evidence.join("; "),
        row.arn.to_string(),
        row.name.clone(),
        row.kind.to_string(),
        row.account_id.to_string(),
        row.account_name.clone(),
        row.region.to_string(),
        row.team.clone().unwrap_or_default(),
        format_timestamp(row.opened_at),
        format_timestamp(row.due_at),
        row.resolved_at.map(format_timestamp).unwrap_or_default(),
        row.reopened.to_string(),
        row.exception.as_ref().map(|exception| exception.id.to_string()).unwrap_or_default(),
        exported.requirements().join("; "),
    ])
}
