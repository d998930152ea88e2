//! The words of creations.

use crate::ui::Tone;
use claviger_domain::creation::CreationState;

pub(super) fn state_label(state: CreationState) -> (Tone, &'static str) {
    match state {
        CreationState::Waiting => (Tone::Soon, "Pending approval"),
        CreationState::Approved => (Tone::Soon, "Waiting for the value"),
        CreationState::Creating => (Tone::Soon, "Creating"),
        CreationState::Created => (Tone::Good, "Created"),
        CreationState::Failed => (Tone::Bad, "Failed"),
        CreationState::Denied => (Tone::Bad, "Denied"),
        CreationState::Withdrawn => (Tone::Unknown, "Withdrawn"),
        CreationState::Expired => (Tone::Unknown, "Expired"),
    }
}
