//! What an entry says, as words around its target.

use super::actions::{self, Verb, verb};
use crate::ui::Tone;
use claviger_domain::{
    audit::{
        Outcome,
        view::{AuditRow, Position},
    },
    inventory::view::FacetValue,
};

/// How it ended.
pub(super) fn outcome(row: &AuditRow) -> Outcome {
    actions::outcome(row.phase, row.succeeded)
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
    use claviger_domain::audit::{AuditAction, Phase};
    use std::collections::BTreeMap;
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
    fn a_place_in_the_list_is_said_only_if_it_is_known() {
        assert_eq!(position(Position::Exact { first: 51, of: 800 }, 50), "51–100 of 800 entries");
        assert_eq!(position(Position::MoreThan(10_000), 50), "More than 10,000 entries match");
        assert_eq!(position(Position::Unknown, 0), "No entries match");
    }
}
