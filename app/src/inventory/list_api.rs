//! The list's server functions, for its page and the module of HTML pages. The browser's build of this crate calls none.

use crate::wire::{
    TextJson, WireError,
    server::{call, wire},
};
use claviger_domain::inventory::view::{ExportProgress, InventoryView};
use leptos::prelude::*;

/// The list as the URL's query asks for it.
#[server(output = TextJson, prefix = "/api", endpoint = "inventory/list")]
pub(crate) async fn load_inventory(query: String) -> Result<InventoryView, WireError> {
    let (services, caller) = call()?;
    services.inventory().inventory(&caller, &query).await.map_err(wire)
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
