//! The inventory's server functions.

#[cfg(feature = "ssr")]
use crate::wire::server::{call, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::inventory::view::{
    Completion, ExportProgress, InventoryView, ResourceDetail, Sibling,
};
use leptos::prelude::*;

/// The list as the URL's query asks for it.
#[server(output = TextJson, prefix = "/api", endpoint = "inventory/list")]
pub(crate) async fn load_inventory(query: String) -> Result<InventoryView, WireError> {
    let (services, caller) = call()?;
    services.inventory().inventory(&caller, &query).await.map_err(wire)
}

/// One secret or parameter, by the console's id.
#[server(output = TextJson, prefix = "/api", endpoint = "inventory/resource")]
pub(crate) async fn load_resource(id: String) -> Result<ResourceDetail, WireError> {
    let (services, caller) = call()?;
    services.inventory().resource(&caller, &id).await.map_err(wire)
}

/// The same name in other accounts and Regions.
#[server(output = TextJson, prefix = "/api", endpoint = "inventory/siblings")]
pub(crate) async fn load_siblings(id: String) -> Result<Vec<Sibling>, WireError> {
    let (services, caller) = call()?;
    services.inventory().siblings(&caller, &id).await.map_err(wire)
}

/// What could be typed next, for the word that was begun.
#[server(output = TextJson, prefix = "/api", endpoint = "inventory/complete")]
pub(crate) async fn complete(begun: String) -> Result<Vec<Completion>, WireError> {
    let (services, caller) = call()?;
    services.inventory().complete(&caller, &begun).await.map_err(wire)
}

/// How far an export is.
#[server(output = TextJson, prefix = "/api", endpoint = "inventory/export-progress")]
pub(crate) async fn load_export(token: String) -> Result<Option<ExportProgress>, WireError> {
    let (services, caller) = call()?;
    services.inventory().export_progress(&caller, &token).await.map_err(wire)
}

/// Saves the view that the query describes.
#[server(output = TextJson, prefix = "/api", endpoint = "inventory/save-view")]
pub(crate) async fn save_view(
    name: String,
    #[server(default)] query: String,
    #[server(default)] shared: bool,
) -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.inventory().save_view(&caller, &name, &query, shared).await.map_err(wire)
}

/// Deletes a view.
#[server(output = TextJson, prefix = "/api", endpoint = "inventory/delete-view")]
pub(crate) async fn delete_view(id: String) -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.inventory().delete_view(&caller, &id).await.map_err(wire)
}
