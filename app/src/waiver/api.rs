//! The server functions of exceptions.

#[cfg(feature = "ssr")]
use crate::wire::server::{call, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::waiver::{
    WaiverMove,
    view::{WaiverForm, WaiverPage, WaiversPage},
};
#[cfg(feature = "ssr")]
use claviger_services::WaiverAbout;
use leptos::prelude::*;

#[server(output = TextJson, prefix = "/api", endpoint = "exceptions/list")]
pub(crate) async fn load_waivers() -> Result<WaiversPage, WireError> {
    let (services, caller) = call()?;
    services.waivers(&caller).await.map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "exceptions/exception")]
pub(crate) async fn load_waiver(id: String) -> Result<WaiverPage, WireError> {
    let (services, caller) = call()?;
    services.waiver_page(&caller, &id).await.map_err(wire)
}

/// What an exception would bear. Nothing is written.
#[server(output = TextJson, prefix = "/api", endpoint = "exceptions/form")]
pub(crate) async fn load_form(
    #[server(default)] policy: String,
    #[server(default)] target: String,
) -> Result<WaiverForm, WireError> {
    let (services, caller) = call()?;
    services.waiver_form(&caller, &WaiverAbout { policy, target }).await.map_err(wire)
}

/// Asks for one, and leads to it.
#[server(output = TextJson, prefix = "/api", endpoint = "exceptions/ask")]
pub(crate) async fn ask_waiver(
    #[server(default)] policy: String,
    target: String,
    reason: String,
    until: String,
) -> Result<(), WireError> {
    let (services, caller) = call()?;
    let about = WaiverAbout { policy, target };
    let id = services.ask_waiver(&caller, &about, &reason, &until).await.map_err(wire)?;
    leptos_axum::redirect(&format!("/exceptions/{id}"));
    Ok(())
}

/// Approves, denies, withdraws, reviews or ends.
#[server(output = TextJson, prefix = "/api", endpoint = "exceptions/move")]
pub(crate) async fn move_waiver(
    id: String,
    step: WaiverMove,
    #[server(default)] note: String,
) -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.move_waiver(&caller, &id, step, &note).await.map(|_| ()).map_err(wire)
}
