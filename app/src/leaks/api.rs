//! The server functions of reports of leaks.

use crate::wire::server::{call, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::leaks::{LeakDraft, LeakReport, LeakView};
use leptos::prelude::*;

/// What a report would do. Nothing is written.
#[server(output = TextJson, prefix = "/api", endpoint = "leaks/draft")]
pub(crate) async fn load_leak_draft(resource: String) -> Result<LeakDraft, WireError> {
    let (services, caller) = call()?;
    services.leaks().draft(&caller, &resource).await.map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "leaks/list")]
pub(crate) async fn load_leaks() -> Result<Vec<LeakReport>, WireError> {
    let (services, caller) = call()?;
    services.leaks().leaks(&caller).await.map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "leaks/leak")]
pub(crate) async fn load_leak(id: String) -> Result<LeakView, WireError> {
    let (services, caller) = call()?;
    services.leaks().leak(&caller, &id).await.map_err(wire)
}

/// Ends all access to the secret now, and plans its rotation. Leads to the report.
#[server(output = TextJson, prefix = "/api", endpoint = "leaks/report")]
pub(crate) async fn report_leak(
    resource: String,
    #[server(default)] reason: String,
) -> Result<(), WireError> {
    let (services, caller) = call()?;
    let leak = services.leaks().report(&caller, &resource, &reason).await.map_err(wire)?;
    leptos_axum::redirect(&format!("/leaks/{leak}"));
    Ok(())
}
