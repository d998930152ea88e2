//! The server functions of access. Forms are plain: every field arrives as it was typed.

#![expect(clippy::too_many_arguments, reason = "a form has as many fields as it has")]

use crate::wire::server::{call, open_next, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::{
    grants::view::{GrantDetail, Inbox, MyAccess, Queue, RequestForm},
    notifications::Deliveries,
    queue::QueueKey,
};
use leptos::prelude::*;

#[server(output = TextJson, prefix = "/api", endpoint = "access/mine")]
pub(crate) async fn load_my_access(before: Option<i64>) -> Result<MyAccess, WireError> {
    let (services, caller) = call()?;
    services.grants().my_access(&caller, before).await.map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "access/form")]
pub(crate) async fn load_request_form(
    resources: String,
    action: String,
    extends: String,
) -> Result<RequestForm, WireError> {
    let (services, caller) = call()?;
    let ids: Vec<String> = resources.split(',').map(ToOwned::to_owned).collect();
    services.requests().request_form(&caller, &ids, &action, Some(&extends)).await.map_err(wire)
}

/// Asks, and leads on to what came of it.
#[server(output = TextJson, prefix = "/api", endpoint = "access/request")]
pub(crate) async fn make_request(
    resources: String,
    action: String,
    minutes: u32,
    purpose: String,
    #[server(default)] ticket: String,
    #[server(default)] starts_at: String,
    #[server(default)] break_glass: bool,
    #[server(default)] incident: String,
    #[server(default)] extends: String,
) -> Result<(), WireError> {
    let (services, caller) = call()?;
    let resources = resources.split(',').map(ToOwned::to_owned).collect();
    #[rustfmt::skip]
    let input = claviger_services::grants::RequestInput { resources, action, minutes, purpose, ticket, starts_at, break_glass, incident, extends };
    let made = services.requests().request_access(&caller, input).await.map_err(wire)?;
    match made.grants.as_slice() {
        [one] => leptos_axum::redirect(&format!("/access/{one}")),
        _ => leptos_axum::redirect("/access"),
    }
    Ok(())
}

#[server(output = TextJson, prefix = "/api", endpoint = "access/grant")]
pub(crate) async fn load_grant(grant: String) -> Result<GrantDetail, WireError> {
    let (services, caller) = call()?;
    services.grants().grant_detail(&caller, &grant).await.map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "access/decide")]
pub(crate) async fn decide(
    grant: String,
    verdict: String,
    hash: String,
    #[server(default)] reason: String,
    #[server(default)] minutes: String,
    #[server(default)] queue: String,
) -> Result<(), WireError> {
    use claviger_services::ServiceError;
    let (services, caller) = call()?;
    let decision = claviger_domain::grants::Decision::read(&verdict, reason, &minutes, hash)
        .map_err(|error| wire(ServiceError::from(error)))?;
    let done = decision.verdict.into();
    services.grant_lifecycle().decide(&caller, &grant, decision).await.map_err(wire)?;
    let decided = grant.parse().ok().map(QueueKey::Access);
    open_next(&services, &caller, &queue, decided, Some(done)).await
}

#[server(output = TextJson, prefix = "/api", endpoint = "access/reviews")]
pub(crate) async fn load_reviews() -> Result<Queue, WireError> {
    let (services, caller) = call()?;
    services.grants().reviews(&caller).await.map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "access/live")]
pub(crate) async fn load_live() -> Result<Queue, WireError> {
    let (services, caller) = call()?;
    services.grants().live_access(&caller).await.map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "inbox/list")]
pub(crate) async fn load_inbox(#[server(default)] query: String) -> Result<Inbox, WireError> {
    let (services, caller) = call()?;
    services.inbox().inbox(&caller, &query).await.map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "inbox/read")]
pub(crate) async fn mark_read(up_to: i64) -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.inbox().mark_read(&caller, up_to).await.map_err(wire)
}

/// Whether notifications leave the console.
#[server(output = TextJson, prefix = "/api", endpoint = "deliveries/state")]
pub(crate) async fn load_deliveries() -> Result<Deliveries, WireError> {
    let (services, caller) = call()?;
    services.deliveries().deliveries(&caller).await.map_err(wire)
}
