//! The formats of an evidence pack.

use crate::{
    ServiceError,
    compliance::{
        capitalize,
        export::{Exported, ocsf},
    },
    files::{format_timestamp, record},
};
use claviger_domain::{
    compliance::{
        CheckResult,
        evidence::{ControlResult, EvidenceControl, EvidencePack},
        view::FindingRow,
    },
    exceptions::view::ExceptionRow,
};
use serde_json::{Value, json};

/// What each file says about itself.
const MAPPING: &str =
    "The mapping of rules to controls is Claviger's own and covers secrets and parameters only.";

const COLUMNS: [&str; 21] = [
    "record",
    "controls",
    "title",
    "result",
    "pass",
    "fail",
    "unknown",
    "excepted",
    "policies",
    "severity",
    "arn",
    "account_id",
    "account_name",
    "region",
    "team",
    "says",
    "opened_at",
    "due_at",
    "exception",
    "approved_by",
    "approved_at",
];

/// The scope in a sentence.
fn scope(pack: &EvidencePack) -> String {
    let accounts: Vec<String> =
        pack.scope.accounts.iter().map(|(id, name)| format!("{name} ({id})")).collect();
    let whole = if pack.scope.whole_organization { "the whole Organization" } else { "a part" };
    format!(
        "{whole}: {} accounts, {} secrets and parameters: {}",
        accounts.len(),
        pack.scope.resources,
        accounts.join(", ")
    )
}

fn head(pack: &EvidencePack) -> String {
    match &pack.head {
        Some(head) => format!("entry {} {}", head.entries, head.head),
        None => "not shown: reading the audit log needs a role for the whole Organization".into(),
    }
}

/// Lines about the pack, the head of the columns, a record for each control and each exception.
pub(super) fn csv_start(pack: &EvidencePack) -> Result<String, ServiceError> {
    let mut text = String::new();
    let evaluated = pack.evaluated_at.map_or_else(|| "not completely".into(), format_timestamp);
    for (name, value) in [
        ("framework", pack.framework.title().to_owned()),
        ("made_at", format_timestamp(pack.as_of)),
        ("made_by", pack.by.clone()),
        ("evaluated_at", evaluated),
        ("scope", scope(pack)),
        ("audit_head", head(pack)),
        ("note", MAPPING.to_owned()),
        ("incomplete", pack.incomplete.clone().unwrap_or_else(|| "no".into())),
    ] {
        // A line of its own in any case.
        text += &(format!("# {name}: ") + &value.replace(['\r', '\n'], " ") + "\n");
    }
    text.push_str(&record(COLUMNS.map(ToOwned::to_owned))?);
    for control in &pack.controls {
        text.push_str(&csv_control(control)?);
    }
    for exception in &pack.exceptions {
        text.push_str(&csv_exception(pack, exception)?);
    }
    Ok(text)
}

fn csv_control(control: &EvidenceControl) -> Result<String, ServiceError> {
    let policies: Vec<String> = control
        .policies
        .iter()
        .map(|policy| format!("{} (version {}, {})", policy.id, policy.version, policy.rule))
        .collect();
    line(&[
        ("record", "control".into()),
        ("controls", control.id.clone()),
        ("title", control.title.clone()),
        ("result", control.result.to_string()),
        ("pass", control.tally.pass.to_string()),
        ("fail", control.tally.fail.to_string()),
        ("unknown", control.tally.unknown.to_string()),
        ("excepted", control.tally.waived.to_string()),
        ("policies", policies.join("; ")),
        ("says", control.why.clone()),
    ])
}

fn csv_exception(pack: &EvidencePack, row: &ExceptionRow) -> Result<String, ServiceError> {
    let approval = row.decision.as_ref();
    line(&[
        ("record", "exception".into()),
        ("controls", controls_of(pack, row.policy.as_deref()).join("; ")),
        ("title", row.target_name.clone()),
        ("result", row.state.to_string()),
        ("excepted", row.findings.to_string()),
        ("policies", row.policy.clone().unwrap_or_else(|| "every policy".into())),
        ("says", row.reason.clone()),
        ("opened_at", format_timestamp(row.created_at)),
        ("due_at", format_timestamp(row.ends_at)),
        ("exception", row.id.to_string()),
        ("approved_by", approval.map(|note| note.by.name.clone()).unwrap_or_default()),
        ("approved_at", approval.map(|note| format_timestamp(note.at)).unwrap_or_default()),
    ])
}

pub(super) fn csv_finding(pack: &EvidencePack, row: &FindingRow) -> Result<String, ServiceError> {
    line(&[
        ("record", "finding".into()),
        ("controls", controls_of(pack, Some(&row.policy)).join("; ")),
        ("title", row.policy_title.clone()),
        (
            "result",
            if row.exception.is_some() { "excepted".into() } else { row.verdict.to_string() },
        ),
        ("policies", row.policy.clone()),
        ("severity", row.severity.to_string()),
        ("arn", row.arn.to_string()),
        ("account_id", row.account_id.to_string()),
        ("account_name", row.account_name.clone()),
        ("region", row.region.to_string()),
        ("team", row.team.clone().unwrap_or_default()),
        ("says", row.says.clone()),
        ("opened_at", format_timestamp(row.opened_at)),
        ("due_at", format_timestamp(row.due_at)),
        ("exception", row.exception.as_ref().map(|one| one.id.to_string()).unwrap_or_default()),
    ])
}

/// A record with these cells; the others are empty.
fn line(cells: &[(&str, String)]) -> Result<String, ServiceError> {
    record(COLUMNS.map(|column| {
        let cell = cells.iter().find(|(name, _)| *name == column);
        cell.map(|(_, value)| value.clone()).unwrap_or_default()
    }))
}

/// The controls for which a policy is evidence; without a policy, all that have one.
fn controls_of(pack: &EvidencePack, policy: Option<&str>) -> Vec<String> {
    let has = |control: &&EvidenceControl| match policy {
        Some(policy) => control.policies.iter().any(|behind| behind.id == policy),
        None => !control.policies.is_empty(),
    };
    pack.controls.iter().filter(has).map(|control| control.id.clone()).collect()
}

/// A line for each control.
pub(super) fn ocsf_start(pack: &EvidencePack) -> String {
    pack.controls.iter().map(|control| ocsf_control(pack, control).to_string() + "\n").collect()
}

fn ocsf_control(pack: &EvidencePack, control: &EvidenceControl) -> Value {
    let (status_id, status) = match control.result {
        ControlResult::Pass => (1, "Pass"),
        ControlResult::Excepted => (2, "Warning"),
        ControlResult::Fail => (3, "Fail"),
        ControlResult::Unknown | ControlResult::NotChecked | ControlResult::NotApplicable => {
            (0, "Unknown")
        }
    };
    let millis = i64::try_from(pack.as_of.unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
    let exceptions: Vec<Value> = pack
        .exceptions
        .iter()
        .filter(|row| controls_of(pack, row.policy.as_deref()).contains(&control.id))
        .map(exception)
        .collect();
    json!({
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "category_uid": 2,
        "category_name": "Findings",
        "activity_id": 1,
        "activity_name": "Create",
        "type_uid": 200_301,
        "type_name": "Compliance Finding: Create",
        "time": millis,
        "severity_id": 1,
        "severity": "Informational",
        "status_id": 1,
        "status": "New",
        "message": control.title,
        "metadata": {
            "version": "1.3.0",
            "product": {"name": "Claviger", "vendor_name": "Claviger", "version": env!("CARGO_PKG_VERSION")},
        },
        "finding_info": {
            "uid": format!("claviger/{}/{}", pack.framework, control.id),
            "title": control.title,
            "desc": control.why,
            "created_time": millis,
        },
        "compliance": {
            "control": control.id,
            "standards": [pack.framework.title()],
            "requirements": [control.id],
            "status_id": status_id,
            "status": status,
            "status_detail": capitalize(&control.result.to_string().replace('-', " ")),
        },
        "unmapped": {
            "record": "control",
            "checks": {
                "pass": control.tally.pass,
                "fail": control.tally.fail,
                "unknown": control.tally.unknown,
                "excepted": control.tally.waived,
            },
            "policies": control.policies,
            "exceptions": exceptions,
            "scope": scope(pack),
            "made_by": pack.by,
            "audit_head": head(pack),
            "incomplete": pack.incomplete,
            "note": MAPPING,
        },
    })
}

fn exception(row: &ExceptionRow) -> Value {
    let approval = row.decision.as_ref();
    json!({
        "id": row.id.to_string(),
        "state": row.state,
        "target": row.target_name,
        "reason": row.reason,
        "owner": row.owner.name,
        "until": format_timestamp(row.ends_at),
        "approved_by": approval.map(|note| &note.by.name),
        "approved_at": approval.map(|note| format_timestamp(note.at)),
    })
}

/// A line for a finding, under the framework's own controls.
pub(super) fn ocsf_finding(pack: &EvidencePack, row: &FindingRow) -> String {
    let mut finding = ocsf::finding(&Exported { row, controls: &[], at: pack.as_of });
    finding["compliance"]["standards"] = json!([pack.framework.title()]);
    finding["compliance"]["requirements"] = json!(controls_of(pack, Some(&row.policy)));
    if row.exception.is_some() && row.verdict == CheckResult::Fail {
        finding["compliance"]["status_detail"] = "Excepted".into();
    }
    finding.to_string() + "\n"
}
