//! The server functions of a grant's page. Forms are plain: every field arrives as it was typed. The browser's build of
//! this crate calls none.

use crate::wire::{
    TextJson, WireError,
    server::{call, open_next, wire},
};
use claviger_domain::{
    grants::view::Revealed,
    queue::{QueueKey, QueueOutcome},
};
use leptos::prelude::*;

#[server(output = TextJson, prefix = "/api", endpoint = "access/claim")]
pub(crate) async fn claim(grant: String) -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.grant_lifecycle().claim(&caller, &grant).await.map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "access/give-back")]
pub(crate) async fn give_back(grant: String) -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.grant_lifecycle().give_back(&caller, &grant).await.map(drop).map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "access/revoke")]
pub(crate) async fn revoke(grant: String, reason: String) -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.grant_lifecycle().revoke(&caller, &grant, &reason).await.map(drop).map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "access/close-review")]
pub(crate) async fn close_review(
    grant: String,
    note: String,
    #[server(default)] queue: String,
) -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.grant_lifecycle().close_review(&caller, &grant, &note).await.map_err(wire)?;
    let decided = grant.parse().ok().map(QueueKey::Review);
    open_next(&services, &caller, &queue, decided, Some(QueueOutcome::Reviewed)).await
}

/// The one answer that holds a value.
#[server(output = TextJson, prefix = "/api", endpoint = "access/reveal")]
pub(crate) async fn reveal(grant: String, resource: String) -> Result<Revealed, WireError> {
    let (services, caller) = call()?;
    services.grant_sessions().reveal(&caller, &grant, &resource).await.map_err(wire)
}

/// Writes a new value; answers with the new version. With `crlf` every line break is stored as CRLF.
#[server(output = TextJson, prefix = "/api", endpoint = "access/put")]
pub(crate) async fn put_value(
    grant: String,
    resource: String,
    value: String,
    #[server(default)] crlf: bool,
) -> Result<String, WireError> {
    let (services, caller) = call()?;
    // A secret's text is overwritten when it is dropped.
    let value = claviger_services::grants::typed_value(value, crlf);
    services
        .grant_sessions()
        .put_value(&caller, &grant, &resource, value.into())
        .await
        .map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "access/rotate")]
pub(crate) async fn rotate(grant: String, resource: String) -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.grant_sessions().rotate(&caller, &grant, &resource).await.map_err(wire)
}

/// Leads to the AWS console, signed in with the grant's session.
#[server(output = TextJson, prefix = "/api", endpoint = "access/console")]
pub(crate) async fn open_console(grant: String, resource: String) -> Result<(), WireError> {
    let (services, caller) = call()?;
    let link = services
        .grant_sessions()
        .console_link(&caller, &grant, Some(&resource))
        .await
        .map_err(wire)?;
    leptos_axum::redirect(&link);
    Ok(())
}
