//! How far an account or a Region was reached, in words.

use crate::ui::{Chip, Tone};
use claviger_domain::{
    accounts::AccountState,
    inventory::view::{AccountRow, Coverage},
    scan::{RegionScanFault, RegionScanStatus},
};
use leptos::prelude::*;

/// The state and, where it could not be read, why and what to do.
#[component]
pub(crate) fn CoverageCell(row: AccountRow) -> impl IntoView {
    let (tone, text) = reach(&row);
    view! { <Chip tone text /><Why fault=row.fault /> }
}

/// The reason below the state.
#[component]
pub(crate) fn Why(fault: Option<RegionScanFault>) -> impl IntoView {
    fault.map(|fault| {
        let (what, hint) = fault.explain();
        view! { <small class="why">{what}" "{hint}</small> }
    })
}

fn reach(row: &AccountRow) -> (Tone, &'static str) {
    if row.left_at.is_some() {
        return (Tone::Unknown, "Removed from Organization");
    }
    match (row.state, row.reach) {
        (AccountState::Suspended, _) => (Tone::Bad, "Suspended"),
        (AccountState::Closed | AccountState::PendingClosure, _) => (Tone::Bad, "Closed"),
        (_, Coverage::Whole) => (Tone::Good, "Scanned"),
        (_, Coverage::Partial) => (Tone::Soon, "Partial"),
        (_, Coverage::None) => (Tone::Bad, "Unreachable"),
        (_, Coverage::Underway) => (Tone::Unknown, "Scanning"),
        (_, Coverage::Never) => (Tone::Unknown, "Not scanned yet"),
    }
}

pub(crate) fn region_scan_chip(status: RegionScanStatus) -> (Tone, &'static str) {
    match status {
        RegionScanStatus::Queued => (Tone::Unknown, "Queued"),
        RegionScanStatus::Running => (Tone::Unknown, "Scanning"),
        RegionScanStatus::Complete => (Tone::Good, "Scanned"),
        RegionScanStatus::Failed => (Tone::Bad, "Unreachable"),
    }
}
