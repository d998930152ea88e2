//! The server function of consumers' roles.

use crate::wire::server::{call, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::consumers::view::RoleDraft;
use leptos::prelude::*;

/// The role that the URL's query asks for. Nothing is written.
#[server(output = TextJson, prefix = "/api", endpoint = "consumers/draft")]
pub(crate) async fn load_role_draft(
    #[server(default)] id: String,
    #[server(default)] query: String,
) -> Result<RoleDraft, WireError> {
    let (services, caller) = call()?;
    services.consumer_roles().draft(&caller, &id, &query).await.map_err(wire)
}
