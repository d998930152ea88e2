//! The words of creations.

use crate::ui::Tone;
use claviger_domain::creation::{CreationState, ShapeFault};
use leptos::prelude::*;

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

/// What is wrong with a field, below it.
pub(crate) fn fault_of(faults: &[ShapeFault], field: &str) -> Option<AnyView> {
    let reasons: Vec<String> = faults
        .iter()
        .filter(|fault| fault.field == field)
        .map(|fault| fault.reason.clone())
        .collect();
    (!reasons.is_empty())
        .then(|| view! { <small class="fault" role="alert">{reasons.join(" ")}</small> }.into_any())
}
