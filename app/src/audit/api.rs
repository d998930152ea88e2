//! The server functions of the audit log.

use crate::wire::{
    TextJson, WireError,
    server::{call, wire},
};
use claviger_domain::audit::view::AuditView;
use leptos::prelude::*;

/// The entries as the URL's query asks for them.
#[server(output = TextJson, prefix = "/api", endpoint = "audit/list")]
pub(crate) async fn load_audit(query: String) -> Result<AuditView, WireError> {
    let (services, caller) = call()?;
    services.audit().audit(&caller, &query).await.map_err(wire)
}

/// Walks the whole chain; answers with a sentence.
#[server(output = TextJson, prefix = "/api", endpoint = "audit/verify")]
pub(crate) async fn verify_audit() -> Result<String, WireError> {
    let (services, caller) = call()?;
    services.audit().verify_audit(&caller).await.map(|report| report.to_string()).map_err(wire)
}
