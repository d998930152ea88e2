//! The shell's server functions.

use crate::wire::server::{call, remember, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::{
    inventory::view::{Jump, Me},
    scan::ScanProgress,
};
use leptos::prelude::*;

/// The cookie that remembers whether single keys are shortcuts.
pub(super) const SHORTCUTS: &str = "claviger-shortcuts";

/// Who is signed in, with the navigation's numbers.
#[server(output = TextJson, prefix = "/api", endpoint = "me")]
pub(crate) async fn load_me() -> Result<Me, WireError> {
    let (services, caller) = call()?;
    services.navigation().me(&caller).await.map_err(wire)
}

/// Where a few letters could lead.
#[server(output = TextJson, prefix = "/api", endpoint = "jumps")]
pub(crate) async fn load_jumps(text: String) -> Result<Vec<Jump>, WireError> {
    let (services, caller) = call()?;
    services.inventory().jumps(&caller, &text).await.map_err(wire)
}

/// How the newest sweep goes.
#[server(output = TextJson, prefix = "/api", endpoint = "sweep/progress")]
pub(crate) async fn load_progress() -> Result<ScanProgress, WireError> {
    let (services, caller) = call()?;
    services.scans().scan_progress(&caller).await.map_err(wire)
}

/// Begins a sweep, unless one is under way.
#[server(output = TextJson, prefix = "/api", endpoint = "sweep/start")]
pub(crate) async fn start_scan() -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.scans().start_scan(&caller).await.map_err(wire)
}

/// Remembers the look for a year: `light`, `dark`, or anything else for the system's.
#[server(output = TextJson, prefix = "/api", endpoint = "theme")]
pub(crate) async fn set_theme(theme: String) -> Result<(), WireError> {
    call()?;
    remember(
        "claviger-theme",
        Some(theme.as_str()).filter(|theme| ["light", "dark"].contains(theme)),
    );
    Ok(())
}

/// Remembers the time zone for a year: `browser`, or anything else for UTC.
#[server(output = TextJson, prefix = "/api", endpoint = "zone")]
pub(crate) async fn set_zone(zone: String) -> Result<(), WireError> {
    call()?;
    remember("claviger-zone", (zone == "browser").then_some("browser"));
    Ok(())
}

/// Remembers for a year whether single keys are shortcuts: `off`, or anything else for on.
#[server(output = TextJson, prefix = "/api", endpoint = "shortcuts")]
pub(crate) async fn set_shortcuts(shortcuts: String) -> Result<(), WireError> {
    call()?;
    remember(SHORTCUTS, (shortcuts == "off").then_some("off"));
    Ok(())
}

/// Ends the pause of all access.
#[server(output = TextJson, prefix = "/api", endpoint = "access/resume")]
pub(crate) async fn resume_access() -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.incident().resume_access(&caller).await.map_err(wire)
}
