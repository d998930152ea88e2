//! The Open Cybersecurity Schema Framework: Entity Management (class 3004) of version 1.3.

use super::outcome;
use claviger_domain::audit::{AuditAction, view::AuditRow};
use serde_json::{Value, json};

const CLASS: u32 = 3004;

pub(super) fn event(row: &AuditRow) -> Value {
    let (activity_id, activity) = activity(row.audit_action);
    let (status_id, status) = match outcome(row) {
        "started" => (0, "Unknown"),
        "failed" => (2, "Failure"),
        _ => (1, "Success"),
    };
    let user = match &row.who {
        Some((subject, name)) => json!({"uid": subject, "name": name, "type_id": 1}),
        None => json!({"uid": "claviger", "name": "Claviger", "type_id": 3}),
    };
    json!({
        "class_uid": CLASS,
        "class_name": "Entity Management",
        "category_uid": 3,
        "category_name": "Identity & Access Management",
        "activity_id": activity_id,
        "activity_name": activity.unwrap_or("Other"),
        "type_uid": CLASS * 100 + activity_id,
        "type_name": format!("Entity Management: {}", activity.unwrap_or("Other")),
        "time": i64::try_from(row.at.unix_timestamp_nanos() / 1_000_000).unwrap_or_default(),
        "severity_id": 1,
        "severity": "Informational",
        "status_id": status_id,
        "status": status,
        "message": format!("{} {}", row.audit_action, row.subject),
        "metadata": {
            "version": "1.3.0",
            "uid": row.seq.to_string(),
            "product": {"name": "Claviger", "vendor_name": "Claviger", "version": env!("CARGO_PKG_VERSION")},
        },
        "actor": {"user": user},
        "entity": {"type": entity(&row.subject), "uid": row.subject, "name": row.subject},
        "unmapped": {
            "action": row.audit_action,
            "phase": row.phase,
            "started_by": row.started,
            "detail": row.detail,
            "hash": row.hash,
            "previous_hash": row.previous,
        },
    })
}

/// The activity of the class; without a name it is another one.
fn activity(action: AuditAction) -> (u32, Option<&'static str>) {
    match action {
        AuditAction::Request
        | AuditAction::BreakGlass
        | AuditAction::PlanRemediation
        | AuditAction::RequestException => (1, Some("Create")),
        AuditAction::Reveal
        | AuditAction::ReadKeys
        | AuditAction::ExportAudit
        | AuditAction::ExportEvidence => (2, Some("Read")),
        AuditAction::SavePolicy
        | AuditAction::PutValue
        | AuditAction::Rotate
        | AuditAction::Remediate
        | AuditAction::DeclareConsumers
        | AuditAction::DenySession
        | AuditAction::CollectDenials => (3, Some("Update")),
        AuditAction::Approve | AuditAction::ApproveException | AuditAction::ApproveRemediation => {
            (8, Some("Enable"))
        }
        AuditAction::RetirePolicy => (9, Some("Disable")),
        AuditAction::Claim | AuditAction::IssueSession | AuditAction::ConsoleLink => {
            (10, Some("Activate"))
        }
        AuditAction::Expire
        | AuditAction::End
        | AuditAction::GiveBack
        | AuditAction::Revoke
        | AuditAction::EndAllSessions
        | AuditAction::ReportLeak
        | AuditAction::EndException
        | AuditAction::ExpireException => (11, Some("Deactivate")),
        AuditAction::PauseAccess | AuditAction::PauseRemediation | AuditAction::StopRemediation => {
            (12, Some("Suspend"))
        }
        AuditAction::ResumeAccess
        | AuditAction::UnpauseRemediation
        | AuditAction::ResumeRemediation => (13, Some("Resume")),
        _ => (99, None),
    }
}

/// What an id of an entry is the id of.
fn entity(target: &str) -> &'static str {
    let digits = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    if target.starts_with("repository ") {
        return "Repository";
    }
    match target.split_once('-') {
        Some(("G", rest)) if digits(rest) => "Grant",
        Some(("P", rest)) if digits(rest) => "Remediation plan",
        Some(("W", rest)) if digits(rest) => "Exception",
        _ if target.len() == 12 && digits(target) => "AWS account",
        _ if ["access", "remediation", "audit", "evidence"].contains(&target) => "Claviger",
        _ => "Policy",
    }
}

#[cfg(test)]
mod tests {
    use super::entity;

    #[test]
    fn a_repository_is_nothing_else() {
        for (subject, kind) in [
            ("G-12", "Grant"),
            ("441205839201", "AWS account"),
            ("payments/read", "Policy"),
            ("repository github.com/example/shop", "Repository"),
            ("repository G-12", "Repository"),
            ("repository 441205839201", "Repository"),
        ] {
            assert_eq!(entity(subject), kind, "{subject}");
        }
    }
}
