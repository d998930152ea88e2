//! The texts of a grant's page about its state and its events.

use crate::{
    audit::audit_action_label,
    ui::{
        Tone,
        format::{absolute, relative},
    },
};
use claviger_domain::grants::{GrantState, view::TimelineEventKind};
use time::OffsetDateTime;

/// What a state means for its holder.
pub(crate) fn meaning(state: &GrantState, now: OffsetDateTime) -> String {
    match state {
        GrantState::Requested { expires_at } => {
            format!("Expires {} if not approved.", relative(*expires_at, now))
        }
        GrantState::Approved { starts_at, .. } => {
            format!("Access can start from {}.", absolute(*starts_at))
        }
        GrantState::Claimable { claim_until } => {
            format!("Start before {}; time runs from then.", absolute(*claim_until))
        }
        GrantState::Active { until, .. } => format!("Ends {}.", absolute(*until)),
        GrantState::Ended { at, .. } | GrantState::Denied { at } => {
            format!("Since {}.", absolute(*at))
        }
        GrantState::Expired { at } => {
            format!("Not approved or started by {}.", absolute(*at))
        }
        GrantState::Failed { reason, .. } => format!("{reason}."),
    }
}

/// An event as a sentence, and its tone.
pub(crate) fn happened(what: &TimelineEventKind) -> (Tone, String) {
    match what {
        TimelineEventKind::CloudTrail { event, error: None } => {
            (Tone::Good, format!("{event}, in CloudTrail"))
        }
        TimelineEventKind::CloudTrail { event, error: Some(error) } => {
            (Tone::Bad, format!("{event} denied by AWS: {error}"))
        }
        TimelineEventKind::AuditAction { audit_action, phase, succeeded } => {
            audit_action_label(*audit_action, *phase, *succeeded)
        }
    }
}
