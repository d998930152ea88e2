//! The inventory's server functions.

#[cfg(feature = "ssr")]
use crate::wire::server::{call, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::view::{InventoryPage, ResourceDetail};
use leptos::prelude::*;

/// The list as the URL's query asks for it.
#[server(output = TextJson, prefix = "/api", endpoint = "inventory/list")]
pub(crate) async fn load_inventory(query: String) -> Result<InventoryPage, WireError> {
    let (services, caller) = call()?;
    services.inventory(&caller, &query).await.map_err(wire)
}

/// One secret or parameter, by the console's id.
#[server(output = TextJson, prefix = "/api", endpoint = "inventory/resource")]
pub(crate) async fn load_resource(id: String) -> Result<ResourceDetail, WireError> {
    let (services, caller) = call()?;
    services.resource(&caller, &id).await.map_err(wire)
}
