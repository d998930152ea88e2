//! The inventory's server functions.

use crate::wire::server::{call, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::inventory::view::{Completion, Sibling};
use leptos::prelude::*;

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
