//! The shell's server functions.

use crate::wire::server::{call, set_cookie, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::{
    inventory::view::{Jump, Me},
    scan::ScanProgress,
};
use leptos::prelude::*;

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
    let (value, age) = match theme.as_str() {
        "light" | "dark" => (theme.as_str(), 31_536_000),
        _ => ("", 0),
    };
    set_cookie("claviger-theme", value, age);
    Ok(())
}

/// Ends the pause of all access.
#[server(output = TextJson, prefix = "/api", endpoint = "access/resume")]
pub(crate) async fn resume_access() -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.incident().resume_access(&caller).await.map_err(wire)
}
