//! Labels of states and actions.

use crate::ui::Tone;
use claviger_domain::{
    audit::{AuditAction, Phase},
    grants::{
        Action, GrantId, GrantStateName,
        view::{GrantDetail, GrantRow},
    },
    ids::ResourceId,
};
use time::OffsetDateTime;

pub(crate) fn verb(action: Action) -> &'static str {
    action.words()
}

/// The request form's address for these resources.
pub(crate) fn request_href(
    action: Action,
    extends: Option<GrantId>,
    resources: impl Iterator<Item = ResourceId>,
) -> String {
    let extends = extends.map(|grant| format!("&extends={grant}")).unwrap_or_default();
    resources.fold(format!("/access/request?action={action}{extends}"), |href, id| {
        href + "&resource=" + &id.to_string()
    })
}

/// The form of a request like this one, to change and submit.
pub(crate) fn again_href(shown: &GrantDetail) -> String {
    let ids = shown.resources.iter().map(|resource| resource.id);
    let filled = form_urlencoded::Serializer::new(String::new())
        .append_pair("minutes", &shown.row.minutes.to_string())
        .append_pair("purpose", &shown.purpose)
        .finish();
    format!("{}&{filled}", request_href(shown.row.action, None, ids))
}

/// The form for break-glass access to these resources.
pub(crate) fn glass_href(resources: impl Iterator<Item = ResourceId>) -> String {
    request_href(Action::Read, None, resources) + "&glass=true"
}

/// `payments/ledger and 2 more`.
pub(crate) fn names(row: &GrantRow) -> String {
    match row.more {
        0 => row.name.clone(),
        more => format!("{} and {more} more", row.name),
    }
}

pub(crate) fn tone(word: GrantStateName) -> Tone {
    match word {
        GrantStateName::Requested | GrantStateName::Approved => Tone::Soon,
        GrantStateName::Claimable | GrantStateName::Active => Tone::Good,
        GrantStateName::Revoked | GrantStateName::Denied | GrantStateName::Failed => Tone::Bad,
        GrantStateName::Ended | GrantStateName::GivenBack | GrantStateName::Expired => {
            Tone::Unknown
        }
    }
}

/// `43 min left`, `1 h 5 min left`, `30 s left`, `over`.
pub(crate) fn left(until: OffsetDateTime, now: OffsetDateTime) -> String {
    let seconds = (until - now).whole_seconds();
    match seconds {
        ..=0 => "over".into(),
        1..=59 => format!("{seconds} s left"),
        60..=3599 => format!("{} min left", (seconds + 59) / 60),
        3600..=86_399 => format!("{} h {} min left", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d {} h left", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

/// An action of the audit trail.
pub(crate) fn audit_action_label(
    audit_action: AuditAction,
    phase: Phase,
    succeeded: Option<bool>,
) -> (Tone, String) {
    match (phase, succeeded) {
        (Phase::Started, _) => (Tone::Unknown, format!("{} started", doing(audit_action))),
        (_, Some(false)) => (Tone::Bad, format!("{} failed", doing(audit_action))),
        _ => (audit_action_tone(audit_action), done(audit_action).to_owned()),
    }
}

fn audit_action_tone(audit_action: AuditAction) -> Tone {
    match audit_action {
        AuditAction::Approve
        | AuditAction::Claim
        | AuditAction::ConfirmDenial
        | AuditAction::CloseReview
        | AuditAction::ApproveRemediation
        | AuditAction::Remediate
        | AuditAction::ApproveException
        | AuditAction::ReviewException => Tone::Good,
        AuditAction::Deny
        | AuditAction::Revoke
        | AuditAction::BreakGlass
        | AuditAction::DenyRemediation
        | AuditAction::PauseAccess
        | AuditAction::EndAllSessions
        | AuditAction::PauseRemediation
        | AuditAction::DenyException => Tone::Bad,
        _ => Tone::Unknown,
    }
}

fn done(audit_action: AuditAction) -> &'static str {
    match audit_action {
        AuditAction::Request => "Requested",
        AuditAction::Approve => "Approved",
        AuditAction::Deny => "Denied",
        AuditAction::Claim => "Started",
        AuditAction::BreakGlass => "Break-glass used",
        AuditAction::Expire | AuditAction::End => "Expired",
        AuditAction::GiveBack => "Ended early",
        AuditAction::Revoke => "Revoked",
        AuditAction::IssueSession => "Session issued",
        AuditAction::Reveal => "Secret revealed",
        AuditAction::PutValue => "New value written",
        AuditAction::ReadKeys => "Keys of the value read",
        AuditAction::Rotate => "Rotation started",
        AuditAction::DenySession => "Deny policy applied",
        AuditAction::ConfirmDenial => "Revocation verified",
        AuditAction::CollectDenials => "Old deny statements cleaned up",
        AuditAction::PauseAccess => "Access paused",
        AuditAction::ResumeAccess => "Access resumed",
        AuditAction::EndAllSessions => "All sessions of the account ended",
        AuditAction::CloseReview => "Review closed",
        AuditAction::ConsoleLink => "Console sign-in",
        AuditAction::SavePolicy => "Policy saved",
        AuditAction::RetirePolicy => "Policy disabled",
        AuditAction::PlanRemediation => "Remediation planned",
        AuditAction::ApproveRemediation => "Remediation approved",
        AuditAction::DenyRemediation => "Remediation denied",
        AuditAction::WithdrawRemediation => "Remediation withdrawn",
        AuditAction::StopRemediation => "Remediation stopped",
        AuditAction::ResumeRemediation => "Remediation resumed",
        AuditAction::RetryRemediation => "Failed calls retried",
        AuditAction::Remediate => "Fix applied",
        AuditAction::PauseRemediation => "Remediation paused",
        AuditAction::UnpauseRemediation => "Remediation unpaused",
        AuditAction::RequestException => "Exception requested",
        AuditAction::ApproveException => "Exception approved",
        AuditAction::DenyException => "Exception denied",
        AuditAction::WithdrawException => "Exception withdrawn",
        AuditAction::ReviewException => "Exception reviewed",
        AuditAction::EndException => "Exception ended",
        AuditAction::ExpireException => "Exception expired",
        AuditAction::TestChannel => "Test notification sent",
        AuditAction::RetryJob => "Job retried",
        AuditAction::DismissSetup => "Setup dismissed",
        AuditAction::RestoreSetup => "Setup shown again",
        AuditAction::ExportAudit => "Audit log exported",
        AuditAction::ExportEvidence => "Evidence exported",
        AuditAction::SnoozeFindings => "Findings snoozed",
        AuditAction::AssignFindings => "Findings assigned",
        AuditAction::UndoTriage => "Snooze or assignment undone",
        AuditAction::RequestCreation => "Creation requested",
        AuditAction::ApproveCreation => "Creation approved",
        AuditAction::DenyCreation => "Creation denied",
        AuditAction::WithdrawCreation => "Creation withdrawn",
        AuditAction::ExpireCreation => "Creation expired",
        AuditAction::CreateResource => "Created in AWS",
        AuditAction::TestAlarms => "Alarms tested",
        AuditAction::CloseAlarm => "Alarm closed",
        AuditAction::ReportLeak => "Reported as leaked",
        AuditAction::DeclareConsumers => "Consumers declared",
    }
}

fn doing(audit_action: AuditAction) -> &'static str {
    match audit_action {
        AuditAction::IssueSession => "Session",
        AuditAction::Reveal => "Secret reveal",
        AuditAction::PutValue => "New value",
        AuditAction::ReadKeys => "Reading of keys",
        AuditAction::Rotate => "Rotation",
        AuditAction::DenySession | AuditAction::CollectDenials => "Deny policy update",
        AuditAction::Claim => "Start of access",
        AuditAction::ConsoleLink => "Console sign-in",
        AuditAction::Remediate => "Fix",
        AuditAction::TestChannel => "Test notification",
        other => done(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::{Duration, macros::datetime};

    #[test]
    fn time_left_is_said_as_people_say_it() {
        let now = datetime!(2026-11-24 12:00 UTC);
        let said = |seconds| left(now + Duration::seconds(seconds), now);
        assert_eq!(
            [-5, 0, 30, 60, 61, 3600, 3900, 90_000].map(said),
            [
                "over",
                "over",
                "30 s left",
                "1 min left",
                "2 min left",
                "1 h 0 min left",
                "1 h 5 min left",
                "1 d 1 h left"
            ]
        );
    }
}
