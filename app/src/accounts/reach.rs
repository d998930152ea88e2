//! How far an account or a Region was reached, in words.

use crate::ui::{Chip, Tone};
use claviger_domain::{
    organization::AccountState,
    sweep::{ScanFault, ScanStatus},
    view::{AccountRow, Reach},
};
use leptos::prelude::*;

/// The state and, where it could not be read, why and what to do.
#[component]
pub(crate) fn ReachCell(row: AccountRow) -> impl IntoView {
    let (tone, text) = reach(&row);
    view! { <Chip tone text /><Why fault=row.fault /> }
}

/// The reason below the state.
#[component]
pub(crate) fn Why(fault: Option<ScanFault>) -> impl IntoView {
    fault.map(|fault| {
        let (what, hint) = fault.explain();
        view! { <small class="why">{what}" "{hint}</small> }
    })
}

fn reach(row: &AccountRow) -> (Tone, &'static str) {
    if row.left_at.is_some() {
        return (Tone::Unknown, "Left the Organization");
    }
    match (row.state, row.reach) {
        (AccountState::Suspended, _) => (Tone::Bad, "Suspended"),
        (AccountState::Closed | AccountState::PendingClosure, _) => (Tone::Bad, "Closed"),
        (_, Reach::Whole) => (Tone::Good, "Read"),
        (_, Reach::Partial) => (Tone::Soon, "Read in part"),
        (_, Reach::None) => (Tone::Bad, "Not reached"),
        (_, Reach::Underway) => (Tone::Unknown, "Being read"),
        (_, Reach::Never) => (Tone::Unknown, "Not read yet"),
    }
}

pub(crate) fn scan_chip(status: ScanStatus) -> (Tone, &'static str) {
    match status {
        ScanStatus::Queued => (Tone::Unknown, "Queued"),
        ScanStatus::Running => (Tone::Unknown, "Being read"),
        ScanStatus::Complete => (Tone::Good, "Read"),
        ScanStatus::Failed => (Tone::Bad, "Not reached"),
    }
}
