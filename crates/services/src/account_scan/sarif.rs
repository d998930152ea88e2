//! The Static Analysis Results Interchange Format 2.1.0, as GitHub code scanning reads it.
//!
//! A failing check is a result. A check that could not be decided is a notification of the run, not a result: readers that do
//! not know the result kind `open` would show it as a failure.

use super::{AccountScan, NotRead};
use crate::files::format_timestamp;
use claviger_domain::{
    compliance::{Severity, view::FindingRow},
    facts::Kind,
};
use claviger_policy::compliance::{Policy, controls_of};
use serde_json::{Value, json};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn log(scan: &AccountScan) -> Value {
    let results: Vec<Value> = scan.failing.iter().map(|row| result(scan, row)).collect();
    let unread = scan.not_read.iter().map(not_read);
    let unknown = scan
        .unknown_reasons()
        .into_iter()
        .map(|(says, count)| notification("note", &format!("Unknown, checks: {count}. {says}")));
    let skipped = scan.skipped.iter().map(|id| {
        notification("note", &format!("Not evaluated, because it is limited to OUs: {id}"))
    });
    let notifications: Vec<Value> = unread.chain(unknown).chain(skipped).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Claviger",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": scan.policies.iter().map(rule).collect::<Vec<_>>(),
            }},
            // One account's results do not replace another's.
            "automationDetails": {"id": format!("claviger-scan/{}/", scan.account)},
            "invocations": [{
                "executionSuccessful": scan.is_whole(),
                "endTimeUtc": format_timestamp(scan.at),
                "toolExecutionNotifications": notifications,
            }],
            "columnKind": "utf16CodeUnits",
            "results": results,
        }],
    })
}

fn rule(policy: &Policy) -> Value {
    let controls: Vec<String> = controls_of(&policy.rule)
        .iter()
        .map(|control| format!("{} {}", control.framework, control.id))
        .collect();
    let asks = policy.rule.asks();
    let mut tags = vec!["security".to_owned(), policy.category().to_string()];
    tags.extend(controls.iter().cloned());
    // GitHub takes at most 20 tags.
    tags.truncate(20);
    json!({
        "id": policy.id,
        "name": policy.id,
        "shortDescription": {"text": policy.title},
        "fullDescription": {"text": asks},
        "help": {"text": asks},
        "defaultConfiguration": {"level": level(policy.severity)},
        "properties": {
            "tags": tags,
            "precision": "high",
            "security-severity": security_severity(policy.severity),
        },
    })
}

fn result(scan: &AccountScan, row: &FindingRow) -> Value {
    let evidence: serde_json::Map<String, Value> =
        row.evidence.iter().map(|e| (e.fact.clone(), e.value.as_str().into())).collect();
    let index = scan.policies.iter().position(|policy| policy.id == row.policy);
    json!({
        "ruleId": row.policy,
        "ruleIndex": index,
        "kind": "fail",
        "level": level(row.severity),
        "message": {"text": format!("{}: {}", row.name, row.says)},
        "locations": [{
            // GitHub shows only results in a file. There is none, so this is a path that names the resource.
            "physicalLocation": {
                "artifactLocation": {"uri": path(row)},
                "region": {"startLine": 1},
            },
            "logicalLocations": [{
                "name": row.name,
                "fullyQualifiedName": row.arn,
                "kind": "resource",
            }],
        }],
        // The key that GitHub reads.
        "partialFingerprints": {"primaryLocationLineHash": scan.export(row).id()},
        "properties": {
            "account": row.account_id,
            "region": row.region,
            "kind": row.kind,
            "severity": row.severity,
            "evidence": evidence,
        },
    })
}

/// A relative URI: each part is percent-encoded, so that a name such as `../x` stays one part.
fn path(row: &FindingRow) -> String {
    let service = match row.kind {
        Kind::Secret => "secretsmanager",
        Kind::Parameter => "ssm",
    };
    let encode = |part: &str| {
        form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>().replace('+', "%20")
    };
    let name: Vec<String> = row
        .name
        .split('/')
        .filter(|part| !part.is_empty())
        .map(|part| match part {
            // Readers would resolve these.
            "." | ".." => format!("_{part}"),
            part => encode(part),
        })
        .collect();
    format!("aws/{}/{}/{service}/{}", row.account_id, row.region, name.join("/"))
}

fn not_read(gap: &NotRead) -> Value {
    notification("error", &format!("Not read: {gap}"))
}

fn notification(level: &str, text: &str) -> Value {
    json!({"level": level, "message": {"text": text}})
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// In GitHub's ranges: over 9.0 is critical, from 7.0 high, from 4.0 medium.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}
