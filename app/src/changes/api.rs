//! The server functions of the history.

use crate::wire::server::{call, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::changes::ChangesView;
use leptos::prelude::*;

/// What changed, as the URL's query asks for it.
#[server(output = TextJson, prefix = "/api", endpoint = "history/changes")]
pub(crate) async fn load_changes(query: String) -> Result<ChangesView, WireError> {
    let (services, caller) = call()?;
    services.changes().changes(&caller, &query).await.map_err(wire)
}
