//! The server functions of alarms.

use crate::wire::server::{call, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::alarms::view::{AlarmChecksView, AlarmsView};
use leptos::prelude::*;

/// The list, as the URL's query asks for it.
#[server(output = TextJson, prefix = "/api", endpoint = "alarms/list")]
pub(crate) async fn load_alarms(#[server(default)] query: String) -> Result<AlarmsView, WireError> {
    let (services, caller) = call()?;
    services.alarms().alarms(&caller, &query).await.map_err(wire)
}

/// What was found of the rules last. Nothing is asked of AWS.
#[server(output = TextJson, prefix = "/api", endpoint = "alarms/checks")]
pub(crate) async fn load_alarm_checks() -> Result<AlarmChecksView, WireError> {
    let (services, caller) = call()?;
    services.alarms().alarm_checks(&caller).await.map_err(wire)
}

/// Closes an alarm, and leads back to the list.
#[server(output = TextJson, prefix = "/api", endpoint = "alarms/close")]
pub(crate) async fn close_alarm(
    id: String,
    #[server(default)] note: String,
) -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.alarms().close_alarm(&caller, &id, &note).await.map_err(wire)?;
    leptos_axum::redirect("/alarms");
    Ok(())
}

/// Checks the rules of an account and Region, and sends them test events.
#[server(output = TextJson, prefix = "/api", endpoint = "alarms/test")]
pub(crate) async fn test_alarms(account: String, region: String) -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.alarms().test_alarms(&caller, &account, &region).await.map_err(wire)?;
    leptos_axum::redirect(&format!("/alarms/checks#{account}-{region}"));
    Ok(())
}
