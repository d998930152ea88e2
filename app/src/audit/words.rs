//! What an entry says, as words around its target.

use crate::ui::Tone;
use claviger_domain::{
    audit::{
        AuditAction, Outcome, Phase,
        view::{AuditRow, Position},
    },
    inventory::view::FacetValue,
};

/// How an action is told: `to revoke` and `revoked`, each before the target.
pub(super) struct Verb {
    infinitive: &'static str,
    past: &'static str,
}

/// What is said of each action.
fn verb(action: AuditAction) -> Verb {
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

/// How it ended.
pub(super) fn outcome(row: &AuditRow) -> Outcome {
    match (row.phase, row.succeeded) {
        (Phase::Started, _) => Outcome::Started,
        (_, Some(false)) => Outcome::Failed,
        _ => Outcome::Succeeded,
    }
}

pub(super) fn outcome_label(outcome: Outcome) -> (Tone, &'static str) {
    match outcome {
        Outcome::Succeeded => (Tone::Good, "Succeeded"),
        Outcome::Failed => (Tone::Bad, "Failed"),
        Outcome::Started => (Tone::Unknown, "Started"),
    }
}

/// What stands between the actor and the target.
pub(super) fn middle(row: &AuditRow) -> String {
    let Verb { infinitive, past } = verb(row.audit_action);
    match outcome(row) {
        Outcome::Started => format!("began to {infinitive}"),
        Outcome::Failed => format!("could not {infinitive}"),
        Outcome::Succeeded => past.to_owned(),
    }
}

/// The target in words, where its id is a word of ours.
pub(super) fn target(subject: &str) -> String {
    match subject {
        "access" => "all access".into(),
        "remediation" => "all remediation".into(),
        "audit" => "the audit log".into(),
        "setup" => "the setup checklist".into(),
        other => other.to_owned(),
    }
}

/// A key of an entry's details as a label: `live-sessions` is `Live sessions`.
pub(super) fn label(key: &str) -> String {
    let words = key.replace(['-', '_'], " ");
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// An action in the filter: what was done, and to what kind of thing.
pub(super) fn action_label(action: AuditAction) -> String {
    let word = label(&action.to_string());
    match action {
        AuditAction::Request => "Request access".into(),
        AuditAction::Approve => "Approve access".into(),
        AuditAction::Deny => "Deny access".into(),
        AuditAction::Claim => "Start access".into(),
        AuditAction::Expire => "Request expires".into(),
        AuditAction::End => "Access ends".into(),
        AuditAction::GiveBack => "End access early".into(),
        AuditAction::Revoke => "Revoke access".into(),
        AuditAction::PutValue => "Write a value".into(),
        AuditAction::ReadKeys => "Read keys of a value".into(),
        AuditAction::DenySession => "Apply deny policy".into(),
        AuditAction::ConfirmDenial => "Verify revocation".into(),
        AuditAction::CollectDenials => "Clean up deny policy".into(),
        AuditAction::ConsoleLink => "Console sign-in".into(),
        AuditAction::RetirePolicy => "Disable policy".into(),
        AuditAction::PlanRemediation => "Plan remediation".into(),
        AuditAction::PauseRemediation => "Pause remediation".into(),
        AuditAction::UnpauseRemediation => "Unpause remediation".into(),
        AuditAction::RequestException => "Request exception".into(),
        AuditAction::ApproveException => "Approve exception".into(),
        AuditAction::DenyException => "Deny exception".into(),
        AuditAction::WithdrawException => "Withdraw exception".into(),
        AuditAction::ReviewException => "Review exception".into(),
        AuditAction::EndException => "End exception".into(),
        AuditAction::ExpireException => "Exception expires".into(),
        AuditAction::ExportAudit => "Export audit log".into(),
        AuditAction::ExportEvidence => "Export evidence".into(),
        AuditAction::UndoTriage => "Undo snooze or assignment".into(),
        _ => word,
    }
}

/// A choice of a filter; its rows are not counted.
pub(super) fn choice(value: impl ToString, label: impl Into<String>) -> FacetValue {
    FacetValue { value: value.to_string(), label: label.into(), depth: 0, count: 0 }
}

/// `51–100 of 800 entries`.
pub(super) fn position(position: Position, rows: usize) -> String {
    let grouped = crate::ui::format::grouped;
    match position {
        Position::Exact { of: 1, .. } => "1 entry".into(),
        Position::Exact { first, of } => {
            let last = first + u64::try_from(rows).unwrap_or_default().saturating_sub(1);
            format!("{}–{} of {} entries", grouped(first), grouped(last), grouped(of))
        }
        Position::MoreThan(count) => format!("More than {} entries match", grouped(count)),
        Position::Unknown if rows == 0 => "No entries match".into(),
        Position::Unknown => "The newest entries that match".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::VariantArray;
    use std::collections::{BTreeMap, BTreeSet};
    use time::macros::datetime;

    fn row(action: AuditAction, phase: Phase, succeeded: Option<bool>) -> AuditRow {
        AuditRow {
            seq: 1,
            at: datetime!(2026-11-25 17:00 UTC),
            who: None,
            audit_action: action,
            phase,
            succeeded,
            started: None,
            subject: "G-1".into(),
            detail: BTreeMap::new(),
            body: String::new(),
            hash: String::new(),
            previous: String::new(),
        }
    }

    #[test]
    fn an_entry_is_a_sentence() {
        let said = |phase, succeeded| middle(&row(AuditAction::Revoke, phase, succeeded));
        assert_eq!(said(Phase::Started, None), "began to revoke");
        assert_eq!(said(Phase::Completed, Some(false)), "could not revoke");
        assert_eq!(said(Phase::Done, Some(false)), "could not revoke");
        assert_eq!(said(Phase::Completed, Some(true)), "revoked");
        assert_eq!(said(Phase::Done, None), "revoked");
    }

    #[test]
    fn the_filter_has_another_word_for_each_action() {
        let words: BTreeSet<String> =
            AuditAction::VARIANTS.iter().map(|action| action_label(*action)).collect();
        assert_eq!(words.len(), AuditAction::VARIANTS.len());
    }

    #[test]
    fn a_place_in_the_list_is_said_only_if_it_is_known() {
        assert_eq!(position(Position::Exact { first: 51, of: 800 }, 50), "51–100 of 800 entries");
        assert_eq!(position(Position::MoreThan(10_000), 50), "More than 10,000 entries match");
        assert_eq!(position(Position::Unknown, 0), "No entries match");
    }
}
