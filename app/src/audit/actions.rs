//! What is said of each action of the audit log: in its entries, in its filter, and on timelines.

use crate::ui::Tone;
use claviger_domain::audit::{AuditAction, Outcome, Phase};

/// How it ended.
pub(super) fn outcome(phase: Phase, succeeded: Option<bool>) -> Outcome {
    match (phase, succeeded) {
        (Phase::Started, _) => Outcome::Started,
        (_, Some(false)) => Outcome::Failed,
        _ => Outcome::Succeeded,
    }
}

/// The verb of an action: `revoke` and `revoked`, each before the target.
pub(super) struct Verb {
    pub(super) infinitive: &'static str,
    pub(super) past: &'static str,
}

/// The verb of each action, in a sentence with its target.
pub(super) fn verb(action: AuditAction) -> Verb {
    let (infinitive, past) = match action {
        AuditAction::Request | AuditAction::RequestException | AuditAction::RequestCreation => {
            ("request", "requested")
        }
        AuditAction::Approve
        | AuditAction::ApproveException
        | AuditAction::ApproveCreation
        | AuditAction::ApproveRemediation => ("approve", "approved"),
        AuditAction::Deny
        | AuditAction::DenyException
        | AuditAction::DenyCreation
        | AuditAction::DenyRemediation => ("deny", "denied"),
        AuditAction::Claim => ("start", "started"),
        AuditAction::BreakGlass => ("use break-glass for", "used break-glass for"),
        AuditAction::Expire => {
            ("expire", "let expire, because it was not approved or started in time:")
        }
        AuditAction::End => ("end", "ended, because its time was over:"),
        AuditAction::GiveBack => ("end early", "ended early:"),
        AuditAction::Revoke => ("revoke", "revoked"),
        AuditAction::IssueSession => ("issue a session for", "issued a session for"),
        AuditAction::Reveal => ("reveal a secret with", "revealed a secret with"),
        AuditAction::PutValue => ("write a new value with", "wrote a new value with"),
        AuditAction::ReadKeys => ("read the keys of a value with", "read the keys of a value with"),
        AuditAction::Rotate => ("start a rotation with", "started a rotation with"),
        AuditAction::DenySession => ("apply the deny policy in", "applied the deny policy in"),
        AuditAction::ConfirmDenial => (
            "verify that AWS denies the revoked sessions of",
            "verified that AWS denies the revoked sessions of",
        ),
        AuditAction::CollectDenials => {
            ("remove old deny statements in", "removed old deny statements in")
        }
        AuditAction::PauseAccess | AuditAction::PauseRemediation => ("pause", "paused"),
        AuditAction::ResumeAccess
        | AuditAction::UnpauseRemediation
        | AuditAction::ResumeRemediation => ("resume", "resumed"),
        AuditAction::EndAllSessions => ("end all sessions in", "ended all sessions in"),
        AuditAction::CloseReview => ("close the review of", "closed the review of"),
        AuditAction::ConsoleLink => {
            ("sign in to the AWS console with", "signed in to the AWS console with")
        }
        AuditAction::SavePolicy => ("save the policy", "saved the policy"),
        AuditAction::RetirePolicy => ("disable the policy", "disabled the policy"),
        AuditAction::PlanRemediation => ("plan", "planned"),
        AuditAction::WithdrawRemediation
        | AuditAction::WithdrawException
        | AuditAction::WithdrawCreation => ("withdraw", "withdrew"),
        AuditAction::StopRemediation => ("stop", "stopped"),
        AuditAction::RetryRemediation => {
            ("retry the failed calls of", "retried the failed calls of")
        }
        AuditAction::Remediate => ("apply a fix of", "applied a fix of"),
        AuditAction::ReviewException => ("review", "reviewed, and kept,"),
        AuditAction::EndException => ("end", "ended"),
        AuditAction::ExpireException => ("expire", "let expire, because its last day was over:"),
        AuditAction::ExportAudit => ("export", "exported"),
        AuditAction::ExportEvidence => {
            ("export the evidence pack of", "exported the evidence pack of")
        }
        AuditAction::TestChannel => ("send a test through", "sent a test through"),
        AuditAction::RetryJob => ("retry", "retried"),
        AuditAction::DismissSetup => ("dismiss", "dismissed"),
        AuditAction::RestoreSetup => ("show", "showed"),
        AuditAction::SnoozeFindings => ("snooze", "snoozed"),
        AuditAction::AssignFindings => ("assign", "assigned"),
        AuditAction::UndoTriage => ("undo", "undid"),
        AuditAction::ExpireCreation => ("expire", "let expire, because its time was over:"),
        AuditAction::CreateResource => {
            ("create what was requested in", "created what was requested in")
        }
        AuditAction::TestAlarms => ("test the alarms of", "tested the alarms of"),
        AuditAction::CloseAlarm => ("close", "closed"),
        AuditAction::ReportLeak => ("report the leak", "reported the leak"),
        AuditAction::DeclareConsumers => ("declare the consumers of", "declared the consumers of"),
    };
    Verb { infinitive, past }
}

/// An action in the filter: what was done, and to what kind of thing.
pub(super) fn filter_label(action: AuditAction) -> &'static str {
    match action {
        AuditAction::Request => "Request access",
        AuditAction::Approve => "Approve access",
        AuditAction::Deny => "Deny access",
        AuditAction::Claim => "Start access",
        AuditAction::BreakGlass => "Break glass",
        AuditAction::Expire => "Request expires",
        AuditAction::End => "Access ends",
        AuditAction::GiveBack => "End access early",
        AuditAction::Revoke => "Revoke access",
        AuditAction::IssueSession => "Issue session",
        AuditAction::Reveal => "Reveal",
        AuditAction::PutValue => "Write a value",
        AuditAction::ReadKeys => "Read keys of a value",
        AuditAction::Rotate => "Rotate",
        AuditAction::DenySession => "Apply deny policy",
        AuditAction::ConfirmDenial => "Verify revocation",
        AuditAction::CollectDenials => "Clean up deny policy",
        AuditAction::PauseAccess => "Pause access",
        AuditAction::ResumeAccess => "Resume access",
        AuditAction::EndAllSessions => "End all sessions",
        AuditAction::CloseReview => "Close review",
        AuditAction::ConsoleLink => "Console sign-in",
        AuditAction::SavePolicy => "Save policy",
        AuditAction::RetirePolicy => "Disable policy",
        AuditAction::PlanRemediation => "Plan remediation",
        AuditAction::ApproveRemediation => "Approve remediation",
        AuditAction::DenyRemediation => "Deny remediation",
        AuditAction::WithdrawRemediation => "Withdraw remediation",
        AuditAction::StopRemediation => "Stop remediation",
        AuditAction::ResumeRemediation => "Resume remediation",
        AuditAction::RetryRemediation => "Retry remediation",
        AuditAction::Remediate => "Remediate",
        AuditAction::PauseRemediation => "Pause remediation",
        AuditAction::UnpauseRemediation => "Unpause remediation",
        AuditAction::RequestException => "Request exception",
        AuditAction::ApproveException => "Approve exception",
        AuditAction::DenyException => "Deny exception",
        AuditAction::WithdrawException => "Withdraw exception",
        AuditAction::ReviewException => "Review exception",
        AuditAction::EndException => "End exception",
        AuditAction::ExpireException => "Exception expires",
        AuditAction::TestChannel => "Test channel",
        AuditAction::RetryJob => "Retry job",
        AuditAction::DismissSetup => "Dismiss setup",
        AuditAction::RestoreSetup => "Restore setup",
        AuditAction::ExportAudit => "Export audit log",
        AuditAction::ExportEvidence => "Export evidence",
        AuditAction::SnoozeFindings => "Snooze findings",
        AuditAction::AssignFindings => "Assign findings",
        AuditAction::UndoTriage => "Undo snooze or assignment",
        AuditAction::RequestCreation => "Request creation",
        AuditAction::ApproveCreation => "Approve creation",
        AuditAction::DenyCreation => "Deny creation",
        AuditAction::WithdrawCreation => "Withdraw creation",
        AuditAction::ExpireCreation => "Expire creation",
        AuditAction::CreateResource => "Create resource",
        AuditAction::TestAlarms => "Test alarms",
        AuditAction::CloseAlarm => "Close alarm",
        AuditAction::ReportLeak => "Report leak",
        AuditAction::DeclareConsumers => "Declare consumers",
    }
}

/// An event of a timeline, and its tone.
pub(crate) fn audit_action_label(
    audit_action: AuditAction,
    phase: Phase,
    succeeded: Option<bool>,
) -> (Tone, String) {
    match outcome(phase, succeeded) {
        Outcome::Started => (Tone::Unknown, format!("{} started", doing(audit_action))),
        Outcome::Failed => (Tone::Bad, format!("{} failed", doing(audit_action))),
        Outcome::Succeeded => (audit_action_tone(audit_action), done(audit_action).to_owned()),
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
    use claviger_domain::VariantArray;
    use std::collections::BTreeSet;

    #[test]
    fn the_filter_has_another_word_for_each_action() {
        let words: BTreeSet<&str> =
            AuditAction::VARIANTS.iter().map(|action| filter_label(*action)).collect();
        assert_eq!(words.len(), AuditAction::VARIANTS.len());
    }

    #[test]
    fn a_timeline_says_how_it_ended() {
        let said = |phase, succeeded| audit_action_label(AuditAction::Reveal, phase, succeeded);
        assert_eq!(said(Phase::Started, None), (Tone::Unknown, "Secret reveal started".into()));
        assert_eq!(said(Phase::Completed, Some(false)), (Tone::Bad, "Secret reveal failed".into()));
        assert_eq!(said(Phase::Done, None), (Tone::Unknown, "Secret revealed".into()));
    }
}
